import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { launch, type Launched } from 'countersign'
import { ROUTES, startServer, type RunningServer } from '@countersign/server'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What a request costs, and whom. Budgets here refill in a month, so that what is charged can be counted. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-limits-'))
let server: Launched
let chain: LocalChain
let key = ''
let nextAddress = 2

beforeAll(async () => {
  chain = await startLocalChain()
  const apps = join(scratch, 'apps.json')
  writeFileSync(apps, JSON.stringify([{ name: 'open', session_policy: 'id' }]))
  const limits = join(scratch, 'limits.json')
  writeFileSync(
    limits,
    JSON.stringify({ ip: ['2000/31d'], key: ['100000/31d'], poll: ['400/31d'], flood: [], failures: [] }),
  )
  server = await launch({
    port: 0,
    dataDir: join(scratch, 'data'),
    localChain: chain,
    env: { COUNTERSIGN_APPS: apps, COUNTERSIGN_LIMITS: limits },
    logLevel: 'silent',
  })
  key = Redacted.reveal(
    (
      await server.issueKey({
        app: 'open',
        label: '',
        scopes: ['read', 'chat', 'simulate', 'propose', 'admin', 'audit'],
      })
    ).key,
  )
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(scratch, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly left: number | null
  readonly body: string
}
/** An address that nothing was charged to yet. */
const freshAddress = (): string => `127.0.0.${nextAddress++}`

/** One request from an address of this machine; `left` is what the answer says is left. */
function ask(
  method: string,
  path: string,
  {
    from = '127.0.0.1',
    headers = {},
    body,
    isChunked = false,
    at = server,
  }: { from?: string; headers?: Record<string, string>; body?: string; isChunked?: boolean; at?: RunningServer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: at.port,
        method,
        path,
        localAddress: from,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(body === undefined
            ? {}
            : isChunked
              ? { 'transfer-encoding': 'chunked' }
              : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        const left = /r=(\d+)/.exec(String(response.headers['ratelimit'] ?? ''))?.[1]
        const done = (text: string): void =>
          resolve({ status: response.statusCode ?? 0, left: left === undefined ? null : Number(left), body: text })
        // A stream has answered with its head.
        if (String(response.headers['content-type']).startsWith('text/event-stream')) {
          response.destroy()
          return done('')
        }
        let text = ''
        response.on('data', (data: Buffer) => (text += data.toString()))
        response.on('end', () => done(text))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    if (isChunked && body !== undefined) outgoing.write(body)
    outgoing.end(isChunked ? undefined : body)
  })
}

describe('what a request costs', () => {
  const BODIED = Object.entries(ROUTES).filter(([name, { kind }]) => !name.startsWith('GET') && kind !== 'open')
  const pad = JSON.stringify({ pad: 'x'.repeat(900_000) })

  for (const [name, policy] of BODIED) {
    const [method = '', path = ''] = name.split(' ')
    const target = path.replace(':chainId', '31337').replace(/:\w+/, randomUUID())
    test(`promise: the largest body of ${name} is charged by its size, said or not`, async () => {
      const headers = { 'x-session-id': randomUUID(), 'aomi-app-key': key }
      for (const isChunked of [false, true]) {
        const before = (await ask('GET', '/api/key', { headers })).left ?? 0
        const { left } = await ask(method, target, { headers, body: pad, isChunked })
        expect(before - (left ?? before)).toBeGreaterThanOrEqual(policy.cost + Math.floor(900_000 / 4_096))
      }
    })
  }

  test('promise: a batch of node calls costs what its calls make a provider compute', async () => {
    const costOf = async (calls: object | object[]): Promise<number> => {
      const headers = { 'aomi-app-key': key }
      const before = (await ask('GET', '/api/key', { headers })).left ?? 0
      const { left, status } = await ask('POST', '/rpc/31337', { headers, body: JSON.stringify(calls) })
      expect(status).toBe(200)
      return before - (left ?? 0)
    }
    const call = (method: string, ...params: unknown[]) => ({ jsonrpc: '2.0', id: 1, method, params })
    const ethCall = call('eth_call', { to: `0x${'11'.repeat(20)}`, data: '0x' }, 'latest')
    expect(await costOf(call('eth_blockNumber'))).toBe(1)
    expect(await costOf(ethCall)).toBe(5)
    expect(await costOf(Array.from({ length: 20 }, () => ethCall))).toBe(100)
    expect(await costOf(Array.from({ length: 20 }, () => call('eth_chainId')))).toBe(20)
  })

  test('promise: a batch that the budget does not hold reaches no provider', async () => {
    const from = freshAddress()
    const calls = Array.from({ length: 20 }, () => ({ jsonrpc: '2.0', id: 1, method: 'eth_estimateGas', params: [{}] }))
    const statuses: number[] = []
    for (let i = 0; i < 25; i += 1)
      statuses.push((await ask('POST', '/api/rpc/31337', { from, body: JSON.stringify(calls) })).status)
    expect(statuses.filter((status) => status !== 429)).toHaveLength(20)
  })

  test('promise: a simulation costs its calls, and too many are counted before one is read', async () => {
    const headers = { 'aomi-app-key': key }
    const transactions = (length: number, value: string) =>
      JSON.stringify({
        from: `0x${'11'.repeat(20)}`,
        transactions: Array.from({ length }, () => ({ to: `0x${'22'.repeat(20)}`, value })),
      })
    const before = (await ask('GET', '/api/key', { headers })).left ?? 0
    const { left, status } = await ask('POST', '/api/simulate?app=open', { headers, body: transactions(32, '0') })
    expect([status, before - (left ?? 0)]).toEqual([200, 10 + 31])
    const refused = await ask('POST', '/api/simulate?app=open', { headers, body: transactions(300, 'not a number') })
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([
      400,
      { error: expect.stringContaining('more than 32') },
    ])
  })

  test('promise: a full session costs its poll more, and one that asks for what is new does not', async () => {
    const id = randomUUID()
    const headers = { 'x-session-id': id }
    expect((await ask('POST', '/api/sessions', { headers, body: '{}' })).status).toBe(200)
    await server.store.batch([
      {
        sql: 'update sessions set message_bytes = 2000000 where id_digest = ?',
        parameters: [server.store.ids.digest(id)],
      },
    ])
    const from = freshAddress()
    const first = (await ask('GET', '/api/state', { from, headers: { 'x-session-id': randomUUID() } })).left ?? 0
    const whole = (await ask('GET', '/api/state', { from, headers })).left ?? 0
    const rest = (await ask('GET', '/api/state?messages_from=100', { from, headers })).left ?? 0
    expect([first - whole, whole - rest]).toEqual([8, 1])
  })
})

describe('whose budget', () => {
  /** How many of so many requests were let through. */
  async function admitted(count: number, make: (i: number) => Parameters<typeof ask>): Promise<number> {
    const from = freshAddress()
    let passed = 0
    for (let i = 0; i < count; i += 1) {
      const [method, path, options] = make(i)
      if ((await ask(method, path, { ...options, from })).status !== 429) passed += 1
    }
    return passed
  }
  const random = (i: number): Record<string, string> => ({
    'x-session-id': randomUUID(),
    ...(i % 2 === 0 ? {} : { 'x-forwarded-for': `203.0.113.${i % 250}`, forwarded: `for=203.0.113.${i % 250}` }),
    'user-agent': `agent ${i}`,
    'x-request-id': randomUUID(),
    cookie: `__Host-countersign=${randomUUID().replaceAll('-', '')}00000000000`,
    origin: `http://127.0.0.1:${server.port}`,
    'accept-language': `x-${i}`,
    // A key that is none costs like none.
    ...(i % 5 === 0 ? { authorization: `Basic ${i}` } : {}),
  })

  for (const [name, path, count] of [
    ['GET', '/api/state', 500],
    ['GET', '/api/proposals', 500],
    ['GET', '/api/events', 500],
    ['GET', '/api/session/models', 2_100],
    ['POST', '/api/interrupt', 2_100],
  ] as const) {
    test(`promise: ${name} ${path}: who varies every header and field gets no more than who does not`, async () => {
      const headers = { 'x-session-id': randomUUID() }
      const same = await admitted(count, () => [name, path, { headers }])
      const varied = await admitted(count, (i) => [
        name,
        `${path}?app=default&i=${i}&client_id=${i}`,
        { headers: random(i) },
      ])
      expect(same).toBeLessThan(count)
      expect(varied).toBeLessThanOrEqual(same)
    })
  }

  test('promise: what a good key does costs its key, and its address nothing', async () => {
    const from = freshAddress()
    const first = (await ask('GET', '/api/session/models', { from })).left ?? 0
    for (let i = 0; i < 50; i += 1)
      expect((await ask('GET', '/api/session/models', { from, headers: { 'aomi-app-key': key } })).status).toBe(200)
    expect(first - ((await ask('GET', '/api/session/models', { from })).left ?? 0)).toBe(1)
    // And the other way round: an address whose budget is spent does not stop a key that comes from it.
    const spent = await (async () => {
      for (let i = 0; i < 2_100; i += 1) {
        const { status } = await ask('POST', '/api/interrupt', { from, headers: { 'x-session-id': randomUUID() } })
        if (status === 429) return i
      }
      return -1
    })()
    expect(spent).toBeGreaterThan(0)
    expect(
      (
        await ask('POST', '/api/chat?app=open&message=help', {
          from,
          headers: { 'aomi-app-key': key, 'x-session-id': randomUUID() },
        })
      ).status,
    ).toBe(200)
  })

  test('promise: the report of a fact, and the last look of a client that is about to sign, are not refused when nothing is left', async () => {
    const from = freshAddress()
    const headers = { 'x-session-id': randomUUID() }
    expect((await ask('POST', '/api/sessions', { headers, body: '{}' })).status).toBe(200)
    for (;;) if ((await ask('POST', '/api/faucet', { from, body: '{}' })).status === 429) break
    for (;;) if ((await ask('POST', '/api/interrupt', { from, headers })).status === 429) break
    for (const path of [
      '/api/system',
      `/api/proposals/prop_${randomUUID()}/submitted`,
      `/api/proposals/prop_${randomUUID()}/signed`,
    ])
      expect([path, (await ask('POST', path, { from, headers, body: '{}' })).status]).not.toEqual([path, 429])
    expect((await ask('POST', '/api/simulate', { from, headers, body: '{}' })).status).not.toBe(429)
    // With nothing left, what was not committed in the session is not simulated.
    const other = JSON.stringify({
      from: `0x${'11'.repeat(20)}`,
      transactions: [{ to: `0x${'22'.repeat(20)}`, value: '0' }],
    })
    const look = await ask('POST', '/api/simulate', { from, headers, body: other })
    expect([look.status, look.body]).toEqual([200, expect.stringContaining('"-1"')])
    expect(look.body).toContain('Too many requests')
    // The simulation of an integrator is work like any other.
    expect((await ask('POST', '/api/simulate', { from, body: '{}' })).status).toBe(429)
  })

  test('promise: when nothing is left, no session id and no report has a long body read', async () => {
    const from = freshAddress()
    for (;;) if ((await ask('POST', '/api/faucet', { from, body: '{}' })).status === 429) break
    const id = randomUUID()
    for (const path of ['/api/simulate', '/api/system', `/api/proposals/prop_${randomUUID()}/submitted`]) {
      const isLook = path === '/api/simulate'
      for (const length of ['Content-Length: 900000', 'Transfer-Encoding: chunked']) {
        const answer = await headersAlone(path, { from, id, length })
        expect(answer, `${path} ${length}`).toContain('Too many requests')
        expect(answer, `${path} ${length}`).toMatch(isLook ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 429 /)
      }
    }
  })
})

/** What is answered to a request whose body does not come. */
function headersAlone(
  path: string,
  { from, id, length }: { from: string; id: string; length: string },
): Promise<string> {
  const { host, port, hostname } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: hostname, localAddress: from })
    socket.once('data', (chunk: Buffer) => {
      socket.destroy()
      resolve(chunk.toString())
    })
    socket.once('error', reject)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Session-Id: ${id}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`,
    )
  })
}

test('ten published clients behind one address, with the default limits, are never refused', async () => {
  const own = await startServer({
    port: 0,
    dataDir: join(scratch, 'own'),
    chains: [],
    env: {},
    webRoot: null,
    logLevel: 'silent',
  })
  try {
    const ids = Array.from({ length: 10 }, randomUUID)
    const statuses = new Set<number>()
    // A minute of two polls a second each, and of a command every two seconds with its stream, in one burst.
    for (const id of ids)
      statuses.add(
        (await ask('POST', '/api/sessions', { headers: { 'x-session-id': id }, body: '{}', at: own })).status,
      )
    for (let i = 0; i < 120; i += 1) {
      const answers = await Promise.all(
        ids.flatMap((id) => [
          ask('GET', '/api/state', { headers: { 'x-session-id': id }, at: own }),
          ...(i % 4 === 0
            ? [ask('GET', '/api/updates', { headers: { 'x-session-id': i % 8 === 0 ? id : randomUUID() }, at: own })]
            : []),
        ]),
      )
      for (const { status } of answers) statuses.add(status)
    }
    expect([...statuses]).toEqual([200])
  } finally {
    await own.close()
  }
})

test('a proxy on this machine that the server was not told of is said once, and in /ready', async () => {
  const lines: string[] = []
  const own = await startServer({
    port: 0,
    dataDir: join(scratch, 'proxied'),
    chains: [],
    env: {},
    webRoot: null,
    logLevel: 'warn',
    logStream: { write: (line: string) => void lines.push(line) },
  })
  try {
    expect((await ask('GET', '/ready', { at: own })).body).not.toContain('warnings')
    for (let i = 0; i < 3; i += 1)
      await ask('GET', '/health', { headers: { 'x-forwarded-for': '203.0.113.9' }, at: own })
    expect(JSON.parse((await ask('GET', '/ready', { at: own })).body)).toMatchObject({
      ready: true,
      warnings: [expect.stringContaining('COUNTERSIGN_TRUSTED_PROXY_HOPS')],
    })
    expect(lines.filter((line) => line.includes('COUNTERSIGN_TRUSTED_PROXY_HOPS'))).toHaveLength(1)
  } finally {
    await own.close()
  }
})
