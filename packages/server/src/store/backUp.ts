import { chmodSync, copyFileSync, cpSync, existsSync, fsyncSync, openSync, closeSync, readdirSync } from 'node:fs'
import { renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BaseError } from '@countersign/base'
import { makeDirectory } from '@countersign/simulator/directory'
import { DATABASE_FILE } from './openStore.ts'

export interface BackUp {
  readonly path: string
  readonly bytes: number
  /** Everything that was copied, by name. */
  readonly files: readonly string[]
}

/** The database's own files: they are copied by SQLite, not as bytes that change underneath. */
const OWN = new Set([DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`])

/**
 * Copies a data directory while it is in use: the database as of one moment (`VACUUM INTO` reads one snapshot, and
 * blocks nobody), then the keys beside it, without which the copy could not be used. The copy is checked before it
 * gets its name, so that a half one is never taken for a whole one.
 *
 * @param target - A directory that does not exist yet; it can be used as a data directory as it is.
 * @throws {BackUpError} `store:backup:…`.
 */
export function backUp({ dataDir, target }: { dataDir: string; target: string }): BackUp {
  if (!existsSync(join(dataDir, DATABASE_FILE))) throw new BackUpError('absent', dataDir)
  if (existsSync(target)) throw new BackUpError('taken', target)
  const part = `${target}.part-${process.pid}`
  try {
    makeDirectory(part)
    const copy = join(part, DATABASE_FILE)
    const db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true, timeout: 5_000 })
    try {
      db.prepare('vacuum into ?').run(copy)
    } finally {
      db.close()
    }
    chmodSync(copy, 0o600)
    checkCopy(copy)
    const files = [DATABASE_FILE]
    for (const name of readdirSync(dataDir).sort()) {
      const source = join(dataDir, name)
      if (OWN.has(name) || name.includes('.part')) continue
      if (statSync(source).isDirectory())
        cpSync(source, join(part, name), { recursive: true, preserveTimestamps: true })
      else copyFileSync(source, join(part, name))
      files.push(name)
    }
    const bytes = syncAll(part)
    renameSync(part, target)
    return { path: target, bytes, files }
  } catch (cause) {
    rmSync(part, { recursive: true, force: true })
    if (cause instanceof BaseError) throw cause
    throw new BackUpError('failed', target, cause)
  }
}

function checkCopy(path: string): void {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const [row] = db.prepare('pragma integrity_check').all() as { integrity_check: string }[]
    if (row?.integrity_check !== 'ok') throw new BackUpError('damaged', path)
  } finally {
    db.close()
  }
}

/** Puts a directory on the disk, for its owner alone; returns how many bytes it holds. */
function syncAll(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    // Copies keep the mode of a file, and not that of a directory.
    chmodSync(path, entry.isDirectory() ? 0o700 : 0o600)
    if (entry.isDirectory()) bytes += syncAll(path)
    else {
      bytes += statSync(path).size
      sync(path)
    }
  }
  sync(directory)
  return bytes
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const WORDS = {
  absent: ['There is no database in', 'absent', 'Check --data-dir.'],
  taken: ['There is something already at', 'conflict', 'Give a path that does not exist yet.'],
  damaged: ['The copy is damaged:', 'upstream', 'Check the disk, and the database with `pragma integrity_check`.'],
  failed: [
    'The backup could not be written to',
    'upstream',
    'Check space and permissions there; nothing was left behind.',
  ],
} as const

export class BackUpError extends BaseError {
  override readonly name = 'store.BackUpError'
  constructor(reason: keyof typeof WORDS, path: string, cause?: unknown) {
    const [message, kind, hint] = WORDS[reason]
    super(`${message} ${path}.`, { code: `store:backup:${reason}`, kind, hint, cause })
  }
}
