import { DOLLAR, ETHER, router, usdc, vouch, FOREVER, dai } from '../../../catalogue/moves.ts'
import * as journeys2 from '../../../catalogue/blind/journeys2/frame.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a contract takes what it was once allowed': async (world) => {
      const sweep = await world.deploy('Sweep')
      await world.send(usdc(world, 'approve', [sweep, 500n * DOLLAR]))
      return { calls: [world.call('Sweep', sweep, 'claim', [world.chain.addresses.usdc, world.me])] }
    },
    'the call states the amount, and the contract that was allowed it keeps it': async (world) => {
      const { usdc: dollar } = world.chain.addresses
      const bridge = await journeys2.make(world, 'Bridge', [dollar, world.friend])
      await world.send(usdc(world, 'approve', [bridge, 500n * DOLLAR]))
      return {
        calls: [journeys2.call(bridge, 'Bridge', 'bridgeTo', [500n * DOLLAR, 10n, world.me], ETHER / 1000n)],
        isAgentProposed: true,
      }
    },
    'the call states another amount than is taken': async (world) => {
      const sweep = await world.deploy('Sweep')
      await world.send(usdc(world, 'approve', [sweep, 500n * DOLLAR]))
      const claim = world.call('Sweep', sweep, 'claim', [world.chain.addresses.usdc, world.me])
      const stated = (5n * DOLLAR).toString(16).padStart(64, '0')
      return { calls: [{ ...claim, data: `${claim.data}${stated}` }], isAgentProposed: true }
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
