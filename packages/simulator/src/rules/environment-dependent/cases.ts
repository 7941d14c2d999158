import { ETHER, swapDollars, DOLLAR } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

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
  },
  leave: {
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
