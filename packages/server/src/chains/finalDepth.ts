import { chainOf } from '@countersign/simulator'
import type { ChainConfig } from './Chain.ts'

/** One block may be replaced on any chain, so the ledger never believes the newest alone. */
const LEAST = 2

/**
 * How many blocks must stand on a transaction before the ledger believes it: `blocks.final_after` of the chain's record,
 * and never fewer than 2, which is also what the local chain has.
 */
export function finalDepth({ chainId, record }: Pick<ChainConfig, 'chainId' | 'record'>): bigint {
  return BigInt(Math.max(LEAST, (record ?? chainOf(chainId)).blocks.finalAfter))
}
