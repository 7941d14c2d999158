import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const nextNonce = async (world: World): Promise<bigint> =>
  BigInt((await world.chain.rpc('eth_getTransactionCount', [world.me, 'latest'])) as string)

export const cases: RuleCases = {
  flag: {
    'two ahead': async (world) => ({
      calls: [{ ...world.pay(world.friend, 1n), nonce: (await nextNonce(world)) + 2n }],
    }),
  },
  leave: {
    'the next two': async (world) => {
      const nonce = await nextNonce(world)
      return { calls: [0n, 1n].map((i) => ({ ...world.pay(world.friend, 1n), nonce: nonce + i })) }
    },
  },
}
