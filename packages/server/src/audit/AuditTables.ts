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
  }
}
