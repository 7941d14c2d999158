import type { Clock, Digest } from '@countersign/base'
import type { Schema } from '../store/Schema.ts'
import type { Store, Write } from '../store/openStore.ts'
import * as Audit from './Audit.ts'

/** Appends to the record; handed to every room that changes something. */
export type AppendAudit = (
  write: Write,
  entry: { app: string; event: string; body: Readonly<Record<string, unknown>> },
) => Promise<void>

/** On SQLite, `audit_link` is `Audit.link`: the entry is chained to its predecessor where it is written. */
const APPEND = `insert into audit (app, seq, at_ms, event, body, prev_hash, hash)
  select app, seq, at_ms, event, body, prev_hash, audit_link(app, seq, at_ms, event, body, prev_hash) from (
    select ? as app, coalesce((select max(seq) from audit where app = ?), 0) + 1 as seq, ? as at_ms, ? as event,
      ? as body, coalesce((select hash from audit where app = ? order by seq desc limit 1), ?) as prev_hash)`

/**
 * Makes the appender. An entry is written in the same transaction as the change it records, so that neither can
 * exist without the other; the chain is serialised by the store's single writer.
 */
export function createAppendAudit({ clock }: { clock: Clock.Clock }): AppendAudit {
  return async (write, { app, event, body }) => {
    const text = JSON.stringify(body)
    const atMs = clock.nowMs()
    if (write.dialect === 'sqlite') return write.post(APPEND, [app, app, atMs, event, text, app, Audit.GENESIS])
    // PostgreSQL has no such function. The write lock is held, so the head that is read is the head.
    const { rows } = await write.run('select seq, hash from audit where app = ? order by seq desc limit 1', [app])
    const head = rows[0] as { seq: number; hash: Digest.Digest } | undefined
    const entry = { app, seq: (head?.seq ?? 0) + 1, atMs, event, prevHash: head?.hash ?? Audit.GENESIS } as const
    const link = Audit.link({ ...entry, body: JSON.parse(text) as Record<string, unknown> })
    write.post('insert into audit (app, seq, at_ms, event, body, prev_hash, hash) values (?, ?, ?, ?, ?, ?, ?)', [
      ...[app, entry.seq, atMs, event, text, entry.prevHash, link],
    ])
  }
}

/** One page of an app's record, in order. */
export function pageAudit(
  { store }: { store: Store },
  { app, afterSeq, limit }: { app: string; afterSeq: number; limit: number },
): Audit.AuditEntry[] {
  const rows = store
    .prepare<Schema['audit']>('select * from audit where app = ? and seq > ? order by seq limit ?')
    .all(app, afterSeq, limit)
  return rows.map((row) => ({
    app: row.app,
    seq: row.seq,
    atMs: row.at_ms,
    event: row.event,
    body: JSON.parse(row.body) as Record<string, unknown>,
    prevHash: row.prev_hash as Digest.Digest,
    hash: row.hash as Digest.Digest,
  }))
}

/** Reads an app's record in order, oldest first. */
export async function readAudit({ store }: { store: Store }, { app }: { app: string }): Promise<Audit.AuditEntry[]> {
  return pageAudit({ store }, { app, afterSeq: 0, limit: Number.MAX_SAFE_INTEGER })
}
