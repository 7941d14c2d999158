import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { ReceiptKeys } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import type { Store } from '../store/openStore.ts'

/** What the verbs of this room are handed. */
export interface Gate {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly events: EventLog
  readonly chains: ReadonlyMap<number, Chain>
  readonly policy: Policy
  /** Signs what was simulated, and verifies it before anything becomes signable. */
  readonly receiptKeys: ReceiptKeys
}

export interface Policy {
  /** Bound into every receipt: another policy is another receipt. */
  readonly version: string
  /** How long a receipt may wait for its commit, in milliseconds. */
  readonly receiptTtlMs: number
  /** How long a committed proposal stays signable, in milliseconds. It is re-checked at the moment of signing. */
  readonly pendingTtlMs: number
  /**
   * How much less than shown may arrive at re-check before the owner must look again, in basis points (1/100 %).
   * Pools move with every block; the call data carries its own hard minimum. More may never leave.
   */
  readonly inflowToleranceBps: number
  /** How long one window is believed to have the wallet open, in milliseconds. */
  readonly walletLeaseMs: number
  /** How long the network may take to know a reported hash before it counts as forged, in milliseconds. */
  readonly unknownHashMs: number
}

export const DEFAULT_POLICY: Policy = {
  version: 'countersign-1',
  receiptTtlMs: 120_000,
  pendingTtlMs: 900_000,
  inflowToleranceBps: 50,
  walletLeaseMs: 120_000,
  unknownHashMs: 60_000,
}
