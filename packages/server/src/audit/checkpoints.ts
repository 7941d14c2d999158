import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, type Clock } from '@countersign/base'
import { makeDirectory } from '@countersign/simulator/directory'
import type { Store } from '../store/openStore.ts'
import * as Audit from './Audit.ts'
import { pageAudit } from './appendAudit.ts'
import * as MerkleTree from './MerkleTree.ts'
import type { AuditKey } from './openAuditKey.ts'

/** A checkpoint is signed at the latest after so long, in milliseconds, or so many entries. */
const CHECKPOINT_MS = 60_000
const CHECKPOINT_ENTRIES = 1_000
const LOOK_MS = 1_000

export interface CheckpointTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly key: AuditKey
  /** Where notes are written besides the database: what is shipped from there cannot be taken back here. */
  readonly noteDir: string
}

/**
 * Signs the head of an app's record as it is now. The entries since the last checkpoint are verified on the way: what
 * does not follow is not signed.
 *
 * @returns The newest note; null for an app without entries.
 * @throws {ChainBrokenError} `audit:chain:broken`.
 */
export async function signCheckpoint(
  { store, clock, key, noteDir }: CheckpointTools,
  { app }: { app: string },
): Promise<string | null> {
  const last = await store.read
    .selectFrom('audit_checkpoints')
    .selectAll()
    .where('app', '=', app)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
  let tree = last === undefined ? MerkleTree.EMPTY : MerkleTree.fromJson(last.size, last.frontier)
  let prevHash: string = Audit.GENESIS
  if (tree.size > 0) {
    const [head] = pageAudit({ store }, { app, afterSeq: tree.size - 1, limit: 1 })
    if (head === undefined) throw new ChainBrokenError(app, tree.size)
    prevHash = head.hash
  }
  for (;;) {
    const page = pageAudit({ store }, { app, afterSeq: tree.size, limit: 500 })
    for (const entry of page) {
      if (entry.seq !== tree.size + 1 || entry.prevHash !== prevHash || Audit.link(entry) !== entry.hash)
        throw new ChainBrokenError(app, tree.size + 1)
      prevHash = entry.hash
      tree = MerkleTree.append(tree, Buffer.from(entry.hash.slice(2), 'hex'))
    }
    if (page.length === 0) break
    // Requests come first.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (tree.size === (last?.size ?? 0)) return last?.note ?? null

  const root = MerkleTree.root(tree)
  const note = key.sign({ origin: key.origin(app), size: tree.size, root })
  const row = { app, size: tree.size, root: root.toString('hex'), frontier: MerkleTree.toJson(tree), note }
  const kept = await store.write((write) =>
    write.db
      .insertInto('audit_checkpoints')
      .values({ ...row, at_ms: clock.nowMs() })
      // Another process on the store was as quick: the same log has the same head.
      .onConflict((conflict) => conflict.columns(['app', 'size']).doNothing())
      .returning('size')
      .executeTakeFirst(),
  )
  if (kept !== undefined) appendNote(noteDir, app, note)
  return note
}

/** The apps that have a record. */
export function auditedApps({ store }: { store: Store }): string[] {
  // From one name to the next along the index, however many entries each has.
  const rows = store
    .prepare<{ app: string }>(
      `with recursive names (app) as (
        select min(app) from audit union all select (select min(app) from audit where app > names.app) from names
        where app is not null) select app from names where app is not null`,
    )
    .all()
  return rows.map((row) => row.app)
}

/** Signs the heads of all records every minute, sooner when much was written. */
export function startCheckpoints(tools: CheckpointTools & { onError: (error: unknown) => void }): {
  close(): Promise<void>
} {
  const { store, onError } = tools
  const heads = store.prepare<{ behind: number }>(
    `select coalesce((select max(seq) from audit where app = ?), 0)
      - coalesce((select max(size) from audit_checkpoints where app = ?), 0) as behind`,
  )
  let lastMs = performance.now()
  let seenVersion = -1
  let running: Promise<void> | null = null
  let isClosed = false

  async function round(isDue: boolean): Promise<void> {
    for (const app of auditedApps({ store })) {
      const behind = heads.get(app, app)?.behind ?? 0
      if (behind === 0 || !(isDue || behind >= CHECKPOINT_ENTRIES) || (isClosed && !isDue)) continue
      // One record that is broken must not keep the others from being signed.
      await signCheckpoint(tools, { app }).catch(onError)
    }
  }
  function look(): void {
    if (running !== null) return
    const isDue = performance.now() - lastMs >= CHECKPOINT_MS
    if (isDue) lastMs = performance.now()
    try {
      const version = store.version()
      if (version === seenVersion && !isDue) return
      seenVersion = version
    } catch (error) {
      return onError(error)
    }
    running = round(isDue)
      .catch(onError)
      .finally(() => {
        running = null
      })
  }
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return {
    async close() {
      isClosed = true
      clearInterval(timer)
      await running
      // What was recorded until the end is signed too.
      await round(true).catch(onError)
    },
  }
}

function appendNote(noteDir: string, app: string, note: string): void {
  makeDirectory(noteDir)
  const file = openSync(join(noteDir, `${app}.checkpoints`), 'a', 0o600)
  try {
    writeSync(file, note)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export class ChainBrokenError extends BaseError {
  override readonly name = 'audit.ChainBrokenError'
  constructor(app: string, seq: number) {
    super(`The audit record of "${app}" does not hold at entry ${seq}: nothing was signed.`, {
      code: 'audit:chain:broken',
      kind: 'conflict',
      hint: 'Somebody changed the database. Compare with exports and checkpoints kept elsewhere (docs/reference/audit.md).',
    })
  }
}
