import { authorize, ETHER } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const list = async (world: World, change: Partial<Awaited<ReturnType<typeof authorize>>>) => [
  { ...(await authorize(world, await world.deploy('Batch'))), ...change },
]

export const cases: RuleCases = {
  flag: {
    'an empty signature': async (world) => ({
      calls: [{ ...world.pay(world.me, 0n), authorizationList: await list(world, { r: 0n, s: 0n, yParity: 0 }) }],
    }),
    'a chain that is not this one': async (world) => ({
      calls: [{ ...world.pay(world.me, 0n), authorizationList: await list(world, { chainId: 10n }) }],
    }),
    'the nonce that the transaction itself uses': async (world) => {
      const code = await world.deploy('Batch')
      const own = await authorize(world, code, { isSender: false })
      return { calls: [{ ...world.pay(world.me, 0n), authorizationList: [own] }] }
    },
  },
  leave: {
    'one that applies': async (world) => ({
      calls: [{ ...world.pay(world.me, 0n), authorizationList: await list(world, {}) }],
    }),
    'one of somebody else': async (world) => ({
      calls: [
        {
          ...world.pay(world.friend, ETHER),
          authorizationList: [await authorize(world, await world.deploy('Batch'), { account: world.friend })],
        },
      ],
    }),
  },
}
