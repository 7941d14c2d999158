import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BaseError, Clock, Json, type Digest } from '@countersign/base'
import * as Audit from './audit/Audit.ts'
import { DATABASE_FILE, isPostgres, openStore, type Store, type Write } from './store/openStore.ts'

/** Rows that travel in one statement. */
const PAGE = 500
/** What a data directory keeps beside its database that opens or signs something. */
const KEY_FILE = /^(?:.+\.key|audit-key\.json)$/
/** Tables that belong to a store and not to its data. */
const OWN_TABLES = new Set(['migrations', 'instances'])

export interface Migrated {
  readonly rows: number
  readonly keys: readonly string[]
  /** The head of each record: the same in both stores. */
  readonly heads: readonly { readonly app: string; readonly size: number; readonly hash: string }[]
}

/** Brings the store of the settings to this version. @returns The newest step of its schema. */
export async function migrateStore({
  dataDir,
  env,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
}): Promise<{ readonly step: number }> {
  // A mistyped directory is not begun; the database that was named is.
  const store = await openStore({ clock: Clock.system }, { dataDir, env, mustExist: !isPostgres(env) })
  try {
    const { step } = await store.read
      .selectFrom('migrations')
      .select((eb) => eb.fn.max<number>('id').as('step'))
      .executeTakeFirstOrThrow()
    return { step }
  } finally {
    await store.close()
  }
}

/**
 * Copies a data directory into the empty database of `DATABASE_URL`: every row, and the keys, encrypted. All rows are one
 * transaction, which is only committed when every table has as many rows as before, and each audit record was read back
 * entry by entry and ends in the same hash. The data directory is left as it is, and locked until the copy is over.
 *
 * @throws {MigrateError} `server:migrate:…`, and then nothing was copied but keys.
 */
export async function migrateFromSqlite({
  dataDir,
  env,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
}): Promise<Migrated> {
  if (!isPostgres(env)) throw new MigrateError('target')
  if (!existsSync(join(dataDir, DATABASE_FILE))) throw new MigrateError('source')
  // Brings the file to this version first: both then have the same tables.
  const { DATABASE_URL: _url, ...embedded } = env
  await migrateStore({ dataDir, env: embedded })
  const source = new DatabaseSync(join(dataDir, DATABASE_FILE), { timeout: 5_000 })
  try {
    lock(source)
    const { live } = source
      .prepare('select count(*) as live from instances where lease_until_ms > ?')
      .get(Date.now()) as {
      live: number
    }
    if (live > 0) throw new MigrateError('running')
    const store = await openStore({ clock: Clock.system }, { dataDir, env })
    try {
      return await copy(source, store, dataDir)
    } finally {
      await store.close()
    }
  } finally {
    source.close()
  }
}

/** One state for everything that is read from here on, and nobody writes another one: a server that starts meanwhile cannot. */
function lock(source: DatabaseSync): void {
  try {
    source.exec('begin immediate')
  } catch (cause) {
    throw new MigrateError('running', cause)
  }
}

async function copy(source: DatabaseSync, store: Store, dataDir: string): Promise<Migrated> {
  const keys = copyKeys(store, dataDir)
  return store.write(async (write) => {
    const { rows: used } = await write.run(
      `select 1 from keys union all select 1 from sessions union all select 1 from audit limit 1`,
      [],
    )
    if (used.length > 0) throw new MigrateError('used')
    let rows = 0
    for (const table of tablesOf(source)) rows += await copyTable(source, write, table)
    await raiseNumbers(source, write)
    return { rows, keys, heads: await compareHeads(source, write) }
  })
}

/** Keys first: a row that was sealed is of no use without them. Copying them again changes nothing. */
function copyKeys(store: Store, dataDir: string): string[] {
  const receipts = join(dataDir, 'receipt-keys')
  const names = [
    ...readdirSync(dataDir).filter((name) => KEY_FILE.test(name)),
    ...(existsSync(receipts) ? readdirSync(receipts) : [])
      .filter((name) => name.endsWith('.json'))
      .map((name) => `receipt-keys/${name}`),
  ].toSorted()
  for (const name of names) {
    const text = readFileSync(join(dataDir, name), 'utf8')
    if (store.keys.keep(name, text) !== text) throw new MigrateError('used')
  }
  return names
}

