import type { SqliteFailure } from './StoreErrors.ts'

/** One SQL statement and its parameters, in order. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export interface QueryResult {
  readonly rows: readonly unknown[]
  readonly changes: number
}

/**
 * What the main thread sends, several at once. A write is `begin`, any number of `query` and `post`, `end`; between a
 * `begin` and its `end` nothing else is sent. A `query` is answered; a `post` is not, and when it fails so does the write.
 */
export type ToWriter =
  | { readonly op: 'begin'; readonly id: number; readonly sentMs: number }
  | ({ readonly op: 'query'; readonly query: number } & Statement)
  | ({ readonly op: 'post' } & Statement)
  | { readonly op: 'end'; readonly keep: boolean }
  | { readonly op: 'close' }

/** What the writer answers. `settled` comes after the commit, for every write that was in it. */
export type FromWriter =
  | { readonly type: 'result'; readonly query: number; readonly result: QueryResult }
  | { readonly type: 'failure'; readonly query: number; readonly failure: SqliteFailure }
  | { readonly type: 'settled'; readonly writes: readonly Settled[] }

export interface Settled {
  readonly id: number
  /** Null when the write is on disk (or, for one that was given up, undone). */
  readonly failure: SqliteFailure | null
}
