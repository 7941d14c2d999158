/** The tables of the room `keys`. */
export interface KeyTables {
  keys: {
    /** Printable handle, `key_…`. */
    id: string
    app: string
    label: string
    /** Keys that replaced one another by rotation are one family: the handle of the first. Sessions belong to it. */
    family: string
    /** 1 for an issued key, one more with every rotation. */
    generation: number
    /** HMAC-SHA-256 of the whole key under the pepper of that version, hex. The key itself is never stored. */
    digest: string
    pepper_version: number
    last4: string
    /** JSON array of scopes. */
    scopes: string
    /** JSON array of CIDR blocks; empty admits every address. */
    networks: string
    /** JSON: the tools that its turns are held to; null for all of the app. */
    tools: string | null
    /** JSON: what its proposals are held to; null for nothing. */
    guards: string | null
    /** EIP-55: the one account that it may propose to; null for any. */
    owner: string | null
    /** JSON array of limits; empty takes the server's. */
    limits: string
    created_ms: number
    /** When it ends by itself; null never does. A rotation never moves it. */
    expires_ms: number | null
    /** The end of the overlap, once it is being replaced. */
    not_after_ms: number | null
    /** A key that waits for its first use: until when. Null once it is active. */
    activate_by_ms: number | null
    /** How long its predecessor goes on after that first use. */
    overlap_ms: number | null
    /** The key that it replaces. */
    replaces: string | null
    revoked_ms: number | null
    revoked_reason: string | null
    /** When the key was seen in public: a revocation after that cannot be undone. */
    exposed_ms: number | null
    /** JSON `{level, since_ms, evidence}`; a person takes it away. */
    quarantine: string | null
    /** When a person last let it go. */
    released_ms: number | null
    /** 1: valid in shape, opens nothing, and whoever tries it is reported. */
    canary: number
    /** To the minute, written once a minute. */
    last_used_ms: number | null
    /** The last age, in days, at which a reminder was written. */
    reminded_day: number
  }
  /** One row: rises with every change to a key, so that caches know when they are stale. */
  key_epoch: { id: number; epoch: number }
  /** Server processes on this store. One that lets its lease lapse is not waited for. */
  /** `serves` is JSON of `claimChains`. */
  instances: { id: string; started_ms: number; lease_until_ms: number; acked_epoch: number; serves: string }
  /** Counters of one key in one hour, JSON, for the anomaly detection. */
  key_usage: { key_id: string; hour_ms: number; body: string }
  /** How requests with one key ended in one hour: `Outcomes.ts`. */
  key_outcomes: { key_id: string; hour_ms: number; outcome: string; count: number }
  /** When a key was held back, with what was seen (JSON list of sentences). */
  key_anomalies: { key_id: string; at_ms: number; level: string; evidence: string }
  /** Keys seen in public, by SHA-256 of the key, for the self-check. */
  leaked_keys: {
    digest: string
    /** The first five digits, by which the self-check asks. */
    prefix: string
    key_id: string | null
    source: string
    reported_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends KeyTables {}
}
