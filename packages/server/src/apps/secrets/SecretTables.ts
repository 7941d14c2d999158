/** The table of secrets. */
export interface SecretTables {
  secrets: {
    app: string
    name: string
    /** `SecretOwner`: the operator, or a user of the app. */
    owner: string
    /** The session that it ends with; null where it outlives its session. */
    sid: string | null
    /** Encrypted, bound to app, name and owner (`SecretStore`). */
    sealed: string
    at_ms: number
  }
}

declare module '../../store/Schema.ts' {
  interface Schema extends SecretTables {}
}
