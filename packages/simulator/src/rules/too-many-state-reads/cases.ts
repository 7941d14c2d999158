import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'thousands of slots': async (world) => {
      const bomb = await world.deploy('Bomb')
      return { calls: [world.call('Bomb', bomb, 'sload', [], { gasLimit: 15_000_000n })] }
    },
  },
  leave: {
    'a hundred slots': async (world) => {
      const burner = await world.deploy('GasBurner')
      return { calls: [world.call('GasBurner', burner, 'read', [100n])] }
    },
  },
}
