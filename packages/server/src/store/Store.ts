import type { Clock } from '@countersign/base'
import type { Kysely } from 'kysely'
import type { SessionIds } from '../sessions/SessionIds.ts'
import type { Conversation } from './createWriter.ts'
import type { KeyFiles, SharedKeys } from './KeyFiles.ts'
import type { Statement } from './protocol.ts'
import type { Schema } from './Schema.ts'

/** Queries that only read. They see committed rows, never the inside of a running write. */
export type Reader = Kysely<Schema>

/** What a store stands on. Statements are written once, in words that both read; few places ask which it is. */
export type StoreDialect = 'sqlite' | 'postgres'

/** One write: everything done through `db` and `run` commits together or not at all. */
export interface Write extends Conversation {
  readonly dialect: StoreDialect
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
  readonly dialect: StoreDialect
  readonly read: Reader
  /**
   * Runs one write transaction. Writes take turns, those of other processes and instances included; the promise resolves
   * when the rows are on disk (`synchronous=FULL`, `synchronous_commit=on`), and not before. Nothing but the store may be
   * awaited inside: the write lock is held.
   *
   * @throws {StoreUnavailableError} `store:disk:…` when nothing could be written; the next write may succeed.
   */
  write<T>(body: (write: Write) => Promise<T>): Promise<T>
  /** A write that consists of statements whose answers nobody needs. */
  batch(statements: readonly Statement[]): Promise<void>
  /**
   * Writes of a process about itself alone, each durable by itself. On PostgreSQL they do not wait for other writes; on SQLite
   * they are a batch.
   */
  beat(statements: readonly Statement[]): Promise<void>
  /** Prepares a statement that only reads. It answers what is committed when it is asked, by whichever process. */
  prepare<Row>(sql: string): Prepared<Row>
  /**
   * A number that is another one when anything was committed, by this process or another: a reason to look again, for
   * whatever looks from time to time. On SQLite it is exact (`PRAGMA data_version`, under a microsecond); on PostgreSQL
   * another instance's commit shows as soon as its notification is here, and after half a second without one.
   */
  version(): number
  /** The time that leases of processes are counted in: the machine's, or the database's where machines share it. */
  readonly machineClock: Clock.Clock
  /** How the ids of sessions stand in the store. */
  readonly ids: SessionIds
  /** The keys of the installation: beside the file, or encrypted in the database. */
  readonly keys: KeyFiles
  /** The same where instances share them; null where they are files. */
  readonly sharedKeys: SharedKeys | null
  /** Writes the file again without what was deleted, and empties the log: after an upgrade that took secrets out. */
  wipe(): void
  close(): Promise<void>
}

/** The database file in a data directory. */
export const DATABASE_FILE = 'countersign.db'
