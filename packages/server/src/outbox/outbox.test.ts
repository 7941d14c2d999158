import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../audit/appendAudit.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { LEASE_MS, Outbox, SLOW_MS, type Message, type Sent } from './Outbox.ts'
import { postNotice } from './postNotice.ts'
import { GIVE_UP_MS, nextAttempt } from './Retry.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-outbox-'))
let store: Store
let nowMs = 1_700_000_000_000
const clock = { nowMs: () => nowMs }
const audit = createAppendAudit({ clock })
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterEach(() => store.batch([{ sql: 'delete from outbox', parameters: [] }]))
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const errors: unknown[] = []
const open = (webhook: (message: Message) => Promise<Sent>) =>
  new Outbox({ store, clock, audit, senders: { webhook }, onError: (error) => errors.push(error) })
const notice = { event: 'proposals.proposal.settled', mandate: null, sentence: 'x', amounts: [], url: 'u' }
const post = (target = 'webhook:ops') =>
  store.write(async (write) => postNotice({ clock }, write, { app: 'shop', target, notice }))
const row = (id: string) => store.read.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

test('promise: a message exists exactly when its change was committed', async () => {
  await expect(
    store.write(async (write) => {
      postNotice({ clock }, write, { app: 'shop', target: 'webhook:ops', notice })
      throw new Error('undone')
    }),
  ).rejects.toThrow('undone')
  const sent: string[] = []
  const outbox = open(async ({ id }) => (sent.push(id), { status: 'sent' }))
  await outbox.drain()
  expect(sent).toEqual([])
  const id = await post()
  await outbox.drain()
  await outbox.drain()
  expect(sent).toEqual([id])
  expect(await row(id)).toMatchObject({ attempts: 1, failed: null, sent_ms: nowMs })
  expect(JSON.parse((await row(id)).body)).toMatchObject({ id, app: 'shop', event: notice.event, mandate: null })
})

test('promise: a message is tried again after 10 s, then ever later, up to 24 h, and its end is recorded', async () => {
  const startMs = nowMs
  let attempts = 0
  const outbox = open(async () => (attempts++, { status: 'failed', because: 'target:status:500' }))
  const id = await post()
  const waits: number[] = []
  for (;;) {
    await outbox.drain()
    const { failed, next_ms } = await row(id)
    if (failed !== null) break
    const before = attempts
    nowMs = next_ms - 1
    await outbox.drain()
    expect(attempts, 'not before it is due').toBe(before)
    waits.push(next_ms - startMs)
    nowMs = next_ms
  }
  expect(waits.map((ms) => ms / 1_000)).toMatchInlineSnapshot(`
    [
      10,
      40,
      130,
      400,
      1210,
      3640,
      10930,
      32530,
      54130,
      75730,
    ]
  `)
  expect(waits.at(-1)).toBeLessThanOrEqual(GIVE_UP_MS)
  expect(await row(id)).toMatchObject({ failed: 'target:status:500', sent_ms: null })
  const last = (await readAudit({ store }, { app: 'shop' })).at(-1)
  expect([last?.event, last?.body['because']]).toEqual(['mandates.notification.failed', 'target:status:500'])
  nowMs += GIVE_UP_MS
  await outbox.drain()
  expect(attempts).toBe(waits.length + 1)
})

test('promise: while one process sends it, no other does; when that process is gone, another sends it', async () => {
  const sent: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((done) => (release = done))
  const first = open(async () => (sent.push('first'), await held, { status: 'failed', because: 'late' }))
  const second = open(async () => (sent.push('second'), { status: 'failed', because: 'early' }))
  const id = await post()
  first.start()
  await expect.poll(() => sent).toEqual(['first'])
  nowMs += LEASE_MS - 1
  await second.drain()
  expect(sent).toEqual(['first'])
  nowMs += 1
  await second.drain()
  expect(sent).toEqual(['first', 'second'])
  const nextMs = nowMs + 30_000
  expect(await row(id)).toMatchObject({ next_ms: nextMs, attempts: 2 })
  release()
  await first.close()
  expect(await row(id), 'the late answer changes nothing').toMatchObject({ next_ms: nextMs, attempts: 2 })
})

