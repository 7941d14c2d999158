import type { Address, Hex } from '@countersign/base'

/** What a bound reads, in the order of the guard's numbers. */
export const SOURCES = ['call', 'call_hash', 'balance', 'code_hash', 'gas_price', 'timestamp', 'block_number'] as const
export type BoundSource = (typeof SOURCES)[number]

/** When a bound holds, in the order of the guard's numbers. The first three are absolute, the others compare with `open`. */
export const OPS = [
  'at_least',
  'at_most',
  'equals',
  'falls_at_most',
  'rises_at_least',
  'rises_at_most',
  'unchanged',
] as const
export type BoundOp = (typeof OPS)[number]

/** One checkable statement about the state after a batch. Independent of how a guard encodes it. */
export interface OutcomeBound {
  /** `open`: judged before the user's calls run; `close`: judged after them. */
  readonly stage: 'open' | 'close'
  readonly source: BoundSource
  readonly op: BoundOp
  /** Null where the source is the transaction or the block. */
  readonly target: Address.Address | null
  /** Call data of the reading; null unless the source is a call. */
  readonly data: Hex.Hex | null
  /** Which 32-byte word of the answer, 0 to 255; 0 unless the source is `call`. */
  readonly word: number
  /** In the smallest unit of what is read; hashes and addresses as numbers. */
  readonly value: bigint
  /** One sentence for people. */
  readonly text: string
  readonly derivesFrom: 'report' | 'intent' | 'policy'
}

/** One call of an atomic batch. */
export interface BatchCall {
  readonly to: Address.Address
  readonly value: bigint
  readonly data: Hex.Hex
}

/** How the wallet sends: the shapes of an atomic batch. */
export type Route = '7702' | 'safe' | '4337' | '5792'

/** What of a report the chain itself enforces. */
export interface Enforcement {
  /** `partly`: guarded, and `notEnforced` names something. `none`: no guard calls, or no atomic execution. */
  readonly status: 'enforced' | 'partly' | 'none'
  /** One sentence when nothing is enforced; else null. */
  readonly because: string | null
  readonly route: Route | null
  readonly guard: { readonly address: Address.Address; readonly codeHash: Hex.Hex; readonly version: number } | null
  /** The whole inner list: open, the user's calls, close. Empty when nothing is enforced. */
  readonly calls: readonly BatchCall[]
  readonly boundsDigest: Hex.Hex | null
  /** `index` is the place among the bounds of the stage, which `OutcomeRefused` names. */
  readonly bounds: readonly (OutcomeBound & { readonly index: number })[]
  readonly notEnforced: readonly { readonly what: string; readonly why: string }[]
  /** Gas over the same batch without guard calls; null when nothing is enforced. */
  readonly gasOverhead: bigint | null
  /** The line of the card. */
  readonly line: string
}
