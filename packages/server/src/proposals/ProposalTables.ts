/** The tables of the room `proposals`. */
export interface ProposalTables {
  proposals: {
    id: string
    sid: string
    app: string
    state: string
    chain_id: number
    sender: string
    summary: string
    provenance: string
    /** `Batch.digest` of chain, sender and ordered bytes. */
    digest: string
    report: string | null
    receipt_digest: string | null
    reason: string | null
    settlement: string | null
    /** The user's own words at the time it was staged, for naming recipients at every re-check. */
    user_texts: string
    created_ms: number
    updated_ms: number
    expires_ms: number
    /** Rises with every proposal of a session: their order, however close in time. */
    first_tx_id: number
    /** Which window has the wallet open for it, and until when that is believed. */
    wallet_lease: string | null
    wallet_until_ms: number | null
  }
  proposal_calls: {
    proposal_id: string
    step: number
    tx_id: number
    recipient: string | null
    value: string
    data: string
    gas: string | null
    max_fee: string | null
    label: string
    kind: string
    status: string
    tx_hash: string | null
    submitted_ms: number | null
  }
  /** A transaction hash speaks for one proposal only. */
  claimed_hashes: { chain_id: number; tx_hash: string; proposal_id: string }
  receipts: {
    digest: string
    proposal_id: string
    /** The bound fields as canonical JSON, to be recomputed at commit. */
    bound: string
    /** Ed25519 by a key of the data directory; null in rows from before receipts were signed. */
    key_id: string | null
    signature: string | null
    /** What the simulation read, for as long as the receipt lives. */
    read_set: string | null
    issued_ms: number
    expires_ms: number
    consumed_ms: number | null
  }
}
