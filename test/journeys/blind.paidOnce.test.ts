/** Paid once, blind: orders of events written from the rule in words, before the code was read. */
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
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-blind-paid-'))

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

const askedSoon = (client: Client, proposal: Proposal) =>
  until(
    () => isAsked(client, proposal),
    (isIt) => isIt,
    'being asked for',
  )
/** Nothing is mined while the work is done. */
async function unmined<T>(work: () => Promise<T>): Promise<T> {
  await chain.rpc('evm_setAutomine', [false])
  try {
    return await work()
  } finally {
    await chain.rpc('evm_setAutomine', [true])
    await chain.rpc('anvil_mine', ['0x1'])
  }
}
const later = async (ms: number) => {
  nowMs = Math.max(nowMs, Date.now()) + ms
  await server.sweep()
}

describe('attack: an order of events after which the same could be asked for twice', () => {
  test('the report is lost and the page is opened again', async () => {
    const { client, proposal, call } = await opened()
    await unmined(async () => {
      await broadcast(await signed(call))
      expect(await isAsked(client, proposal)).toBe(false)
      await later(120_000)
      expect(await isAsked(client, proposal)).toBe(false)
      expect((await simulate(client.sessionId, proposal)).batch_success).toBe(false)
    })
    await state(client, proposal.id, 'settled')
    expect(await isAsked(client, proposal)).toBe(false)
  })
  test('the server starts again while the transaction waits', async () => {
    const { client, proposal, call, text } = await opened()
    await unmined(async () => {
      await broadcast(await signed(call))
      await server.close()
      server = await start()
      const after = createClient({ baseUrl: server.url, sessionId: client.sessionId })
      expect(await isAsked(after, proposal)).toBe(false)
      const twin = await ask(after, text)
      expect(await isAsked(after, twin)).toBe(false)
    })
  })
  test('six windows at once', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, payment())
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((each) => isAsked(client, proposal, `w${each}`)))
    expect(answers.filter((each) => each)).toHaveLength(1)
  })
  test('sped up, only the first hash was reported, the page asks between', async () => {
    const { client, proposal, call } = await opened()
    const second = await unmined(async () => {
      const at = await nonce()
      await client.submitted(proposal.id, 1, await broadcast(await signed(call, { nonce: at })))
      const other = await broadcast(await signed(call, { nonce: at, tipGwei: 60n }))
      expect(await isAsked(client, proposal)).toBe(false)
      return other
    })
    expect(await isAsked(client, proposal)).toBe(false)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: second }] })
  })
  test('the same is asked for in another session of the wallet while the first waits', async () => {
    const { call, text } = await opened()
    await unmined(async () => {
      await broadcast(await signed(call))
      const other = open()
      const twin = await ask(other, text)
      expect(await isAsked(other, twin)).toBe(false)
    })
  })
  test('the same is committed three times, the first is signed, the others are opened', async () => {
    const { client, call, text } = await opened()
    const [b, c] = [await ask(client, text), await ask(client, text)]
    await unmined(async () => {
      await broadcast(await signed(call))
      expect(await isAsked(client, b)).toBe(false)
      expect(await isAsked(client, c)).toBe(false)
      await later(60_000)
      expect(await isAsked(client, c)).toBe(false)
    })
  })
  test('rejected here, signed there, asked for again at once', async () => {
    const { client, proposal, call, text } = await opened()
    await client.reject(proposal.id)
    await unmined(async () => {
      await broadcast(await signed(call))
      const twin = await ask(client, text)
      expect(await isAsked(client, twin)).toBe(false)
    })
    expect((await state(client, proposal.id, 'settled')).reason).toMatch(/rejected/)
  })
  test('a stranger posts the hash first, and the owner’s report never comes', async () => {
    const { client, proposal, call, text } = await opened()
    const outsider = open()
    const copy = await ask(outsider, text)
    await unmined(async () => {
      const hash = await broadcast(await signed(call))
      await outsider.submitted(copy.id, 1, hash)
      expect(await isAsked(client, proposal)).toBe(false)
    })
    await state(client, proposal.id, 'settled')
  })
  test('two windows: one says rejected, the other still has the wallet open', async () => {
    begun = Date.now()
    const client = open()
    const text = payment()
    const proposal = await ask(client, text)
    expect(await isAsked(client, proposal, 'a')).toBe(true)
    await later(180_000)
    const isOpenInB = await isAsked(client, proposal, 'b')
    await client.reject(proposal.id, 'Rejected in the wallet.', 'a').catch(() => null)
    if (!isOpenInB) return
    const [now] = (await client.proposals()) as readonly Proposal[]
    const twin = now?.state === 'rejected' ? await ask(client, text) : proposal
    expect(await isAsked(client, twin, 'c')).toBe(false)
  })
  test('"failed" is said of what waits, and the same is asked for again', async () => {
    const { client, proposal, call, text } = await opened()
    await unmined(async () => {
      await broadcast(await signed(call))
      const ids = proposal.calls.map((each) => each.tx_id)
      await system(client.sessionId, { status: 'failed', error: 'timeout', pending_tx_ids: ids })
      const twin = await ask(client, text)
      expect(await isAsked(client, twin)).toBe(false)
      expect(await isAsked(client, proposal)).toBe(false)
    })
  })
  test('signed with a later number, so that it waits for another', async () => {
    const { client, proposal, call, text } = await opened()
    const at = await nonce()
    await unmined(async () => {
      const hash = await broadcast(await signed(call, { nonce: at + 1 }))
      await client.submitted(proposal.id, 1, hash)
      expect(await isAsked(client, proposal)).toBe(false)
      const twin = await ask(client, text)
      expect(await isAsked(client, twin)).toBe(false)
      await broadcast(await signed({ to: BOB, value: '1', data: '0x' }, { nonce: at }))
    })
    await state(client, proposal.id, 'settled')
  })
  test('the session ends, the wallet signs, and a new session asks for the same', async () => {
    const { client, call, text } = await opened()
    await http('DELETE', `/api/sessions/${client.sessionId}`, { session: client.sessionId })
    await unmined(async () => {
      await broadcast(await signed(call))
      const fresh = open()
      expect(await isAsked(fresh, await ask(fresh, text))).toBe(false)
    })
  })
  test('it expires in the wallet, is signed late, and the same is asked for between', async () => {
    const { client, proposal, call, text } = await opened()
    await later(1_100_000)
    await state(client, proposal.id, 'expired')
    await unmined(async () => {
      await broadcast(await signed(call))
      expect(await isAsked(client, await ask(client, text))).toBe(false)
    })
    await state(client, proposal.id, 'settled')
  })
})

