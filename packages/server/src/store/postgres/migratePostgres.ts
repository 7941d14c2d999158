import type { Clock } from '@countersign/base'
import type pg from 'pg'
import { MIGRATIONS } from '../migrations.ts'
import { StoreVersionError } from '../StoreErrors.ts'
import { DatabaseError } from './connect.ts'
import { FUNCTIONS, KEYS, schemaOf } from './schemaOf.ts'

/** Held while the schema is changed: "cosc" in ASCII. */
const SCHEMA_LOCK = 0x636f7363

/**
 * Brings the database's schema to this version, each step in a transaction of its own; instances that start together wait
 * for each other.
 *
 * @param mustExist - Where there is no schema, none is made.
 * @returns The ids of the steps that were run now.
 * @throws {DatabaseError} `store:database:setup`. @throws {StoreVersionError} `store:schema:newer`.
 */
export async function migratePostgres(
  client: pg.Client,
  { clock, mustExist }: { clock: Clock.Clock; mustExist: boolean },
): Promise<readonly number[]> {
  if (!(await isSetUp(client))) {
    if (mustExist) throw new DatabaseError('setup')
    await step(client, async () => {
      if (await isSetUp(client)) return
      await client.query('create table migrations (id bigint primary key, at_ms bigint not null)')
      for (const statement of [...FUNCTIONS, KEYS]) await client.query(statement)
    })
  }
  const done = async (): Promise<ReadonlySet<number>> => {
    const found = await client.query<{ id: number }>('select id from migrations')
    return new Set(found.rows.map(({ id }) => id))
  }
  const known = new Set(MIGRATIONS.map(({ id }) => id))
  const before = await done()
  for (const id of before) if (!known.has(id)) throw new StoreVersionError(id, Math.max(...known))
  const ran: number[] = []
  for (const migration of MIGRATIONS.filter(({ id }) => !before.has(id))) {
    await step(client, async () => {
      // Another instance may have been faster.
      if ((await done()).has(migration.id)) return
      for (const statement of schemaOf(migration)) await client.query(statement)
      await client.query('insert into migrations (id, at_ms) values ($1, $2)', [migration.id, clock.nowMs()])
      ran.push(migration.id)
    })
  }
  return ran
}

/** Asked of the catalogue's rows: `to_regclass` may remember that there was nothing. */
async function isSetUp(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_catalog.pg_tables where schemaname = current_schema() and tablename = 'migrations'`,
  )
  return rows.length > 0
}

async function step(client: pg.Client, body: () => Promise<void>): Promise<void> {
  await client.query(`begin; select pg_advisory_xact_lock(${SCHEMA_LOCK})`)
  try {
    await body()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
