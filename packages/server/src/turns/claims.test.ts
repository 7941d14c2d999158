import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openSession, updateSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { askInterrupt, awaitTurn, closeTurn, endTurn, fenceStore, takeTurn, TurnLostError } from './claims.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-claims-'))
const clock = Clock.system
/** Two connections of two writers on one file, as two processes have them. */
let stores: [Store, Store]
let sid: string

beforeEach(async () => {
  stores = [await openStore({ clock }, { dataDir }), await openStore({ clock }, { dataDir })]
  const audit = createAppendAudit({ clock })
  const made = { publicId: randomUUID(), app: 'default', owner: 'app:default' }
  sid = (await openSession({ store: stores[0], clock, audit }, made)).sid
})
afterEach(async () => {
  for (const store of stores) await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const take = (store: Store, turnId: string) => store.write((write) => takeTurn(write, { sid, turnId, nowMs: 1 }))
const wait = (idx: number) => stores[1].write((write) => awaitTurn(write, { sid, idx }))
const end = (turnId: string, seenIdx: number, mayGoOn = true) =>
  fenceStore(stores[0], { sid, turnId }).write((write) =>
    endTurn(write, { sid, nextId: `after ${turnId}`, seenIdx, nowMs: 2, mayGoOn }),
  )
const row = () =>
  stores[1].read
    .selectFrom('sessions')
    .select(['turn_id', 'turn_interrupted', 'awaiting_idx'])
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()

test('promise: of many who take a turn at once, one has it', async () => {
  const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => take(stores[i % 2 === 0 ? 0 : 1], `turn ${i}`)))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect((await row()).turn_id).toBe(`turn ${taken.indexOf(true)}`)
})

test('promise: what waits gets the next turn; what the turn had seen already is not answered twice', async () => {
  await take(stores[0], 'one')
  await wait(3)
  expect(await end('one', 2)).toBe('next')
  expect(await row()).toEqual({ turn_id: 'after one', turn_interrupted: 0, awaiting_idx: null })
  await wait(4)
  expect(await end('after one', 4)).toBe('idle')
  expect(await row()).toEqual({ turn_id: null, turn_interrupted: 0, awaiting_idx: null })
})

test('promise: whoever stops takes no further turn, and says what it left', async () => {
  await take(stores[0], 'one')
  await wait(3)
  expect(await end('one', 2, false)).toBe('dropped')
  expect(await row()).toEqual({ turn_id: null, turn_interrupted: 0, awaiting_idx: null })
})

test('promise: an interrupt drops what waited, not what is said after it; without a turn it does nothing', async () => {
  const interrupt = () => stores[1].write((write) => askInterrupt(write, { sid }))
  expect(await interrupt()).toBeNull()
  await take(stores[0], 'one')
  await wait(3)
  expect(await interrupt()).toBe('one')
  expect(await row()).toEqual({ turn_id: 'one', turn_interrupted: 1, awaiting_idx: null })
  expect(await end('one', 2)).toBe('idle')
  await take(stores[0], 'two')
  await interrupt()
  await wait(4)
  expect(await end('two', 3)).toBe('next')
  expect(await row()).toEqual({ turn_id: 'after two', turn_interrupted: 0, awaiting_idx: null })
})

test('promise: whose turn was closed writes nothing any more, not even the first of several things', async () => {
  await take(stores[0], 'one')
  const fenced = fenceStore(stores[0], { sid, turnId: 'one' })
  const title = (text: string) => fenced.write(async (write) => updateSession({ write }, { sid, set: { title: text } }))
  await title('mine')
  expect(await stores[1].write((write) => closeTurn(write, { sid, turnId: 'one' }))).toBe(true)
  expect(await stores[1].write((write) => closeTurn(write, { sid, turnId: 'one' }))).toBe(false)
  await take(stores[1], 'two')
  await expect(title('not mine')).rejects.toThrow(TurnLostError)
  await expect(end('one', 0)).rejects.toThrow(TurnLostError)
  const batch = fenced.batch([{ sql: `update sessions set title = 'not mine' where sid = ?`, parameters: [sid] }])
  await expect(batch).rejects.toThrow(TurnLostError)
  const { title: now } = await stores[1].read.selectFrom('sessions').select('title').executeTakeFirstOrThrow()
  expect([now, (await row()).turn_id]).toEqual(['mine', 'two'])
})
