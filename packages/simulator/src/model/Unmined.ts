import type { Address, Hex } from '@countersign/base'
import type { Call } from './Call.ts'

/** A transaction of the sender's that is signed and not mined. Its signature was verified: nobody else made it up. */
export interface Unmined {
  readonly hash: Hex.Hex
  /** With its nonce, gas limit and fee caps as they were signed. */
  readonly call: Call & { readonly nonce: bigint; readonly gasLimit: bigint }
}

/** The same as a report names it: the simulation stands on what it does. */
export interface StoodOn {
  readonly hash: Hex.Hex
  readonly nonce: bigint
  readonly to: Address.Address | null
  /** In the smallest unit of the chain's coin. */
  readonly value: bigint
  /** How it is expected to end: a transaction that fails uses its nonce and its gas. */
  readonly status: 'success' | 'reverted'
}
