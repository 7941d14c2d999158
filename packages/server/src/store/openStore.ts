import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { BaseError, type Clock } from '@countersign/base'
import { makeDirectory } from '@countersign/simulator/directory'
import {
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
} from 'kysely'
import { openSecret } from '../proofs/openSecret.ts'
import { createSessionIds, type SessionIds } from '../sessions/SessionIds.ts'
import { createWriter, type Conversation } from './createWriter.ts'
import { MIGRATIONS } from './migrations.ts'
import { BUSY_TIMEOUT_MS, createStatements, openDatabase } from './openDatabase.ts'
import type { QueryResult, Statement } from './protocol.ts'
import type { Schema } from './Schema.ts'
import {
  isBusy,
  StoreAbsentError,
  StoreError,
  StoreUnavailableError,
  StoreVersionError,
  toError,
  toFailure,
} from './StoreErrors.ts'

export { isUniqueViolation, StoreError, StoreUnavailableError, StoreVersionError } from './StoreErrors.ts'

/** Queries that only read. They see committed rows, never the inside of a running write. */
export type Reader = Kysely<Schema>

/** One write: everything done through `db` and `run` commits together or not at all. */
export interface Write extends Conversation {
  readonly db: Kysely<Schema>
  /** Runs after the commit, and only if it happened: waking streams, starting work. */
  afterCommit(run: () => void): void
}

/** A statement on the reading connection that is prepared once: for what is asked at every request. */
export interface Prepared<Row> {
  get(...parameters: readonly (string | number | bigint | null)[]): Row | undefined
  all(...parameters: readonly (string | number | bigint | null)[]): readonly Row[]
}

export interface Store {
  readonly read: Reader
  /**
   * Runs one write transaction. Writes take turns; the promise resolves when the rows are on disk
   * (`synchronous=FULL`), and not before. Nothing but the store may be awaited inside: the write lock is held.
   *
   * @throws {StoreUnavailableError} `store:disk:…` when nothing could be written; the next write may succeed.
   */
  write<T>(body: (write: Write) => Promise<T>): Promise<T>
  /** A write that consists of statements whose answers nobody needs. */
  batch(statements: readonly Statement[]): Promise<void>
  /** Prepares a statement that only reads. */
  prepare<Row>(sql: string): Prepared<Row>
  /**
   * A number that is another one as soon as anything was committed, by this process or another (`PRAGMA
   * data_version`, under a microsecond): what was read before may be trusted while it stays the same.
   */
  version(): number
  /** How the ids of sessions stand in the store. */
  readonly ids: SessionIds
  /** Writes the file again without what was deleted, and empties the log: after an upgrade that took secrets out. */
  wipe(): void
  close(): Promise<void>
}

/** The database file in a data directory. */
export const DATABASE_FILE = 'countersign.db'

/**
 * Opens, and where needed creates, the embedded store: `countersign.db` in the data directory, SQLite in WAL mode
 * with `synchronous=FULL`. A worker thread writes; this thread only reads. Several processes may open one store.
 *
 * @param mustExist - For what only reads or takes away: where there is no store, nothing is made.
 * @param env - Where `COUNTERSIGN_SESSION_SECRET` may stand; otherwise the secret of session ids is in `session.key`.
 * @throws {StoreAbsentError} `store:directory:absent`.
 * @throws {StoreError} `store:directory:unwritable` when the directory or the file cannot be written.
 * @throws {StoreUnavailableError} `store:disk:busy` when another process kept the file for longer than a write waits.
 * @throws {StoreVersionError} `store:schema:newer`.
 */
