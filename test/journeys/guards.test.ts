import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

/** Guards of apps, keys and sessions, over HTTP: what would move is held to them in the write in which the verdict is written. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-guards-'))
const apps = join(scratch, 'apps')
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const OTHER = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const THIRD = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'
let chain: LocalChain
let server: Launched
let prices: Server
let price: string | null = '3000'
let usdc: Hex
let spender: Hex
let nowOffsetMs = 0
/** A wallet for each test: budgets count for each. */
let alice: Hex
let owner: PrivateKeyAccount

const app = (name: string, guards: string, tools = ''): void => {
  mkdirSync(join(apps, name, 'tools'), { recursive: true })
  writeFileSync(
    join(apps, name, 'app.yaml'),
    `name: ${name}\nsession: { policy: key }\nmodel: intent-grammar-1\ntools: { builtin: [send], http: [${tools}] }\nguards:\n${guards}\n`,
  )
}

beforeAll(async () => {
  prices = createServer((_request, response) => {
    response.writeHead(price === null ? 503 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(price === null ? {} : { usd: price, id: 'order-1' }))
  })
  await new Promise<void>((resolve) => prices.listen(0, '127.0.0.1', resolve))
  chain = await startLocalChain()
  usdc = chain.addresses.usdc as Hex
  spender = chain.addresses.uniswapV2Router as Hex
  app('capped', `  - { token: USDC, per_call: '500', per_day: '2000' }`)
  app('people', '  - { new_recipients_per_day: 2 }')
  app(
    'listed',
    `  - { chain: ${chain.chainId}, contracts: ['${usdc}'], selectors: ['transfer(address,uint256)'] }\n  - { recipients: [own, '${FRIEND}'] }`,
  )
  app('exact', `  - { spenders: ['${spender}'], allowance: bounded }`)
  app('unknown', `  - { token: NOSUCH, per_day: 5 }`)
  const tool = [
    '  - { usd: { per_call: 1000, per_day: 5000 }, prices: [{ tool: GetTokenPrice, argument: /symbol, value: /usd }] }',
    `  - { tool: ExecuteTrade, argument: /amount, max: '10', per_day: '12' }`,
  ].join('\n')
  app('priced', tool, 'tools/trading.yaml')
  writeFileSync(join(apps, 'priced/tools/trading.yaml'), tradingTools((prices.address() as AddressInfo).port))
  app('open', '  []')
  server = await launch({
    port: 0,
    dataDir: join(scratch, 'data'),
    env: { COUNTERSIGN_APPS_DIR: apps },
    localChain: chain,
    logLevel: 'silent',
    storeClock: { nowMs: () => Date.now() + nowOffsetMs },
  })
})
afterAll(async () => {
  await server?.close()
  await chain?.close()
  prices?.closeAllConnections()
  prices?.close()
  rmSync(scratch, { recursive: true, force: true })
})
beforeEach(async () => {
  price = '3000'
  owner = privateKeyToAccount(generatePrivateKey())
  alice = owner.address
  await chain.fund(alice as never, { wei: 10n ** 19n, usdc: 10_000n * 10n ** 6n })
})

const tradingTools = (port: number): string => `origin: http://127.0.0.1:${port}
allow_private: true
tools:
  - name: GetTokenPrice
    kind: read
    request: GET /prices/{symbol}
    description: The price of a token in US dollars.
    input: { type: object, properties: { symbol: { type: string } }, required: [symbol] }
    result: { trust: [/usd] }
  - name: ExecuteTrade
    kind: write
    request: POST /trades
    description: Place a trade.
    input:
      type: object
      properties: { side: { enum: [buy, sell] }, symbol: { type: string }, amount: { type: string } }
      required: [side, symbol, amount]
    confirm: ordinary
    roles: { side: direction, symbol: asset, amount: amount }
    examples: ['{side} {amount} {symbol}']
`

interface Shown {
  readonly id: string
  readonly state: string
  readonly digest: string
  readonly reason: string | null
  readonly code: string | null
  readonly decision: { readonly answer: string; readonly free: string | null; readonly spoke: readonly object[] } | null
}
const keyOf = async (name: string, guards?: string): Promise<string> =>
  Redacted.reveal(
    (
      await server.issueKey({
        app: name,
        label: 'x',
        scopes: ['read', 'chat', 'propose', 'admin'],
        ...(guards === undefined ? {} : { guards }),
      })
    ).key,
  )
