/** One transaction for several steps (EIP-5792 by EIP-7702) on the real chain: reported for all of them, compared with what was shown. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import type { Address, Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAtomicWallet, type Habit } from '../browser/batch/atomicWallet.ts'

const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-batches-'))
let server: Launched
beforeAll(async () => {
  server = await launch({ port: 0, dataDir, env: {}, logLevel: 'error' })
  await server.localChain?.fund(ALICE, { wei: 10n ** 20n, usdc: 10_000n * 10n ** 6n })
})
afterAll(async () => {
  await server?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Asks for an approval and a swap, has the wallet do them as `habit` says, and reports what the wallet says. */
async function play(habit: Habit): Promise<{ proposal: Proposal; problem: unknown }> {
  const chain = server.localChain
  if (chain === null) throw new Error('The server has a local chain.')
  const client = createClient({ baseUrl: server.url, sessionId: crypto.randomUUID() })
  const wallet = { address: ALICE, chain_id: chain.chainId, is_connected: true }
  await client.chatAndWait('swap 50 USDC for ETH', { wallet })
  const staged = (await client.proposals()).find((each) => each.kind === 'transactions') as Proposal
  expect([staged.state, staged.reason, staged.calls.length]).toEqual(['pending', null, 2])
  const checked = await client.recheck(staged.id, ALICE, chain.chainId, 'window-1', staged.receipt?.digest)
  const hands = createAtomicWallet(chain)
  const calls = checked.calls.map(({ to, value, data }) => ({
    ...{ to: to as Address, data: data as Hex },
    value: `0x${BigInt(value).toString(16)}` as Hex,
  }))
  const id = await hands.sendCalls({ calls }, habit)
  // A block may come a moment after its transaction was sent.
  await expect.poll(async () => (await hands.status(id)).status, { timeout: 60_000 }).not.toBe(100)
  const { receipts = [] } = await hands.status(id)
  const [receipt] = receipts
  await client.submitted(staged.id, habit === 'partly' ? [1] : [1, 2], receipt?.transactionHash ?? '0x')
  await expect
    .poll(async () => (await client.proposal(staged.id)).calls[0]?.status, { timeout: 120_000 })
    .not.toBe('submitted')
  const proposal = await client.proposal(staged.id)
  const problem = await client
    .submitted(staged.id, [1, 1], receipt?.transactionHash ?? '0x')
    .catch((error: unknown) => error)
  return { proposal, problem }
}

test('a batch that did what was shown settles, with one hash for its steps', async () => {
  const { proposal, problem } = await play('honest')
  expect([proposal.state, proposal.calls.map(({ status }) => status)]).toEqual(['settled', ['confirmed', 'confirmed']])
  expect(new Set(proposal.calls.map(({ tx_hash: hash }) => hash)).size).toBe(1)
  expect(problem).toMatchObject({ status: 400 })
})

test('promise: a batch that left a step out, or made another call, is found out', async () => {
  expect((await play('first-only')).proposal).toMatchObject({
    state: 'mismatched',
    reason: expect.stringMatching(/step 2 was not made/),
  })
  expect((await play('other-call')).proposal).toMatchObject({
    state: 'mismatched',
    reason: expect.stringMatching(/step 1 is a different call/),
  })
})

test('a batch that failed on the chain, and one of which a part happened', async () => {
  const { proposal } = await play('reverts')
  expect(proposal).toMatchObject({
    state: 'mismatched',
    settlement: { differences: [expect.stringMatching(/^it reverted on chain in block \d+/)] },
  })
  expect((await play('partly')).proposal).toMatchObject({
    state: 'pending',
    calls: [{ status: 'confirmed' }, { status: 'waiting' }],
  })
})
