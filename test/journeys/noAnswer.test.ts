import { randomUUID } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BaseError, HTTP_STATUS, Redacted, type ErrorKind } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, type Account, type Snapshot } from './publishedClients.ts'

/**
 * Published clients sign when `/api/simulate` gives no answer. For a request that carries a session header, whatever goes
 * wrong must be a no in the words that they understand.
 */
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-no-answer-'))
const ROUTES = ['/api/simulate', '/api/exec/simulate']

let chain: LocalChain
let server: Launched
let demoKey = ''
let spentKey = ''
/** A session of the demo app with one pending transfer, and the body with which a client asks before it signs. */
let owner: Account
let body: Record<string, unknown>

const account = (more: Partial<Account> = {}): Account => ({
  baseUrl: server.url,
  sessionId: randomUUID(),
  address: ALICE,
  chainId: chain.chainId,
  sign: async () => {
    throw new Error('nothing may be signed in this file')
  },
  ...more,
})
const bodyFor = (snapshot: Snapshot): Record<string, unknown> => ({
  transactions: Object.values(snapshot.user_state?.pending_txs ?? {}).map(({ to, value, data, label, chain_id }) => ({
    to,
    value,
    data,
    label,
    chain_id,
  })),
  from: ALICE,
  chain_id: chain.chainId,
})

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({
    // One batch is asked about again and again here; that two askers wait for each other is shown in paidOnce.test.ts.
    policy: { unnamedLeaseMs: 0 },
    port: 0,
    dataDir,
    localChain: chain,
    logLevel: 'silent',
    signerDeadlineMs: 2_000,
    env: {},
  })
  demoKey = Redacted.reveal((await server.issueKey({ app: 'demo', label: 'a' })).key)
  spentKey = Redacted.reveal(
    (await server.issueKey({ app: 'demo', label: 'b', limits: [{ name: 'hour', limit: 10, windowMs: 3_600_000 }] }))
      .key,
  )
  owner = account({ apiKey: demoKey, app: 'demo' })
  body = bodyFor(await cli.chat(owner, `send 0.001 ETH to ${BOB}`))
  expect(body['transactions']).toHaveLength(1)
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, never>
}

/** Headers as pairs, so that one can be sent twice. */
async function post(
  path: string,
  headers: readonly (readonly [string, string])[],
  sent: string | null = JSON.stringify(body),
): Promise<Answer> {
  // A yes believes the wallet open for a while, and refuses the next who asks: that is not what is asked here.
  await server.store.write((write) => write.db.updateTable('proposals').set({ wallet_lease: null }).execute())
  return new Promise((resolve, reject) => {
    const flat = [...headers, ['host', new URL(server.url).host] as const]
    if (sent !== null) flat.push(['content-length', String(Buffer.byteLength(sent))])
    const outgoing = httpRequest(server.url + path, { method: 'POST', headers: flat.flat() as never }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text.startsWith('{') ? JSON.parse(text) : {},
        })
      })
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(30_000, () => outgoing.destroy(new Error('no answer at all')))
    if (sent !== null) outgoing.end(sent)
    else outgoing.flushHeaders()
  })
}

const JSON_TYPE = ['content-type', 'application/json'] as const
const own = (): (readonly [string, string])[] => [['x-session-id', owner.sessionId], JSON_TYPE]
const withKey = (key = demoKey): (readonly [string, string])[] => [...own(), ['x-api-key', key]]

/** The only answer at which every published client stops, and that tells why. */
function expectNo(answer: Answer, because?: RegExp): void {
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    result: {
      batch_success: false,
      fee: { recipient: expect.any(String), amount_wei: '-1', token: 'native' },
      steps: expect.any(Array),
    },
  })
  const { steps } = answer.body['result'] as unknown as {
    steps: { step: unknown; success: boolean; label: unknown; revert_reason?: string; tx: Record<string, unknown> }[]
  }
  const failed = steps.find((step) => !step.success)
  expect(failed).toMatchObject({
    step: expect.any(Number),
    label: expect.any(String),
    revert_reason: expect.stringMatching(because ?? /\w/),
    tx: {
      to: expect.anything(),
      value_wei: expect.any(String),
      value_eth: expect.any(String),
      data: expect.any(String),
    },
  })
}

