/** The table of the room `outbox`. */
export interface OutboxTables {
  /** Messages to targets outside, written with the change that they report. */
  outbox: {
    /** Also the `id` in the body, by which receivers drop what came twice. */
    id: string
    app: string
    event: string
    /** The mandate that the message is about; null for everything else. */
    mandate: string | null
    /** JSON, exactly as it is sent. */
    body: string
    /** `kind:name` of `notify` in app.yaml, such as `webhook:ops`. */
    target: string
    at_ms: number
    /** When it is sent next. */
    next_ms: number
    attempts: number
    /** Until when one process may be sending it. */
    lease_until_ms: number
    sent_ms: number | null
    /** Why it was given up; null while it was not. */
    failed: string | null
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends OutboxTables {}
}
