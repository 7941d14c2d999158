/** The tables of the room `operators`. */
export interface OperatorTables {
  /** People who run this server and sign in to the dashboard. */
  operators: {
    id: string
    name: string
    /** JSON list of the apps that they manage; null for every app of the server. */
    apps: string | null
    created_ms: number
  }
  /** One-time links that make an operator. */
  operator_links: {
    /** SHA-256 of the 256-bit token. A fast hash is right for random bits. */
    digest: string
    name: string
    apps: string | null
    expires_ms: number
  }
  operator_passkeys: {
    /** The credential id, base64url. */
    id: string
    operator_id: string
    label: string
    /** COSE key, base64url. */
    public_key: string
    counter: number
    /** JSON list, as the browser reported it. */
    transports: string
    /** The host that it signs in to. */
    rp_id: string
    created_ms: number
    used_ms: number | null
  }
  operator_sessions: {
    /** SHA-256 of the cookie's value. */
    digest: string
    /** What lists and the audit record call it; it opens nothing. */
    handle: string
    operator_id: string
    /** `enrol`: opened by a link, registers a passkey and nothing else. `full`: opened by a passkey. */
    stage: string
    /** The passkey that opened it; null for a link, and for sessions older than this column. */
    passkey_id: string | null
    created_ms: number
    used_ms: number
  }
  /** WebAuthn challenges that wait for their answer. */
  operator_challenges: {
    digest: string
    purpose: string
    rp_id: string
    /** The session that registers a passkey; null for a sign-in. */
    session: string | null
    expires_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends OperatorTables {}
}
