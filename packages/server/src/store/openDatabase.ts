import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { assert } from '@countersign/base'
import type { QueryResult } from './protocol.ts'

/** How long a write waits for another process's, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000
/** Prepared statements that a connection keeps: preparing dominates small queries. */
const MAX_STATEMENTS = 500

/**
 * Opens one connection. A writing one is in WAL mode with `synchronous=FULL`, which is asserted: what is committed
 * is on disk (`fullfsync` makes that so on macOS, where fsync alone does not).
 */
export function openDatabase(path: string, { readOnly }: { readOnly: boolean }): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  if (readOnly) return db
  db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma fullfsync = 1; pragma checkpoint_fullfsync = 1')
  // What is deleted is overwritten with zeros: a page that nothing uses holds nothing.
  db.exec('pragma secure_delete = on')
  // The commit that reaches this many pages copies the log into the database itself. One segment of the log's index holds
  // 4,062 pages. The server's writer leaves that to another thread (`createCheckpoints`).
  db.exec('pragma wal_autocheckpoint = 4000')
  const mode = db.prepare('pragma journal_mode').get() as { journal_mode: string }
  const synchronous = db.prepare('pragma synchronous').get() as { synchronous: number }
  assert(
    mode.journal_mode === 'wal' && synchronous.synchronous === 2,
    'acknowledged means durable: WAL and FULL are set',
  )
  return db
}

/** A connection's statements, prepared once. */
export interface Statements {
  prepare(sql: string): StatementSync
  /** Runs one statement and gives its rows, or how many rows it changed. */
  run(sql: string, parameters: readonly unknown[]): QueryResult
}

export function createStatements(db: DatabaseSync): Statements {
  const kept = new Map<string, { statement: StatementSync; givesRows: boolean }>()
  const find = (sql: string): { statement: StatementSync; givesRows: boolean } => {
    let found = kept.get(sql)
    if (found === undefined) {
      const statement = db.prepare(sql)
      found = { statement, givesRows: statement.columns().length > 0 }
      if (kept.size >= MAX_STATEMENTS) kept.clear()
      kept.set(sql, found)
    }
    return found
  }
  return {
    prepare: (sql) => find(sql).statement,
    run(sql, parameters) {
      const { statement, givesRows } = find(sql)
      const values = parameters as SQLInputValue[]
      if (givesRows) return { rows: statement.all(...values), changes: 0 }
      return { rows: [], changes: Number(statement.run(...values).changes) }
    },
  }
}
