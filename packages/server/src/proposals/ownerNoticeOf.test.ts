import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { accountOf } from './ownerNoticeOf.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-account-'))
const clock = { nowMs: () => 1_800_000_000_000 }
const audit = createAppendAudit({ clock })
const from = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const other = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function sessionOf(owner: string, wallet: { address: string; chainId: number; isByKey: boolean } | null) {
  const { sid } = await openSession({ store, clock, audit }, { publicId: randomUUID(), app: 'default', owner })
  if (wallet !== null)
    await store.write((write) =>
      write.db
        .updateTable('sessions')
        .set({
          ...{ wallet_address: wallet.address, wallet_chain_id: wallet.chainId, wallet_proven_ms: 1 },
          wallet_by_key: wallet.isByKey ? 1 : 0,
        })
        .where('sid', '=', sid)
        .execute(),
    )
  return sid
}
const proposal = (sid: string) => ({ sid, door: null, kind: 'transactions', from, chainId: 10 }) as const

test.each([
  ['a claim', null, false],
  ['the account by its key, on any chain', { address: from, chainId: 1, isByKey: true }, true],
  ['the account by its contract, on this chain', { address: from, chainId: 10, isByKey: false }, true],
  ['the account by a contract of another chain', { address: from, chainId: 1, isByKey: false }, false],
  ['another account', { address: other, chainId: 10, isByKey: true }, false],
] as const)('promise: a conversation tells an account when it proved it: %s', async (_, wallet, isTold) => {
  const sid = await sessionOf('app:default', wallet)
  expect(await accountOf(store.read, proposal(sid))).toEqual(
    isTold ? { address: from, chainId: 10, saidIn: null } : null,
  )
})

test('promise: the private chat in which the bot answers is named, and no group', async () => {
  const wallet = { address: from, chainId: 10, isByKey: true }
  for (const [owner, saidIn] of [
    ['telegram:7:42:42', '42'],
    ['telegram:7:-5:42', null],
    ['telegram:7:43:42', null],
  ] as const)
    expect(await accountOf(store.read, proposal(await sessionOf(owner, wallet)))).toMatchObject({ saidIn })
})
