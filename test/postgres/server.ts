import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Where tests look for PostgreSQL: `COUNTERSIGN_TEST_DATABASE_URL`, or this machine. Its user must be able to create databases. */
export const SERVER_URL = process.env['COUNTERSIGN_TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** Whether it answers; where it does not, that is printed, because then tests are skipped. */
export async function isServerThere(): Promise<boolean> {
  try {
    await admin('select 1')
    return true
  } catch (error) {
    console.warn(`No PostgreSQL answers at ${new URL(SERVER_URL).host}: tests on it are skipped. (${String(error)})`)
    return false
  }
}

export interface TestDatabase {
  readonly url: string
  /** A connection beside the store. */
  connect(): Promise<pg.Client>
  drop(): Promise<void>
}

/** A database of one's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `cs_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await admin(`create database ${name}`)
  const url = new URL(SERVER_URL)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async connect() {
      const client = new pg.Client({ connectionString: url.href })
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    drop: () => admin(`drop database if exists ${name} with (force)`),
  }
}

async function admin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER_URL, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end()
  }
}
