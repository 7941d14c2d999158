import { DatabaseSync } from 'node:sqlite'
import { createStatements } from '../../src/store/openDatabase.ts'
import type { Sql } from '../../src/mandates/ledger/Sql.ts'
import { migration } from '../../src/store/migrations/0026-mandates.ts'

/** A database that runs one write at a time. */
export interface Database {
  write<T>(body: (sql: Sql) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** SQLite in memory, or in a file that several processes open. */
export function openSqlite(path = ':memory:'): Database {
  const db = new DatabaseSync(path, { timeout: 20_000 })
  if (path !== ':memory:') db.exec('pragma journal_mode = wal; pragma synchronous = full')
  const statements = createStatements(db)
  const hasTables = (): boolean => db.prepare(`select 1 from sqlite_master where name = 'mandates'`).get() !== undefined
  if (!hasTables()) {
    db.exec('begin immediate')
    if (!hasTables()) for (const statement of migration.sql) db.exec(statement)
    db.exec('commit')
  }
  const sql: Sql = { dialect: 'sqlite', run: async (statement, parameters) => statements.run(statement, parameters) }
  return {
    async write(body) {
      db.exec('begin immediate')
      try {
        const answer = await body(sql)
        db.exec('commit')
        return answer
      } catch (error) {
        db.exec('rollback')
        throw error
      }
    },
    close: async () => db.close(),
  }
}
