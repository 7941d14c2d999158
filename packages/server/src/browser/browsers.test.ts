import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openSession } from '../sessions/sessions.ts'
import { watchSessions } from '../sessions/watchSessions.ts'
import { createEventLog } from '../sessions/EventLog.ts'
import { startSignIn } from '../signin/signIn.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { enterBrowser, findBrowser } from './browsers.ts'

/** What anybody may write without a key, and how long it stays. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-browsers-'))
let nowMs = 1_000_000_000
const clock = { nowMs: () => nowMs }
const audit = createAppendAudit({ clock })
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const HOUR_MS = 3_600_000
const session = (owner: string) =>
  openSession({ store, clock, audit }, { publicId: randomUUID(), app: 'default', owner })

test('promise: visits that came to nothing are forgotten after a day, however many there are; others stay', async () => {
  const kept = await enterBrowser({ store, clock }, { cookie: null })
  await store.batch(
    Array.from({ length: 2_500 }, () => ({
      sql: 'insert into browsers (id, digest, created_ms, used_ms) values (?, ?, ?, ?)',
      parameters: [randomUUID(), randomUUID(), nowMs, nowMs],
    })),
  )
  nowMs += 25 * HOUR_MS
  await session(`browser:${kept.id}`)
  const late = await enterBrowser({ store, clock }, { cookie: null })
  const events = createEventLog({ store, clock })
  const tools = { store, clock, audit, events } as Parameters<typeof watchSessions>[0]
  const onError = (error: unknown): never => {
    throw error
  }
  const watch = watchSessions(tools, { apps: new Map(), intervalMs: HOUR_MS, isTurnRunning: () => false, onError })
  await watch.sweep()
  await watch.close()
  const left = await store.read.selectFrom('browsers').select('id').execute()
  expect(left.map(({ id }) => id).toSorted()).toEqual([kept.id, late.id].toSorted())
  expect(await findBrowser({ store, clock }, { cookie: kept.cookie ?? '' })).toBe(kept.id)
})

test('promise: a session has twenty sign-ins that wait; the newest are good', async () => {
  const { sid } = await session('app:default')
  const other = await session('app:default')
  const start = (of: typeof other) => {
    const address = Address.parse(`0x${'a1'.repeat(20)}`)
    return startSignIn({ store, clock }, { session: of, address, chainId: 1, origin: 'https://shop.example' })
  }
  await start(other)
  for (let i = 0; i < 50; i += 1) {
    nowMs += 1
    await start({ ...other, sid })
  }
  const rows = await store.read.selectFrom('sign_in_nonces').select(['sid', 'expires_ms']).execute()
  const own = rows.filter((row) => row.sid === sid)
  expect(own).toHaveLength(20)
  expect(Math.max(...own.map((row) => row.expires_ms))).toBe(nowMs + 5 * 60_000)
  expect(rows.filter((row) => row.sid === other.sid)).toHaveLength(1)
})

test('what is over is found by its age', async () => {
  if (store.dialect !== 'sqlite') return
  for (const [table, column] of [
    ['sign_in_nonces', 'expires_ms'],
    ['browsers', 'used_ms'],
  ]) {
    const plan = store.prepare<{ detail: string }>(
      `explain query plan select 1 from ${table} where ${column} < 5 limit 10`,
    )
    expect(plan.all().map(({ detail }) => detail)).toEqual([expect.stringContaining(`(${column}<?)`)])
  }
})
