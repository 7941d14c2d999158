import type { Address } from '@countersign/base'

/** An address that the app's configuration vouches for, or that the user mentioned. */
export interface KnownAddress {
  readonly address: Address.Address
  readonly name: string
  /**
   * `spender`: may be approved (routers, Permit2). `token` and `infrastructure` are named contracts. `contact`:
   * configured recipient. `user`: the address stands somewhere in what the user wrote. A mention vouches for nobody: it
   * lowers no level, removes no finding and switches no analysis off (`vouchedOf`).
   */
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact' | 'user'
  readonly symbol?: string
  readonly decimals?: number
}

/** An address that the app's configuration vouches for. */
export type VouchedAddress = KnownAddress & { readonly kind: Exclude<KnownAddress['kind'], 'user'> }

/** Whether an entry counts for more than a mention. */
export function isVouched(entry: KnownAddress | undefined): entry is VouchedAddress {
  return entry !== undefined && entry.kind !== 'user'
}

/**
 * Whom a request vouches for, by address in lower case. All that judges or analyses reads this and never
 * `request.known`, so that no mention, whichever way it came into a text, can stand in for a registry entry or hide one.
 */
export function vouchedOf({ known }: { readonly known: readonly KnownAddress[] }): ReadonlyMap<string, VouchedAddress> {
  return new Map(known.filter(isVouched).map((entry) => [entry.address.toLowerCase(), entry]))
}
