import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'storage is filled for nobody’s benefit': async (world) => {
      const burner = await world.deploy('GasBurner')
      return { calls: [world.call('GasBurner', burner, 'burn', [200n])] }
    },
  },
  leave: {
    'a little of it': async (world) => {
      const burner = await world.deploy('GasBurner')
      return { calls: [world.call('GasBurner', burner, 'burn', [20n])] }
    },
    'a large contract is created': (world) => ({
      calls: [
        { ...world.pay(world.me, 0n), to: null, data: world.creationOf('UniswapV2Router02', [world.me, world.me]) },
      ],
    }),
  },
}
