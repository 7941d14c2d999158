import { Address, type Hex } from '@countersign/base'

export interface BlockRef {
  readonly number: bigint
  readonly hash: Hex.Hex
  readonly stateRoot: Hex.Hex
  readonly timestampMs: number
}

/** A block header as JSON-RPC gives it. */
export interface Header {
  readonly number: string
  readonly hash: Hex.Hex
  readonly parentHash: Hex.Hex
  readonly stateRoot: Hex.Hex
  readonly timestamp: string
  readonly miner: string
  readonly mixHash?: string
  readonly baseFeePerGas?: string
  readonly gasLimit: string
  readonly gasUsed: string
}

/**
 * Every field of a header that a simulation uses. Two providers have to agree on all of them, and each is held against the block
 * that hashes to the hash: one list, so that neither check forgets a field. The line below fails to compile when one is missing.
 */
export const USED_HEADER_FIELDS = [
  'hash',
  'parentHash',
  'number',
  'stateRoot',
  'timestamp',
  'miner',
  'mixHash',
  'baseFeePerGas',
  'gasLimit',
  'gasUsed',
] as const satisfies readonly (keyof Header)[]
true satisfies [Exclude<keyof Header, (typeof USED_HEADER_FIELDS)[number]>] extends [never] ? true : false

/** The block that a simulated transaction believes to be in. */
export interface BlockEnv {
  readonly number: bigint
  readonly timestampS: bigint
  readonly baseFeeWei: bigint
  readonly tipWei: bigint
  readonly coinbase: Address.Address
  readonly prevRandao: Hex.Hex
  readonly gasLimit: bigint
  /** What BLOCKHASH answers, by block number. Only the head's and its parent's are known without asking. */
  readonly blockHashes: ReadonlyMap<bigint, Hex.Hex>
  /** Nobody pays for gas and GASPRICE is zero, as in the default environment of `eth_call` and `eth_simulateV1`. */
  readonly isFree: boolean
}
