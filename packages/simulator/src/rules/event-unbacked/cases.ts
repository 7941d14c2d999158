import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'an airdrop that is only announced': async (world) => {
      const token = await world.deploy('FakeEventToken')
      return { calls: [world.call('FakeEventToken', token, 'airdrop')] }
    },
  },
  leave: {
    'a mint that is there': async (world) => {
      const token = await world.deploy('FakeEventToken')
      return { calls: [world.call('FakeEventToken', token, 'mint', [world.me, 5n])] }
    },
    'a fee on what arrives is another matter': async (world) => {
      const token = await world.deploy('FeeToken')
      await world.send(world.call('FeeToken', token, 'mint', [world.friend, 10_000n]))
      await world.send(world.call('FeeToken', token, 'approve', [world.me, 10_000n]), world.friend)
      return { calls: [world.call('FeeToken', token, 'transferFrom', [world.friend, world.me, 1_000n])] }
    },
  },
}
