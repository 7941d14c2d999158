import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'the recipient gets less': async (world) => {
      const token = await world.deploy('FeeToken')
      await world.send(world.call('FeeToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('FeeToken', token, 'transfer', [world.friend, 1_000n])] }
    },
    'the fee is meant': async (world) => {
      const token = await world.deploy('FeeToken')
      await world.send(world.call('FeeToken', token, 'mint', [world.me, 10_000n]))
      return {
        calls: [world.call('FeeToken', token, 'transfer', [world.friend, 1_000n])],
        intent: [
          { name: 'max_outflow', token, amount: '1000' },
          { name: 'recipient_receives', account: world.friend, token, amount: '700' },
        ],
      }
    },
  },
  leave: {
    'a transfer without a fee': async (world) => {
      const token = await world.deploy('PlainToken')
      await world.send(world.call('PlainToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('PlainToken', token, 'transfer', [world.friend, 1_000n])] }
    },
    'a unit lost to rounding': async (world) => {
      const token = await world.deploy('RebasingToken')
      await world.send(world.call('RebasingToken', token, 'mint', [world.me, 10n ** 18n]))
      await world.pass(86_400)
      return { calls: [world.call('RebasingToken', token, 'transfer', [world.friend, 10n ** 17n])] }
    },
  },
}
