import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { BaseError, Clock } from '@countersign/base'
import { makeDirectory } from '@countersign/simulator/directory'
import { Kysely } from 'kysely'
import { createWriter } from './createWriter.ts'
import { dialect } from './dialect.ts'
import type { KeyFiles } from './KeyFiles.ts'
import { MIGRATIONS } from './migrations.ts'
import { BUSY_TIMEOUT_MS, createStatements, openDatabase } from './openDatabase.ts'
import type { QueryResult } from './protocol.ts'
import type { Schema } from './Schema.ts'
import { DATABASE_FILE, type Prepared, type Store } from './Store.ts'
import {
  isBusy,
  StoreAbsentError,
  StoreError,
  StoreUnavailableError,
  StoreVersionError,
  toError,
  toFailure,
} from './StoreErrors.ts'
import { StoreWrite } from './StoreWrite.ts'

/**
 * Opens, and where needed creates, the embedded store: `countersign.db` in the data directory, SQLite in WAL mode
 * with `synchronous=FULL`. A worker thread writes; this thread only reads. Several processes may open one store.
 *
 * @param mustExist - For what only reads or takes away: where there is no store, nothing is made.
 * @throws {StoreAbsentError} `store:directory:absent`.
 * @throws {StoreError} `store:directory:unwritable` when the directory or the file cannot be written.
 * @throws {StoreUnavailableError} `store:disk:busy` when another process kept the file for longer than a write waits.
 * @throws {StoreVersionError} `store:schema:newer`.
 */
export async function openSqlite(
  { clock, ids, keys }: { clock: Clock.Clock; ids: Store['ids']; keys: KeyFiles },
  { dataDir, mustExist }: { dataDir: string; mustExist: boolean },
): Promise<Store> {
  const path = join(dataDir, DATABASE_FILE)
  if (mustExist && !existsSync(path)) throw new StoreAbsentError(dataDir)
  const readerDb = await openReader(path, { dataDir, clock })

  const statements = createStatements(readerDb)
  const read = new Kysely<Schema>({
    dialect: dialect('sqlite', async (sql, parameters) => ask(statements, sql, parameters)),
  })
  const version = readerDb.prepare('pragma data_version')
  const writer = createWriter({ path })
  let isClosed = false

  const store: Store = {
    dialect: 'sqlite',
    machineClock: Clock.system,
    read,
    async write(body) {
      const later: (() => void)[] = []
      const answer = await writer.write((conversation) => body(new StoreWrite('sqlite', conversation, later)))
      for (const each of later) each()
      return answer
    },
    batch: (statements) =>
      store.write(async (write) => {
        for (const { sql, parameters } of statements) write.post(sql, parameters)
      }),
    beat: (statements) => store.batch(statements),
    prepare<Row>(sql: string): Prepared<Row> {
      const statement = readerDb.prepare(sql)
      return {
        get: (...parameters) => wrap(() => statement.get(...parameters) as Row | undefined),
        all: (...parameters) => wrap(() => statement.all(...parameters) as Row[]),
      }
    },
    ids,
    keys,
    sharedKeys: null,
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
