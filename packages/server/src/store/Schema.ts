import type { ColumnType } from 'kysely'

/**
 * The tables. Ids and JSON are text, times are milliseconds, booleans are 0 or 1, so that the same schema and the
 * same queries can run on SQLite and PostgreSQL.
 */
export interface Schema {
  keys: {
    id: string
    app: string
    label: string
    /** HMAC-SHA-256 of the whole key under the pepper, hex. The key itself is never stored. */
    digest: string
    last4: string
    created_ms: number
    revoked_ms: number | null
  }
  sessions: {
    /** Ours, never shown: what every other table refers to. */
    sid: string
    /** The UUID that the client chose. */
    public_id: string
    app: string
    /** Whose namespace the UUID lives in: `key:…` or `app:…`. Two keys may use one UUID and never meet. */
    owner: string
    title: string | null
    archived: number
    user_state: string
    model: string | null
    next_tx_id: number
    next_seq: number
    /** Up to which event the snapshot, and `/api/events`, have delivered one-time system events. */
    snapshot_seq: number
    events_seq: number
    /** The running turn, so that a restart can say that it was cut off. */
    turn_id: string | null
    created_ms: number
    used_ms: number
  }
  /** The conversation as the model and the clients see it. Index is dense from 0. */
  messages: {
    sid: string
    idx: number
    /** `user`, `assistant`, `system`, `tool`. */
    role: string
    body: string
    turn_id: string | null
    at_ms: number
  }
  /** The session's event log: gapless from 1. */
  events: {
    sid: string
    seq: number
    kind: string
    body: string
    at_ms: number
  }
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
  audit: {
    app: string
    seq: number
    at_ms: number
    event: string
    body: string
    prev_hash: string
    hash: string
  }
  migrations: { id: number; at_ms: ColumnType<number, number, never> }
}
