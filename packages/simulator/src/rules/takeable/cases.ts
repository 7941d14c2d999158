import { DOLLAR, nft, permit2Approve, usdc, MAX } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'an allowance': async (world) => ({
      calls: [usdc(world, 'approve', [await world.deploy('Sweep'), 700n * DOLLAR])],
    }),
    'a collection': (world) => ({ calls: [nft(world, 'setApprovalForAll', [world.thief, true])] }),
    'what Permit2 may move': async (world) => {
      await world.send(usdc(world, 'approve', [world.chain.addresses.permit2, MAX]))
      return { calls: [permit2Approve(world, world.chain.addresses.usdc, world.thief, 9n * DOLLAR)] }
    },
  },
  leave: {
    'an allowance over nothing': async (world) => {
      const token = await world.deploy('PlainToken')
      return { calls: [world.call('PlainToken', token, 'approve', [world.thief, 5n])] }
    },
    'an allowance for the router': (world) => ({
      calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, 700n * DOLLAR])],
    }),
  },
}
