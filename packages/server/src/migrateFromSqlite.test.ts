import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock } from '@countersign/base'
import { describe, expect, test } from 'vitest'
import { createTestDatabase, isServerThere } from '../../../test/postgres/server.ts'
import { migrateFromSqlite } from './migrateFromSqlite.ts'
import { DATABASE_FILE, openStore } from './store/openStore.ts'
import { WRITE_LOCK } from './store/postgres/createPgWriter.ts'

/** Who waits for the lock of writes in this database. */
const WAITING = `select 1 from pg_locks where locktype = 'advisory' and not granted
  and database = (select oid from pg_database where datname = current_database())`

describe.runIf(await isServerThere())('from a data directory to a database', () => {
  test('promise: nothing is written to the data directory while it is copied, also by a server that starts meanwhile', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-copy-'))
    const database = await createTestDatabase()
    const env = { DATABASE_URL: database.url, COUNTERSIGN_MASTER_KEY: '5'.repeat(64) }
    await (await openStore({ clock: Clock.system }, { dataDir, env: {} })).close()
    // The schema first, so that the copy is the only write that waits.
    await (await openStore({ clock: Clock.system }, { dataDir, env })).close()
    const holder = await database.connect()
    // As the first beat of a server does that found no other one.
    const starting = new DatabaseSync(join(dataDir, DATABASE_FILE), { timeout: 0 })
    const write = () =>
      starting
        .prepare(
          `insert into instances (id, started_ms, lease_until_ms, acked_epoch, serves) values ('s', 0, 0, 0, '[]')`,
        )
        .run()
    try {
      await holder.query('select pg_advisory_lock($1)', [WRITE_LOCK])
      const copied = migrateFromSqlite({ dataDir, env })
      copied.catch(() => undefined)
      while ((await holder.query(WAITING)).rows.length === 0) await sleep(20)
      expect(write).toThrow(/locked/)
      await holder.query('select pg_advisory_unlock($1)', [WRITE_LOCK])
      expect((await copied).rows).toBeGreaterThanOrEqual(0)
      expect(write).not.toThrow()
    } finally {
      starting.close()
      await holder.end()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