describe('honest: what must be asked for', () => {
  test('a second payment that is meant, after the first', async () => {
    const { client, proposal, call, text } = await opened()
    await send(call)
    await state(client, proposal.id, 'settled')
    expect(await askedSoon(client, await ask(client, text))).toBe(true)
  })
  test('three payments of the same, one after the other', async () => {
    begun = Date.now()
    const client = open()
    const text = payment()
    for (let i = 0; i < 3; i += 1) {
      const proposal = await ask(client, text)
      const checked = await recheck(client, proposal)
      expect(checked.signable).toBe(true)
      const hash = await send(checked.calls[0])
      await client.submitted(proposal.id, 1, hash)
      await state(client, proposal.id, 'settled')
    }
  })
  test('two steps, one after the other', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, 'swap 50 USDC for ETH')
    const first = await recheck(client, proposal)
    await client.submitted(proposal.id, 1, await send(first.calls[0]))
    const rest = await until(
      () => recheck(client, proposal),
      (each) => each.signable,
    )
    await client.submitted(proposal.id, 2, await send(rest.calls[1]))
    await state(client, proposal.id, 'settled')
  })
  test('others pay the same to the same', async () => {
    begun = Date.now()
    const client = open()
    const proposal = await ask(client, payment())
    const rival = chain.accounts[0]?.address as `0x${string}`
    await chain.fund(rival, { usdc: 1_000n * 10n ** 6n })
    const [call] = proposal.calls
    const sent = { from: rival, to: call?.to, data: call?.data, value: '0x0' }
    await received(await chain.rpc<string>('eth_sendTransaction', [sent]))
    expect(await askedSoon(client, proposal)).toBe(true)
    expect((await client.proposal(proposal.id)).state).toBe('pending')
    const hash = await send(call)
    expect(await state(client, proposal.id, 'settled')).toMatchObject({ calls: [{ tx_hash: hash }] })
  })
  test('a chain that takes ten minutes', async () => {
    const { client, proposal, call, text } = await opened()
    await unmined(async () => {
      await client.submitted(proposal.id, 1, await broadcast(await signed(call)))
      for (let i = 0; i < 5; i += 1) await later(120_000)
      expect((await client.proposal(proposal.id)).state).toBe('submitted')
    })
    await state(client, proposal.id, 'settled')
    expect(await askedSoon(client, await ask(client, text))).toBe(true)
  })
  test('rejected in the wallet, then meant after all', async () => {
    const { client, proposal, text } = await opened()
    await client.reject(proposal.id, 'Rejected in the wallet.', 'window')
    expect(await isAsked(client, await ask(client, text))).toBe(true)
  })
  test('rejected here before any wallet was open, then meant after all', async () => {
    begun = Date.now()
    const client = open()
    const text = payment()
    await client.reject((await ask(client, text)).id)
    expect(await isAsked(client, await ask(client, text))).toBe(true)
  })
  test('cancelled in the wallet by a payment to oneself', async () => {
    const { client, proposal, call, text } = await opened()
    await unmined(async () => {
      const at = await nonce()
      await client.submitted(proposal.id, 1, await broadcast(await signed(call, { nonce: at })))
      await broadcast(await signed({ to: ALICE, value: '0', data: '0x' }, { nonce: at, tipGwei: 60n }))
    })
    await later(120_000)
    const again = await ask(client, text)
    expect(await askedSoon(client, again)).toBe(true)
  })
  test('it failed on the chain', async () => {
    const { client, proposal, call, text } = await opened()
    const raw = await alice.signTransaction({
      ...{ type: 'eip1559', chainId: chain.chainId, nonce: await nonce(), to: call.to as `0x${string}`, value: 0n },
      ...{ data: call.data as `0x${string}`, gas: 30_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n },
    })
    const hash = await broadcast(raw)
    expect((await received(hash)).status).toBe('0x0')
    await client.submitted(proposal.id, 1, hash)
    await until(
      () => client.proposal(proposal.id),
      (each) => !['pending', 'submitted'].includes(each.state),
    )
    expect(await isAsked(client, await ask(client, text))).toBe(true)
  })
  test('the wallet was opened and left, an hour passes, and it is meant again', async () => {
    const { text } = await opened()
    await later(1_100_000)
    await later(2_500_000)
    const fresh = open()
    expect(await askedSoon(fresh, await ask(fresh, text))).toBe(true)
  })
  test('another payment to the same while the first is settled a moment ago', async () => {
    const { client, call } = await opened()
    await send(call)
    expect(await askedSoon(client, await ask(client, payment()))).toBe(true)
  })
})