/** The tables, those that others refer to first. */
function tablesOf(source: DatabaseSync): string[] {
  const all = (
    source.prepare(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`).all() as {
      name: string
    }[]
  ).flatMap(({ name }) => (OWN_TABLES.has(name) ? [] : [name]))
  const ordered: string[] = []
  const add = (table: string): void => {
    if (ordered.includes(table)) return
    for (const { table: parent } of source.prepare(`pragma foreign_key_list("${table}")`).all() as { table: string }[])
      if (parent !== table) add(parent)
    ordered.push(table)
  }
  for (const table of all) add(table)
  return ordered
}

async function copyTable(source: DatabaseSync, write: Write, table: string): Promise<number> {
  const columns = (source.prepare(`pragma table_info("${table}")`).all() as { name: string }[])
    .map(({ name }) => `"${name}"`)
    .join(', ')
  // What the schema itself put there.
  await write.run(`delete from "${table}"`, [])
  const insert = `insert into "${table}" (${columns})
    select ${columns} from jsonb_populate_recordset(null::"${table}", ?)`
  let page: unknown[] = []
  let count = 0
  for (const row of source.prepare(`select ${columns} from "${table}"`).iterate()) {
    page.push(row)
    count += 1
    if (page.length < PAGE) continue
    await write.run(insert, [JSON.stringify(page)])
    page = []
  }
  if (page.length > 0) await write.run(insert, [JSON.stringify(page)])
  const { rows } = await write.run(`select count(*) as n from "${table}"`, [])
  if ((rows[0] as { n: number }).n !== count) throw new MigrateError('rows')
  return count
}

/** Numbers that are never given twice go on where they were. */
async function raiseNumbers(source: DatabaseSync, write: Write): Promise<void> {
  for (const { name, seq } of source.prepare('select name, seq from sqlite_sequence').all() as {
    name: string
    seq: number
  }[])
    if (seq > 0) await write.run(`select setval(pg_get_serial_sequence(?, 'id'), ?)`, [name, seq])
}

/** Reads each record back, entry by entry, and compares its end with the source's. */
async function compareHeads(source: DatabaseSync, write: Write): Promise<Migrated['heads']> {
  const heads = source
    .prepare(
      `select app, seq as size, hash from audit a where seq = (select max(seq) from audit b where b.app = a.app) order by app`,
    )
    .all() as unknown as Migrated['heads']
  for (const { app, size, hash } of heads) {
    let prevHash: string = Audit.GENESIS
    let seq = 0
    for (;;) {
      const { rows } = await write.run('select * from audit where app = ? and seq > ? order by seq limit ?', [
        ...[app, seq, PAGE],
      ])
      if (rows.length === 0) break
      for (const row of rows as { seq: number; at_ms: number; event: string; body: string; hash: string }[]) {
        const entry = {
          ...{ app, seq: row.seq, atMs: row.at_ms, event: row.event, prevHash: prevHash as Digest.Digest },
          body: Json.parse(row.body) as Record<string, unknown>,
        }
        if (row.seq !== seq + 1 || Audit.link(entry) !== row.hash) throw new MigrateError('audit', app)
        prevHash = row.hash
        seq = row.seq
      }
    }
    if (seq !== size || prevHash !== hash) throw new MigrateError('audit', app)
  }
  return heads
}

const WORDS = {
  target: ['DATABASE_URL is not set.', 'invalid', 'Set it to the PostgreSQL database to copy to.'],
  source: [
    'There is no Countersign store in the data directory.',
    'absent',
    'Check --data-dir (COUNTERSIGN_DATA_DIR).',
  ],
  running: [
    'A server runs on the data directory.',
    'conflict',
    'Stop it first: what it writes meanwhile would be missing. One that was killed counts for two seconds.',
  ],
  used: ['The database of DATABASE_URL is in use already.', 'conflict', 'Copy to an empty database.'],
  rows: ['A table has another number of rows in the copy: nothing was copied.', 'conflict', 'Report it.'],
  audit: [
    'An audit record does not hold, or is another one in the copy: nothing was copied.',
    'conflict',
    'Run `countersign audit verify` on the data directory, and restore a backup if it is damaged.',
  ],
} as const

export class MigrateError extends BaseError {
  override readonly name = 'server.MigrateError'
  constructor(what: keyof typeof WORDS, cause?: unknown) {
    const [message, kind, hint] = WORDS[what]
    super(message, { code: `server:migrate:${what}`, kind, hint, cause })
  }
}
