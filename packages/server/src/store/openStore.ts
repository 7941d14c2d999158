import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { assert, BaseError, type Clock } from '@countersign/base'
import { CompiledQuery, Kysely, SqliteDialect, type SqliteDatabase } from 'kysely'
import { MIGRATIONS } from './migrations.ts'
import type { Schema } from './Schema.ts'

/** Queries that only read. They see committed rows, never the inside of a running write. */
export type Reader = Kysely<Schema>

/** One write: everything done through `db` commits together or not at all. */
export interface Write {
  readonly db: Kysely<Schema>
  /** Runs after the commit, and only if it happened: waking streams, starting work. */
  afterCommit(run: () => void): void
}

export interface Store {
  readonly read: Reader
  /**
   * Runs one write transaction. Writes queue behind each other; the promise resolves when the rows are on disk
   * (`synchronous=FULL`), and not before.
   */
  write<T>(body: (write: Write) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens, and where needed creates, the embedded store: `countersign.db` in the data directory, SQLite in WAL mode
 * with `synchronous=FULL`.
 *
 * @throws {StoreError} `store:directory:unwritable` when the directory or the file cannot be written.
 */
export async function openStore({ clock }: { clock: Clock.Clock }, { dataDir }: { dataDir: string }): Promise<Store> {
  const path = join(dataDir, 'countersign.db')
  let writerDb: DatabaseSync
  let readerDb: DatabaseSync
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    writerDb = openDatabase(path)
    migrate(writerDb, clock)
    readerDb = openDatabase(path, { readOnly: true })
  } catch (cause) {
    if (cause instanceof BaseError) throw cause
    throw new StoreError(dataDir, cause)
  }

  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapt(readerDb) }) })
  const writer = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapt(writerDb) }) })
  let tail: Promise<unknown> = Promise.resolve()

  async function runWrite<T>(body: (write: Write) => Promise<T>): Promise<T> {
    const later: (() => void)[] = []
    // BEGIN IMMEDIATE, because a plain BEGIN that upgrades later can fail half-way when the CLI writes too.
    const result = await writer.connection().execute(async (db) => {
      await db.executeQuery(CompiledQuery.raw('begin immediate'))
      try {
        const answer = await body({ db, afterCommit: (run) => later.push(run) })
        await db.executeQuery(CompiledQuery.raw('commit'))
        return answer
      } catch (error) {
        await db.executeQuery(CompiledQuery.raw('rollback'))
        throw error
      }
    })
    for (const run of later) run()
    return result
  }

  return {
    read,
    write(body) {
      const next = tail.then(() => runWrite(body))
      tail = next.catch(() => undefined)
      return next
    },
    async close() {
      await tail
      await read.destroy()
      await writer.destroy()
    },
  }
}

function openDatabase(path: string, options: { readOnly?: boolean } = {}): DatabaseSync {
  const db = new DatabaseSync(path, {
    readOnly: options.readOnly ?? false,
    timeout: 5_000,
    enableForeignKeyConstraints: true,
  })
  if (options.readOnly) return db
  db.exec('pragma journal_mode = wal; pragma synchronous = full;')
  const mode = db.prepare('pragma journal_mode').get() as { journal_mode: string }
  const synchronous = db.prepare('pragma synchronous').get() as { synchronous: number }
  assert(
    mode.journal_mode === 'wal' && synchronous.synchronous === 2,
    'acknowledged means durable: WAL and FULL are set',
  )
  return db
}

function migrate(db: DatabaseSync, clock: Clock.Clock): void {
  db.exec('create table if not exists migrations (id integer primary key, at_ms bigint not null)')
  const known = new Set(MIGRATIONS.map((migration) => migration.id))
  // Read again inside the transaction: another process may be migrating the same file.
  const done = (): Set<number> =>
    new Set((db.prepare('select id from migrations').all() as { id: number }[]).map((row) => row.id))
  for (const id of done()) if (!known.has(id)) throw new StoreVersionError(id, Math.max(...known))
  const missing = MIGRATIONS.filter((migration) => !done().has(migration.id))
  for (const migration of missing) {
    db.exec('begin immediate')
    try {
      if (!done().has(migration.id)) {
        for (const statement of migration.sql) db.exec(statement)
        db.prepare('insert into migrations (id, at_ms) values (?, ?)').run(migration.id, clock.nowMs())
      }
      db.exec('commit')
    } catch (error) {
      db.exec('rollback')
      throw error
    }
  }
}

/** node:sqlite in the shape that Kysely expects of better-sqlite3. Statements are kept: preparing dominates. */
function adapt(db: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, StatementSync>()
  return {
    close: () => db.close(),
    prepare(text) {
      let statement = statements.get(text)
      if (statement === undefined) {
        statement = db.prepare(text)
        if (statements.size >= 500) statements.clear()
        statements.set(text, statement)
      }
      const prepared = statement
      return {
        reader: prepared.columns().length > 0,
        all: (parameters) => prepared.all(...(parameters as SQLInputValue[])),
        run: (parameters) => prepared.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => prepared.iterate(...(parameters as SQLInputValue[])),
      }
    },
  }
}

/** Whether an error is SQLite saying that a unique value is already taken. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && /UNIQUE constraint failed/.test(error.message)
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
