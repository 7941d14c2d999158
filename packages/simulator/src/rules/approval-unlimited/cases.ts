import { dai, ETHER, MAX, permit2Approve, usdc } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'everything, to a person': (world) => ({ calls: [usdc(world, 'approve', [world.thief, MAX])] }),
    'the same by increaseAllowance': (world) => ({ calls: [usdc(world, 'increaseAllowance', [world.thief, MAX])] }),
    'half of everything is everything too': (world) => ({
      calls: [usdc(world, 'approve', [world.thief, 2n ** 255n])],
    }),
    'everything, to a spender that the app vouches for': (world) => ({
      calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, MAX])],
    }),
    'everything that Permit2 may move': (world) => ({
      calls: [permit2Approve(world, world.chain.addresses.usdc, world.thief)],
    }),
  },
  leave: {
    'exactly what is needed': (world) => ({
      calls: [dai(world, 'approve', [world.chain.addresses.uniswapV2Router, 10n * ETHER])],
    }),
    'an unlimited allowance is taken back': async (world) => {
      await world.send(dai(world, 'approve', [world.thief, MAX]))
      return { calls: [dai(world, 'approve', [world.thief, 0n])] }
    },
    'an unlimited allowance that is there already': async (world) => {
      await world.send(dai(world, 'approve', [world.thief, MAX]))
      return { calls: [dai(world, 'approve', [world.thief, MAX])] }
    },
  },
}
