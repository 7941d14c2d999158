import { join } from 'node:path'
import { BaseError, type Clock } from '@countersign/base'
import { openStore } from '../store/openStore.ts'
import * as Audit from './Audit.ts'
import { pageAudit } from './appendAudit.ts'
import { auditedApps, signCheckpoint } from './checkpoints.ts'
import * as Checkpoint from './Checkpoint.ts'
import { openAuditKey } from './openAuditKey.ts'

/** The audit record of a data directory, without a server; one may be running. */
export interface AuditRecord {
  apps(): string[]
  /** The record's lines, oldest first; with a line feed after each they are the file that `verifyExport` reads. */
  lines(app: string): AsyncIterable<string>
  /** Signs the head as it is now, and gives the note. */
  checkpoint(app: string): Promise<string>
  /** Every note that was signed, oldest first. */
  checkpoints(app: string): Promise<string>
  /** The verifier key, to be kept where this machine cannot change it. */
  verifierKey(): string
  close(): Promise<void>
}

/** Where notes go besides the database: `COUNTERSIGN_CHECKPOINT_DIR`, or `checkpoints` in the data directory. */
export function noteDirOf({ dataDir, env }: { dataDir: string; env: NodeJS.ProcessEnv }): string {
  const given = env['COUNTERSIGN_CHECKPOINT_DIR']
  return given === undefined || given === '' ? join(dataDir, 'checkpoints') : given
}

/**
 * Opens the record for the command line.
 *
 * @throws {RecordAbsentError} `audit:record:absent` when there is no database, or the app has no entries.
 */
export async function openAuditRecord({
  dataDir,
  env,
  clock,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
  clock: Clock.Clock
}): Promise<AuditRecord> {
  const store = await openStore({ clock }, { dataDir, env, mustExist: true }).catch((error: unknown) => {
    throw error instanceof BaseError && error.kind === 'absent' ? new RecordAbsentError(dataDir) : error
  })
  const key = openAuditKey(store.keys)
  const tools = { store, clock, key, noteDir: noteDirOf({ dataDir, env }) }
  const requireApp = (app: string): void => {
    if (pageAudit({ store }, { app, afterSeq: 0, limit: 1 }).length === 0) throw new RecordAbsentError(app)
  }
  return {
    apps: () => auditedApps({ store }),
    async *lines(app) {
      requireApp(app)
      for (let afterSeq = 0; ;) {
        const page = pageAudit({ store }, { app, afterSeq, limit: 1_000 })
        for (const entry of page) yield Audit.toLine(entry)
        const last = page.at(-1)
        if (last === undefined) return
        afterSeq = last.seq
      }
    },
    async checkpoint(app) {
      requireApp(app)
      const note = await signCheckpoint(tools, { app })
      if (note === null) throw new RecordAbsentError(app)
      return note
    },
    async checkpoints(app) {
      const rows = await store.read
        .selectFrom('audit_checkpoints')
        .select('note')
        .where('app', '=', app)
        .orderBy('size')
        .execute()
      return rows.map((row) => row.note).join('')
    },
    verifierKey: () => Checkpoint.formatKey(key.verifier),
    close: () => store.close(),
  }
}

export class RecordAbsentError extends BaseError {
  override readonly name = 'audit.RecordAbsentError'
  constructor(what: string) {
    super(`There is no audit record of ${what}.`, {
      code: 'audit:record:absent',
      kind: 'absent',
      hint: 'Check --data-dir and --app; `countersign audit list` names the apps that have one.',
    })
  }
}
