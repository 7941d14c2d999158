import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../audit/appendAudit.ts'
import * as Audit from '../audit/Audit.ts'
import { createEventLog } from '../sessions/EventLog.ts'
import { openSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { canMove, TRANSITIONS, type State } from './Proposal.ts'
import { moveProposal } from './rows.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-move-'))
const clock = Clock.fixed(1_700_000_000_000)
const audit = createAppendAudit({ clock })
const STATES = Object.keys(TRANSITIONS) as State[]
let store: Store
let sid = ''
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
  sid = (await openSession({ store, clock, audit }, { publicId: 'x', app: 'default', owner: 'app:default' })).sid
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function proposalIn(state: State): Promise<string> {
  const id = `prop_${Math.random()}`
  await store.write(({ db }) =>
    db
      .insertInto('proposals')
      .values({
        ...{
          id,
          sid,
          app: 'default',
          state,
          chain_id: 1,
          sender: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
          summary: '',
        },
        ...{ provenance: '[]', digest: '0x', report: null, receipt_digest: null, reason: null, settlement: null },
        ...{
          user_texts: '[]',
          created_ms: 0,
          updated_ms: 0,
          expires_ms: 0,
          first_tx_id: 1,
          wallet_lease: null,
          wallet_until_ms: null,
        },
      })
      .execute(),
  )
  return id
}
const ledgerTime = async (): Promise<number> => clock.nowMs()
const count = async () => ({
  audit: (await readAudit({ store }, { app: 'default' })).length,
  events: await createEventLog({ store, clock }).lastSeq(sid),
})

test.each(STATES.flatMap((source) => STATES.map((target) => [source, target] as const)))(
  '%s → %s',
  async (source, target) => {
    const id = await proposalIn(source)
    const gate = { audit, clock, ledgerTime, events: createEventLog({ store, clock }) }
    const before = await count()
    const moved = store.write((write) => moveProposal(gate, write, { id, sid, target }))
    if (canMove(source, target)) {
      expect((await moved).state).toBe(target)
      expect(await count()).toEqual({ audit: before.audit + 1, events: before.events + 1 })
    } else {
      await expect(moved).rejects.toMatchObject({ code: 'proposals:transition:refused' })
      expect(await count()).toEqual(before)
      const row = await store.read
        .selectFrom('proposals')
        .select('state')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      expect(row.state).toBe(source)
    }
  },
)

test('promise: each change has a higher version than the one before, and its event has the same', async () => {
  const id = await proposalIn('receipted')
  const events = createEventLog({ store, clock })
  const gate = { audit, clock, ledgerTime, events }
  const afterSeq = await events.lastSeq(sid)
  const versions = []
  for (const target of ['pending', 'submitted', 'settled'] as const)
    versions.push((await store.write((write) => moveProposal(gate, write, { id, sid, target }))).version)
  const [first = 0] = versions
  expect(versions).toEqual([first, first + 1, first + 2])
  const heard = await events.read(sid, afterSeq, 10)
  expect(heard.map(({ body }) => (body['proposal'] as { version: number }).version)).toEqual(versions)
})

test('promise: of many who move it at once, one does', async () => {
  const id = await proposalIn('receipted')
  const gate = { audit, clock, ledgerTime, events: createEventLog({ store, clock }) }
  const all = await Promise.allSettled(
    Array.from({ length: 10 }, () => store.write((write) => moveProposal(gate, write, { id, sid, target: 'pending' }))),
  )
  expect(all.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
  expect(Audit.firstBreak(await readAudit({ store }, { app: 'default' }))).toBeNull()
})

test('promise: a write that fails half-way leaves nothing', async () => {
  const before = await count()
  const id = await proposalIn('receipted')
  const gate = { audit, clock, ledgerTime, events: createEventLog({ store, clock }) }
  await expect(
    store.write(async (write) => {
      await moveProposal(gate, write, { id, sid, target: 'pending' })
      throw new Error('power cut')
    }),
  ).rejects.toThrow('power cut')
  expect(await count()).toEqual(before)
})
