import type { DatabaseSync } from 'node:sqlite'
import type { Digest } from '@countersign/base'
import * as Audit from '../audit/Audit.ts'

/** What SQL may call: the link of the audit chain, so that an entry is chained and written in one statement. */
export function defineFunctions(db: DatabaseSync): void {
  db.function('audit_link', { deterministic: true }, (app, seq, atMs, event, body, prevHash) =>
    Audit.link({
      app: String(app),
      seq: Number(seq),
      atMs: Number(atMs),
      event: String(event),
      body: JSON.parse(String(body)) as Record<string, unknown>,
      prevHash: String(prevHash) as Digest.Digest,
    }),
  )
}
