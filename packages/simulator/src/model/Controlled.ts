import type { Address } from '@countersign/base'

/** An account that acts on the sender's authority: what leaves it is the user's loss as much as what leaves the sender. */
export interface Controlled {
  readonly account: Address.Address
  /** The sender owns a Safe; owns the account by its code's own word; or signed what an entry point passed on to it. */
  readonly by: 'safe-owner' | 'account-code' | 'entry-point'
  /** How many owners have to sign, where the account says so. */
  readonly threshold: number | null
}

/** Everybody whose assets are the user's: the sender and the accounts that the sender controls. */
export function mineOf(from: Address.Address, controlled: readonly Controlled[]): ReadonlySet<string> {
  return new Set<string>([from, ...controlled.map(({ account }) => account)])
}
