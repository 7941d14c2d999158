import { dai, ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'an allowance of 100 is set to 50': async (world) => {
      await world.send(dai(world, 'approve', [world.friend, 100n * ETHER]))
      return { calls: [dai(world, 'approve', [world.friend, 50n * ETHER])] }
    },
  },
  leave: {
    'it is taken back first': async (world) => {
      await world.send(dai(world, 'approve', [world.friend, 100n * ETHER]))
      return { calls: [dai(world, 'approve', [world.friend, 0n])] }
    },
    'a first allowance': (world) => ({ calls: [dai(world, 'approve', [world.friend, 50n * ETHER])] }),
    'an allowance that is used up, not set': async (world) => {
      const pool = await world.deploy('Staking', [world.chain.addresses.dai])
      await world.send(dai(world, 'approve', [pool, 100n * ETHER]))
      return { calls: [world.call('Staking', pool, 'stake', [40n * ETHER])] }
    },
  },
}
