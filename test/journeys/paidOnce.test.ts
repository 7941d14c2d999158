import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** One of the local chain's own accounts, for signing by hand. */
const alice = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const ALICE = alice.address
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-paid-'))

let chain: LocalChain
let server: Launched
let nowMs = Date.now()
const clock = { nowMs: () => nowMs }
const policy = { unknownHashMs: 60_000 }
const start = () => launch({ port: 0, dataDir, env: {}, localChain: chain, clock, logLevel: 'silent', policy })

beforeAll(async () => {
  chain = await startLocalChain()
  server = await start()
  await chain.fund(ALICE, { usdc: 10_000n * 10n ** 6n })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const wallet = () => ({ address: ALICE, chain_id: chain.chainId, is_connected: true })
const open = (baseUrl = server.url): Client => createClient({ baseUrl, sessionId: randomUUID() })
async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean, what = 'it'): Promise<T> {
  for (;;) {
    nowMs = Math.max(nowMs, Date.now())
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
    if (Date.now() - begun > LIMIT_MS) throw new Error(`${what} took too long: ${JSON.stringify(value).slice(0, 400)}`)
  }
}
let begun = Date.now()
/** For what hangs, never for what is slow. */
const LIMIT_MS = 250_000
async function ask(client: Client, text: string): Promise<Proposal> {
  await client.chat(text, wallet())
  await until(
    () => client.state(),
    (state) => !state.is_processing,
  )
  const [newest] = (await client.proposals()) as readonly Proposal[]
  if (newest === undefined) throw new Error('nothing was proposed')
  return newest
}
/** Every payment of its own amount, so that no test meets another's. */
let amount = 0
const payment = () => `send ${(amount += 1)} USDC to ${BOB}`
const state = (client: Client, id: string, ...states: string[]) =>
  until(
    () => client.proposal(id),
    (each) => states.includes(each.state),
    `${states.join(' or ')} of ${id}`,
  )
const nonce = async () => Number(BigInt(await chain.rpc<string>('eth_getTransactionCount', [ALICE, 'latest'])))
const received = async (hash: string) => {
  for (;;) {
    const receipt = await chain.rpc<{ status: string } | null>('eth_getTransactionReceipt', [hash])
    if (receipt !== null) return receipt
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
type Payable = Pick<Proposal['calls'][number], 'to' | 'value' | 'data'>
/** Signs as a wallet would. The bytes may be sent later. */
const signed = async ({ to, value, data }: Payable, more: { nonce?: number; tipGwei?: bigint } = {}) =>
  alice.signTransaction({
    type: 'eip1559',
    chainId: chain.chainId,
    nonce: more.nonce ?? (await nonce()),
    to: to as `0x${string}`,
    value: BigInt(value),
    data: data as `0x${string}`,
    gas: 200_000n,
    maxFeePerGas: 100_000_000_000n + (more.tipGwei ?? 1n) * 10n ** 9n,
    maxPriorityFeePerGas: (more.tipGwei ?? 1n) * 10n ** 9n,
  })
const broadcast = (raw: string) => chain.rpc<string>('eth_sendRawTransaction', [raw])
/** Signs and sends, and waits for the block. Nobody is told. */
async function send(call: Payable | undefined): Promise<string> {
  if (call === undefined) throw new Error('no call')
  const hash = await broadcast(await signed(call))
  expect((await received(hash)).status).toBe('0x1')
  return hash
}
const recheck = (client: Client, { id }: Proposal, window = 'window') =>
  client.recheck(id, ALICE, chain.chainId, window)
/** Whether a wallet may be opened for it now. */
const isAsked = async (client: Client, proposal: Proposal, window: string = randomUUID()) =>
  recheck(client, proposal, window).then(
    (each) => each.signable,
    (error: { status?: number }) => {
      if (error.status !== 409) throw error
      return false
    },
  )
const http = async (method: string, path: string, { session, body }: { session: string; body?: unknown }) => {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-session-id': session, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as { result?: unknown; res: { content: string } } }
}
const system = (session: string, payload: unknown, type = 'wallet:tx_complete') =>
  http('POST', `/api/system?message=${encodeURIComponent(JSON.stringify({ type, payload }))}`, { session })
const simulate = async (session: string, { calls }: Pick<Proposal, 'calls'>) => {
  const transactions = calls.map(({ to, value, data }) => ({ to, value, data }))
  const { body } = await http('POST', '/api/simulate', {
    session,
    body: { transactions, from: ALICE, chain_id: chain.chainId },
  })
  return body.result as { batch_success: boolean; fee?: { amount_wei: string }; refusal: string | null }
}
async function opened(client = open(), text = payment()) {
  begun = Date.now()
  const proposal = await ask(client, text)
  const checked = await recheck(client, proposal)
  expect(checked).toMatchObject({ signable: true, opened: { receipt: proposal.receipt?.digest } })
  const [call] = checked.calls
  if (call === undefined) throw new Error('no call')
  return { client, proposal, text, call }
}

describe('a transaction that nobody reported', () => {
  test('promise: it is found, settles its card, and is never asked for again', async () => {
    const { client, proposal, call } = await opened()
    const hash = await send(call)
    expect(await isAsked(client, proposal)).toBe(false)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({
      calls: [{ tx_hash: hash, status: 'confirmed' }],
    })
  })
  test('promise: lists of published clients correct themselves', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, payment())
    expect(Object.keys((await client.state()).user_state?.pending_txs ?? {})).toHaveLength(1)
    expect((await simulate(client.sessionId, proposal)).batch_success).toBe(true)
    // The callback met a 503; nothing else is said.
    await send(proposal.calls[0])
    expect((await simulate(client.sessionId, proposal)).fee?.amount_wei).toBe('-1')
    await until(
      () => client.state(),
      (each) => Object.keys(each.user_state?.pending_txs ?? {}).length === 0,
    )
    expect((await state(client, proposal.id, 'settled')).state).toBe('settled')
  })
  test('promise: it is not asked for while it waits to be mined', async () => {
    const { client, proposal, call } = await opened()
    await chain.rpc('evm_setAutomine', [false])
    try {
      const hash = await broadcast(await signed(call))
      expect(await isAsked(client, proposal)).toBe(false)
      expect(await isAsked(client, proposal, 'window')).toBe(false)
      expect(await client.proposal(proposal.id)).toMatchObject({ state: 'submitted', calls: [{ tx_hash: hash }] })
      // The same payment again is a card of its own, and waits for this one.
      const again = await ask(client, `send ${amount} USDC to ${BOB}`)
      expect(await isAsked(client, again)).toBe(false)
    } finally {
      await chain.rpc('evm_setAutomine', [true])
      await chain.rpc('anvil_mine', ['0x1'])
    }
    expect((await state(client, proposal.id, 'settled')).state).toBe('settled')
  })
  test('promise: a restart forgets nothing', async () => {
    const { client, proposal, call } = await opened()
    await server.close()
    const hash = await send(call)
    server = await start()
    const after = createClient({ baseUrl: server.url, sessionId: client.sessionId })
    expect(await isAsked(after, proposal)).toBe(false)
    expect(await state(after, proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: hash }] })
  })
  test('promise: another process on the store does not ask for it either', async () => {
    const { client, proposal, call } = await opened()
    const second = await start()
    try {
      const there = createClient({ baseUrl: second.url, sessionId: client.sessionId })
      expect(await isAsked(there, proposal)).toBe(false)
      await send(call)
      expect(await isAsked(there, proposal, 'window')).toBe(false)
      expect((await state(there, proposal.id, 'settled')).state).toBe('settled')
    } finally {
      await second.close()
    }
  })
  test('a second payment of the same bytes is a card of its own once the first is settled', async () => {
    const { client, proposal, text, call } = await opened()
    const first = await send(call)
    await state(client, proposal.id, 'settled')
    const again = await opened(client, text)
    expect(again.proposal.id).not.toBe(proposal.id)
    const second = await send(again.call)
    expect(await state(client, again.proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: second }] })
    expect(await client.proposal(proposal.id)).toMatchObject({ state: 'settled', calls: [{ tx_hash: first }] })
  })
  test('another transaction of the account makes the card be read again, and is no payment of it', async () => {
    const { client, proposal } = await opened()
    await send({ to: BOB, value: '1', data: '0x' })
    const moved = await recheck(client, proposal)
    expect(moved).toMatchObject({ signable: false, state: 'pending', reason: expect.stringMatching(/nonce was \d+/) })
    const shown = await recheck(client, proposal)
    expect(shown.signable).toBe(true)
    await send(shown.calls[0])
    await state(client, proposal.id, 'settled')
  })
  test('half of a batch is found, and only the rest is asked for', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, 'swap 100 USDC for ETH')
    const first = await recheck(client, proposal)
    await send(first.calls[0])
    const rest = await until(
      () => recheck(client, proposal),
      (each) => each.signable,
    )
    expect(rest.calls.map((call) => call.status)).toEqual(['confirmed', 'waiting'])
    await send(rest.calls[1])
    await state(client, proposal.id, 'settled')
  })
})

