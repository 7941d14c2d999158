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
}
