import { authorize, vouch, batch, delegateTo, usdc } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'code that nobody vouches for': async (world) => {
      const delegate = await world.deploy('EvilDelegate')
      return { calls: [{ ...world.pay(world.friend, 1n), authorizationList: [await authorize(world, delegate)] }] }
    },
    'code that the app names': async (world) => {
      const delegate = await world.deploy('Batch')
      return {
        calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, delegate)] }],
        known: [vouch(delegate, 'Batch wallet', 'infrastructure')],
      }
    },
  },
  leave: {
    'code that the intent allows': async (world) => {
      const delegate = await world.deploy('Batch')
      return {
        calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, delegate)] }],
        intent: [{ name: 'allowed_delegate', delegate, chain_id: world.chain.chainId }],
      }
    },
    'a payment by an account that has had code for long': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [batch(world, [usdc(world, 'transfer', [world.friend, 5n])])] }
    },
    'the account gives its code back': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      const nobody = '0x0000000000000000000000000000000000000000'
      return { calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, nobody)] }] }
    },
  },
}
