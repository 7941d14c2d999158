import { authorize, delegateTo, permit2Approve, usdc, vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a spender that the app vouches for is not there': (world) => ({
      calls: [usdc(world, 'approve', [world.stranger, 5n])],
      known: [vouch(world.stranger, 'A router of another chain', 'spender')],
    }),
    'the same through Permit2': (world) => ({
      calls: [permit2Approve(world, world.chain.addresses.usdc, world.stranger, 5n, world.nowS + 3_600n)],
      known: [vouch(world.stranger, 'A router of another chain', 'spender')],
    }),
    'an account is to run code that is not there': async (world) => ({
      calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, world.stranger)] }],
      known: [vouch(world.stranger, 'A delegate', 'spender')],
    }),
  },
  leave: {
    'a spender that is there': (world) => ({
      calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, 5n])],
    }),
    'a spender nobody vouches for is told by spender-unknown': (world) => ({
      calls: [usdc(world, 'approve', [world.stranger, 5n])],
    }),
    'an account is to run code that is there': async (world) => ({
      calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, await world.deploy('Batch'))] }],
    }),
    'an account gives up its code': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return {
        calls: [
          {
            ...world.pay(world.me, 0n),
            authorizationList: [await authorize(world, '0x0000000000000000000000000000000000000000')],
          },
        ],
      }
    },
  },
}
