import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Clock } from '@countersign/base'
import { afterAll, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../audit/appendAudit.ts'
import * as Audit from '../audit/Audit.ts'
import { createEventLog } from '../sessions/EventLog.ts'
import { backUp } from './backUp.ts'
import { MIGRATIONS } from './migrations.ts'
import { DATABASE_FILE, isUniqueViolation, openStore, type Store } from './openStore.ts'

const isSqlite = process.env['COUNTERSIGN_TEST_STORE'] !== 'postgres'
const root = mkdtempSync(join(tmpdir(), 'countersign-store-'))
const clock = Clock.fixed(1_700_000_000_000)
const opened: Store[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(root, { recursive: true, force: true })
})

let count = 0
const newDir = (): string => join(root, `data-${(count += 1)}`)
async function open(dataDir = newDir()): Promise<{ store: Store; dataDir: string }> {
  const store = await openStore({ clock }, { dataDir })
  opened.push(store)
  return { store, dataDir }
}
const SESSION = `insert into sessions (sid, id_digest, app, owner, archived, user_state, next_tx_id, next_seq,
  snapshot_seq, events_seq, created_ms, used_ms) values (?, ?, 'default', 'app:default', 0, '{}', 1, 1, 0, 0, 0, 0)`
const addSession = (store: Store, sid: string): Promise<void> =>
  store.batch([{ sql: SESSION, parameters: [sid, store.ids.digest(sid)] }])

test('one that fails takes nothing with it; order is that of the calls; refusals are told', async () => {
  const { store } = await open()
  await addSession(store, 'a')
  const log: string[] = []
  const results = await Promise.allSettled([
    store.write(async (write) => {
      write.post(SESSION, ['b', 'b'])
      const { rows } = await write.run('select count(*) as n from sessions', [])
      log.push(`first sees ${(rows[0] as { n: number }).n}`)
    }),
    store.write(async (write) => {
      write.post(SESSION, ['c', 'c'])
      write.post(SESSION, ['c', 'c'])
      write.afterCommit(() => log.push('never'))
    }),
    store.write(async (write) => {
      await write.run(SESSION, ['d', 'd'])
      throw new Error('changed my mind')
    }),
    store.write(async (write) => {
      write.post(SESSION, ['e', 'e'])
      write.afterCommit(() => log.push('after the commit'))
    }),
    store.write(async (write) => {
      const { rows } = await write.run('select count(*) as n from sessions', [])
      log.push(`last sees ${(rows[0] as { n: number }).n}`)
    }),
  ])
  const reasonOf = (error: unknown): string => (isUniqueViolation(error) ? 'taken' : (error as Error).message)
  expect(results.map((each) => (each.status === 'fulfilled' ? 'kept' : reasonOf(each.reason)))).toEqual([
    'kept',
    'taken',
    'changed my mind',
    'kept',
    'kept',
  ])
  expect(log.sort()).toEqual(['after the commit', 'first sees 2', 'last sees 3'])
  expect(
    store
      .prepare<{ sid: string }>('select sid from sessions order by sid')
      .all()
      .map(({ sid }) => sid),
  ).toEqual(['a', 'b', 'e'])
})

test('a statement that fails and is caught: on SQLite the rest of the write stands, on PostgreSQL nothing of it does', async () => {
  const { store } = await open()
  await addSession(store, 'a')
  const wrote = store.write(async (write) => {
    await write.run(SESSION, ['a', 'a']).catch(() => undefined)
    write.post(SESSION, ['e', 'e'])
  })
  if (isSqlite) await wrote
  else await expect(wrote).rejects.toSatisfy(isUniqueViolation)
  const { length } = await store.read.selectFrom('sessions').select('sid').execute()
  expect(length).toBe(isSqlite ? 2 : 1)
})

test('a write that was kept aside is of no use later, and what SQLite cannot store is refused', async () => {
  const { store } = await open()
  const kept = await store.write(async (write) => write)
  expect(() => kept.post('select 1', [])).toThrow('A write was used after it had ended.')
  await expect(kept.run('select 1', [])).rejects.toThrow('A write was used after it had ended.')
  await expect(store.batch([{ sql: 'select ?', parameters: [{}] }])).rejects.toThrow(
    'parameters are what SQLite stores',
  )
  await addSession(store, 'still fine')
  await store.close()
  await expect(addSession(store, 'too late')).rejects.toMatchObject({ code: 'store:disk:stopped', kind: 'unavailable' })
})

test('promise: two stores on one file lose nothing, keep one chain, and see each other at once', async () => {
  const { store: left, dataDir } = await open()
  const { store: right } = await open(dataDir)
  await addSession(left, 'both')
  const audit = createAppendAudit({ clock })
  const before = right.version()
  const leftLog = createEventLog({ store: left, clock })
  const rightLog = createEventLog({ store: right, clock })
  const heard: number[] = []
  let afterSeq = 0
  const stop = rightLog.subscribe('both', {
    wake: () => {
      void rightLog.read('both', afterSeq, 1_000).then((events) => {
        for (const { seq } of events) {
          if (seq <= afterSeq) continue
          heard.push(seq)
          afterSeq = seq
        }
      })
    },
    transient: () => undefined,
  })
  const writes = Array.from({ length: 400 }, (_, i) => {
    const [store, log] = i % 2 === 0 ? [left, leftLog] : [right, rightLog]
    return store.write(async (write) => {
      await log.append(write, 'both', { type: 'tick', i })
      await audit(write, { app: 'both', event: 'test.tick.done', body: { i } })
    })
  })
  await Promise.all(writes)
  expect(right.version()).not.toBe(before)
  await expect.poll(() => heard.length).toBe(400)
  stop()
  expect(heard).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  const entries = await readAudit({ store: left }, { app: 'both' })
  expect(entries).toHaveLength(400)
  expect(Audit.firstBreak(entries)).toBeNull()
  // What was acknowledged on one side is there on the other, in the same breath.
  await left.batch([{ sql: 'delete from events', parameters: [] }])
  expect(await rightLog.read('both', 0, 10)).toEqual([])
})

