import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from './server.ts'

const made: TestDatabase[] = []
const making = new Map<string, Promise<string>>()

/** Settings of a server whose store is on PostgreSQL, in a database that stands for its data directory. */
export async function onPostgres(dataDir: string): Promise<{ DATABASE_URL: string; COUNTERSIGN_MASTER_KEY: string }> {
  const known = making.get(dataDir) ?? findOrMake(dataDir).finally(() => making.delete(dataDir))
  making.set(dataDir, known)
  return { DATABASE_URL: await known, COUNTERSIGN_MASTER_KEY: '11'.repeat(32) }
}

/** What a server process needs besides, when the suites run on PostgreSQL (`vitest.postgres.config.ts`). */
export async function storeOfTests(dataDir: string): Promise<Record<string, string>> {
  return process.env['COUNTERSIGN_TEST_STORE'] === 'postgres' ? onPostgres(dataDir) : {}
}

export async function dropDatabases(): Promise<void> {
  for (const database of made.splice(0)) await database.drop()
}

/** Its name is in a file of the directory, so that a directory that is deleted and made again has an empty one. */
async function findOrMake(dataDir: string): Promise<string> {
  const marker = join(dataDir, 'test-database')
  if (existsSync(marker)) return readFileSync(marker, 'utf8')
  const database = await createTestDatabase()
  made.push(database)
  const client = await database.connect()
  // Some suites change JSON in SQL; the server never does.
  await client.query(
    `create function json_set(text, text, text) returns text language sql
       as $$ select jsonb_set($1::jsonb, string_to_array(substr($2, 3), '.'), to_jsonb($3))::text $$`,
  )
  await client.end()
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(marker, database.url)
  return database.url
}
