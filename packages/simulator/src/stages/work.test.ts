/** How much work a report is: requests to the provider and runs of an EVM, counted, whatever they take on some machine. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BENIGN, openWorld, type Scene, type World } from '../../catalogue/index.ts'
import { Timings } from './Timings.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const AMOUNT = 1_000n * 10n ** 6n

const SCENES: Readonly<Record<string, (at: World) => Scene | Promise<Scene>>> = {
  payment: (at) => ({ calls: [at.pay(at.friend, 10n ** 17n)] }),
  approve: (at) => {
    const { usdc, uniswapV2Router } = at.chain.addresses
    return { calls: [at.call('Usdc', usdc, 'approve', [uniswapV2Router, AMOUNT])] }
  },
  transfer: (at) => ({ calls: [at.call('Usdc', at.chain.addresses.usdc, 'transfer', [at.friend, AMOUNT])] }),
  'approve and swap': (at) => {
    const { usdc, weth, uniswapV2Router: router } = at.chain.addresses
    return {
      calls: [
        at.call('Usdc', usdc, 'approve', [router, AMOUNT]),
        at.call('UniswapV2Router02', router, 'swapExactTokensForETH', [AMOUNT, 1n, [usdc, weth], at.me, 2n ** 40n]),
      ],
    }
  },
  'unknown contract': async (at) => {
    const deposit = BENIGN.find(({ title }) => title === 'ether is deposited under the user’s own name')
    return (await deposit?.stage(at)) ?? {}
  },
}

/** The most that each may be: requests and runs in a block that nobody has seen, and in the same block again. */
const AT_MOST: Readonly<Record<string, { readonly cold: number; readonly warm: number }>> = {
  payment: { cold: 15, warm: 2 },
  approve: { cold: 29, warm: 5 },
  transfer: { cold: 25, warm: 3 },
  'approve and swap': { cold: 92, warm: 8 },
  'unknown contract': { cold: 41, warm: 11 },
}

test.each(Object.keys(SCENES))('promise: %s: one request where the kind is known, and bounded work', (name) =>
  world.inside(
    (at) => SCENES[name]?.(at) ?? {},
    async (scene) => {
      const simulator = await world.open()
      try {
        const once = async () => {
          const timings = new Timings()
          const before = simulator.stats().upstreamRequests
          const request = { ...(await world.requestOf(scene)), maxHeadAgeMs: 60_000 }
          const { willRevert } = await simulator.simulate(request, { timings })
          expect(willRevert).toBe(false)
          const runs = timings.list.reduce((sum, stage) => sum + stage.runs, 0)
          return { requests: simulator.stats().upstreamRequests - before, runs, timings }
        }
        await once()
        await world.pass(12)
        // The head is known to a server that follows it.
        await simulator.head()
        const cold = await once()
        const warm = await once()
        const most = AT_MOST[name] ?? { cold: 0, warm: 0 }
        expect({ cold: cold.requests, warm: warm.requests }).toEqual({ cold: 1, warm: 0 })
        expect(cold.runs).toBeLessThanOrEqual(most.cold)
        expect(warm.runs).toBeLessThanOrEqual(most.warm)
        expect(cold.timings.list.find(({ stage }) => stage === 'flow')?.rounds, 'the value flow is followed once').toBe(
          1,
        )
      } finally {
        await simulator.close()
      }
    },
  ),
)
