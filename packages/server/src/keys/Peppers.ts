import type { Redacted } from '@countersign/base'

/** The peppers in use: the newest hashes new keys, older ones still open keys that were hashed with them. */
export interface Peppers {
  readonly newest: Pepper
  /** Newest first, the newest included. */
  readonly all: readonly Pepper[]
}

export interface Pepper {
  readonly version: number
  readonly bytes: Redacted.Redacted<Uint8Array>
}
