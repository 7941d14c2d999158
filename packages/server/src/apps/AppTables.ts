/** The tables of the room `apps`. */
export interface AppTables {
  /** Apps that were pushed with a key, instead of standing in the operator's folder. */
  pushed_apps: {
    name: string
    version: string
    /** JSON: texts by path. */
    files: string
    /** The key that pushed it: what it may do bounds what the app's own tools may do. */
    key_id: string
    at_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends AppTables {}
}
