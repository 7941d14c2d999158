import type { Selectable } from 'kysely'
import type { Answer } from '../../mandates/policy/Policy.ts'
import type { Schema } from '../../store/Schema.ts'

/** What was decided about a proposal, when its verdict was written. */
export interface Decided {
  readonly answer: Answer
  /** `mandate_…`; null where no mandate spoke. */
  readonly mandate: string | null
  /** What it holds in the ledger; null for nothing. */
  readonly reservation: string | null
  /** Whether what it holds was shown to a wallet or a signer already. */
  readonly isHandedOut: boolean
  /** `proposal.decision`, as it goes over the wire. */
  readonly body: Readonly<Record<string, unknown>>
  /** Of a refusal: `mandates:…`. */
  readonly code: string | null
  /** Whether a session in which the owner's wallet is proven must confirm it, whatever its level. */
  readonly isOwed: boolean
  /** Of a delay: the store's time before which nothing of it can be signed. Milliseconds. */
  readonly notBeforeMs: number | null
  /** Whether that time has passed, and the same was decided again. */
  readonly isServed: boolean
  /** Who must approve it beside the owner, and how many of them; null for nobody. */
  readonly approvers: { readonly of: readonly string[]; readonly need: number } | null
  /** Who has approved exactly this proposal and decision. */
  readonly approvals: readonly string[]
}

/** Whether it waits for its time: it holds its reservation, and nobody can sign it. */
export function isDelayed({ answer, isServed }: Pick<Decided, 'answer' | 'isServed'>): boolean {
  return answer === 'delay' && !isServed
}

/** How many approvals are missing. */
export function approvalsMissing({ approvers, approvals }: Pick<Decided, 'approvers' | 'approvals'>): number {
  return approvers === null ? 0 : Math.max(0, approvers.need - approvals.length)
}

/** Whether the mandate lets it go without its owner: allowed, or delayed and waited out, and approved by its quorum. */
export function isAllowed(decided: Decided): boolean {
  const isGood = decided.answer === 'allow' || (decided.answer === 'delay' && decided.isServed)
  return isGood && approvalsMissing(decided) === 0
}

export function fromRow(row: Selectable<Schema['proposal_decisions']> & { readonly held: string | null }): Decided {
  const body = JSON.parse(row.body) as Readonly<Record<string, unknown>>
  return {
    answer: row.answer as Answer,
    mandate: row.mandate,
    reservation: row.reservation,
    isHandedOut: row.held !== null && row.held !== 'held',
    body,
    code: row.code,
    isOwed: row.owed === 1,
    notBeforeMs: row.not_before_ms,
    isServed: row.served === 1,
    approvers: (body['approvers'] as Decided['approvers'] | undefined) ?? null,
    approvals: JSON.parse(row.approvals) as string[],
  }
}
