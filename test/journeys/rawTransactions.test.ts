import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { keccak256, type Address, type Hex, type TransactionSerializable } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startHostileProvider, type HostileProvider } from '../hostileProvider.ts'

/** Raw transactions pass `/api/rpc` for a card that waits for exactly these bytes, and for nothing else. */
const ALICE = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const MALLORY = privateKeyToAccount('0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a')
const BOB = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const ETHER = 10n ** 18n
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-raw-'))

let chain: LocalChain
let provider: HostileProvider
let server: Launched
let appKey = ''
beforeAll(async () => {
  chain = await startLocalChain()
  provider = await startHostileProvider(chain.rpcUrl)
  await chain.fund(ALICE.address, { usdc: 10_000n * 10n ** 6n })
  const apps = join(dataDir, 'apps.json')
  writeFileSync(apps, JSON.stringify([{ name: 'shop', session_policy: 'id', model: 'intent-grammar-1' }]))
  server = await launch({
    port: 0,
    dataDir,
    env: { COUNTERSIGN_APPS: apps },
    localChain: { ...chain, rpcUrl: provider.url },
    logLevel: 'silent',
  })
  appKey = Redacted.reveal((await server.issueKey({ app: 'shop', label: 'shop' })).key)
})
afterAll(async () => {
  await server.close()
  await provider.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(() => {
  provider.behave = null
  provider.answer = null
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const nonceOf = async (account = ALICE.address): Promise<number> =>
  Number(await chain.rpc<Hex>('eth_getTransactionCount', [account, 'latest']))
interface Sendable {
  readonly to: string | null
  readonly value: string
  readonly data: string
}
async function sign(call: Sendable, change: Partial<TransactionSerializable> = {}, by = ALICE): Promise<Hex> {
  return by.signTransaction({
    type: 'eip1559',
    chainId: chain.chainId,
    nonce: await nonceOf(by.address),
    to: call.to as Address,
    value: BigInt(call.value),
    data: call.data as Hex,
    gas: 1_000_000n,
    maxFeePerGas: 20n * 10n ** 9n,
    maxPriorityFeePerGas: 10n ** 9n,
    ...change,
  } as TransactionSerializable)
}
interface Told {
  readonly status: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}
async function post(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}/api/rpc/${chain.chainId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}
async function send(raw: unknown, headers: Record<string, string> = {}): Promise<Told> {
  const told = await post({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] }, headers)
  return { status: told.status, ...(told.body as Omit<Told, 'status'>) }
}
const as = (client: Client): Record<string, string> => ({ 'x-session-id': client.sessionId })

let amount = 0
/** A card that waits for the wallet. Each has an amount of its own, so that no two have the same bytes. */
async function propose(
  text = `send 0.0${String((amount += 1)).padStart(3, '0')} ETH to ${BOB}`,
  client = createClient({ baseUrl: server.url, sessionId: randomUUID() }),
): Promise<{ client: Client; proposal: Proposal; call: Proposal['calls'][number] }> {
  await client.chat(text, { address: ALICE.address, chain_id: chain.chainId, is_connected: true })
  while ((await client.state()).is_processing) await pause(25)
  const [proposal] = (await client.proposals()) as readonly Proposal[]
  const [call] = proposal?.calls ?? []
  if (proposal === undefined || call === undefined) throw new Error((await client.state()).messages.at(-1)?.content)
  return { client, proposal, call }
}
async function ready(text?: string) {
  const made = await propose(text)
  const checked = await made.client.recheck(made.proposal.id, ALICE.address, chain.chainId)
  expect(checked.signable, checked.reason ?? '').toBe(true)
  return made
}
async function settled(client: Client, id: string): Promise<Proposal> {
  for (let i = 0; i < 600; i += 1, await pause(25)) {
    const proposal = await client.proposal(id)
    if (!['pending', 'submitted'].includes(proposal.state)) return proposal
  }
  return client.proposal(id)
}

describe('refused', () => {
  const refused = async (told: Told): Promise<void> => {
    expect(told.result).toBeUndefined()
    expect([200, 401, 403, 404], JSON.stringify(told)).toContain(told.status)
  }
  /** Nothing of the attempt reached the chain. */
  async function leavesNothing(attempt: () => Promise<unknown>): Promise<void> {
    const before = [await nonceOf(), await nonceOf(MALLORY.address)]
    provider.asked.delete('eth_sendRawTransaction')
    await attempt()
    expect([await nonceOf(), await nonceOf(MALLORY.address)]).toEqual(before)
    expect(provider.asked.get('eth_sendRawTransaction') ?? 0).toBe(0)
  }

  test('promise: bytes that no card waits for are not sent', async () => {
    const { client, proposal, call } = await ready()
    await leavesNothing(async () => {
      for (const [what, raw] of [
        ['never proposed', await sign({ to: BOB, value: String(ETHER), data: '0x' })],
        ['another amount', await sign({ ...call, value: String(BigInt(call.value) + 1n) })],
        ['another recipient', await sign({ ...call, to: MALLORY.address })],
        ['call data added', await sign({ ...call, data: '0x01' })],
        ['a creation', await sign({ ...call, to: null })],
        ['another signer', await sign(call, {}, MALLORY)],
        ['another chain', await sign(call, { chainId: 1 })],
        ['a nonce ahead', await sign(call, { nonce: (await nonceOf()) + 1 })],
        ['no chain at all', await ALICE.signTransaction({ ...legacy(call, await nonceOf()), chainId: undefined })],
        [
          'code for the account beside it',
          await ALICE.signTransaction({
            type: 'eip7702',
            chainId: chain.chainId,
            nonce: await nonceOf(),
            to: call.to as Address,
            value: BigInt(call.value),
            gas: 1_000_000n,
            maxFeePerGas: 20n * 10n ** 9n,
            maxPriorityFeePerGas: 1n,
            authorizationList: [
              await ALICE.signAuthorization({
                chainId: chain.chainId,
                nonce: (await nonceOf()) + 1,
                address: MALLORY.address,
              }),
            ],
          }),
        ],
      ] as const) {
        const told = await send(raw, as(client))
        expect(told.error?.message, what).toBeDefined()
        await refused(told)
      }
      for (const junk of [
        '0x',
        '0x02',
        `0x02${'ff'.repeat(200)}`,
        12,
        null,
        { raw: '0x' },
        `0x${'00'.repeat(200_000)}`,
      ])
        await refused(await send(junk, as(client)))
    })
    expect((await client.proposal(proposal.id)).state).toBe('pending')
  })

  test('promise: a card’s bytes are sent for its own session alone', async () => {
    const { client, proposal, call } = await propose()
    const raw = await sign(call)
    const other = await propose()
    await leavesNothing(async () => {
      await refused(await send(raw, as(other.client)))
      await refused(await send(raw, { 'x-session-id': randomUUID() }))
      // With a key there is no such route: programs have a door that judges what they send.
      expect((await send(raw, { 'x-api-key': appKey })).status).toBe(404)
      // Nobody looked at it last: a session that is not named needs an open wallet.
      await refused(await send(raw))
    })
    expect((await client.proposal(proposal.id)).state).toBe('pending')
  })

  test('promise: a card that is not pending sends nothing', async () => {
    const rejected = await ready()
    const raw = await sign(rejected.call)
    await rejected.client.reject(rejected.proposal.id, 'no')
    const blocked = await propose(`send 99999999 ETH to ${BOB}`)
    expect(blocked.proposal.state).toBe('blocked')
    const blockedRaw = await sign(blocked.call)
    const replaced = await ready()
    const replacedRaw = await sign(replaced.call)
    await leavesNothing(async () => {
      await refused(await send(raw, as(rejected.client)))
      await refused(await send(blockedRaw, as(blocked.client)))
      await replaced.client.reject(replaced.proposal.id, 'no')
      await refused(await send(replacedRaw, as(replaced.client)))
      await refused(await send(replacedRaw))
    })
  })

  test('promise: the same bytes are not sent twice, one after the other or at once', async () => {
    const { client, proposal, call } = await ready()
    const nonce = await nonceOf()
    const first = await sign(call)
    const ahead = await sign(call, { nonce: nonce + 1 })
    const batch = await post(
      [first, ahead, first].map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] })),
      as(client),
    )
    expect((batch.body as Told[]).map(({ result }) => result)).toEqual([keccak256(first), undefined, keccak256(first)])
    expect((await settled(client, proposal.id)).state).toBe('settled')
    expect(await nonceOf()).toBe(nonce + 1)
    // Published clients run their whole list again when anything fails.
    for (const headers of [as(client), {}])
      expect((await send(await sign(call), headers)).result, JSON.stringify(headers)).toBeUndefined()
    expect(await nonceOf()).toBe(nonce + 1)
  })

  test('the second step is not sent before the first', async () => {
    const { client, proposal } = await ready('swap 20 USDC for ETH')
    const [, second] = proposal.calls
    if (second === undefined) throw new Error('one step')
    await leavesNothing(async () => refused(await send(await sign(second), as(client))))
    await client.reject(proposal.id, 'no')
  })
})

