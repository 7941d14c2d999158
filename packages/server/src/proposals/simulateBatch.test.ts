import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address, Clock } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Chain } from '../chains/Chain.ts'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import type { Proposal } from './Proposal.ts'
import { requestFor } from './simulateBatch.ts'

const SENDER = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const PAID = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-request-'))
const clock = Clock.fixed(1_700_000_000_000)
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
  const audit = createAppendAudit({ clock })
  const { sid } = await openSession({ store, clock, audit }, { publicId: 'x', app: 'shop', owner: 'app:shop' })
  await store.write(async ({ db }) => {
    await db
      .insertInto('proposals')
      .values({
        ...{ id: 'prop_1', sid, app: 'shop', state: 'settled', chain_id: 1, sender: SENDER, summary: '' },
        ...{ provenance: '[]', digest: '0x', report: null, receipt_digest: null, reason: null, settlement: null },
        ...{ user_texts: '[]', created_ms: 0, updated_ms: 0, expires_ms: 0, first_tx_id: 1 },
        ...{ wallet_lease: null, wallet_until_ms: null },
      })
      .execute()
    await db
      .insertInto('proposal_calls')
      .values({
        ...{ proposal_id: 'prop_1', step: 1, tx_id: 1, recipient: PAID, value: '1', data: '0x', gas: null },
        ...{ max_fee: null, label: '', kind: 'native_transfer', status: 'mined', tx_hash: null, submitted_ms: 1 },
      })
      .execute()
  })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const counterparties = async (app: string) => {
  const chain = { tokens: [], contracts: [] } as unknown as Chain
  const proposal = {
    ...{ app, from: SENDER, chainId: 1, userTexts: [], provenance: [], calls: [] },
  } as unknown as Proposal
  return (await requestFor(store.read, chain, proposal, { nowMs: clock.nowMs() })).counterparties
}

test('an app compares look-alike addresses with those that were paid through it', async () => {
  expect(await counterparties('shop')).toEqual([PAID])
})

test('promise: an app that claims the same account learns nothing of whom it paid through another', async () => {
  expect(await counterparties('rival')).toEqual([])
})