test('promise: hundreds of messages to a target that does not answer hold up no other', async () => {
  const sent: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((done) => (release = done))
  const outbox = open(async ({ name }) => {
    sent.push(name)
    if (name === 'slow') await held
    return { status: 'sent' }
  })
  await store.write(async (write) => {
    for (let i = 0; i < 300; i += 1) postNotice({ clock }, write, { app: 'shop', target: 'webhook:slow', notice })
  })
  nowMs += 1
  await post('webhook:quick')
  outbox.start()
  await expect.poll(() => sent).toEqual(['slow', 'slow', 'slow', 'slow', 'quick'])
  release()
  await outbox.close()
})

test('promise: targets that do not answer, however many, take no place of those that answer, and none of another kind', async () => {
  const sent: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((done) => (release = done))
  const send = async ({ name }: Message): Promise<Sent> => {
    sent.push(name)
    if (name.startsWith('slow')) await held
    return { status: 'sent' }
  }
  const outbox = new Outbox({ store, clock, audit, senders: { webhook: send, mail: send }, onError: () => undefined })
  await store.write(async (write) => {
    for (let i = 0; i < 48; i += 1)
      postNotice({ clock }, write, { app: 'shop', target: `webhook:slow${i % 6}`, notice })
  })
  nowMs += 1
  await post('mail:owner')
  await post('webhook:quick')
  outbox.start()
  // Nobody knows yet that they are slow: they have the places of their kind, and no others.
  await expect.poll(() => sent.filter((name) => name === 'owner')).toHaveLength(1)
  nowMs += SLOW_MS
  outbox.wake()
  await expect.poll(() => sent.filter((name) => name === 'quick')).toHaveLength(1)
  const slow = sent.length
  nowMs += SLOW_MS
  await post('webhook:quick')
  outbox.wake()
  await expect.poll(() => sent.filter((name) => name === 'quick')).toHaveLength(2)
  expect(sent.length, 'and they are not given more').toBeLessThanOrEqual(slow + 1)
  release()
  await outbox.drain()
  await outbox.close()
})

test('promise: a target that does not answer holds up no other', async () => {
  const sent: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((done) => (release = done))
  const outbox = open(async ({ name }) => {
    sent.push(name)
    if (name === 'slow') await held
    return { status: 'sent' }
  })
  for (let i = 0; i < 30; i += 1) await post('webhook:slow')
  await post('webhook:ops')
  outbox.start()
  await expect.poll(() => sent.filter((name) => name === 'ops')).toHaveLength(1)
  expect(sent.filter((name) => name === 'slow').length).toBeLessThanOrEqual(4)
  release()
  await outbox.drain()
  await expect.poll(() => sent.length).toBe(31)
  await outbox.close()
})

test('a sender that throws, or does not exist, counts as an attempt', async () => {
  const outbox = open(() => Promise.reject(new Error('bug')))
  const [thrown, unknown] = [await post(), await post('pigeon:ops')]
  await outbox.drain()
  expect(errors).toHaveLength(1)
  for (const id of [thrown, unknown]) expect((await row(id)).next_ms).toBe(nowMs + 10_000)
})

test('the next attempt is never later than 24 h after the change', () => {
  for (let attempts = 1; attempts < 40; attempts += 1) {
    const nextMs = nextAttempt({ atMs: 0, nowMs: 5, attempts })
    expect(nextMs === null ? 0 : nextMs).toBeLessThanOrEqual(GIVE_UP_MS)
  }
  expect(nextAttempt({ atMs: 0, nowMs: GIVE_UP_MS, attempts: 1 })).toBeNull()
})
