import type { Address } from '@countersign/base'

export type AuthorityKind =
  | 'erc20_allowance'
  | 'operator'
  | 'permit2_allowance'
  | 'ownership'
  | 'proxy_implementation'
  | 'module'
  | 'account_code'
  | 'delegation'
  | 'votes'
  | 'unknown_grant'

/** A power over the owner's assets that the batch leaves behind, grows or takes away. */
export interface AuthorityChange {
  readonly owner: Address.Address
  readonly kind: AuthorityKind
  readonly contract: Address.Address
  /** Who gains (or loses) the power. */
  readonly subject: Address.Address
  readonly before: bigint
  readonly after: bigint
  /** More than the owner holds and than there is of the token, or an allowance that no use lowers. */
  readonly unlimited: boolean
  readonly expiresMs: number | null
  readonly valueAtRisk: readonly { readonly token: Address.Address | null; readonly amount: bigint }[]
  /** For people: symbol and decimals of `contract` where it is a token. */
  readonly symbol: string | null
  readonly decimals: number | null
}
