import type { Address } from '@countersign/base'
import { pad } from 'viem'
import * as journeys from '../../../catalogue/blind/journeys/frame.ts'
import * as journeys3 from '../../../catalogue/blind/journeys3/frame.ts'
import { desk } from '../../../catalogue/blind/journeys3/places.ts'
import { LISTED } from '../../../catalogue/blind/named/scenes.ts'
import { buyDollars, DOLLAR, ETHER, FOREVER, router, swapDollars, usdc, vouch, weth } from '../../../catalogue/moves.ts'
import { execute, openSafe } from '../../../catalogue/safe.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { Call } from '../../index.ts'
import type { RuleCases } from '../RuleCases.ts'

const trade = (world: World, to: Address.Address): Call => {
  const path = [world.chain.addresses.weth, world.chain.addresses.usdc]
  return router(world, 'swapExactETHForTokens', [2_480n * DOLLAR, path, to, FOREVER], ETHER)
}

/** Dollars into a bridge that the app names, for somebody on the other side. */
const cross = async (world: World, to: Address.Address): Promise<Scene> => {
  const bridge = await journeys.make(world, 'Crossing', [world.chain.addresses.usdc])
  const amount = journeys.AMOUNT
  return {
    calls: [
      usdc(world, 'approve', [bridge, amount]),
      journeys.call(bridge, 'Crossing', 'send', [pad(to as `0x${string}`), 10n, amount, 1n]),
    ],
    known: [vouch(bridge, 'Crossing', 'spender')],
    isAgentProposed: true,
  }
}

/** Ether is pledged, dollars come, and somebody holds the position. */
const borrow = async (world: World, holder: Address.Address): Promise<Scene> => {
  const to = await desk(world)
  const open = journeys3.call(to, 'Desk', 'open', [holder, 500n * DOLLAR, world.me], ETHER)
  return { calls: [open], isAgentProposed: true }
}

/** A piece is listed; whoever buys it pays a stranger, or the user. */
const list = async (world: World, side: 'attack' | 'honest'): Promise<Scene> => {
  const journey = await LISTED['one word by number']?.[side](world)
  return journey?.scene ?? {}
}

export const cases: RuleCases = {
  flag: {
    'a piece is listed, and the price is a stranger’s': (world) => list(world, 'attack'),
    'a trade for a stranger, by an agent': (world) => ({
      calls: [trade(world, world.stranger)],
      isAgentProposed: true,
    }),
    'the same by the user, who did not type the address': (world) => ({ calls: [trade(world, world.stranger)] }),
    'the same by the user, who typed it': (world) => ({
      calls: [trade(world, world.stranger)],
      saidRecipients: [world.stranger],
    }),
    'a bridge pays a stranger on the other side': (world) => cross(world, world.stranger),
    'one trade of two': (world) => ({
      calls: [buyDollars(world, ETHER, 2_480n * DOLLAR), trade(world, world.stranger)],
      isAgentProposed: true,
    }),
    'by the user’s Safe': async (world) => ({
      calls: [execute(world, await openSafe(world), trade(world, world.stranger))],
      isAgentProposed: true,
    }),
    'a loan comes, and its position is a stranger’s': (world) => borrow(world, world.stranger),
    'a stranger holds the option that the user writes': async (world) => {
      const to = await journeys3.make(world, 'CoveredCalls', [world.chain.addresses.usdc, world.friend])
      const write = journeys3.call(to, 'CoveredCalls', 'write', [1n, world.nowS + 86_400n, world.stranger], ETHER)
      return { calls: [write], isAgentProposed: true }
    },
  },
  leave: {
    'a piece is listed, and the price is the user’s': (world) => list(world, 'honest'),
    'a piece is listed, and the price is for whom the user named': async (world) => ({
      ...(await list(world, 'attack')),
      saidRecipients: [world.thief],
    }),
    'a loan with a position of the user’s': (world) => borrow(world, world.me),
    'a loan whose position is for whom the user named': async (world) => ({
      ...(await borrow(world, world.stranger)),
      saidRecipients: [world.stranger],
    }),
    'a bridge pays the user on the other side': (world) => cross(world, world.me),
    'a trade for oneself': (world) => ({
      calls: swapDollars(world, 1_000n * DOLLAR, ETHER / 4n),
      isAgentProposed: true,
    }),
    'a trade for a contact': (world) => ({
      calls: [trade(world, world.friend)],
      known: [vouch(world.friend, 'Bob')],
      isAgentProposed: true,
    }),
    'a trade for somebody whom the intent names': (world) => ({
      calls: [trade(world, world.friend)],
      intent: [
        { name: 'max_outflow', token: null, amount: ETHER.toString() },
        {
          name: 'recipient_receives',
          account: world.friend,
          token: world.chain.addresses.usdc,
          amount: (2_480n * DOLLAR).toString(),
        },
      ],
      isAgentProposed: true,
    }),
    'the user’s Safe trades for itself': async (world) => {
      const wallet = await openSafe(world)
      return { calls: [execute(world, wallet, trade(world, wallet))], isAgentProposed: true }
    },
    'a payment is told by others': (world) => ({
      calls: [usdc(world, 'transfer', [world.stranger, 5n])],
      isAgentProposed: true,
    }),
    wrapping: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER })], isAgentProposed: true }),
  },
}
