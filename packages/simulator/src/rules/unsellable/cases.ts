import type { Address } from '@countersign/base'
import { ETHER, FOREVER, openPool, pairOf, router } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** Buys a fresh token from its own pool; a hostile one knows its pool. */
const buy = async (world: World, token: Address.Address, knowsPool: boolean) => {
  const { weth } = world.chain.addresses
  await openPool(world, token, 1_000_000n * ETHER, 100n * ETHER)
  if (knowsPool) await world.send(world.call('Honeypot', token, 'setPair', [await pairOf(world, token, weth)]))
  return { calls: [router(world, 'swapExactETHForTokens', [9_000n * ETHER, [weth, token], world.me, FOREVER], ETHER)] }
}

export const cases: RuleCases = {
  flag: {
    'only the owner may sell': async (world) => {
      const token = await world.deploy('Honeypot')
      return buy(world, token, true)
    },
    'selling stops after half an hour': async (world) => {
      const token = await world.deploy('LateHoneypot')
      return buy(world, token, true)
    },
  },
  leave: {
    'an ordinary new token': async (world) => buy(world, await world.deploy('PlainToken'), false),
  },
}
