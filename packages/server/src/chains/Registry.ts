import type { Address } from '@countersign/base'

/** A token that the app's configuration vouches for. Symbols are resolved here and nowhere else. */
export interface RegistryToken {
  readonly chainId: number
  readonly address: Address.Address
  readonly symbol: string
  readonly name: string
  readonly decimals: number
  /** Whether the symbol alone means this token. Default true; a symbol that only others bear is asked about. */
  readonly isCanonical?: boolean
}

/** A contract that the app's configuration vouches for. `spender`: may be approved by our own tools. */
export interface RegistryContract {
  readonly chainId: number
  readonly address: Address.Address
  readonly name: string
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact'
}

/** Where our swap tool trades on one chain. */
export interface Exchange {
  readonly kind: 'uniswap-v2' | 'uniswap-v3'
  readonly router: Address.Address
  readonly wrappedNative: Address.Address
  /** Of Uniswap V3: what quotes, and how it answers; null where nobody knows. */
  readonly quoter?: Address.Address | null
  readonly quoterAbi?: 'v1' | 'v2' | null
  /** Of Uniswap V3: pool fees in hundredths of a basis point, in the order in which they are tried. */
  readonly fees?: readonly number[]
}
