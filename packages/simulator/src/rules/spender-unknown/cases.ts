import { DOLLAR, usdc, vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'where no code is': (world) => ({ calls: [usdc(world, 'approve', [world.stranger, 5n * DOLLAR])] }),
    'a contract that nobody vouches for': async (world) => ({
      calls: [usdc(world, 'approve', [await world.deploy('Staking', [world.chain.addresses.usdc]), 5n * DOLLAR])],
    }),
  },
  leave: {
    'a router': (world) => ({ calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, 5n * DOLLAR])] }),
    'an allowance is taken back': async (world) => {
      await world.send(usdc(world, 'approve', [world.thief, 5n * DOLLAR]))
      return { calls: [usdc(world, 'approve', [world.thief, 0n])] }
    },
    'a spender that the intent allows': async (world) => {
      const spender = await world.deploy('Staking', [world.chain.addresses.usdc])
      const allowed = { name: 'allowed_authority', kind: 'erc20_allowance', contract: world.chain.addresses.usdc }
      return {
        calls: [usdc(world, 'approve', [spender, 5n * DOLLAR])],
        intent: [{ ...allowed, subject: spender, amount: '5000000' }],
        known: [vouch(world.friend, 'Friend')],
      }
    },
  },
}
