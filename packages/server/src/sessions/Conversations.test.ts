import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HistoryItem } from './HistoryItem.ts'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { serialise } from '../http/sendPieces.ts'
import { Pieces } from '../http/Egress.ts'
import { SYSTEM_EVENTS } from '../http/snapshot.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { Conversations } from './Conversations.ts'
import { createEventLog, type EventLog } from './EventLog.ts'
import { appendMessage, readHistory, readNewest, toMessage } from './History.ts'
import { openSession } from './sessions.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-conversations-'))
const clock = Clock.system
const isSqlite = process.env['COUNTERSIGN_TEST_STORE'] !== 'postgres'
let store: Store
let events: EventLog
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
  events = createEventLog({ store, clock })
})
afterAll(async () => {
  events.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
async function session(): Promise<string> {
  const made = { publicId: randomUUID(), app: 'default', owner: 'app:default' }
  return (await openSession({ store, clock, audit: createAppendAudit({ clock }) }, made)).sid
}
const add = (sid: string, items: readonly HistoryItem[]) =>
  store.write(async (write) => {
    for (const item of items) await appendMessage({ clock, events }, write, { sid, item, turnId: null })
  })
const textOf = (written: string | Buffer | Pieces): string =>
  (written instanceof Pieces ? Buffer.concat(written.blocks) : written).toString()
const user = (text: string): HistoryItem => ({ role: 'user', text })

test('what is kept ready is what is stored, from any line on, whatever was read and added before', async () => {
  const conversations = new Conversations({ store })
  const sid = await session()
  const texts = ['a', 'quotes " and \\', 'ünïcödé 🎉', '\u2028', '</script>', '', '\u0000']
  for (let round = 0; round < 12; round += 1) {
    await add(
      sid,
      texts
        .slice(0, round % (texts.length + 1))
        .flatMap((text): HistoryItem[] => [
          user(text),
          { role: 'tool', callId: '1', tool: 'swap', args: { text }, result: { text } },
          { role: 'assistant', text },
        ]),
    )
    const stored = (await readHistory({ store }, { sid })).map(({ item, atMs }) => toMessage(item, atMs))
    for (const fromIdx of [0, 1, Math.floor(stored.length / 2), stored.length, stored.length + 5]) {
      const { messages } = await conversations.read(sid, { fromIdx })
      expect(messages.toJSON()).toEqual(stored.slice(fromIdx))
      expect(messages.count).toBe(Math.max(0, stored.length - fromIdx))
      const answer = { a: 1, messages, b: undefined, c: [null] }
      expect(JSON.parse(textOf(serialise(answer)))).toEqual(JSON.parse(JSON.stringify(answer)))
      const more = messages.with(toMessage(user('more'), 1))
      expect(JSON.parse(textOf(serialise({ messages: more })))).toEqual({
        messages: [...stored.slice(fromIdx), toMessage(user('more'), 1)],
      })
    }
  }
})

test('promise: a poll of a full session reads no line that was read before, and a new line costs one', async () => {
  const conversations = new Conversations({ store })
  const sid = await session()
  await add(
    sid,
    Array.from({ length: 300 }, (_, i) => user(`line ${i} ${'x'.repeat(1_000)}`)),
  )
  expect((await conversations.read(sid)).read).toBe(300)
  for (let i = 0; i < 5; i += 1) expect((await conversations.read(sid)).read).toBe(0)
  await add(sid, [user('new')])
  const { read, messages } = await conversations.read(sid)
  expect([read, messages.count, messages.toJSON().at(-1)?.content]).toEqual([1, 301, 'new'])
})

test('promise: what is kept ready is bounded; what fell out is read again', async () => {
  const conversations = new Conversations({ store }, { maxBytes: 100_000 })
  const sids = await Promise.all(Array.from({ length: 10 }, session))
  for (const sid of sids) await add(sid, [user('x'.repeat(20_000))])
  for (const sid of sids) {
    await conversations.read(sid)
    expect(conversations.bytes).toBeLessThanOrEqual(100_000)
  }
  const [first] = sids as [string]
  expect((await conversations.read(first)).messages.count).toBe(1)
})

test('promise: what is kept is handed out and never copied, whatever is added to it meanwhile', async () => {
  const conversations = new Conversations({ store })
  const sid = await session()
  await add(
    sid,
    Array.from({ length: 40 }, () => user('x'.repeat(10_000))),
  )
  const before = (await conversations.read(sid)).messages
  const text = Buffer.concat(before.blocks).toString()
  await add(sid, [user('new')])
  const after = (await conversations.read(sid)).messages
  expect(Buffer.concat(before.blocks).toString()).toBe(text)
  // All but the last block are the very same memory.
  expect(before.blocks.slice(0, -1).every((block, i) => block === after.blocks[i])).toBe(true)
  expect(before.blocks.length).toBeGreaterThan(4)
})

test('promise: a long conversation that is read from its beginning lets others be served between pages', async () => {
  const sid = await session()
  await add(
    sid,
    Array.from({ length: 200 }, (_, i) => user(`${i}`)),
  )
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const conversations = new Conversations({ store })
  // Many at once share what each has read, and all see all of it.
  const all = await Promise.all(Array.from({ length: 5 }, () => conversations.read(sid)))
  isOver = true
  expect(all.map(({ messages }) => messages.count)).toEqual([200, 200, 200, 200, 200])
  expect(all.reduce((sum, { read }) => sum + read, 0)).toBe(200)
  expect(turns).toBeGreaterThan(2)
})

test('promise: readers of more than is kept come to an end all the same', async () => {
  const conversations = new Conversations({ store }, { maxBytes: 50_000 })
  const sids = await Promise.all(Array.from({ length: 6 }, session))
  for (const sid of sids)
    await add(
      sid,
      Array.from({ length: 100 }, () => user('x'.repeat(1_000))),
    )
  const all = await Promise.all(sids.map((sid) => conversations.read(sid)))
  expect(all.map(({ messages, read }) => [messages.count, read])).toEqual(sids.map(() => [100, 100]))
})

// PostgreSQL chooses a plan by the size of tables, which here is nothing.
test.runIf(isSqlite)('promise: one-time events are found without reading past all else that a session logged', () => {
  const plan = store.prepare<{ detail: string }>(`explain query plan ${SYSTEM_EVENTS}`).all('s', 0, 10)
  expect(plan.map(({ detail }) => detail).join()).toContain('events_system')
})

test('many who read at once, while lines are added, see each line once and in order', async () => {
  const conversations = new Conversations({ store })
  const sid = await session()
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      await add(sid, [user(`${i}`)])
      const { messages } = await conversations.read(sid)
      expect(messages.toJSON()).toHaveLength(messages.count)
    }),
  )
  const messages = (await conversations.read(sid)).messages.toJSON()
  const stored = await readHistory({ store }, { sid })
  expect(messages.map(({ content }) => content)).toEqual(stored.map(({ item }) => (item as { text: string }).text))
})

