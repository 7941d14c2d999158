import { ETHER, usdc } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { Call } from '../../index.ts'
import type { RuleCases } from '../RuleCases.ts'

/** Calls each target and goes on whatever comes of it, as Multicall3's `tryAggregate` and a Safe with gas of its own do. */
const trying = async (world: World, calls: readonly Call[], value = 0n): Promise<Call> =>
  world.call(
    'TryBatch',
    await world.deploy('TryBatch'),
    'run',
    [calls.map(({ to, value: amount, data }) => ({ target: to, value: amount, data }))],
    { value },
  )

export const cases: RuleCases = {
  flag: {
    'a token payment that is not made': async (world) => ({
      calls: [await trying(world, [usdc(world, 'transfer', [world.friend, 5n])])],
    }),
    'one of two payments of ether': async (world) => {
      const deaf = await world.deploy('Counter')
      return { calls: [await trying(world, [world.pay(world.friend, ETHER), world.pay(deaf, ETHER)], 2n * ETHER)] }
    },
    'a call that is no payment, and nothing else happens': async (world) => ({
      calls: [await trying(world, [world.call('Reverter', await world.deploy('Reverter'), 'withString')])],
    }),
  },
  leave: {
    'both parts succeed': async (world) => ({
      calls: [await trying(world, [world.pay(world.friend, ETHER), world.pay(world.stranger, ETHER)], 2n * ETHER)],
    }),
    'the second pool is used after the first refused': async (world) => {
      const pools = [await world.deploy('Pool', [true]), await world.deploy('Pool', [false])]
      return {
        calls: [
          await trying(
            world,
            pools.map((pool) => world.call('Pool', pool, 'swapOnce', [world.me])),
          ),
        ],
      }
    },
    'the whole transaction fails': (world) => ({ calls: [usdc(world, 'transfer', [world.friend, 10n ** 30n])] }),
  },
}
