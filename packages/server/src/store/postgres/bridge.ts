import type { QueryResult } from '../protocol.ts'

/** What the reading thread is asked; `id` counts up. */
export interface Question {
  readonly id: number
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
  /** For the table of keys alone: everything else is written by the store's writer. */
  readonly isWrite: boolean
}

export type Answer = { readonly id: number } & (
  { readonly result: QueryResult } | { readonly failure: { readonly code: string; readonly message: string } }
)

export interface BridgeData {
  readonly url: string
  /** Holds the id of the newest answer. */
  readonly answered: SharedArrayBuffer
}