const ask = async (method: string, path: string, { key, sid, body }: { key: string; sid?: string; body?: unknown }) => {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      'x-api-key': key,
      ...(sid === undefined ? {} : { 'x-session-id': sid }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Shown & Record<string, unknown> }
}
/** Waits for the turn of a session. */
async function turnEnd(key: string, sid: string): Promise<void> {
  for (let i = 0; i < 1_000; i += 1) {
    const { status, body } = await ask('GET', '/api/state', { key, sid })
    if (body['is_processing'] === false) return
    if (status !== 200) throw new Error(JSON.stringify(body))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('The turn did not end.')
}
const abi = erc20Abi
const transfer = (to: Hex, units: bigint) => ({
  to: usdc,
  value: '0',
  data: encodeFunctionData({ abi, functionName: 'transfer', args: [to, units * 10n ** 6n] }),
})
const approve = (spender: Hex, amount: bigint) => ({
  to: usdc,
  value: '0',
  data: encodeFunctionData({ abi, functionName: 'approve', args: [spender, amount] }),
})
const propose = (key: string, ...transactions: object[]) =>
  ask('POST', '/api/proposals', { key, body: { transactions, from: alice, chain_id: chain.chainId } })
/** States of many proposals, in order of their names. */
const states = (answers: readonly { readonly body: Shown }[]): string[] =>
  answers.map(({ body }) => body.state).toSorted()

describe('amounts', () => {
  test('per_call refuses what moves too much, and says how much is left', async () => {
    const key = await keyOf('capped')
    expect((await propose(key, transfer(FRIEND, 500n))).body).toMatchObject({ state: 'pending', code: null })
    const refused = await propose(key, transfer(FRIEND, 501n))
    expect(refused.status).toBe(201)
    expect(refused.body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
      reason: 'The limit "guard-1" has 500 of 500 left.',
      decision: { answer: 'deny', mandate: null, reservation: null, free: '500' },
    })
    expect((await ask('GET', `/api/proposals/${refused.body.id}`, { key })).body).toMatchObject({
      code: 'mandates:limit:full',
      decision: { answer: 'deny' },
    })
  })
  test('two payments of one batch add up', async () => {
    const key = await keyOf('capped')
    expect((await propose(key, transfer(FRIEND, 300n), transfer(OTHER, 300n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
    })
  })
  test('an allowance counts as spent', async () => {
    const key = await keyOf('capped')
    expect((await propose(key, approve(spender, 501_000_000n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
    })
    expect((await propose(key, approve(spender, 2n ** 256n - 1n))).body.state).toBe('blocked')
  })
  test('promise: per_day holds under concurrent proposals of one owner through two keys', async () => {
    const keys = [await keyOf('capped'), await keyOf('capped')]
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_each, i) => propose(keys[i % 2] ?? '', transfer(FRIEND, BigInt(300 + i)))),
    )
    // Six times 300 and a little fit into 2000, a seventh does not.
    expect(states(answers)).toEqual([
      ...Array.from({ length: 2 }, () => 'blocked'),
      ...Array.from({ length: 6 }, () => 'pending'),
    ])
    const rows = server.store
      .prepare<{ open: string }>(`select open from mandate_limits where scope = ? and span = 'rolling:1d'`)
      .all(`app:capped:${alice.toLowerCase()}`)
    expect(rows.every(({ open }) => BigInt(open) <= 2_000_000_000n)).toBe(true)
  })
  test('a rejected proposal gives back what nobody was handed', async () => {
    const key = await keyOf('capped')
    const made = await Promise.all([1n, 2n, 3n, 4n].map((i) => propose(key, transfer(FRIEND, 490n + i))))
    expect(states(made)).toEqual(['pending', 'pending', 'pending', 'pending'])
    const again = (): ReturnType<typeof propose> => propose(key, transfer(FRIEND, 450n))
    expect((await again()).body).toMatchObject({ state: 'blocked' })
    const open = () =>
      server.store
        .prepare<{ state: string }>('select state from reservations where account = ? order by opened_ms')
        .all(alice)
        .map(({ state }) => state)
    expect(open()).toEqual(['held', 'held', 'held', 'held'])
    const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await page.start()
    await page.signIn({ address: alice, chainId: chain.chainId }, (message) => owner.signMessage({ message }))
    await page.reject(made[0]?.body.id ?? '')
    expect(open().toSorted()).toEqual(['held', 'held', 'held', 'released'])
    // 1479 of 2000 are held: 450 fit in, and then nothing of the sort does.
    expect((await again()).body).toMatchObject({ state: 'pending' })
    expect(open().toSorted()).toEqual(['held', 'held', 'held', 'held', 'released'])
  })
  test('promise: bytes that a program signed itself are held by the guards of the app', async () => {
    const key = await keyOf('capped')
    const raw = async (units: bigint): Promise<Record<string, unknown>> => {
      const nonce = Number(await chain.rpc('eth_getTransactionCount', [alice, 'latest']))
      const bytes = await owner.signTransaction({
        ...{ chainId: chain.chainId, type: 'eip1559', nonce, maxPriorityFeePerGas: 0n, maxFeePerGas: 3_000_000_000n },
        ...{ to: usdc, data: transfer(FRIEND, units).data, gas: 120_000n },
      })
      const call = { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [bytes] }
      return (await ask('POST', `/rpc/${chain.chainId}`, { key, body: call })).body
    }
    expect((await raw(501n))['error']).toMatchObject({ code: 4001 })
    expect((await raw(500n))['error']).toMatchObject({ code: -32_002 })
    expect(await chain.rpc('eth_getTransactionCount', [alice, 'latest'])).toBe('0x0')
  })
  test('new recipients are counted by the day', async () => {
    const key = await keyOf('people')
    expect((await propose(key, transfer(FRIEND, 1n))).body.state).toBe('pending')
    expect((await propose(key, transfer(FRIEND, 2n))).body.state).toBe('pending')
    expect((await propose(key, transfer(OTHER, 1n))).body.state).toBe('pending')
    expect((await propose(key, transfer(THIRD, 1n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
    })
  })
  test('a token that no chain of the app has refuses', async () => {
    expect((await propose(await keyOf('unknown'), transfer(FRIEND, 1n))).body).toMatchObject({
      state: 'blocked',
      reason: 'The guard on NOSUCH cannot be evaluated: no chain of the app has this token.',
    })
  })
})

describe('lists', () => {
  test('a call is refused unless contract, function and recipient are listed', async () => {
    const key = await keyOf('listed')
    expect((await propose(key, transfer(FRIEND, 1n))).body.state).toBe('pending')
    expect((await propose(key, transfer(OTHER, 1n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:rule:denied',
    })
    expect((await propose(key, approve(spender, 1n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:rule:denied',
    })
    expect((await propose(key, { to: FRIEND, value: '5', data: '0x' })).body.state).toBe('pending')
    expect((await propose(key, { to: OTHER, value: '5', data: '0x' })).body.state).toBe('blocked')
  })
  test('an allowance is refused unless its spender is listed and it is bounded', async () => {
    const key = await keyOf('exact')
    expect((await propose(key, approve(spender, 5_000_000n))).body.state).toBe('pending')
    expect((await propose(key, approve(usdc, 5_000_000n))).body.state).toBe('blocked')
    expect((await propose(key, approve(spender, 2n ** 256n - 1n))).body.state).toBe('blocked')
  })
})

describe('dollars', () => {
  test('count at the price that the server asks for; without a price everything is refused', async () => {
    const key = await keyOf('priced')
    const pay = (wei: bigint) => propose(key, { to: FRIEND, value: wei.toString(), data: '0x' })
    expect((await pay(3n * 10n ** 17n)).body.state).toBe('pending')
    expect((await pay(4n * 10n ** 17n)).body).toMatchObject({ state: 'blocked', code: 'mandates:limit:full' })
    price = null
    expect((await pay(1n)).body).toMatchObject({ state: 'blocked', code: 'mandates:price:absent' })
    price = '1e3'
    expect((await pay(1n)).body).toMatchObject({ state: 'blocked', code: 'mandates:price:absent' })
  })
})

describe('calls of tools', () => {
  const say = async (key: string, sid: string, message: string): Promise<Shown> => {
    await ask('POST', '/api/chat', { key, sid, body: { app: 'priced', message } })
    await turnEnd(key, sid)
    const { body } = await ask('GET', '/api/proposals', { key, sid })
    return (body as unknown as Shown[])[0] as Shown
  }
  test('an argument is held to its maximum, and to its sum over both sessions of one owner', async () => {
    const key = await keyOf('priced')
    const [one, two] = [randomUUID(), randomUUID()]
    expect(await say(key, one, 'buy 11 ETH')).toMatchObject({ state: 'refused', code: 'mandates:rule:denied' })
    const first = await say(key, one, 'buy 8 ETH')
    expect(first).toMatchObject({ state: 'pending', code: null })
    expect(await say(key, two, 'buy 5 ETH')).toMatchObject({ state: 'refused', code: 'mandates:limit:full' })
    // A call that is rejected gives its part back, one that is done does not.
    await ask('POST', `/api/proposals/${first.id}/reject`, { key, sid: one, body: {} })
    const second = await say(key, two, 'buy 5 ETH')
    expect(second.state).toBe('pending')
    const done = await ask('POST', `/api/proposals/${second.id}/confirm`, {
      key,
      sid: two,
      body: { digest: second.digest },
    })
    expect(done.body.state).toBe('done')
    expect(await say(key, one, 'buy 8 ETH')).toMatchObject({ state: 'refused', code: 'mandates:limit:full' })
    nowOffsetMs += 86_400_000
    expect(await say(key, randomUUID(), 'buy 8 ETH')).toMatchObject({ state: 'pending' })
  })
})

describe('keys and sessions', () => {
  test('guards of a key hold beside those of the app, and are inherited by its successor', async () => {
    const key = await keyOf('capped', JSON.stringify([{ token: 'USDC', per_call: '100' }]))
    expect((await propose(key, transfer(FRIEND, 101n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
    })
    expect((await propose(key, transfer(FRIEND, 99n))).body.state).toBe('pending')
    const admin = await keyOf('open')
    const issued = await ask('POST', '/api/admin/keys', {
      key: admin,
      body: { label: 'a', scopes: ['read', 'propose'], guards: [{ recipients: [FRIEND] }] },
    })
    expect(issued.status).toBe(201)
    const made = issued.body['key'] as string
    expect((await propose(made, transfer(OTHER, 1n))).body.state).toBe('blocked')
    const rotated = await ask('POST', `/api/admin/keys/${issued.body.id}/rotate`, { key: admin, body: {} })
    expect((await propose(rotated.body['key'] as string, transfer(OTHER, 1n))).body.state).toBe('blocked')
    expect((await propose(rotated.body['key'] as string, transfer(FRIEND, 1n))).body.state).toBe('pending')
  })
  test.each([
    ['no list', { token: 'USDC' }],
    ['an unknown key', [{ tokens: ['USDC'] }]],
    ['a number that is not plain', [{ token: 'USDC', per_day: '1e3' }]],
    ['two kinds in one line', [{ recipients: [FRIEND], spenders: [FRIEND] }]],
    ['a tool that the app has not', [{ tool: 'Nothing', argument: '/a', max: '1' }]],
  ])('%s is no guard', async (_name, guards) => {
    const answer = await ask('POST', '/api/admin/keys', { key: await keyOf('open'), body: { label: 'a', guards } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'mandates:guards:unreadable' } })
  })
  test('guards of a session hold for its turns, and only become more', async () => {
    const key = await keyOf('priced')
    const sid = randomUUID()
    const started = await ask('POST', '/api/sessions', {
      ...{ key, sid },
      body: { app: 'priced', guards: [{ tool: 'ExecuteTrade', argument: '/amount', max: '2' }] },
    })
    expect(started.status).toBe(200)
    await ask('POST', '/api/chat', { key, sid, body: { app: 'priced', message: 'buy 3 ETH' } })
    await turnEnd(key, sid)
    const { body } = await ask('GET', '/api/proposals', { key, sid })
    expect((body as unknown as Shown[])[0]).toMatchObject({ state: 'refused', code: 'mandates:rule:denied' })
  })
})
