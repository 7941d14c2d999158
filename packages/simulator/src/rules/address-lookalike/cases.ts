import { Address } from '@countersign/base'
import { batch, delegateTo, usdc, vouch } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** An address with the same first and last digits, as many as said, and nothing else of the original. */
function like(original: string, start = 4, end = 4): Address.Address {
  return Address.parse(
    `${original.slice(0, 2 + start)}${'0'.repeat(40 - start - end)}${end === 0 ? '' : original.slice(-end)}`.toLowerCase(),
  )
}
const contact = (world: World) => vouch(world.friend, 'Bob')

export const cases: RuleCases = {
  flag: {
    'ether to a look-alike of a contact': (world) => ({
      calls: [world.pay(like(world.friend), 1n)],
      known: [contact(world)],
    }),
    'a token to a look-alike of a contact, after spam that put it into the history': async (world) => {
      await world.send(usdc(world, 'transferFrom', [world.me, like(world.friend), 0n]), world.thief)
      return { calls: [usdc(world, 'transfer', [like(world.friend), 5n])], known: [contact(world)] }
    },
    'to a look-alike of a contact, inside a batch': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [batch(world, [usdc(world, 'transfer', [like(world.friend), 5n])])], known: [contact(world)] }
    },
    'beside a payment to the address that it looks like': (world) => ({
      calls: [world.pay(world.friend, 1n), world.pay(like(world.friend), 50n)],
    }),
    'typed by the user, but a look-alike of a contact': (world) => ({
      calls: [world.pay(like(world.friend), 1n)],
      known: [contact(world), vouch(like(world.friend), 'typed by you', 'user')],
    }),
    'to a look-alike of the user': (world) => ({ calls: [world.pay(like(world.me), 1n)] }),
    'to a look-alike of whom the intent names': (world) => ({
      calls: [world.pay(like(world.friend), 1n)],
      intent: [
        { name: 'max_outflow', token: null, amount: '1' },
        { name: 'allowed_recipients', recipients: [world.friend] },
      ],
    }),
    'a spender that looks like the router': (world) => ({
      calls: [usdc(world, 'approve', [like(world.chain.addresses.uniswapV2Router), 5n])],
    }),
    'one digit less at both ends': (world) => ({
      calls: [world.pay(like(world.friend, 3, 3), 1n)],
      known: [contact(world)],
    }),
    'the same start only, but all of it that explorers show': (world) => ({
      calls: [world.pay(like(world.friend, 10, 0), 1n)],
      known: [contact(world)],
    }),
  },
  leave: {
    'the contact itself': (world) => ({ calls: [world.pay(world.friend, 1n)], known: [contact(world)] }),
    'somebody else altogether': (world) => ({ calls: [world.pay(world.stranger, 1n)], known: [contact(world)] }),
    'the same start of four digits only': (world) => ({
      calls: [world.pay(like(world.friend, 4, 0), 1n)],
      known: [contact(world)],
    }),
    'two contacts that look alike, both configured': (world) => ({
      calls: [world.pay(like(world.friend), 1n)],
      known: [contact(world), vouch(like(world.friend), 'Alice')],
    }),
    'the router itself': (world) => ({
      calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, 5n])],
    }),
  },
}
