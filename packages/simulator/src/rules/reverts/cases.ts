import { abi, DOLLAR, ETHER, router, usdc, FOREVER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a contract refuses': async (world) => {
      const reverter = await world.deploy('Reverter')
      return { calls: [world.call('Reverter', reverter, 'withString')] }
    },
    'a swap fails after its approval': (world) => {
      const { uniswapV2Router, usdc: dollar, weth } = world.chain.addresses
      return {
        calls: [
          usdc(world, 'approve', [uniswapV2Router, 100n * DOLLAR]),
          router(world, 'swapExactTokensForETH', [100n * DOLLAR, ETHER, [dollar, weth], world.me, FOREVER]),
        ],
      }
    },
    'USDT, allowed already, without a word': async (world) => {
      const { usdt, uniswapV2Router } = world.chain.addresses
      const approve = (amount: bigint) =>
        abi(usdt, 'function approve(address spender, uint256 amount)', [uniswapV2Router, amount])
      await world.send(approve(10n * DOLLAR))
      return { calls: [approve(20n * DOLLAR)] }
    },
    'more USDT than there is, without a word': (world) => {
      const { usdt } = world.chain.addresses
      return {
        calls: [abi(usdt, 'function transfer(address to, uint256 amount)', [world.friend, 10n ** 15n])],
      }
    },
  },
  leave: {
    'an inner call fails and is caught': async (world) => {
      const shop = await world.deploy('Refunder')
      return { calls: [world.call('Refunder', shop, 'buy', [true], { value: 5n })] }
    },
  },
}
