import { batch, delegateTo, DOLLAR, ETHER, usdc, vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'dollars to a contact, twice': (world) => {
      const pay = usdc(world, 'transfer', [world.friend, 500n * DOLLAR])
      return { calls: [pay, pay], known: [vouch(world.friend, 'Bob')] }
    },
    'ether to whom the user named, twice': (world) => ({
      calls: [world.pay(world.friend, ETHER), world.pay(world.friend, ETHER)],
      saidRecipients: [world.friend],
      isAgentProposed: true,
    }),
    'the same inside of a batch of the account': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      const pay = usdc(world, 'transfer', [world.friend, 500n * DOLLAR])
      return { calls: [batch(world, [pay, pay])], known: [vouch(world.friend, 'Bob')] }
    },
  },
  leave: {
    'two amounts to one contact': (world) => ({
      calls: [world.pay(world.friend, ETHER), world.pay(world.friend, 2n * ETHER)],
      known: [vouch(world.friend, 'Bob')],
    }),
    'the same amount to two people': (world) => ({
      calls: [world.friend, world.stranger].map((who) => usdc(world, 'transfer', [who, 5n])),
    }),
    'one that was signed before': (world) => ({
      calls: [world.pay(world.friend, ETHER), world.pay(world.friend, ETHER)],
      signedBefore: 1,
      known: [vouch(world.friend, 'Bob')],
    }),
    'the sum that the intent names': (world) => {
      const pay = usdc(world, 'transfer', [world.friend, 5n])
      const { usdc: token } = world.chain.addresses
      return {
        calls: [pay, pay],
        intent: [
          { name: 'max_outflow', token, amount: '10' },
          { name: 'recipient_receives', account: world.friend, token, amount: '10' },
        ],
      }
    },
  },
}
