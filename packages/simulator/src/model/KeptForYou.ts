import type { Address, Hex } from '@countersign/base'

/** A number that a contract keeps under the user's account and that differs afterwards: a stake, shares, a debt. */
export interface KeptForYou {
  readonly contract: Address.Address
  readonly slot: Hex.Hex
  /** In a unit that only the contract knows. Several numbers of one word are entries of their own. */
  readonly before: bigint
  readonly after: bigint
  /** What it is, where a known getter says so: the name of the getter, such as `borrowBalanceOf`. */
  readonly meaning: string | null
  /** It is what the user owes: more of it is worse. */
  readonly isDebt: boolean
}
