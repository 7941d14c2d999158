import type { Clock, Digest } from '@countersign/base'
import type { Store, Write } from '../store/openStore.ts'
import * as Audit from './Audit.ts'

/** Appends to the record; handed to every room that changes something. */
export type AppendAudit = (
  write: Write,
  entry: { app: string; event: string; body: Readonly<Record<string, unknown>> },
) => Promise<void>

/**
 * Makes the appender. An entry is written in the same transaction as the change it records, so that neither can
 * exist without the other; the chain is serialised by the store's single writer.
 */
export function createAppendAudit({ clock }: { clock: Clock.Clock }): AppendAudit {
  return async (write, { app, event, body }) => {
    const last = await write.db
      .selectFrom('audit')
      .select(['seq', 'hash'])
      .where('app', '=', app)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const draft = {
      app,
      seq: (last?.seq ?? 0) + 1,
      atMs: clock.nowMs(),
      event,
      body,
      prevHash: (last?.hash ?? Audit.GENESIS) as Digest.Digest,
    }
    await write.db
      .insertInto('audit')
      .values({
        app,
        seq: draft.seq,
        at_ms: draft.atMs,
        event,
        body: JSON.stringify(body),
        prev_hash: draft.prevHash,
        hash: Audit.link(draft),
      })
      .execute()
  }
}

/** Reads an app's record in order, oldest first. */
export async function readAudit({ store }: { store: Store }, { app }: { app: string }): Promise<Audit.AuditEntry[]> {
  const rows = await store.read.selectFrom('audit').selectAll().where('app', '=', app).orderBy('seq').execute()
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
