import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const nextNonce = async (world: World): Promise<bigint> =>
  BigInt((await world.chain.rpc('eth_getTransactionCount', [world.me, 'latest'])) as string)

export const cases: RuleCases = {
  flag: {
    'creation code of 50,000 bytes': () => ({
      calls: [
        { to: null, value: 0n, data: `0x${'5b'.repeat(50_000)}`, gasLimit: null, maxFeePerGasWei: null, label: null },
      ],
    }),
    'a priority fee above the cap': (world) => ({
      calls: [{ ...world.pay(world.friend, 1n), maxFeePerGasWei: 10n ** 11n, maxPriorityFeePerGasWei: 10n ** 12n }],
    }),
    'a nonce that was used': async (world) => ({
      calls: [{ ...world.pay(world.friend, 1n), nonce: (await nextNonce(world)) - 1n }],
    }),
    'type 4 without an authorization': (world) => ({ calls: [{ ...world.pay(world.friend, 1n), type: 4 }] }),
    'the second of two with the first one’s nonce': async (world) => {
      const nonce = await nextNonce(world)
      return { calls: [1n, 2n].map((amount) => ({ ...world.pay(world.friend, amount), nonce })) }
    },
  },
  leave: {
    'creation code of 49,152 bytes': () => ({
      calls: [
        { to: null, value: 0n, data: `0x00${'5b'.repeat(49_151)}`, gasLimit: null, maxFeePerGasWei: null, label: null },
      ],
    }),
    'a prepared payment: type, nonce, fees, access list': async (world) => ({
      calls: [
        {
          ...world.pay(world.friend, 1n),
          type: 2,
          nonce: await nextNonce(world),
          maxFeePerGasWei: 10n ** 11n,
          maxPriorityFeePerGasWei: 1n,
          accessList: [],
        },
      ],
    }),
    'two in a row': async (world) => {
      const nonce = await nextNonce(world)
      return { calls: [0n, 1n].map((i) => ({ ...world.pay(world.friend, 1n), nonce: nonce + i })) }
    },
  },
}
