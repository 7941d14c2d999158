import { Wei, type Address } from '@countersign/base'

/** A chain's own coin, as amounts of it are written. */
export interface Coin {
  /** As people write it; `coin` where nobody said what it is called. */
  readonly symbol: string
  readonly decimals: number
  /** Fees are only counted in it: nobody holds a balance of it. */
  readonly isNone?: boolean
  /** The token that shows the very same holding, in a unit of its own. */
  readonly token?: { readonly address: Address.Address; readonly decimals: number }
}

/** The coin of a chain of which nothing is known but its id. */
export const UNNAMED: Coin = { symbol: 'coin', decimals: 18 }

/** What fees are written in where a chain has no coin of its own (Tempo's documentation, “Fees”: 10⁻¹⁸ dollars). */
export const DOLLARS: Coin = { symbol: 'USD', decimals: 18, isNone: true }

/**
 * An amount of the chain's own coin as people read it.
 *
 * @example
 * Coin.text({ symbol: 'POL', decimals: 18 }, 1500000000000000000n) // '1.5 POL'
 */
export function text({ symbol, decimals }: Coin, amount: bigint): string {
  return `${Wei.format(amount, decimals)} ${symbol}`
}
