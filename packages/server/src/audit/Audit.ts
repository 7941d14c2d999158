import { hash } from 'node:crypto'
import { Digest } from '@countersign/base'

/** One line of an app's hash-chained record. */
export interface AuditEntry {
  readonly app: string
  /** Dense from 1. */
  readonly seq: number
  readonly atMs: number
  /** `room.thing.verb`, such as `proposals.proposal.committed`. */
  readonly event: string
  /** Facts only: ids are hashed, secrets never come near. */
  readonly body: Readonly<Record<string, unknown>>
  readonly prevHash: Digest.Digest
  readonly hash: Digest.Digest
}

/** What the first entry of a chain points back to. */
export const GENESIS = `0x${'00'.repeat(32)}` as Digest.Digest

/** The record of the server itself: what no app owns. No app can have this name. */
export const SERVER = '_server'

/** SHA-256 over the entry's canonical JSON, which holds the previous hash. */
export function link(entry: Omit<AuditEntry, 'hash'>): Digest.Digest {
  return sha256(Digest.canonicalJson(fields(entry)))
}

/** An entry as one line of an export: canonical JSON, so that without its `hash` it is the text that was hashed. */
export function toLine(entry: AuditEntry): string {
  return Digest.canonicalJson(toWire(entry))
}

/** The same as an object. */
export function toWire(entry: AuditEntry): Record<string, unknown> {
  return { ...fields(entry), hash: entry.hash }
}

/** How a session or a key is named in the record: 16 hex digits of a hash, so that the record opens nothing. */
export function handle(id: string): string {
  return sha256(`audit-handle:${id}`).slice(2, 18)
}

/** The position of the first entry that does not follow from the one before, or null when the chain holds. */
export function firstBreak(entries: readonly AuditEntry[]): number | null {
  let prevHash: Digest.Digest = GENESIS
  let seq = 1
  for (const entry of entries) {
    if (entry.seq !== seq || entry.prevHash !== prevHash || link(entry) !== entry.hash) return seq
    prevHash = entry.hash
    seq += 1
  }
  return null
}

function fields({ app, seq, atMs, event, body, prevHash }: Omit<AuditEntry, 'hash'>): Record<string, unknown> {
  return { app, seq, at_ms: atMs, event, body, prev_hash: prevHash }
}

function sha256(text: string): Digest.Digest {
  return `0x${hash('sha256', text, 'hex')}` as Digest.Digest
}
