import { Redacted, type Clock } from '@countersign/base'
import { Kysely } from 'kysely'
import pg from 'pg'
import { dialect } from '../dialect.ts'
import type { KeyFiles } from '../KeyFiles.ts'
import type { QueryResult } from '../protocol.ts'
import type { Schema } from '../Schema.ts'
import type { Prepared, Store } from '../Store.ts'
import { StoreUnavailableError } from '../StoreErrors.ts'
import { StoreWrite } from '../StoreWrite.ts'
import { Commits } from './Commits.ts'
import { checkServer, closeConnection, configOf, connect, toPgError } from './connect.ts'
import { openBridge } from './createBridge.ts'
import { createPgWriter } from './createPgWriter.ts'
import { DatabaseClock } from './DatabaseClock.ts'
import { Heartbeat } from './Heartbeat.ts'
import { keysInDatabase, type Sealing } from './keysInDatabase.ts'
import { migratePostgres } from './migratePostgres.ts'
import { toPostgres } from './Statement.ts'

/** Connections for queries that the event loop does not wait for. */
const MAX_READERS = 6

/**
 * Opens the store on a PostgreSQL database that any number of instances share. A write waits for the writes of all others
 * and is acknowledged when it is durable; a read sees what is committed when it is asked, whichever instance wrote it.
 *
 * @throws {DatabaseError} `store:database:…`. @throws {StoreUnavailableError} `store:disk:unreachable`.
 */
export async function openPostgres(
  { clock, seal, ids }: { clock: Clock.Clock; seal: Sealing; ids: (keys: KeyFiles) => Store['ids'] },
  { url, masterKey, mustExist }: { url: Redacted.Redacted<string>; masterKey: Uint8Array; mustExist: boolean },
): Promise<Store> {
  const address = Redacted.reveal(url)
  const machineClock = new DatabaseClock()
  await prepareDatabase(address, { clock, machineClock, mustExist })

  const pool = new pg.Pool({
    ...configOf(address, { readOnly: true, name: 'pool' }),
    max: MAX_READERS,
    allowExitOnIdle: true,
  })
  // Said to whoever asks next.
  pool.on('error', () => undefined)
  const bridge = await openBridge({ url: address })
  const commits = new Commits({
    connect: (onEnd) => connect(address, { readOnly: true, name: 'listener', onEnd }),
    onPoll: (client) => machineClock.sample(() => timeOf(client)),
  })
  const writer = createPgWriter({
    connect: async (onEnd) => {
      const client = await connect(address, { readOnly: false, name: 'writer', onEnd })
      try {
        await checkServer(client)
        return client
      } catch (error) {
        await closeConnection(client)
        throw toPgError(error)
      }
    },
    onCommit: () => commits.rise(),
  })
  const heartbeat = new Heartbeat({
    connect: (onEnd) => connect(address, { readOnly: false, name: 'heartbeat', onEnd }),
  })
  const read = new Kysely<Schema>({ dialect: dialect('postgres', (sql, parameters) => ask(pool, sql, parameters)) })
  const keys = keysInDatabase({ bridge, sealing: seal, nowMs: () => machineClock.nowMs() }, { masterKey })
  let isClosed = false

  const store: Store = {
    dialect: 'postgres',
    machineClock,
    read,
    keys,
    sharedKeys: keys,
    ids: ids(keys),
    async write(body) {
      const later: (() => void)[] = []
      const answer = await writer.write((conversation) => body(new StoreWrite('postgres', conversation, later)))
      for (const each of later) each()
      return answer
    },
    batch: (statements) =>
      store.write(async (write) => {
        for (const { sql, parameters } of statements) write.post(sql, parameters)
      }),
    beat: (statements) => heartbeat.beat(statements),
    prepare<Row>(sql: string): Prepared<Row> {
      return {
        get: (...parameters) => bridge.ask(sql, parameters).rows[0] as Row | undefined,
        all: (...parameters) => bridge.ask(sql, parameters).rows as readonly Row[],
      }
    },
    version: () => commits.version(),
    // PostgreSQL reuses what was deleted by itself (autovacuum).
    wipe: () => undefined,
    async close() {
      if (isClosed) return
      isClosed = true
      await writer.close()
      await heartbeat.close()
      await commits.close()
      await bridge.close()
      await pool.end()
    },
  }
  return store
}

async function prepareDatabase(
  url: string,
  { clock, machineClock, mustExist }: { clock: Clock.Clock; machineClock: DatabaseClock; mustExist: boolean },
): Promise<void> {
  const client = await connect(url, { readOnly: false, name: 'setup' })
  try {
    await checkServer(client)
    await migratePostgres(client, { clock, mustExist })
    for (let i = 0; i < 3; i += 1) await machineClock.sample(() => timeOf(client))
  } catch (error) {
    throw toPgError(error)
  } finally {
    await closeConnection(client)
  }
}

/** Asks the pool; a connection that was lost since it was last used is replaced once. */
async function ask(pool: pg.Pool, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
  const statement = toPostgres(sql, parameters)
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rows, rowCount } = await pool.query({ ...statement, values: [...statement.values] })
      return { rows: rows as readonly unknown[], changes: rowCount ?? 0 }
    } catch (cause) {
      const error = toPgError(cause)
      if (attempt > 1 || !(error instanceof StoreUnavailableError)) throw error
    }
  }
}

async function timeOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ now: number }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now',
  )
  return rows[0]?.now ?? 0
}