describe('what people decided while a wallet was open', () => {
  test('promise: no card is replaced while its wallet is open, and its twin is not signable', async () => {
    const { client, proposal, text, call } = await opened()
    const twin = await ask(client, text)
    expect(twin.id).not.toBe(proposal.id)
    expect((await client.proposal(proposal.id)).state).toBe('pending')
    expect(await isAsked(client, twin)).toBe(false)
    const hash = await send(call)
    expect(await isAsked(client, twin)).toBe(false)
    await client.submitted(proposal.id, 1, hash)
    expect((await state(client, proposal.id, 'settled')).state).toBe('settled')
  })
  test('promise: rejected here and signed there: kept, looked up and shown', async () => {
    for (const isReported of [true, false]) {
      const { client, proposal, text, call } = await opened()
      await client.reject(proposal.id)
      const twin = await ask(client, text)
      expect(await isAsked(client, twin)).toBe(false)
      const hash = await send(call)
      if (isReported) await client.submitted(proposal.id, 1, hash)
      expect(await state(client, proposal.id, 'settled')).toMatchObject({
        calls: [{ tx_hash: hash }],
        reason: expect.stringMatching(/although it was rejected/),
      })
    }
  })
  test('rejected in the wallet itself: the same may be asked for at once', async () => {
    const { client, proposal, text } = await opened()
    await client.reject(proposal.id, 'Rejected in the wallet.', 'window')
    const again = await ask(client, text)
    expect(await isAsked(client, again)).toBe(true)
  })
  test('promise: expiry waits for an open wallet, and what is signed later is kept', async () => {
    const { client, proposal, call } = await opened()
    nowMs += 119_000
    await server.sweep()
    expect((await client.proposal(proposal.id)).state).toBe('pending')
    nowMs += 900_000
    await state(client, proposal.id, 'expired')
    const hash = await send(call)
    await client.submitted(proposal.id, 1, hash)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: hash }] })
  })
  test('promise: "failed" is a claim: what was sent all the same counts, and so does the true hash', async () => {
    const before = await opened()
    const hash = await send(before.call)
    const ids = before.proposal.calls.map((call) => call.tx_id)
    const said = await system(before.client.sessionId, { status: 'failed', error: 'timeout', pending_tx_ids: ids })
    expect(said.body.res.content).toMatch(/sent all the same/)
    expect((await state(before.client, before.proposal.id, 'settled')).state).toBe('settled')

    const after = await opened()
    const late = after.proposal.calls.map((call) => call.tx_id)
    await system(after.client.sessionId, { status: 'failed', error: 'timeout', pending_tx_ids: late })
    expect((await after.client.proposal(after.proposal.id)).state).toBe('rejected')
    const sent = await send(after.call)
    const noted = await system(after.client.sessionId, { status: 'success', txHash: sent, pending_tx_ids: late })
    expect(noted.status).toBe(200)
    expect(hash).not.toBe(sent)
    expect((await state(after.client, after.proposal.id, 'settled')).state).toBe('settled')
  })
  test('promise: a session that is gone loses no transaction', async () => {
    const { client, proposal, call } = await opened()
    expect((await http('DELETE', `/api/sessions/${client.sessionId}`, { session: client.sessionId })).status).toBe(200)
    const gone = await http('GET', `/api/proposals/${proposal.id}`, { session: client.sessionId })
    expect([401, 404]).toContain(gone.status)
    const hash = await send(call)
    const recorded = await until(
      async () => (await server.audit('default')).filter((entry) => JSON.stringify(entry).includes(hash)),
      (entries) => entries.some((entry) => entry.event === 'proposals.proposal.settled'),
    )
    expect(recorded.length).toBeGreaterThan(0)
    await server.sweep()
    expect(
      await server.store.read.selectFrom('proposals').select('id').where('id', '=', proposal.id).execute(),
    ).toEqual([])
  })
})

