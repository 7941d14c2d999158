import { hash } from 'node:crypto'
import { Redacted } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import * as ApiKey from './ApiKey.ts'
import * as KeyRecord from './KeyRecord.ts'
import type { KeyTables } from './KeyTables.ts'
import type { Peppers } from './Peppers.ts'

/** How many keys are remembered: about 800 bytes each (gateway.md 2). */
const MAX_CACHED = 50_000

/**
 * Finds keys by their text, fast and never stale. Every look-up first asks the store for the epoch of its keys, which
 * every change of a key raises. An entry counts only at the epoch that was read before its row was, so a row that was
 * read while its key was being revoked can never be taken for a fresh one.
 */
export interface KeyIndex {
  /** The key, or null when there is none with this text. Answers at once when it is remembered. */
  find(text: string): KeyRecord.KeyRecord | null | Promise<KeyRecord.KeyRecord | null>
  /** The epoch of the store, as of now. */
  epoch(): number
  /** Hits and misses since the start, for the metrics. */
  readonly counts: { hits: number; misses: number }
}

/**
 * @param mayTrust - Whether this instance's lease holds; without it nothing remembered is used.
 * @param pauseFill - For tests: waited for between reading a row and remembering it.
 */
export function openKeyIndex(
  {
    store,
    peppers,
    mayTrust = () => true,
    pauseFill,
  }: { store: Store; peppers: Peppers; mayTrust?: () => boolean; pauseFill?: () => Promise<void> },
  { maxCached = MAX_CACHED }: { maxCached?: number } = {},
): KeyIndex {
  const epochQuery = store.prepare<{ epoch: number }>('select epoch from key_epoch where id = 1')
  const keyQuery = store.prepare<KeyTables['keys']>('select * from keys where digest = ?')
  const cache = new Map<string, { readonly epoch: number; readonly key: KeyRecord.KeyRecord }>()
  const counts = { hits: 0, misses: 0 }
  let epoch = -1
  let isSeenInThisTurn = false

  // Not `store.version()` first: asking whether anything changed costs as much as asking for the epoch (4 µs each).
  const readEpoch = (): number => epochQuery.get()?.epoch ?? 0

  /**
   * The epoch as of this turn of the event loop: requests that arrived together are told by one look. A look takes two
   * locks of the file, a tenth of what a request costs. A change is answered only when every live instance has
   * confirmed it from a later turn (`awaitFence`), so that nothing which was asked after that answer is decided here by
   * what was before.
   */
  const glance = (): number => {
    if (isSeenInThisTurn) return epoch
    epoch = readEpoch()
    isSeenInThisTurn = true
    setImmediate(() => {
      isSeenInThisTurn = false
    })
    return epoch
  }

  const readRow = (text: string): KeyRecord.KeyRecord | null => {
    for (const pepper of peppers.all) {
      const digest = ApiKey.digest(text, Redacted.reveal(pepper.bytes))
      const row = keyQuery.get(digest)
      if (row !== undefined && ApiKey.isSameDigest(row.digest, digest)) return KeyRecord.fromRow(row)
    }
    return null
  }

  const remember = (digest: string, at: number, key: KeyRecord.KeyRecord): void => {
    cache.delete(digest)
    cache.set(digest, { epoch: at, key })
    if (cache.size <= maxCached) return
    const [oldest] = cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
  }

  const fillSlowly = async (text: string, digest: string): Promise<KeyRecord.KeyRecord | null> => {
    for (;;) {
      const before = readEpoch()
      const key = readRow(text)
      await pauseFill?.()
      if (readEpoch() !== before) continue
      if (key !== null) remember(digest, before, key)
      return key
    }
  }

  return {
    counts,
    epoch: readEpoch,
    find(text) {
      const now = glance()
      // In this process's memory only: a plain hash of 160 random bits, a tenth of the cost of the peppered one.
      const digest = hash('sha256', text)
      const entry = cache.get(digest)
      if (entry !== undefined && entry.epoch === now && mayTrust()) {
        counts.hits += 1
        return entry.key
      }
      counts.misses += 1
      if (pauseFill !== undefined) return fillSlowly(text, digest)
      const key = readRow(text)
      // Read again: the row may be newer than the epoch, never older.
      if (key !== null) remember(digest, now, key)
      else cache.delete(digest)
      return key
    },
  }
}