test('promise: a model is shown the newest lines that fit, beginning with the user, however long the conversation is', async () => {
  const sid = await session()
  await add(
    sid,
    Array.from({ length: 200 }, (_, i): HistoryItem =>
      i % 2 === 0 ? user(`u${i} ${'x'.repeat(1_000)}`) : { role: 'assistant', text: `a${i} ${'y'.repeat(1_000)}` },
    ),
  )
  const lines = await readNewest({ store }, { sid, length: 20_500 })
  expect(lines.at(-1)?.idx).toBe(199)
  expect(lines[0]?.item.role).toBe('user')
  expect(lines.length).toBeLessThanOrEqual(20)
  expect(lines.length).toBeGreaterThanOrEqual(17)
  expect(lines.map(({ idx }) => idx)).toEqual(lines.map((_, i) => 200 - lines.length + i))
  // One line that is longer than all is shown still.
  await add(sid, [user('z'.repeat(30_000))])
  expect((await readNewest({ store }, { sid, length: 20_500 })).map(({ idx }) => idx)).toEqual([200])
  // A short one whole.
  const short = await session()
  await add(short, [user('hello'), { role: 'assistant', text: 'hi' }])
  expect(await readNewest({ store }, { sid: short, length: 20_500 })).toHaveLength(2)
})
