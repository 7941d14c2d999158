import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { ReceiptKeys } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { Guards } from '../mandates/guards/Guards.ts'
import type { Tell } from '../mandates/tellTargets.ts'
import type { Time } from '../mandates/ledger/Time.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import type { Store, Write } from '../store/openStore.ts'
import type { EnforcementPolicy } from './EnforcementPolicy.ts'
import type { Proposal } from './Proposal.ts'
import type { ToolRunner } from './ToolCall.ts'

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
  /** The ledger's time. */
  readonly ledgerTime: Time
  /** The guards of an app, and the chains that it may use (null: all); null where it has no guards. */
  readonly guardsOf?: (app: string) => { readonly guards: Guards; readonly chains: readonly number[] | null } | null
  /** What an app asks of enforcement on chain; absent: the defaults. */
  readonly enforcementOf?: (app: string) => EnforcementPolicy | null
  /** Runs the tools of apps. */
  readonly tools?: ToolRunner
  /** This process among those that share the store. */
  readonly instanceId?: string
  /** Keeps the server open until some work has come to its end. */
  readonly background?: (work: Promise<unknown>) => void
  /** Puts a change of a proposal into the outbox, in the transaction of the change. */
  readonly tellOutside?: (write: Write, proposal: Proposal, event: string) => Promise<void>
  /** Puts what a mandate tells its targets into the outbox, in the transaction of what it reports. */
  readonly tellTargets?: Tell
  /** Told when a proposal of transactions has become `settled` or `mismatched`, after the commit. */
  readonly onFinal?: (proposal: Proposal) => void
  /** Told when a batch is over with only its first steps on chain, after the commit. */
  readonly onHalfDone?: (proposal: Proposal) => void
  /** Told of a call that its mandate confirms, after the commit. */
  readonly confirmByMandate?: (call: { id: string; sid: string; digest: string; by: string }) => void
  /** For tests: waited for between the last look and the lease it is to open. */
  readonly pauseBeforeLease?: () => Promise<void>
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
  /**
   * The same for a client that does not name its window, in milliseconds: between two answers for the same bytes, and
   * short, because one person who simulates and then signs cannot be told from two terminals.
   */
  readonly unnamedLeaseMs: number
  /** How long the network may take to know a reported hash before it counts as forged, in milliseconds. */
  readonly unknownHashMs: number
  /** How long a card that is over is still watched: a wallet may be open, or a signature on its way. Milliseconds. */
  readonly watchEndedMs: number
  /** How many blocks a settled transaction is looked at again: a reorganisation may take it back. */
  readonly settledBlocks: number
}

export const DEFAULT_POLICY: Policy = {
  version: 'countersign-1',
  receiptTtlMs: 120_000,
  pendingTtlMs: 900_000,
  inflowToleranceBps: 50,
  walletLeaseMs: 120_000,
  unnamedLeaseMs: 5_000,
  unknownHashMs: 60_000,
  watchEndedMs: 86_400_000,
  settledBlocks: 64,
}
