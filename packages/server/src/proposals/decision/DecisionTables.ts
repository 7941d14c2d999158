/** What was decided about proposals that guards or a mandate are about. */
export interface DecisionTables {
  proposal_decisions: {
    proposal_id: string
    answer: string
    /** `mandate_…`. */
    mandate: string | null
    reservation: string | null
    /** JSON: `proposal.decision`. */
    body: string
    code: string | null
    /** 1: a session with the owner's proven wallet must confirm it. */
    owed: number
    not_before_ms: number | null
    /** JSON: addresses of approvers that signed. */
    approvals: string
    decided_ms: number
  }
}
