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
  readonly notBeforeMs: number | null
  readonly approvals: readonly string[]
}

export function fromRow(row: Selectable<Schema['proposal_decisions']> & { readonly held: string | null }): Decided {
  return {
    answer: row.answer as Answer,
    mandate: row.mandate,
    reservation: row.reservation,
    isHandedOut: row.held !== null && row.held !== 'held',
    body: JSON.parse(row.body) as Readonly<Record<string, unknown>>,
    code: row.code,
    isOwed: row.owed === 1,
    notBeforeMs: row.not_before_ms,
    approvals: JSON.parse(row.approvals) as string[],
  }
}
