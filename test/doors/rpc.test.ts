/* oxlint-disable typescript/no-explicit-any -- answers of every shape are looked at by matchers */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Address, Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client } from '@countersign/sdk'
import { FetchRequest, JsonRpcProvider, Wallet } from 'ethers'
import { launch, type Launched } from 'countersign'
import { createPublicClient, createWalletClient, encodeFunctionData, http, parseAbi, parseEther, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A program's RPC URL: reads pass, what signs is judged, and an owner's account answers what it is asked. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-rpc-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SINK = '0x0000000000000000000000000000000000000000'
const COMMAND = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
/** The binary itself: the package's own starter ends well when cast fails. */
const CAST = join(
  dirname(createRequire(import.meta.url).resolve('@foundry-rs/cast/package.json')),
  '..',
  `cast-${process.platform}-${process.arch === 'x64' ? 'amd64' : 'arm64'}`,
  'bin',
  'cast',
)
const APPROVE = parseAbi(['function approve(address,uint256) returns (bool)'])
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let bot: PrivateKeyAccount
let botKey: Hex
let key = ''

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
  botKey = chain.accounts[2]?.privateKey as Hex
  bot = privateKeyToAccount(botKey)
  key = await issue(['read', 'propose'])
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function issue(scopes: readonly string[]): Promise<string> {
  return Redacted.reveal((await server.issueKey({ app: 'trader', label: 'rpc', scopes: scopes as never })).key)
}
const url = () => `${server.url}/rpc/${chain.chainId}`
async function post(
  body: unknown,
  { headers = {}, at = url() }: { headers?: Record<string, string>; at?: string } = {},
): Promise<{ status: number; body: any }> {
  const response = await fetch(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}
const rpc = async (method: string, params: unknown[] = [], headers: Record<string, string> = {}) =>
  (await post({ jsonrpc: '2.0', id: 1, method, params }, { headers })).body
const asOwner = () => ({ 'x-countersign-owner': alice.address })
/** Bytes that the bot signed itself. */
async function signed(more: Record<string, unknown> = {}): Promise<Hex> {
  const nonce = Number(await chain.rpc('eth_getTransactionCount', [bot.address, 'latest']))
  return bot.signTransaction({
    chainId: chain.chainId,
    type: 'eip1559',
    to: FRIEND,
    value: 1_000n,
    gas: 60_000n,
    maxFeePerGas: 3_000_000_000n,
    maxPriorityFeePerGas: 0n,
    nonce,
    ...more,
  } as never)
}
const usdc = () => chain.tokens.find(({ symbol }) => symbol === 'USDC')?.address as Hex
const approval = () =>
  encodeFunctionData({
    abi: APPROVE,
    functionName: 'approve',
    args: [chain.addresses.uniswapV2Factory as Hex, 5_000n],
  })
const nonceOf = async (account: string) => Number(await chain.rpc('eth_getTransactionCount', [account, 'latest']))
async function owner(): Promise<Client> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  return client
}
/** What the owner's wallet on the page does: looks again, and sends exactly these bytes. */
async function answer(client: Client, id: string): Promise<void> {
  const proposal = await client.recheck(id, alice.address, chain.chainId)
  const [call] = proposal.calls
  if (call === undefined) throw new Error('no step')
  const raw = await alice.signTransaction({
    chainId: chain.chainId,
    type: 'eip1559',
    to: call.to as Hex,
    value: BigInt(call.value),
    data: call.data as Hex,
    gas: BigInt(call.gas ?? '0'),
    maxFeePerGas: BigInt(call.max_fee_per_gas ?? '0'),
    maxPriorityFeePerGas: 0n,
    nonce: await nonceOf(alice.address),
  })
  const hash = (await chain.rpc('eth_sendRawTransaction', [raw])) as Hex
  await client.submitted(id, 1, hash)
}
async function pendingOf(client: Client, answered: any): Promise<string> {
  expect(answered.error).toMatchObject({
    code: -32_002,
    message: expect.stringMatching(/^Waiting for the owner: http/),
  })
  const id = answered.error.data.proposal as string
  expect(answered.error.data.url).toBe(`${server.url}/p/${id}`)
  expect(await client.proposal(id)).toMatchObject({ state: 'pending', door: 'rpc' })
  return id
}

describe('what passes, and what is refused', () => {
  test('reads pass, and a program that only reads notices nothing', async () => {
    expect((await rpc('eth_chainId')).result).toBe(`0x${chain.chainId.toString(16)}`)
    expect((await rpc('eth_getBalance', [bot.address, 'latest'])).result).toMatch(/^0x/)
    expect((await rpc('eth_getLogs', [{ fromBlock: 'latest' }])).result).toEqual(expect.any(Array))
    expect((await rpc('eth_accounts')).result).toEqual([])
    expect((await rpc('eth_accounts', [], asOwner())).result).toEqual([alice.address])
    const reader = createPublicClient({ transport: http(url(), { fetchOptions: { headers: { 'x-api-key': key } } }) })
    expect(await reader.getBalance({ address: bot.address })).toBeGreaterThan(0n)
    expect(await reader.getBlock()).toMatchObject({ hash: expect.any(String) })
  })

  test.each([
    ['eth_sign', 4200],
    ['eth_signTransaction', 4200],
    ['eth_signTypedData', 4200],
    ['eth_signTypedData_v3', 4200],
    ['wallet_grantPermissions', 4200],
    ['eth_sign7702Authorization', 4200],
    ['anvil_setBalance', -32_601],
    ['evm_snapshot', -32_601],
    ['debug_traceTransaction', -32_601],
    ['personal_unlockAccount', -32_601],
    ['txpool_content', -32_601],
    ['constructor', -32_601],
  ])('promise: %s is answered with %i in both modes', async (method, code) => {
    for (const headers of [{}, asOwner()]) {
      const { error } = await rpc(method, [], headers)
      expect(error).toMatchObject({ code, message: expect.stringContaining(method) })
    }
  })

  test('raw mode says which mode a method needs', async () => {
    for (const method of ['eth_sendTransaction', 'wallet_sendCalls', 'eth_signTypedData_v4', 'personal_sign'])
      expect((await rpc(method, [{}])).error).toEqual({
        code: 4100,
        message: `${method} needs owner mode: set X-Countersign-Owner.`,
      })
  })

  test('HTTP says what is wrong before JSON-RPC begins', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }
    expect(
      (
        await fetch(url(), {
          method: 'POST',
          body: JSON.stringify(call),
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(401)
    expect((await post(call, { at: `${server.url}/rpc/1` })).body.code).toBe('chains:chain:unknown')
    expect((await post(call, { headers: { origin: 'https://evil.invalid' } })).status).toBe(403)
    expect((await post(call, { headers: { 'x-api-key': await issue(['chat']) } })).status).toBe(403)
    const reader = await issue(['read'])
    expect((await post(call, { headers: { 'x-api-key': reader } })).status).toBe(200)
    expect(
      (
        await post(
          { ...call, method: 'eth_sendRawTransaction', params: ['0x00'] },
          { headers: { 'x-api-key': reader } },
        )
      ).status,
    ).toBe(403)
    expect((await post(call, { headers: asOwner(), at: `${url()}?owner=${FRIEND}` })).status).toBe(400)
    // With a key there is no other way to a provider.
    expect((await post(call, { at: `${server.url}/api/rpc/${chain.chainId}` })).status).toBe(404)
  })

  test('batches: each member is judged, and what is no batch is said', async () => {
    const { body } = await post([
      { jsonrpc: '2.0', id: 'a', method: 'eth_chainId', params: [] },
      { jsonrpc: '2.0', method: 'eth_chainId', params: [] },
      { jsonrpc: '2.0', id: 2, method: 'eth_sign', params: [] },
      7,
    ])
    expect(body).toMatchObject([
      { id: 'a', result: expect.any(String) },
      { id: 2, error: { code: 4200 } },
      { id: null, error: { code: -32_600 } },
    ])
    const call = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }
    expect((await post([])).body).toMatchObject({ error: { code: -32_600 } })
    expect((await post(Array.from({ length: 101 }, () => call))).body).toMatchObject({ error: { code: -32_600 } })
    expect(((await post(Array.from({ length: 100 }, () => call))).body as unknown[]).length).toBe(100)
    expect((await post('{"jsonrpc":')).body).toMatchObject({ id: null, error: { code: -32_700 } })
    expect(await post({ jsonrpc: '2.0', method: 'eth_chainId', params: [] })).toEqual({ status: 204, body: null })
  })
})

describe('raw mode', () => {
  test('a good payment is forwarded, and the same bytes again are the same answer', async () => {
    const raw = await signed()
    const { result } = await rpc('eth_sendRawTransaction', [raw])
    expect(result).toMatch(/^0x[0-9a-f]{64}$/)
    expect((await rpc('eth_sendRawTransaction', [raw])).result).toBe(result)
    expect((await rpc('eth_getTransactionReceipt', [result])).result).toMatchObject({ status: '0x1' })
  })

  test('promise: what the simulation blocks is not sent, and takes no nonce', async () => {
    const before = await nonceOf(bot.address)
    const { error } = await rpc('eth_sendRawTransaction', [await signed({ to: SINK, value: 5n })])
    expect(error).toMatchObject({
      code: 4001,
      message: expect.stringMatching(/^user denied: Countersign refused: /),
      data: { verdict: 'block', findings: [expect.objectContaining({ level: 'block' })], proposal: null },
    })
    expect(await nonceOf(bot.address)).toBe(before)
  })

  test('a warn waits for its owner, and the same bytes are the same proposal', async () => {
    const raw = await signed({ to: usdc(), value: 0n, data: approval(), gas: 150_000n })
    const first = await rpc('eth_sendRawTransaction', [raw])
    expect(first.error, JSON.stringify(first)).toMatchObject({
      code: -32_002,
      data: { verdict: 'warn', proposal: expect.any(String) },
    })
    const again = await rpc('eth_sendRawTransaction', [raw])
    expect(again.error.data.proposal).toBe(first.error.data.proposal)
    // The owner signs in with that account, looks again, and the same bytes go out.
    const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await client.start()
    await client.signIn({ address: bot.address, chainId: chain.chainId }, (message) => bot.signMessage({ message }))
    await client.recheck(first.error.data.proposal as string, bot.address, chain.chainId)
    const sent = await rpc('eth_sendRawTransaction', [raw])
    expect(sent.result).toMatch(/^0x[0-9a-f]{64}$/)
    expect((await chain.rpc('eth_getTransactionReceipt', [sent.result])) as unknown).toMatchObject({ status: '0x1' })
  })

  test.each<[string, () => Promise<string>, RegExp]>([
    ['another chain', () => signed({ chainId: 1 }), /chain 1 of the bytes, chain 31337 of the request/],
    [
      'no chain',
      () =>
        signed({
          chainId: undefined,
          type: 'legacy',
          gasPrice: 3_000_000_000n,
          maxFeePerGas: undefined,
          maxPriorityFeePerGas: undefined,
        }),
      /no chain in the bytes/,
    ],
    [
      'an authorization',
      async () =>
        signed({
          type: 'eip7702',
          authorizationList: [await bot.signAuthorization({ contractAddress: FRIEND, chainId: 31_337, nonce: 0 })],
        }),
      /authorization/,
    ],
    ['a nonce ahead', async () => signed({ nonce: (await nonceOf(bot.address)) + 5 }), /nonce \d+ of the bytes/],
    [
      'a fee that takes money',
      () => signed({ maxFeePerGas: parseEther('0.01'), maxPriorityFeePerGas: parseEther('0.01') }),
      /fee/,
    ],
    ['bytes behind the transaction', async () => `${await signed()}00`, /not a signed transaction|not canonical/],
    ['no bytes', async () => 'hello', /not bytes/],
  ])('promise: %s is refused and not sent', async (_what, make, words) => {
    const before = await nonceOf(bot.address)
    const { error } = await rpc('eth_sendRawTransaction', [await make()])
    expect(error.code).toBe(4001)
    expect(error.message).toMatch(words)
    expect(await nonceOf(bot.address)).toBe(before)
  })
})

describe('owner mode', () => {
  test('a send is a proposal, waits, and the next equal one answers the hash, once', async () => {
    const body = [{ from: alice.address, to: FRIEND, value: '0x2710' }]
    const client = await owner()
    const id = await pendingOf(client, await rpc('eth_sendTransaction', body, asOwner()))
    const again = rpc('eth_sendTransaction', body, asOwner())
    await answer(client, id)
    let answered = await again
    // The door waits as long as clients do. Where the owner took longer, the same request again is the same proposal.
    while (answered.error?.code === -32_002) answered = await rpc('eth_sendTransaction', body, asOwner())
    const { result } = answered
    expect(result).toMatch(/^0x[0-9a-f]{64}$/)
    const proposal = await client.proposal(id)
    expect(proposal.calls[0]?.tx_hash).toBe(result)
    const later = await rpc('eth_sendTransaction', body, asOwner())
    expect(later.error.data.proposal).not.toBe(id)
    await client.reject(later.error.data.proposal as string, 'no')
    expect((await rpc('eth_sendTransaction', body, asOwner())).error).toMatchObject({
      code: 4001,
      message: expect.stringContaining('rejected'),
    })
  })

  test('promise: what the owner would not see is refused and not left out', async () => {
    const plain = { from: alice.address, to: FRIEND, value: '0x1' }
    const send = async (more: object) => (await rpc('eth_sendTransaction', [{ ...plain, ...more }], asOwner())).error
    for (const type of ['0x3', '0x4', '0x7f', 3, 'eip4844', {}])
      expect(await send({ type }), JSON.stringify(type)).toMatchObject({
        code: 4001,
        message: expect.stringContaining('of the type'),
      })
    for (const authorizationList of [{}, { 0: {} }, 'x', [{}]])
      expect(await send({ authorizationList })).toMatchObject({ code: 4001 })
    const call = { to: FRIEND, value: '0x1', capabilities: { paymasterService: { url: 'https://pay.invalid' } } }
    const batch = { version: '2.0.0', chainId: `0x${chain.chainId.toString(16)}`, calls: [call] }
    expect((await rpc('wallet_sendCalls', [batch], asOwner())).error.code).toBe(5700)
  })

  test('promise: a document that cannot be read costs no other answer of its batch', async () => {
    const before = await nonceOf(bot.address)
    const bad = { jsonrpc: '2.0', id: 2, method: 'eth_signTypedData_v4', params: [alice.address, '{'] }
    const good = { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [await signed()] }
    const { body } = await post([good, bad], { headers: asOwner() })
    expect(body).toMatchObject([
      { id: 1, result: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
      { id: 2, error: { code: -32_602, message: 'The document is not JSON.' } },
    ])
    expect(await nonceOf(bot.address)).toBe(before + 1)
  })

  test('a text is signed by the owner, and its signature is handed out once', async () => {
    const client = await owner()
    const params = [`0x${Buffer.from('hi').toString('hex')}`, alice.address]
    const asked = rpc('personal_sign', params, asOwner())
    let id = ''
    while (id === '') {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const row = await server.store.read
        .selectFrom('proposals')
        .innerJoin('proposal_calls', 'proposal_calls.proposal_id', 'proposals.id')
        .select('proposals.id')
        .where('proposal_calls.kind', '=', 'personal_sign')
        .executeTakeFirst()
      id = row?.id ?? ''
    }
    await client.recheck(id, alice.address, chain.chainId)
    const signature = await alice.signMessage({ message: 'hi' })
    await client.signed(id, signature)
    expect((await asked).result).toBe(signature)
  })

  test.each<[string, string, () => unknown[], number]>([
    ['another account', 'eth_sendTransaction', () => [{ from: FRIEND, to: FRIEND, value: '0x1' }], 4100],
    [
      'another chain',
      'eth_sendTransaction',
      () => [{ from: alice.address, to: FRIEND, value: '0x1', chainId: '0x1' }],
      4001,
    ],
    [
      'an authorization',
      'eth_sendTransaction',
      () => [{ from: alice.address, to: FRIEND, authorizationList: [{}] }],
      4001,
    ],
    ['an unknown field', 'eth_sendTransaction', () => [{ from: alice.address, to: FRIEND, approved: true }], -32_602],
    ['two kinds of data', 'eth_sendTransaction', () => [{ to: FRIEND, data: '0x01', input: '0x02' }], -32_602],
    ['a blocked payment', 'eth_sendTransaction', () => [{ to: SINK, value: '0x5' }], 4001],
    ['a bare hash', 'personal_sign', () => [`0x${'ab'.repeat(32)}`, alice.address], 4001],
    [
      'an atomic batch',
      'wallet_sendCalls',
      () => [{ calls: [{ to: FRIEND, value: '0x1' }], atomicRequired: true }],
      5760,
    ],
  ])('promise: %s is refused', async (_what, method, params, code) => {
    expect((await rpc(method, params(), asOwner())).error).toMatchObject({ code })
  })

  test('a batch answers its id immediately, and its status tells the rest', async () => {
    const calls = [
      { to: FRIEND, value: '0x11' },
      { to: FRIEND, value: '0x12' },
    ]
    const { result } = await rpc(
      'wallet_sendCalls',
      [{ version: '2.0.0', from: alice.address, calls, atomicRequired: false }],
      asOwner(),
    )
    expect(await rpc('wallet_getCallsStatus', [result.id], asOwner())).toMatchObject({
      result: { status: 100, receipts: [] },
    })
    const client = await owner()
    await client.reject(result.id as string, 'no')
    expect((await rpc('wallet_getCallsStatus', [result.id], asOwner())).result.status).toBe(400)
    expect((await rpc('wallet_getCallsStatus', ['prop_none'], asOwner())).error.code).toBe(5730)
  })
})

describe('real clients', () => {
  test('viem: raw sends pass, and a refusal is read as one', async () => {
    const transport = http(url(), { fetchOptions: { headers: { 'x-api-key': key } }, timeout: 30_000 })
    const chainOf = {
      id: chain.chainId,
      name: 'local',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [url()] } },
    }
    const wallet = createWalletClient({ account: bot, chain: chainOf, transport })
    expect(await wallet.sendTransaction({ to: FRIEND, value: 21n })).toMatch(/^0x/)
    const refused = await wallet
      .sendTransaction({ to: SINK, value: 5n, gas: 50_000n })
      .catch(
        (error: unknown) =>
          error as { walk(f: (e: { code?: number }) => boolean): { code?: number } | null; details: string },
      )
    expect((refused as { details: string }).details).toContain('Countersign refused')
  })

  test('ethers: batches, raw sends, and ACTION_REJECTED', async () => {
    const request = new FetchRequest(url())
    request.setHeader('x-api-key', key)
    const provider = new JsonRpcProvider(request)
    const wallet = new Wallet(botKey, provider)
    const sent = await wallet.sendTransaction({ to: FRIEND, value: 22n })
    expect((await sent.wait())?.status).toBe(1)
    const refused = await wallet
      .sendTransaction({ to: SINK, value: 5n, gasLimit: 50_000n })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'ACTION_REJECTED' })
    provider.destroy()
  })

  test('cast, through "countersign rpc": reads, sends, and prints our words when refused', async () => {
    const child: ChildProcess = spawn(process.execPath, [COMMAND, 'rpc', '--port', '0'], {
      env: { PATH: process.env['PATH'], HOME: dataDir, COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: key },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
      const { url: at } = JSON.parse((await lines.next()).value as string) as { url: string }
      const cast = async (...args: string[]) =>
        (await promisify(execFile)(CAST, [...args, '--rpc-url', at])).stdout.trim()
      expect(await cast('chain-id')).toBe(String(chain.chainId))
      expect(await cast('send', FRIEND, '--value', '23', '--private-key', botKey)).toContain('transactionHash')
      await expect(cast('send', SINK, '--value', '5', '--gas-limit', '50000', '--private-key', botKey)).rejects.toThrow(
        /4001.*Countersign refused/s,
      )
      const foreign = await fetch(at, { method: 'POST', body: '{}', headers: { origin: 'https://evil.invalid' } })
      expect(foreign.status).toBe(403)
    } finally {
      child.kill('SIGTERM')
    }
  })
})