test('the batch that the table asks about is one that may be signed', async () => {
  for (const path of ROUTES) {
    const answer = await post(path, withKey())
    expect(answer.body).toMatchObject({ result: { batch_success: true, refusal: null } })
    expect(answer.body['result']).not.toHaveProperty('fee')
  }
})

/** Every code that any error class or `new HttpError` in the sources can carry. */
function allCodes(): string[] {
  const codes = new Set<string>()
  const root = join(import.meta.dirname, '../..')
  for (const file of globSync('packages/{base,server,simulator}/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue
    const source = readFileSync(join(root, file), 'utf8')
    if (!/BaseError|HttpError|StartError|invalidField/.test(source)) continue
    for (const [, code] of source.matchAll(/['"`]([a-z][a-z-]*:[a-z0-9-]+:[a-z-]+)['"`]/g)) codes.add(code as string)
    for (const [, field] of source.matchAll(/invalidField\('([a-z_]+)'/gi)) codes.add(`http:field:${field}`)
    for (const [, start, ends] of source.matchAll(/code: `([a-z-]+:[a-z-]+:)\$\{(\w+)\}`/g))
      codes.add(`${start}${ends}`)
  }
  return [...codes].toSorted()
}

describe('promise: every error of the server is a no for a client that is about to sign', () => {
  test('every code, thrown in the middle of the simulation', async () => {
    const codes = allCodes()
    // A floor: a scan that finds nothing would prove nothing.
    expect(codes.length).toBeGreaterThan(80)
    expect(codes).toEqual(expect.arrayContaining(['limits:budget:spent', 'keys:key:absent', 'chains:rpc:unreachable']))
    const live = server.gate.chains.get(chain.chainId) as unknown as { simulator: { simulate: unknown } }
    const { simulate } = live.simulator
    try {
      for (const [i, code] of codes.entries()) {
        const kind = Object.keys(HTTP_STATUS)[i % 8] as ErrorKind
        const message = `Stopped for ${code}.`
        live.simulator.simulate = async () => {
          throw new BaseError(message, { code, kind, hint: 'Wait.' })
        }
        expectNo(await post('/api/simulate', withKey()), new RegExp(message))
      }
      for (const bug of [
        new TypeError('x is not a function'),
        'a text',
        null,
        undefined,
        Object.assign(new Error(), { statusCode: 418 }),
      ]) {
        live.simulator.simulate = async () => {
          throw bug
        }
        expectNo(await post('/api/simulate', withKey()))
      }
    } finally {
      live.simulator.simulate = simulate
    }
  })

  const tx = (): Record<string, unknown> => (body['transactions'] as Record<string, unknown>[])[0] ?? {}
  const sent = (change: Record<string, unknown>): string => JSON.stringify({ ...body, ...change })
  test.each<[string, () => Promise<Answer>, RegExp?]>([
    ['no key', () => post('/api/simulate?app=demo', own()), /not found|no such session|needs an API key/i],
    ['a wrong key', () => post('/api/simulate', withKey(`sk-demo-${'0'.repeat(48)}`))],
    ['something that is no key', () => post('/api/simulate', withKey('hello'))],
    ['two keys', () => post('/api/simulate', [...withKey(), ['aomi-app-key', `sk-demo-${'1'.repeat(48)}`]])],
    ['another app’s name', () => post('/api/simulate?app=other', withKey())],
    ['a key from a page', () => post('/api/simulate', [...withKey(), ['origin', 'https://shop.example']]), /browser/],
    ['a page of an origin that may not', () => post('/api/simulate', [...own(), ['origin', 'https://shop.example']])],
    ['a body that is no JSON', () => post('/api/simulate', withKey(), '{"transactions": ['), /readable JSON/],
    ['a body that is a list', () => post('/api/simulate', withKey(), '[1]')],
    ['no body', () => post('/api/simulate', withKey(), '')],
    ['a polluted body', () => post('/api/simulate', withKey(), '{"__proto__": {"x": 1}}')],
    ['a body above 1 MiB', () => post('/api/simulate', withKey(), `{"x": "${'a'.repeat(1_100_000)}"}`), /too large/],
    [
      'another media type',
      () =>
        post('/api/simulate', [
          ['x-session-id', owner.sessionId],
          ['content-type', 'text/xml'],
          ['x-api-key', demoKey],
        ]),
    ],
    [
      'a chain that is not served',
      () => post('/api/simulate', withKey(), sent({ chain_id: 5, transactions: [{ ...tx(), chain_id: 5 }] })),
    ],
    ['two chains', () => post('/api/simulate', withKey(), sent({ transactions: [tx(), { ...tx(), chain_id: 5 }] }))],
    ['a chain that is no number', () => post('/api/simulate', withKey(), sent({ chain_id: 'x' }))],
    [
      'a recipient that is no address',
      () => post('/api/simulate', withKey(), sent({ transactions: [{ ...tx(), to: '0x12' }] })),
    ],
    ['no recipient', () => post('/api/simulate', withKey(), sent({ transactions: [{ ...tx(), to: '' }] }))],
    ['40 calls', () => post('/api/simulate', withKey(), sent({ transactions: Array.from({ length: 40 }, tx) }))],
    ['no calls', () => post('/api/simulate', withKey(), sent({ transactions: [] }))],
    ['an entry that is null', () => post('/api/simulate', withKey(), sent({ transactions: [null] }))],
    ['an unknown field', () => post('/api/simulate', withKey(), sent({ foo: 1 })), /foo/],
    ['another sender', () => post('/api/simulate', withKey(), sent({ from: BOB }))],
    ['a sender that is no address', () => post('/api/simulate', withKey(), sent({ from: 'me' }))],
    [
      'other bytes',
      () => post('/api/simulate', withKey(), sent({ transactions: [{ ...tx(), value: '2' }] })),
      /committed/,
    ],
    ['the bytes twice', () => post('/api/simulate', withKey(), sent({ transactions: [tx(), tx()] }))],
    [
      'a session id twice',
      () => post('/api/simulate', [...withKey(), ['x-session-id', owner.sessionId]]),
      /more than once/,
    ],
    ['a key in the URL', () => post(`/api/simulate?x=${demoKey}`, withKey())],
    [
      'too many headers',
      () => post('/api/simulate', [...withKey(), ...Array.from({ length: 120 }, (_, i) => [`x-${i}`, '1'] as const)]),
    ],
  ])('%s', async (_name, ask, because) => {
    expectNo(await ask(), because)
  })

  test('a spent budget, and it says when to come back', async () => {
    let answer = await post('/api/simulate', withKey(spentKey))
    for (let i = 0; i < 3; i += 1) answer = await post('/api/simulate', withKey(spentKey))
    expectNo(answer, /Too many requests/)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    // An integrator, who names no session, is told so plainly.
    const plain = await post('/api/simulate', [JSON_TYPE, ['x-api-key', spentKey]])
    expect(plain.status).toBe(429)
  })

  test('every status of the proposal but the one that may be signed', async () => {
    const states = [
      'staged',
      'receipted',
      'blocked',
      'submitted',
      'settled',
      'mismatched',
      'rejected',
      'expired',
      'superseded',
    ]
    const set = (state: string) =>
      server.store.write((write) =>
        write.db.updateTable('proposals').set({ state }).where('state', '!=', state).execute(),
      )
    for (const state of states) {
      await set(state)
      const asked = await post('/api/simulate', withKey())
      const signed = await cli.sign(owner, ['1'])
      await set('pending')
      expectNo(asked, /committed/)
      expect(signed).toMatchObject({ signed: [], shown: ['Signing failed: Transaction "tx-1" not found'] })
    }
    expect((await post('/api/simulate', withKey())).body).toMatchObject({ result: { batch_success: true } })
  })

  test('an answer that does not come in time, and nothing is opened for it later', async () => {
    const live = server.gate.chains.get(chain.chainId) as unknown as {
      simulator: { simulate: (x: unknown) => Promise<unknown> }
    }
    const { simulate } = live.simulator
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let after: Promise<unknown> = Promise.resolve()
    live.simulator.simulate = (asked) => (after = held.then(() => simulate(asked)))
    try {
      expectNo(await post('/api/simulate', withKey()), /took too long/)
      const before = await leases()
      release()
      await after
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await leases()).toEqual(before)
    } finally {
      live.simulator.simulate = simulate
    }
  })

  test.each([
    '/api/simulate/',
    '//api/simulate',
    '/API/Simulate',
    '/api/thread/simulate',
    '/api/v2/exec/simulate?app=demo',
    '/backend/api/simulate',
  ])('an address that is not served: %s', async (path) => {
    expectNo(await post(path, withKey()), /There is no /)
    // Of an integrator, who names no session, it is a mistake to be told plainly.
    expect((await post(path, [JSON_TYPE, ['x-api-key', demoKey]])).status).toBe(404)
  })

  test('a body that never arrives', async () => {
    const { port } = new URL(server.url)
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1')
      let out = ''
      socket.on('data', (chunk: Buffer) => (out += chunk.toString()))
      socket.on('close', () => resolve(out))
      socket.on('error', reject)
      socket.write(
        `POST /api/simulate HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nX-Session-Id: ${owner.sessionId}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"tra`,
      )
    })
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).toContain('"amount_wei":"-1"')
  })
})

async function leases(): Promise<unknown> {
  return server.store.read
    .selectFrom('proposals')
    .select(['id', 'wallet_lease', 'wallet_until_ms', 'expires_ms'])
    .execute()
}

describe('promise: only the session that committed it gets a yes', () => {
  const deleted = randomUUID()
  const ended = randomUUID()
  const others = randomUUID()
  const unknown = randomUUID()
  beforeAll(async () => {
    for (const sessionId of [deleted, ended, others]) {
      const isOthers = sessionId === others
      const otherKey = Redacted.reveal((await server.issueKey({ app: 'other', label: 'c' })).key)
      const who = account({ sessionId, apiKey: isOthers ? otherKey : demoKey, app: isOthers ? 'other' : 'demo' })
      await cli.chat(who, `send 0.001 ETH to ${BOB}`)
    }
    const gone = await fetch(`${server.url}/api/sessions/${deleted}`, {
      method: 'DELETE',
      headers: { 'x-api-key': demoKey, 'x-session-id': deleted },
    })
    expect(gone.status).toBe(200)
    await server.store.write((write) =>
      write.db
        .updateTable('sessions')
        .set({ ended_ms: 1, ended_why: 'lifetime' })
        .where('id_digest', '=', server.store.ids.digest(ended))
        .execute(),
    )
  })

  const names = (id: string): Record<string, string> => ({
    malformed: 'telegram:dm:1',
    unknown,
    ended,
    deleted,
    'another owner’s': others,
    empty: '',
    own: id,
  })
  const FORMS: Record<string, (id: string) => (readonly [string, string])[]> = {
    'X-Session-Id': (id) => [['X-Session-Id', id]],
    'X-Thread-Id alone': (id) => [['X-Thread-Id', id]],
    'both alike': (id) => [
      ['X-Session-Id', id],
      ['X-Thread-Id', id],
    ],
    'X-Thread-Id beside the own session': (id) => [
      ['X-Session-Id', owner.sessionId],
      ['X-Thread-Id', id],
    ],
    'X-Session-Id beside the own thread': (id) => [
      ['X-Session-Id', id],
      ['X-Thread-Id', owner.sessionId],
    ],
  }
  const YES = new Set([
    'X-Session-Id/own',
    'both alike/own',
    'X-Thread-Id beside the own session/own',
    'X-Session-Id beside the own thread/own',
  ])

  for (const form of Object.keys(FORMS)) {
    for (const which of Object.keys(names(''))) {
      test(`${form}: ${which}`, async () => {
        for (const path of ROUTES) {
          const headers = FORMS[form]?.(names(owner.sessionId)[which] ?? '') ?? []
          const answer = await post(path, [...headers, JSON_TYPE, ['x-api-key', demoKey]])
          if (YES.has(`${form}/${which}`)) expect(answer.body).toMatchObject({ result: { batch_success: true } })
          else expectNo(answer)
        }
      })
    }
  }

  test('in upper case it is the same session', async () => {
    const answer = await post('/api/simulate', [
      ['x-session-id', owner.sessionId.toUpperCase()],
      JSON_TYPE,
      ['x-api-key', demoKey],
    ])
    expect(answer.body).toMatchObject({ result: { batch_success: true } })
  })
})

describe('who names no session is an integrator, and nothing changes for them', () => {
  test.each<[string, () => Promise<Answer>, number]>([
    ['a simulation', () => post('/api/simulate', [JSON_TYPE]), 200],
    ['a simulation with a key', () => post('/api/simulate', [JSON_TYPE, ['x-api-key', demoKey]]), 200],
    ['a wrong key', () => post('/api/simulate', [JSON_TYPE, ['x-api-key', 'hello']]), 401],
    ['no key for an app', () => post('/api/simulate?app=demo', [JSON_TYPE]), 401],
    ['a body that is no JSON', () => post('/api/simulate', [JSON_TYPE], '{'), 400],
    ['a body above 1 MiB', () => post('/api/simulate', [JSON_TYPE], `{"x": "${'a'.repeat(1_100_000)}"}`), 413],
    ['another media type', () => post('/api/simulate', [['content-type', 'text/xml']]), 415],
    ['an unknown field', () => post('/api/simulate', [JSON_TYPE], JSON.stringify({ ...body, foo: 1 })), 400],
    [
      'fields of newer clients',
      () => post('/api/simulate', [JSON_TYPE], JSON.stringify({ ...body, application_id: 'x', platform: 'web' })),
      200,
    ],
  ])('%s', async (_name, ask, status) => {
    const answer = await ask()
    expect(answer.status).toBe(status)
    if (status === 200) {
      expect(answer.body).toMatchObject({ result: { batch_success: true } })
      expect(answer.body['result']).not.toHaveProperty('fee')
    } else expect(answer.body).toMatchObject({ code: expect.any(String), hint: expect.any(String) })
  })
})

test('promise: a server that stops says no before it closes connections', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-stopping-'))
  const stopping = await launch({ port: 0, dataDir: dir, localChain: chain, logLevel: 'silent', env: {} })
  const here: Account = { ...account(), baseUrl: stopping.url }
  const asked = bodyFor(await cli.chat(here, `send 0.001 ETH to ${BOB}`))
  const live = stopping.gate.chains.get(chain.chainId) as unknown as { simulator: { simulate: unknown } }
  const begun = new Promise<void>((resolve) => {
    live.simulator.simulate = () => {
      resolve()
      return new Promise(() => undefined)
    }
  })
  const answer = fetch(`${stopping.url}/api/simulate`, {
    method: 'POST',
    headers: { 'x-session-id': here.sessionId, 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  await begun
  const closed = stopping.close()
  const response = await answer
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    result: {
      batch_success: false,
      fee: { amount_wei: '-1' },
      steps: [{ revert_reason: expect.stringMatching(/stopping/) }],
    },
  })
  await closed
  rmSync(dir, { recursive: true, force: true })
})

test('promise: what cannot be looked at again now is not in the wallet queue, and comes back when it can', async () => {
  const live = server.gate.chains.get(chain.chainId) as unknown as { head: () => Promise<unknown> }
  const { head } = live
  const queue = async (): Promise<string[]> => Object.keys((await cli.state(owner)).user_state?.pending_txs ?? {})
  const settled = async (wanted: string[]): Promise<void> => {
    for (let i = 0; i < 100; i += 1) {
      if (JSON.stringify(await queue()) === JSON.stringify(wanted)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(await queue()).toEqual(wanted)
  }
  // The provider client bounds every question, so one that hangs ends at last; the watcher of proposals waits for it too.
  const { promise: hanging, reject: giveUp } = Promise.withResolvers<never>()
  hanging.catch(() => undefined)
  await settled(['1'])
  for (const away of [
    () => Promise.reject(new BaseError('Away.', { code: 'chains:rpc:unreachable', kind: 'upstream', hint: 'Wait.' })),
    () => hanging,
  ]) {
    live.head = away
    await settled([])
    expect((await cli.sign(owner, ['1'])).signed).toEqual([])
    live.head = head
    await settled(['1'])
  }
  giveUp(new BaseError('Away.', { code: 'chains:rpc:unreachable', kind: 'upstream', hint: 'Wait.' }))
  // Nor while the step before it is on its way, nor when the server no longer serves its chain.
  const chains = server.gate.chains as Map<number, never>
  const here = chains.get(chain.chainId) as never
  chains.delete(chain.chainId)
  expect(await queue()).toEqual([])
  chains.set(chain.chainId, here)
  await settled(['1'])
})

test('the sdk still signs what its own page commits', async () => {
  const client = createClient({ baseUrl: server.url, sessionId: owner.sessionId, apiKey: demoKey })
  expect(await client.proposals()).toHaveLength(1)
})
