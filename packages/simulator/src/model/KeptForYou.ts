import type { Address, Hex } from '@countersign/base'

/** A number that a contract keeps under the user's account and that differs afterwards: a stake, shares, a debt. */
export interface KeptForYou {
  readonly contract: Address.Address
  readonly slot: Hex.Hex
  /** In a unit that only the contract knows. Of several numbers in one word, the first that falls, else the first. */
  readonly before: bigint
  readonly after: bigint
  /** What it is, where a known getter says so. */
  readonly meaning: string | null
}