describe('a key that is bound to an owner', () => {
  let bound = ''
  beforeAll(async () => {
    const issued = await server.issueKey({
      ...{ app: 'trader', label: 'bound', scopes: ['read', 'propose'], owner: Address.parse(alice.address) },
    })
    bound = Redacted.reveal(issued.key)
  })
  const ask = (method: string, headers: Record<string, string> = {}, at = url()) =>
    post({ jsonrpc: '2.0', id: 1, method, params: [] }, { headers: { 'x-api-key': bound, ...headers }, at })

  test('promise: is always in owner mode, for that account alone', async () => {
    expect((await ask('eth_accounts')).body.result).toEqual([alice.address])
    expect((await ask('eth_accounts', asOwner())).body.result).toEqual([alice.address])
    for (const other of [
      await ask('eth_accounts', { 'x-countersign-owner': bot.address }),
      await ask('eth_accounts', {}, `${url()}?owner=${bot.address}`),
    ]) {
      expect([other.status, other.body.code]).toEqual([403, 'keys:owner:refused'])
    }
  })

  test('promise: proposes to that account alone, and so does its successor', async () => {
    const propose = (from: string, by: string) =>
      post(
        { from, chain_id: chain.chainId, message: 'hi' },
        { headers: { 'x-api-key': by }, at: `${server.url}/api/proposals` },
      )
    const [{ id } = { id: '' }] = (await server.keyring.list({ app: 'trader' })).filter(
      ({ label }) => label === 'bound',
    )
    const next = await server.keyring.rotate({ id, app: 'trader', style: { kind: 'clock', overlapMs: 60_000 } })
    for (const by of [bound, Redacted.reveal(next.key)]) {
      expect((await propose(alice.address, by)).status).toBe(201)
      expect(await propose(bot.address, by)).toMatchObject({ status: 403, body: { code: 'keys:owner:refused' } })
    }
  })
})
