import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Clock } from '@countersign/base'
import { Checkpoint, DATABASE_FILE, isPostgres, openAuditRecord, verifyExport } from '@countersign/server'
import { notChecked, sentenceOf, type Check } from './Check.ts'

/** Below this share of the disk, or this many bytes, the server stops to accept writes soon. */
const MIN_FREE_SHARE = 0.05
const MIN_FREE_BYTES = 1024 ** 3
/** How old the newest backup may be, in milliseconds: a day, and an hour for the job to run. */
const MAX_BACKUP_AGE_MS = 25 * 3_600_000

/** The database: whole, durable, with room on its disk. Opened for reading; a server may be running. */
export function checkDatabase(dataDir: string, env: NodeJS.ProcessEnv): Check[] {
  if (isPostgres(env))
    return [
      notChecked(
        'store',
        'server',
        'The store is in PostgreSQL: version, fsync, encoding and primary are checked at each start.',
      ),
    ]
  const path = join(dataDir, DATABASE_FILE)
  if (!existsSync(path)) return [notChecked('store', 'server', `There is no store in ${dataDir}.`)]
  const at = { item: null, about: 'server' } as const
  const checks: Check[] = []
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    try {
      const [row] = db.prepare('pragma integrity_check').all() as { integrity_check: string }[]
      const mode = (db.prepare('pragma journal_mode').get() as { journal_mode: string }).journal_mode
      const isWhole = row?.integrity_check === 'ok'
      checks.push({
        ...{ ...at, id: 'store', status: isWhole && mode === 'wal' ? 'pass' : 'fail' },
        evidence: isWhole
          ? `The database is whole, in ${mode.toUpperCase()} mode; the server opens it with synchronous=FULL.`
          : 'SQLite says that the database is damaged.',
        remediation: isWhole && mode === 'wal' ? null : 'Restore a backup, and check the disk.',
      })
    } finally {
      db.close()
    }
  } catch (error) {
    checks.push({
      ...{ ...at, id: 'store', status: 'fail', evidence: `The database cannot be read: ${sentenceOf(error)}` },
      remediation: 'Check who may read it, and restore a backup if it is damaged.',
    })
  }
  const { bavail, blocks, bsize } = statfsSync(dataDir)
  const freeBytes = bavail * bsize
  const isTight = freeBytes < MIN_FREE_BYTES || bavail / Math.max(1, blocks) < MIN_FREE_SHARE
  checks.push({
    ...{ ...at, id: 'disk', status: isTight ? 'warn' : 'pass' },
    evidence: `${(freeBytes / 1024 ** 3).toFixed(1)} GiB of the disk are free.`,
    remediation: isTight ? 'Make room: when the disk is full, nothing new is accepted.' : null,
  })
  return checks
}

/** Every app's audit record, row by row, against the checkpoints that were signed. */
export async function checkAudit(dataDir: string, env: NodeJS.ProcessEnv): Promise<Check> {
  const isThere = existsSync(join(dataDir, DATABASE_FILE)) && existsSync(join(dataDir, 'audit-key.json'))
  if (!isPostgres(env) && !isThere) return notChecked('audit', 'server', 'There is no audit record yet.')
  const at = { id: 'audit', item: null, about: 'server' } as const
  const record = await openAuditRecord({ dataDir, env, clock: Clock.system })
  try {
    const keys = [Checkpoint.parseKey(record.verifierKey())]
    let rows = 0
    for (const app of record.apps()) {
      const notes = Checkpoint.parseNotes(await record.checkpoints(app))
      const found = await verifyExport({ chunks: bytesOf(record.lines(app)), notes, keys })
      if (found.problem !== null)
        return {
          ...{ ...at, status: 'fail', evidence: `The record of "${app}" does not hold: ${found.problem.because}` },
          remediation: 'Compare it with a backup and with checkpoints that were kept elsewhere.',
        }
      rows += found.rows
    }
    return {
      ...at,
      status: 'pass',
      remediation: null,
      evidence: `${rows} rows of ${record.apps().length} records hold.`,
    }
  } finally {
    await record.close()
  }
}

async function* bytesOf(lines: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  for await (const line of lines) yield Buffer.from(`${line}\n`)
}

/** The newest backup below a folder. Null: no folder was named. */
export function checkBackups(dir: string | null, nowMs: number): Check {
  if (dir === null) return notChecked('backup', 'server', 'No folder of backups was named.', 'Give --backups DIR.')
  const at = { id: 'backup', item: null, about: 'server' } as const
  const databases = existsSync(dir)
    ? ['', ...readdirSync(dir)].map((name) => join(dir, name, DATABASE_FILE)).filter((path) => existsSync(path))
    : []
  const newestMs = Math.max(...databases.map((path) => statSync(path).mtimeMs), 0)
  if (newestMs === 0)
    return {
      ...{ ...at, status: 'fail', evidence: `There is no backup in ${dir}.` },
      remediation: 'Make one with countersign backup, every day.',
    }
  const ageHours = Math.max(0, (nowMs - newestMs) / 3_600_000)
  const isOld = nowMs - newestMs > MAX_BACKUP_AGE_MS
  return {
    ...{ ...at, status: isOld ? 'warn' : 'pass', evidence: `The newest backup is ${ageHours.toFixed(0)} hours old.` },
    remediation: isOld ? 'Run countersign backup every day.' : null,
  }
}
