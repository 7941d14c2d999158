/** The tables of the room `signin`. */
export interface SignInTables {
  /** Numbers used once, each for one session. */
  sign_in_nonces: {
    /** SHA-256, so that a stolen database signs nobody in. */
    digest: string
    sid: string
    expires_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends SignInTables {}
}
