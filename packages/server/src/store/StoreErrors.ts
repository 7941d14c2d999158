import { BaseError } from '@countersign/base'

/** What SQLite said, in a form that can cross from the writer's thread. */
export interface SqliteFailure {
  readonly message: string
  /** SQLite's extended result code; 0 when the error is not one of SQLite's. */
  readonly errcode: number
}

/** Primary result codes (sqlite.org/rescode.html) after which the same write may succeed later. */
const PASSING: Readonly<Record<number, 'busy' | 'unwritable' | 'full' | 'unreadable'>> = {
  3: 'unwritable', // SQLITE_PERM
  5: 'busy', // SQLITE_BUSY
  6: 'busy', // SQLITE_LOCKED
  7: 'unwritable', // SQLITE_NOMEM
  8: 'unwritable', // SQLITE_READONLY
  10: 'unwritable', // SQLITE_IOERR
  11: 'unreadable', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'unwritable', // SQLITE_CANTOPEN
  15: 'busy', // SQLITE_PROTOCOL: the lock was lost to others too many times
  26: 'unreadable', // SQLITE_NOTADB
}

/** Takes an error of node:sqlite apart. */
export function toFailure(error: unknown): SqliteFailure {
  const { message, errcode } = error as { message?: string; errcode?: number }
  return { message: message ?? String(error), errcode: errcode ?? 0 }
}

/**
 * The error for a failure: one that says "not now" where the disk, the file or a lock is in the way, and otherwise
 * SQLite's own words, which only a bug or a broken constraint brings about.
 */
export function toError(failure: SqliteFailure): Error {
  const reason = PASSING[failure.errcode & 0xff]
  const cause = new Error(failure.message)
  return reason === undefined ? cause : new StoreUnavailableError(reason, cause)
}

/** Whether an error is SQLite saying that another connection is in the way. */
export function isBusy(error: unknown): boolean {
  return PASSING[toFailure(error).errcode & 0xff] === 'busy'
}

/** Whether an error says that a unique value is already taken: SQLite's words, or PostgreSQL's SQLSTATE. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return /UNIQUE constraint failed/.test(error.message) || (error as { code?: unknown }).code === '23505'
}

const WORDS = {
  full: ['The disk is full: nothing was written.', 'Free some space; the server goes on by itself.'],
  unwritable: [
    'The store cannot be written now: nothing was written.',
    'Check that the data directory is writable and its disk healthy; the server goes on by itself.',
  ],
  unreadable: [
    'The database file is damaged: nothing was written.',
    'Stop the server and restore a backup (docs/operations.md).',
  ],
  busy: ['Another process holds the store: nothing was written.', 'Try again in a moment.'],
  stopped: ['The store was closed, or its writer ended: the write may or may not have been kept.', 'Try again.'],
  unreachable: [
    'The database cannot be reached now.',
    'Check DATABASE_URL and the database; the server goes on by itself.',
  ],
} as const

/** Why the store cannot do it now. */
export type PassingReason = keyof typeof WORDS

/** The store cannot take a write, or answer, right now. What was acknowledged before is safe. */
export class StoreUnavailableError extends BaseError {
  override readonly name = 'store.StoreUnavailableError'
  constructor(reason: PassingReason, cause?: unknown) {
    const [message, hint] = WORDS[reason]
    super(message, { code: `store:disk:${reason}`, kind: 'unavailable', hint, cause })
  }
}

export class StoreError extends BaseError {
  override readonly name = 'store.StoreError'
  constructor(dataDir: string, cause: unknown) {
    super(`The data directory ${dataDir} cannot be written.`, {
      code: 'store:directory:unwritable',
      kind: 'invalid',
      hint: 'Choose another directory with --data-dir, or make this one writable for the user who runs the server.',
      cause,
    })
  }
}

export class StoreAbsentError extends BaseError {
  override readonly name = 'store.StoreAbsentError'
  constructor(dataDir: string) {
    super(`There is no Countersign store in ${dataDir}.`, {
      code: 'store:directory:absent',
      kind: 'absent',
      hint: 'Check --data-dir (COUNTERSIGN_DATA_DIR). Only `countersign serve` and `countersign keys issue` begin a store.',
    })
  }
}

export class StoreVersionError extends BaseError {
  override readonly name = 'store.StoreVersionError'
  constructor(found: number, known: number) {
    super(`The data was written by a newer Countersign (schema ${found}; this one knows ${known}).`, {
      code: 'store:schema:newer',
      kind: 'refused',
      hint: 'Upgrade Countersign, or start with another --data-dir.',
    })
  }
}