export async function openStore(
  { clock }: { clock: Clock.Clock },
  { dataDir, mustExist = false, env = process.env }: { dataDir: string; mustExist?: boolean; env?: NodeJS.ProcessEnv },
): Promise<Store> {
  const path = join(dataDir, DATABASE_FILE)
  if (mustExist && !existsSync(path)) throw new StoreAbsentError(dataDir)
  const readerDb = await openReader(path, { dataDir, clock })

  const statements = createStatements(readerDb)
  const read = new Kysely<Schema>({ dialect: dialect(async (sql, parameters) => ask(statements, sql, parameters)) })
  const version = readerDb.prepare('pragma data_version')
  const writer = createWriter({ path })
  let isClosed = false

  const store: Store = {
    read,
    async write(body) {
      const later: (() => void)[] = []
      const answer = await writer.write((conversation) => body(new StoreWrite(conversation, later)))
      for (const each of later) each()
      return answer
    },
    batch: (statements) =>
      store.write(async (write) => {
        for (const { sql, parameters } of statements) write.post(sql, parameters)
      }),
    prepare<Row>(sql: string): Prepared<Row> {
      const statement = readerDb.prepare(sql)
      return {
        get: (...parameters) => wrap(() => statement.get(...parameters) as Row | undefined),
        all: (...parameters) => wrap(() => statement.all(...parameters) as Row[]),
      }
    },
    ids: createSessionIds(() => openSecret({ dataDir, env })),
    wipe: () => wipe(path),
    version: () => wrap(() => (version.get() as { data_version: number }).data_version),
    async close() {
      if (isClosed) return
      isClosed = true
      await writer.close()
      await read.destroy()
      readerDb.close()
    },
  }
  return store
}

class StoreWrite implements Write {
  readonly #conversation: Conversation
  readonly #later: (() => void)[]
  #db: Kysely<Schema> | null = null
  constructor(conversation: Conversation, later: (() => void)[]) {
    this.#conversation = conversation
    this.#later = later
  }
  run(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.#conversation.run(sql, parameters)
  }
  post(sql: string, parameters: readonly unknown[]): void {
    this.#conversation.post(sql, parameters)
  }
  /** Made when it is asked for: most writes say what they have to say by hand. */
  get db(): Kysely<Schema> {
    return (this.#db ??= new Kysely<Schema>({ dialect: dialect((sql, parameters) => this.run(sql, parameters)) }))
  }
  afterCommit(run: () => void): void {
    this.#later.push(run)
  }
}

/**
 * Makes the file what this version needs, and gives a connection that reads. Processes that start at once meet in
 * steps in which SQLite does not wait for others (turning WAL on, recovering a log): those are tried again, for as long
 * as a write would wait.
 */
async function openReader(
  path: string,
  { dataDir, clock }: { dataDir: string; clock: Clock.Clock },
): Promise<DatabaseSync> {
  const startMs = performance.now()
  for (;;) {
    try {
      makeDirectory(dataDir)
      keepPrivate(path)
      const first = openDatabase(path, { readOnly: false })
      try {
        migrate(first, clock)
        // The reader opens while the first connection is there: together they keep the log's index alive.
        return openDatabase(path, { readOnly: true })
      } finally {
        first.close()
      }
    } catch (cause) {
      if (cause instanceof BaseError) throw cause
      if (!isBusy(cause)) throw new StoreError(dataDir, cause)
      if (performance.now() - startMs > BUSY_TIMEOUT_MS) throw new StoreUnavailableError('busy', cause)
    }
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 20))
  }
}

/** The database is for its owner alone, and SQLite gives the files beside it the same mode. */
function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  for (const each of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(each, { throwIfNoEntry: false })?.mode
    try {
      if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(each, 0o600)
    } catch (error) {
      // Somebody else's file that may be written: `countersign checklist` reports it.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    }
  }
}

/** Best effort: a process beside this one may hold the file, and then SQLite wipes each page when it uses it again. */
function wipe(path: string): void {
  const db = openDatabase(path, { readOnly: false })
  try {
    db.exec('vacuum; pragma wal_checkpoint(truncate)')
  } catch (error) {
    if (!isBusy(error)) throw error
  } finally {
    db.close()
  }
}

function ask(
  statements: ReturnType<typeof createStatements>,
  sql: string,
  parameters: readonly unknown[],
): QueryResult {
  return wrap(() => statements.run(sql, parameters))
}

/** A disk that cannot be read is said like one that cannot be written. */
function wrap<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const known = toError(toFailure(error))
    throw known instanceof StoreUnavailableError ? known : error
  }
}

/** Kysely on a function that runs one statement. Transactions are the store's business, not the query builder's. */
function dialect(run: Conversation['run']): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      const { rows, changes } = await run(sql, parameters)
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    },
    // oxlint-disable-next-line require-yield -- refused at the first step
    async *streamQuery() {
      throw new Error('The store does not stream rows: read pages.')
    },
  }
  const refuse = async (): Promise<void> => {
    throw new Error('Use store.write for a transaction.')
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => ({
      init: async () => undefined,
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: async () => undefined,
      destroy: async () => undefined,
    }),
  }
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
