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

/** SHA-256 over the previous hash and the entry's canonical JSON. */
export function link(entry: Omit<AuditEntry, 'hash'>): Digest.Digest {
  const { app, seq, atMs, event, body, prevHash } = entry
  return Digest.ofJson({ app, seq, at_ms: atMs, event, body, prev_hash: prevHash })
}

/** How a session or a key is named in the record: 16 hex digits of a hash, so that the record opens nothing. */
export function handle(id: string): string {
  return Digest.sha256(`audit-handle:${id}`).slice(2, 18)
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
