import type { Call } from '../model/Call.ts'
import type { BlockEnv } from '../model/Block.ts'

type Priced = Pick<Call, 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei'>

/**
 * What each unit of gas costs in a block: base fee plus tip, within the cap that will be signed (EIP-1559). A block whose
 * base fee is above the cap does not take the transaction at all; it is then run at the base fee, because contracts never
 * see a lower gas price, and `fee-cap-low` reports it.
 */
export function priceWei(env: BlockEnv, { maxFeePerGasWei, maxPriorityFeePerGasWei }: Priced): bigint {
  if (env.isFree) return 0n
  const full = env.baseFeeWei + (maxPriorityFeePerGasWei ?? env.tipWei)
  if (maxFeePerGasWei === null || maxFeePerGasWei >= full) return full
  return maxFeePerGasWei < env.baseFeeWei ? env.baseFeeWei : maxFeePerGasWei
}

/**
 * The most that each unit of gas can cost: the cap that will be signed. Without one it is what wallets usually ask for,
 * twice the base fee and the tip, which outlasts six full blocks in a row (EIP-1559: at most +1/8 a block).
 */
export function capWei(env: BlockEnv, { maxFeePerGasWei, maxPriorityFeePerGasWei }: Priced): bigint {
  return maxFeePerGasWei ?? 2n * env.baseFeeWei + (maxPriorityFeePerGasWei ?? env.tipWei)
}
