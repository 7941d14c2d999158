import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** What the next block can ask for at most (EIP-1559: an eighth more). */
const nextBaseFee = async (world: World): Promise<bigint> => {
  const { baseFeePerGas } = await world.chain.rpc<{ baseFeePerGas: string }>('eth_getBlockByNumber', ['latest', false])
  return (BigInt(baseFeePerGas) * 9n) / 8n + 1n
}

export const cases: RuleCases = {
  flag: {
    'one wei': (world) => ({ calls: [{ ...world.pay(world.friend, 1n), maxFeePerGasWei: 1n }] }),
  },
  leave: {
    'a cap at the base fee, with next to nothing for the builder': async (world) => ({
      calls: [
        { ...world.pay(world.friend, 1n), maxFeePerGasWei: await nextBaseFee(world), maxPriorityFeePerGasWei: 1n },
      ],
    }),
    'no cap': (world) => ({ calls: [world.pay(world.friend, 1n)] }),
  },
}