describe('hashes that clients report', () => {
  test('promise: a transaction that the wallet sped up settles under its other hash', async () => {
    const { client, proposal, call } = await opened()
    await chain.rpc('evm_setAutomine', [false])
    let second = ''
    try {
      const at = await nonce()
      const first = await broadcast(await signed(call, { nonce: at }))
      await client.submitted(proposal.id, 1, first)
      second = await broadcast(await signed(call, { nonce: at, tipGwei: 50n }))
      await client.submitted(proposal.id, 1, second)
    } finally {
      await chain.rpc('anvil_mine', ['0x1'])
      await chain.rpc('evm_setAutomine', [true])
    }
    expect(await state(client, proposal.id, 'settled', 'mismatched')).toMatchObject({
      state: 'settled',
      calls: [{ tx_hash: second }],
    })
  })
  test('promise: a wrong hash is no end: the true transaction settles the card afterwards', async () => {
    const { client, proposal, call } = await opened()
    await client.submitted(proposal.id, 1, `0x${'ab'.repeat(32)}`)
    nowMs += 60_001
    await state(client, proposal.id, 'mismatched')
    const hash = await send(call)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: hash }] })
  })
  test('promise: an outsider who reports the hash first takes nothing', async () => {
    const { client, proposal, text, call } = await opened()
    const outsider = open()
    const copy = await ask(outsider, text)
    const other = await ask(open(), payment())
    const hash = await send(call)
    await outsider.submitted(copy.id, 1, hash)
    expect(other.id).not.toBe(copy.id)
    expect((await client.submitted(proposal.id, 1, hash)).id).toBe(proposal.id)
    expect((await state(client, proposal.id, 'settled')).state).toBe('settled')
    expect((await state(outsider, copy.id, 'mismatched')).reason).toMatch(/of another proposal/)
  })
  test('promise: every transaction that one message names is noted by itself, however old its card', async () => {
    const { client, proposal, call } = await opened()
    const [txId] = proposal.calls.map((each) => each.tx_id)
    const hash = await send(call)
    const other = await ask(client, payment())
    // The first of the two throws: nothing of it was ever sent, and it is over.
    await client.reject(other.id)
    for (let i = 0; i < 51; i += 1) await copyOf(proposal, i)
    await system(client.sessionId, {
      status: 'success',
      txHash: hash,
      pending_tx_ids: [other.calls[0]?.tx_id, txId],
    })
    expect((await state(client, proposal.id, 'settled')).state).toBe('settled')
    const reports = await server.store.read
      .selectFrom('reported_hashes')
      .select('proposal_id')
      .where('tx_hash', '=', hash)
      .execute()
    expect(reports.map((row) => row.proposal_id)).toContain(other.id)
  })
  test('promise: a reorganisation is seen, and the transaction looked for again', async () => {
    const { client, proposal, call } = await opened()
    const snapshot = await chain.rpc('evm_snapshot')
    const raw = await signed(call)
    const hash = await broadcast(raw)
    await received(hash)
    await state(client, proposal.id, 'settled')
    await chain.rpc('evm_revert', [snapshot])
    await chain.rpc('anvil_mine', ['0x3'])
    await state(client, proposal.id, 'submitted')
    expect(await isAsked(client, proposal)).toBe(false)
    expect(await broadcast(raw)).toBe(hash)
    await received(hash)
    await state(client, proposal.id, 'settled')
  })
  test('promise: what failed in a block that the network replaced, and then did not fail, is seen as paid', async () => {
    const { client, proposal, call } = await opened()
    const snapshot = await chain.rpc('evm_snapshot')
    await chain.rpc('anvil_setCode', [call.to, '0xfe'])
    const raw = await signed(call)
    expect(await received(await broadcast(raw))).toMatchObject({ status: '0x0' })
    await state(client, proposal.id, 'mismatched')
    await chain.rpc('evm_revert', [snapshot])
    await chain.rpc('anvil_mine', ['0x3'])
    const hash = await send(call)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({
      calls: [{ tx_hash: hash, status: 'confirmed' }],
    })
  })
})