test('a stream in one process hears that its session began in another', async () => {
  const { store: left, dataDir } = await open()
  const { store: right } = await open(dataDir)
  const log = createEventLog({ store: right, clock })
  const begun = new Promise<void>((resolve) => void log.awaitSession('new', resolve))
  await addSession(left, 'new')
  await left.write((write) => createEventLog({ store: left, clock }).append(write, 'new', { type: 'first' }))
  await begun
  log.close()
})

test.runIf(isSqlite)('promise: a store that another holds says so in time, and goes on by itself', async () => {
  const { store, dataDir } = await open()
  const holder = new DatabaseSync(join(dataDir, DATABASE_FILE))
  holder.exec('begin immediate')
  const waiting = await Promise.allSettled([addSession(store, 'a'), addSession(store, 'b'), addSession(store, 'c')])
  for (const each of waiting) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'store:disk:busy', kind: 'unavailable' } })
  }
  expect(await store.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  holder.exec('rollback')
  holder.close()
  await addSession(store, 'a')
  expect(await store.read.selectFrom('sessions').select('sid').execute()).toEqual([{ sid: 'a' }])
})

test.runIf(isSqlite)('promise: durable by default: WAL, FULL, foreign keys; readers cannot write', async () => {
  const { store } = await open()
  const settings = await store.write(async (write) => {
    const one = async (name: string): Promise<unknown> => {
      const { rows } = await write.run(`pragma ${name}`, [])
      return Object.values(rows[0] as object)[0]
    }
    return [await one('journal_mode'), await one('synchronous'), await one('foreign_keys')]
  })
  expect(settings).toEqual(['wal', 2, 1])
  await expect(store.read.deleteFrom('sessions').execute()).rejects.toMatchObject({ code: 'store:disk:unwritable' })
})

test.runIf(isSqlite)('data of an older version is brought forward, of a newer one refused', async () => {
  const dataDir = newDir()
  const { store } = await open(dataDir)
  await store.close()
  rmSync(dataDir, { recursive: true })
  // As version 2 left it: events without a number of their own.
  const { store: fresh, dataDir: old } = await open()
  await fresh.close()
  for (const name of readdirSync(old)) rmSync(join(old, name))
  const db = new DatabaseSync(join(old, DATABASE_FILE))
  db.exec('create table migrations (id integer primary key, at_ms bigint not null)')
  for (const { id, sql } of MIGRATIONS.filter((each) => each.id <= 2)) {
    for (const statement of sql) db.exec(statement)
    db.exec(`insert into migrations values (${id}, 0)`)
  }
  db.prepare(SESSION.replace('id_digest', 'public_id')).run('s', 's')
  for (const seq of [2, 1])
    db.prepare('insert into events values (?, ?, ?, ?, ?)').run('s', seq, 'tick', '{"type":"tick"}', 7)
  db.close()
  const { store: upgraded } = await open(old)
  const events = createEventLog({ store: upgraded, clock })
  expect((await events.read('s', 0, 10)).map(({ seq }) => seq)).toEqual([1, 2])
  await upgraded.batch([{ sql: 'delete from sessions', parameters: [] }])
  expect(await events.read('s', 0, 10)).toEqual([])
  await upgraded.batch([{ sql: 'insert into migrations (id, at_ms) values (9999, 0)', parameters: [] }])
  await upgraded.close()
  await expect(openStore({ clock }, { dataDir: old })).rejects.toMatchObject({ code: 'store:schema:newer' })
})

test.runIf(isSqlite)('a backup taken under load is whole, private, and opens', async () => {
  const { store, dataDir } = await open()
  const audit = createAppendAudit({ clock })
  writeFileSync(join(dataDir, 'pepper.key'), 'ab'.repeat(32), { mode: 0o600 })
  const record = (i: number) => store.write((write) => audit(write, { app: 'x', event: 'test.a.b', body: { i } }))
  for (let i = 0; i < 50; i += 1) await record(i)
  const load = Promise.all(Array.from({ length: 500 }, (_, i) => record(i)))
  const target = join(root, 'copy')
  const copy = backUp({ dataDir, target })
  await load
  expect(copy.files).toEqual([DATABASE_FILE, 'pepper.key'])
  expect(statSync(target).mode & 0o777).toBe(0o700)
  expect(statSync(join(target, DATABASE_FILE)).mode & 0o777).toBe(0o600)
  const { store: restored } = await open(target)
  const entries = await readAudit({ store: restored }, { app: 'x' })
  expect(entries.length).toBeGreaterThanOrEqual(50)
  expect(Audit.firstBreak(entries)).toBeNull()
  expect(() => backUp({ dataDir, target })).toThrow('There is something already at')
  expect(() => backUp({ dataDir: join(root, 'nowhere'), target: join(root, 'other') })).toThrow(
    'There is no database in',
  )
  expect(readdirSync(root).filter((name) => name.includes('.part'))).toEqual([])
})
