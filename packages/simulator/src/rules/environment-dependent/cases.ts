import { call, make } from '../../../catalogue/blind/journeys/frame.ts'
import { ETHER, swapDollars, DOLLAR } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** Half of what is paid comes back, or twice as much where the surroundings are the bait's. */
const enter = async (world: World, name: string, args: readonly unknown[] = []): Promise<Scene> => {
  const at = await world.deploy(name, args, 100n * ETHER)
  return { calls: [world.call(name, at, 'enter', [], { value: ETHER })] }
}
const order = async (world: World, functionName: string, rounds: bigint): Promise<Scene> => {
  const at = await world.deploy('Catcher', [], 100n * ETHER)
  return { calls: [world.call('Catcher', at, functionName, [rounds], { value: ETHER })] }
}

const GWEI = 10n ** 9n
/** A proxy with other code behind it from a base fee on (kind 3), or for builders with an even address (4). */
const chameleon = async (world: World, kind: bigint, edge: bigint): Promise<Scene> => {
  const at = await make(world, 'Chameleon', [await make(world, 'Good'), await make(world, 'Bad'), kind, edge])
  await world.enrich(at, 10n * ETHER)
  return { calls: [call(at, 'Good', 'swap', [], ETHER)] }
}

export const cases: RuleCases = {
  flag: {
    'it pays where there is no builder': async (world) => {
      const pill = await world.deploy('RedPill')
      await world.chain.rpc('anvil_setBalance', [pill, '0x3635c9adc5dea00000'])
      return { calls: [world.call('RedPill', pill, 'claim', [1n], { value: ETHER })] }
    },
    'it pays for ten minutes': async (world) => {
      const bomb = await world.deploy('TimeBomb')
      await world.chain.rpc('anvil_setBalance', [bomb, '0x3635c9adc5dea00000'])
      return { calls: [world.call('TimeBomb', bomb, 'claim', [], { value: ETHER })] }
    },
    'gas is kept from it': async (world) => {
      const shop = await world.deploy('TryCatch')
      return { calls: [world.call('TryCatch', shop, 'claim', [], { value: ETHER, gasLimit: 700_000n })] }
    },
    'it pays where gas is free and the block has a builder': (world) => enter(world, 'MixedBait', [0n]),
    'it pays where there is no builder and gas is not free': (world) => enter(world, 'MixedBait', [1n]),
    'it pays where the gas price is nothing and the randomness is real': (world) => enter(world, 'MixedBait', [2n]),
    'it pays where two of three are a simulator’s': (world) => enter(world, 'MixedBait', [3n]),
    'other code where blocks are full': (world) => chameleon(world, 3n, 30n * GWEI),
    'other code for half of the builders': (world) => chameleon(world, 4n, 0n),
    'with less gas the payment back is lost without a word': (world) => order(world, 'order', 2_000n),
    'the same where little gas is at stake': (world) => order(world, 'order', 100n),
  },
  leave: {
    'the surroundings are written down, and everybody gets the same': (world) => enter(world, 'Diary'),
    'other code above what the transaction pays at most': async (world) => {
      const { calls = [] } = await chameleon(world, 3n, 30n * GWEI)
      return { calls: calls.map((each) => ({ ...each, maxFeePerGasWei: 20n * GWEI })) }
    },
    'with less gas it fails': (world) => order(world, 'strict', 2_000n),
    'a swap with a deadline reads the clock': (world) => ({
      calls: swapDollars(world, 1_000n * DOLLAR, (ETHER * 39n) / 100n),
    }),
    'an oracle writes the time down': async (world) => {
      const oracle = await world.deploy('TwapOracle', [world.chain.addresses.usdc])
      await world.chain.fund(oracle, { usdc: 100_000n * DOLLAR })
      return { calls: [world.call('TwapOracle', oracle, 'sell', [2_500n * DOLLAR], { value: ETHER })] }
    },
  },
}
