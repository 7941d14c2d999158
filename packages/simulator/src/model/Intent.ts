import type { AuthorityKind } from './Authority.ts'
import type { Address } from '@countersign/base'

/** Null: the chain's own coin. */
type Token = Address.Address | null

/**
 * What the user meant, typed: assertions that are checked against what the fork did, in every environment. No model
 * writes it unchecked. Amounts are in the smallest unit; `token: null` is the chain's own coin, fees aside.
 */
export interface Intent {
  readonly version: 1
  readonly chainId: number
  readonly account: Address.Address
  /** For people only. */
  readonly goal: string | null
  readonly assertions: readonly Assertion[]
}

export type Assertion =
  | { readonly name: 'max_outflow'; readonly token: Token; readonly amount: bigint }
  | {
      readonly name: 'min_inflow'
      readonly token: Token
      readonly amount: bigint
      readonly account: Address.Address | null
    }
  | {
      readonly name: 'recipient_receives'
      readonly account: Address.Address
      readonly token: Token
      readonly amount: bigint
    }
  | { readonly name: 'allowed_recipients'; readonly recipients: readonly Address.Address[] }
  | {
      readonly name: 'allowed_authority'
      readonly kind: AuthorityKind
      readonly contract: Address.Address
      readonly subject: Address.Address
      readonly amount: bigint | null
      readonly expiresByMs: number | null
    }
  | { readonly name: 'no_new_authority' }
  | { readonly name: 'allowed_delegate'; readonly delegate: Address.Address; readonly chainId: number }
  | { readonly name: 'bridge_recipient'; readonly recipient: Address.Address; readonly chainId: number }
  | { readonly name: 'max_fee'; readonly amount: bigint }
  | { readonly name: 'deadline'; readonly atMs: number }
  | { readonly name: 'min_price'; readonly give: Token; readonly take: Token; readonly ratio: Ratio }

/** `take` per `give`, both in the smallest unit, as an exact fraction. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
  /** As it was written. */
  readonly text: string
}
