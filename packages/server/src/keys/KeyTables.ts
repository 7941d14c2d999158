/** The tables of the room `keys`. */
export interface KeyTables {
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
}
