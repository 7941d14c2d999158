import { Address } from '@countersign/base'
import { batch, delegateTo, ETHER, swapDollars, usdc, vouch, weth } from '../../../catalogue/moves.ts'
import type { Call } from '../../index.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const DEAD = Address.parse('0x000000000000000000000000000000000000dead')

/** The user's account runs a batch of calls of its own. */
async function inside(world: World, calls: readonly Call[], more: Scene = {}): Promise<Scene> {
  await delegateTo(world, world.me, await world.deploy('Batch'))
  return { calls: [batch(world, calls)], ...more }
}
const split = async (world: World, to: readonly string[]): Promise<Call> =>
  world.call('EthSplitter', await world.deploy('EthSplitter'), 'split', [to], { value: ETHER })

export const cases: RuleCases = {
  flag: {
    'code that is deployed hands what it is sent to somebody': (world) => ({
      calls: [{ ...world.pay(world.me, ETHER), to: null, data: `0x73${world.stranger.slice(2)}ff` as `0x${string}` }],
    }),
    'inside a batch: nobody': (world) => inside(world, [usdc(world, 'transfer', [DEAD, 5n])]),
    'inside a batch: the token itself': (world) =>
      inside(world, [usdc(world, 'transfer', [world.chain.addresses.usdc, 5n])]),
    'inside a batch: a contract that is not called': async (world) =>
      inside(world, [usdc(world, 'transfer', [await world.deploy('Counter'), 5n])]),
    'inside a batch: somebody whom the agent chose': (world) =>
      inside(world, [usdc(world, 'transfer', [world.stranger, 5n])], { isAgentProposed: true }),
    'through another contract: somebody unknown': async (world) => ({ calls: [await split(world, [world.stranger])] }),
  },
  leave: {
    'inside a batch: a contact': (world) =>
      inside(world, [usdc(world, 'transfer', [world.friend, 5n])], {
        isAgentProposed: true,
        known: [vouch(world.friend, 'Bob')],
      }),
    'a plain payment is told by recipient-unverified': (world) => ({
      calls: [usdc(world, 'transfer', [world.stranger, 5n])],
    }),
    'an exchange takes and gives back': (world) => ({
      calls: swapDollars(world, 1_000_000_000n, ETHER / 4n),
      isAgentProposed: true,
    }),
    wrapping: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER })], isAgentProposed: true }),
    'many get a little each': async (world) => ({
      calls: [await split(world, [world.stranger, world.friend, world.thief])],
      isAgentProposed: true,
    }),
  },
}
