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
