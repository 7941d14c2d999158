import type { Address } from '@countersign/base'

export type TokenStandard = 'native' | 'erc20' | 'erc721' | 'erc1155'

/** A balance before and after, for every account touched; the user's own come first. Fees are not in `native`. */
export interface TokenChange {
  readonly account: Address.Address
  readonly standard: TokenStandard
  readonly token: Address.Address | null
  readonly tokenId: bigint | null
  /** Escaped for people; from the registry where known, else from the chain. */
  readonly symbol: string | null
  readonly decimals: number | null
  readonly before: bigint
  readonly after: bigint
  readonly delta: bigint
  readonly provenBy: 'storage' | 'trace' | 'call'
}
