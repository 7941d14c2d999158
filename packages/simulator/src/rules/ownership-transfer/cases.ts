import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a contract of the user is handed over': async (world) => {
      const owned = await world.deploy('Owned')
      await world.send(world.call('Owned', owned, 'transferOwnership', [world.me]), world.chain.accounts[0]?.address)
      return { calls: [world.call('Owned', owned, 'transferOwnership', [world.thief])] }
    },
  },
  leave: {
    'its fee is set': async (world) => {
      const owned = await world.deploy('Owned')
      await world.send(world.call('Owned', owned, 'transferOwnership', [world.me]), world.chain.accounts[0]?.address)
      return { calls: [world.call('Owned', owned, 'setFee', [30n])] }
    },
  },
}
