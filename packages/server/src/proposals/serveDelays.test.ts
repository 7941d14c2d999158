import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { createEventLog } from '../sessions/EventLog.ts'
import { openSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import type { Gate } from './Gate.ts'
import { serveDelays } from './serveDelays.ts'

const NOW_MS = 1_700_000_000_000
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-delays-'))
const clock = Clock.fixed(NOW_MS)
const audit = createAppendAudit({ clock })
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

/** What a mandate delayed until then: of a chain that gives no answer, or a call of a tool, which needs none. */
async function delayed(id: string, notBeforeMs: number, kind: 'transactions' | 'tool_call'): Promise<void> {
  const isCall = kind === 'tool_call'
  await store.write(async ({ db }) => {
    await db
      .insertInto('proposals')
      .values({
        ...{ id, sid, app: 'default', kind, state: isCall ? 'staged' : 'receipted', chain_id: isCall ? 0 : 404 },
        ...{ sender: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', summary: '', turn_id: 't', level: 'ordinary' },
        ...{ provenance: '[]', questions: '[]', digest: '0x', report: null, receipt_digest: null, reason: null },
        ...{ settlement: null, user_texts: '[]', created_ms: 0, updated_ms: 0, expires_ms: NOW_MS * 2 },
        ...{ first_tx_id: 1, wallet_lease: null, wallet_until_ms: null, queued_ms: isCall ? 1 : null },
      } as never)
      .execute()
    if (isCall)
      await db
        .insertInto('tool_calls')
        .values({
          ...{ proposal_id: id, tool: 'T', args: '{}', definition: 'old', principal: null, key_id: null },
          ...{ seen: '{}', result: null, instance: null },
        })
        .execute()
    await db
      .insertInto('proposal_decisions')
      .values({
        ...{ proposal_id: id, answer: 'delay', mandate: null, reservation: null, body: '{}', code: null, owed: 0 },
        ...{ not_before_ms: notBeforeMs, served: 0, approvals: '[]', decided_ms: 0, moves: null },
      } as never)
      .execute()
  })
}

test('promise: a crowd of delays that cannot be served holds up none that is due', async () => {
  // More than any one page, all due before it, two of them at the same time as it.
  for (let i = 0; i < 230; i += 1) await delayed(`stuck-${i}`, NOW_MS - 1_000 + i, 'transactions')
  await delayed('z-stuck', NOW_MS - 5, 'transactions')
  await delayed('due', NOW_MS - 5, 'tool_call')
  await delayed('early', NOW_MS + 1, 'tool_call')
  const gate = {
    ...{
      store,
      clock,
      audit,
      events: createEventLog({ store, clock }),
      chains: new Map(),
      ledgerTime: async () => NOW_MS,
    },
    // Defined anew since it was staged, so what is served ends as superseded.
    tools: { definitionOf: () => 'new' },
  } as unknown as Gate
  await serveDelays(gate)
  const rows = await store.read
    .selectFrom('proposals')
    .select(['id', 'state'])
    .where('state', '<>', 'receipted')
    .orderBy('id')
    .execute()
  expect(rows).toEqual([
    { id: 'due', state: 'superseded' },
    { id: 'early', state: 'staged' },
  ])
})