const legacy = (call: Sendable, nonce: number) =>
  ({
    type: 'legacy',
    chainId: chain.chainId as number | undefined,
    nonce,
    to: call.to as Address,
    value: BigInt(call.value),
    data: call.data as Hex,
    gas: 1_000_000n,
    gasPrice: 20n * 10n ** 9n,
  }) as const

describe('sent', () => {
  test('a card’s own bytes; the hash is adopted without a report, and the same again changes nothing', async () => {
    const { client, proposal, call } = await ready()
    const raw = await sign(call)
    const hash = keccak256(raw)
    expect(await send(raw, as(client))).toMatchObject({ status: 200, result: hash })
    expect((await client.proposal(proposal.id)).calls[0]?.tx_hash).toBe(hash)
    expect((await send(raw, as(client))).result).toBe(hash)
    expect(await settled(client, proposal.id)).toMatchObject({ state: 'settled', calls: [{ tx_hash: hash }] })
    expect((await send(raw, as(client))).result).toBe(hash)
  })

  test('every type of transaction that wallets use', async () => {
    for (const type of ['legacy', 'eip2930', 'eip1559'] as const) {
      const { client, proposal, call } = await ready()
      const raw =
        type === 'eip1559'
          ? await sign(call)
          : await ALICE.signTransaction({ ...legacy(call, await nonceOf()), type, chainId: chain.chainId } as never)
      expect((await send(raw, as(client))).result, type).toBe(keccak256(raw))
      expect((await settled(client, proposal.id)).state, type).toBe('settled')
    }
  })

  test('a published client that names no session: its last look opened the wallet', async () => {
    const { client, proposal, call } = await propose()
    const looked = await fetch(`${server.url}/api/simulate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...as(client) },
      body: JSON.stringify({
        from: ALICE.address,
        chain_id: chain.chainId,
        transactions: [{ to: call.to, value: call.value, data: call.data }],
      }),
    })
    expect(((await looked.json()) as { result: { batch_success: boolean } }).result.batch_success).toBe(true)
    const raw = await sign(call)
    expect((await send(raw)).result).toBe(keccak256(raw))
    expect((await settled(client, proposal.id)).state).toBe('settled')
  })

  test('two steps, each after the one before', async () => {
    const { client, proposal } = await propose('swap 10 USDC for ETH')
    for (const { step } of proposal.calls) {
      const checked = await client.recheck(proposal.id, ALICE.address, chain.chainId)
      const call = checked.calls.find((each) => each.step === step)
      if (call === undefined) throw new Error('no call')
      const raw = await sign(call)
      expect((await send(raw, as(client))).result, `step ${step}`).toBe(keccak256(raw))
      while ((await client.proposal(proposal.id)).calls[step - 1]?.status !== 'confirmed') await pause(25)
    }
    expect((await settled(client, proposal.id)).state).toBe('settled')
  })

  test('what the node refuses leaves the card as it was', async () => {
    const { client, proposal, call } = await ready()
    const low = await sign(call, { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n })
    const told = await send(low, as(client))
    expect(told.result).toBeUndefined()
    expect(told.error?.message).toMatch(/fee/)
    expect((await client.proposal(proposal.id)).calls[0]?.status).toBe('waiting')
    const raw = await sign(call)
    expect((await send(raw, as(client))).result).toBe(keccak256(raw))
    expect((await settled(client, proposal.id)).state).toBe('settled')
  })

  test('a wallet’s speed-up: the same nonce and bytes at a higher fee', async () => {
    const { client, call } = await ready()
    await chain.rpc('evm_setAutomine', [false])
    try {
      const nonce = await nonceOf()
      const slow = await sign(call, { nonce })
      const fast = await sign(call, { nonce, maxFeePerGas: 40n * 10n ** 9n, maxPriorityFeePerGas: 4n * 10n ** 9n })
      expect((await send(slow, as(client))).result).toBe(keccak256(slow))
      expect((await send(fast, as(client))).result).toBe(keccak256(fast))
    } finally {
      await chain.rpc('evm_mine', [])
      await chain.rpc('evm_setAutomine', [true])
    }
  })

  test('a provider that is away: the same bytes may be sent again, others not', async () => {
    const { client, proposal, call } = await ready()
    const raw = await sign(call)
    const ahead = await sign(call, { nonce: (await nonceOf()) + 1 })
    provider.behave = ({ method }, honest) =>
      method === 'eth_sendRawTransaction' ? Promise.reject(new Error()) : honest()
    expect((await send(raw, as(client))).status).toBe(502)
    provider.behave = null
    expect((await send(ahead, as(client))).result).toBeUndefined()
    expect((await send(raw, as(client))).result).toBe(keccak256(raw))
    expect((await settled(client, proposal.id)).state).toBe('settled')
  })
})

describe('reads', () => {
  const ask = (method: string, params: readonly unknown[]) => post({ jsonrpc: '2.0', id: 1, method, params })
  test('promise: a call is bounded, and takes no overrides', async () => {
    const seen: unknown[] = []
    provider.behave = ({ method, params }, honest) => {
      if (method === 'eth_call' || method === 'eth_estimateGas') seen.push(params)
      return honest()
    }
    const tx = { to: chain.addresses.usdc, data: '0x18160ddd' }
    for (const params of [
      [tx, 'latest', { [chain.addresses.usdc]: { code: '0x6001' } }],
      [tx, 'latest', {}, { time: '0x1' }],
      ['0x', 'latest'],
      [null],
      [[]],
    ])
      for (const method of ['eth_call', 'eth_estimateGas'])
        expect((await ask(method, params)).body, JSON.stringify(params)).toMatchObject({ error: { code: -32602 } })
    expect(seen).toEqual([])
    const answer = await ask('eth_call', [{ ...tx, gas: '0xffffffff', evil: 1 }, 'latest'])
    expect((answer.body as Told).result).toMatch(/^0x[0-9a-f]{64}$/)
    expect(seen).toEqual([[{ ...tx, gas: '0x1000000' }, 'latest']])
  })

  test('promise: each call of a batch costs a unit', async () => {
    // An hour's limit: nothing of it comes back while the test runs, however slow the machine is.
    const { key } = await server.issueKey({
      app: 'shop',
      label: 'counted',
      limits: [{ name: 'hour', limit: 1_000, windowMs: 3_600_000 }],
    })
    const remaining = (response: Response): number =>
      Number(/"hour[^;]*;r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1])
    const batch = (size: number) =>
      fetch(`${server.url}/rpc/${chain.chainId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': Redacted.reveal(key) },
        body: JSON.stringify(
          Array.from({ length: size }, (_, id) => ({ jsonrpc: '2.0', id, method: 'eth_chainId', params: [] })),
        ),
      })
    // The header names the limit that is nearest to its end: after these it is the key's own, whatever came before.
    for (let i = 0; i < 5; i += 1) await batch(20)
    const [before, after] = [remaining(await batch(1)), remaining(await batch(20))]
    expect(before - after).toBeGreaterThanOrEqual(15)
  })
})