/** A session with many newer proposals. */
async function copyOf(proposal: Proposal, i: number): Promise<void> {
  await server.store.write(async ({ db }) => {
    const row = await db.selectFrom('proposals').selectAll().where('id', '=', proposal.id).executeTakeFirstOrThrow()
    const id = `prop_copy_${i}_${proposal.id}`
    const copy = { ...row, id, state: 'blocked', first_tx_id: 1_000 + i, watch_until_ms: null }
    await db.insertInto('proposals').values(copy).execute()
  })
}

describe('whoever asks for the wallet', () => {
  test('promise: two clients without a name are asked one after the other, seconds apart', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, payment())
    const [first, second] = await Promise.all([
      simulate(client.sessionId, proposal),
      simulate(client.sessionId, proposal),
    ])
    expect([first.batch_success, second.batch_success].sort((a, b) => Number(a) - Number(b))).toEqual([false, true])
    const refused = first.batch_success ? second : first
    expect(refused).toMatchObject({ fee: { amount_wei: '-1' }, refusal: expect.stringMatching(/try again in \d+ s/) })
    // One person who simulates and then signs is not kept waiting for minutes.
    nowMs += 5_001
    expect((await simulate(client.sessionId, proposal)).batch_success).toBe(true)
    expect(await isAsked(client, proposal)).toBe(false)
    nowMs += 5_001
    expect(await isAsked(client, proposal)).toBe(true)
  })
})
