import { DOLLAR, ETHER, router, usdc, vouch, FOREVER, dai } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a contract takes what it was once allowed': async (world) => {
      const sweep = await world.deploy('Sweep')
      await world.send(usdc(world, 'approve', [sweep, 500n * DOLLAR]))
      return { calls: [world.call('Sweep', sweep, 'claim', [world.chain.addresses.usdc, world.me])] }
    },
  },
  leave: {
    'a swap by a standing allowance brings something': async (world) => {
      const { uniswapV2Router, usdc: dollar, weth } = world.chain.addresses
      await world.send(usdc(world, 'approve', [uniswapV2Router, 500n * DOLLAR]))
      const minimum = (19n * ETHER) / 100n
      return {
        calls: [router(world, 'swapExactTokensForETH', [500n * DOLLAR, minimum, [dollar, weth], world.me, FOREVER])],
      }
    },
    'a deposit is credited': async (world) => {
      const pool = await world.deploy('Staking', [world.chain.addresses.dai])
      await world.send(dai(world, 'approve', [pool, 100n * ETHER]))
      return { calls: [world.call('Staking', pool, 'stake', [40n * ETHER])] }
    },
    'somebody whom the app names collects': async (world) => {
      const sweep = await world.deploy('Sweep')
      await world.send(usdc(world, 'approve', [sweep, 500n * DOLLAR]))
      return {
        calls: [world.call('Sweep', sweep, 'claim', [world.chain.addresses.usdc, world.me])],
        known: [vouch(sweep, 'Subscriptions', 'spender')],
      }
    },
  },
}
