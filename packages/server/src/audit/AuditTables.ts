/** The tables of the room `audit`. */
export interface AuditTables {
  audit: {
    app: string
    seq: number
    at_ms: number
    event: string
    body: string
    prev_hash: string
    hash: string
  } /** Signed heads of each app's record. */
  audit_checkpoints: {
    app: string
    size: number
    /** Merkle tree hash of the first `size` entries, hex (RFC 6962 §2.1). */
    root: string
    /** JSON: the roots of the complete subtrees, largest first, from which the tree is grown on. */
    frontier: string
    /** The signed note as it is published. */
    note: string
    at_ms: number
  }
  /** How far each app's record was delivered to the operator's receiver. */
  audit_deliveries: {
    app: string
    /** The last entry that the receiver took; 0 for none. */
    seq: number
    /** Of the message after it: how often it was tried, when it is tried next, and until when one process may be at it. */
    attempts: number
    next_ms: number
    lease_until_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends AuditTables {}
}
