import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '../../store/openStore.ts'
import { violations } from './invariants.ts'
import type { Sql } from './Sql.ts'

/**
 * Checks the invariants of a store's ledger without changing it; the server may be running.
 *
 * @returns A sentence for each that does not hold; null where the store has no ledger.
 */
export async function reviewLedger({ dataDir }: { dataDir: string }): Promise<readonly string[] | null> {
  const path = join(dataDir, DATABASE_FILE)
  if (!existsSync(path)) return null
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  try {
    if (db.prepare(`select 1 from sqlite_master where name = 'mandate_limits'`).get() === undefined) return null
    // One state for all statements.
    db.exec('begin')
    const sql: Sql = {
      dialect: 'sqlite',
      run: async (statement, parameters) => ({
        rows: db.prepare(statement).all(...(parameters as never[])),
        changes: 0,
      }),
    }
    const clock = db.prepare('select max(high_ms) as high from ledger_clock').get() as { high: number | null }
    return await violations(sql, { nowMs: clock.high })
  } finally {
    db.close()
  }
}
