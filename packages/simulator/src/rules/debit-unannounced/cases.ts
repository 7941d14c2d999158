import { batch, delegateTo, ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a token takes and says nothing': async (world) => {
      const token = await world.deploy('SilentToken')
      await world.send(world.call('SilentToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('SilentToken', token, 'claim')] }
    },
    'a token takes behind the event of a collection': async (world) => {
      const token = await world.deploy('MaskedToken')
      await world.send(world.call('MaskedToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('MaskedToken', token, 'claim')] }
    },
    'the same inside a batch of the user': async (world) => {
      const token = await world.deploy('SilentToken')
      await world.send(world.call('SilentToken', token, 'mint', [world.me, 10_000n]))
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [batch(world, [world.call('SilentToken', token, 'claim')])] }
    },
  },
  leave: {
    'an announced transfer': async (world) => {
      const token = await world.deploy('SilentToken')
      await world.send(world.call('SilentToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('SilentToken', token, 'transfer', [world.friend, 1_000n])] }
    },
    'interest that rounds down': async (world) => {
      const token = await world.deploy('RebasingToken')
      await world.send(world.call('RebasingToken', token, 'mint', [world.me, ETHER]))
      await world.pass(86_400)
      return { calls: [world.call('RebasingToken', token, 'transfer', [world.friend, ETHER / 3n])] }
    },
  },
}
