/** The tables of the room `browser`. */
export interface BrowserTables {
  /** Browsers that hold our cookie. */
  browsers: {
    /** Names the browser inside; owners are `browser:{id}`. */
    id: string
    /** SHA-256 of the 256-bit cookie value. A fast hash is right for random bits. */
    digest: string
    created_ms: number
    used_ms: number
  }
  /** One-time codes (`code`) and short-lived tokens (`token`) of embedded pages, each for one session and one origin. */
  session_tokens: {
    digest: string
    kind: string
    sid: string
    origin: string
    expires_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends BrowserTables {}
}
