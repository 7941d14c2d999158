import type { AuthorityChange } from './Authority.ts'
import type { TokenChange } from './TokenChange.ts'
import type { Entry } from './ValueFlow.ts'

/** What one environment did to the user: what the environments must agree on. */
export interface Outcome {
  /** 1-based step that failed, or null. */
  readonly failedStep: number | null
  readonly reason: string | null
  /** Balances of the user and of accounts that the user controls that differ afterwards, fees aside. */
  readonly changes: readonly TokenChange[]
  /** Everybody's. */
  readonly everybody: readonly TokenChange[]
  /** What contracts keep for anybody and that differs afterwards. */
  readonly entries: readonly Entry[]
  /** Every authority that differs afterwards. */
  readonly authority: readonly AuthorityChange[]
}

/** How another environment's outcome compares with the expected one, from the user's side. */
export interface Comparison {
  /**
   * `fails`: a step fails there, so nothing moves that moved in the expected one. `mixed`: one asset is better and
   * another worse.
   */
  readonly relation: 'same' | 'better' | 'worse' | 'mixed' | 'fails'
  /** The largest relative loss among the assets that are worse there, in basis points. 10 000 is all of it. */
  readonly lossBps: number
  /** An asset arrives there that does not, or not by half, arrive in the expected environment. */
  readonly hasExtraGain: boolean
  /** The most that is saved of what the expected environment takes, by asset; those saved by a twentieth or more. */
  readonly saved: readonly { readonly token: string | null; readonly amount: bigint }[]
  /** How much less the user has there, by asset. What else differs is told in words only. */
  readonly lost: readonly { readonly token: string | null; readonly amount: bigint }[]
  /** What differs, in words; empty when the same. */
  readonly differs: readonly string[]
}
