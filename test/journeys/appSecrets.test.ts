import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import type { RunningServer } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInTest } from '../../packages/cli/src/runInTest.ts'
import { appClient, json, serve, startApps, writeApp, type AppClient, type Service } from './appClient.ts'

/** Secrets of apps: encrypted at rest, put in where a tool is called, and in nothing that is written or answered. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-app-secrets-'))
const [dataDir, folder] = [join(scratch, 'data'), join(scratch, 'apps')]
const canary = (name: string): string => `${name}-${randomBytes(12).toString('hex')}`
const planted: string[] = []
const plant = (name: string): string => {
  const value = canary(name)
  planted.push(value)
  return value
}
let service: Service
let server: RunningServer
let admin: AppClient
let agent: AppClient
let keyOfAgent = ''
let log = ''
let answers = ''
/** What the service was sent: the headers of its calls. */
let received: (string | undefined)[] = []

const TOOLS = (origin: string) => `origin: ${origin}
allow_private: true
auth: { header: Authorization, value: 'Bearer $SECRET:ORDERS_TOKEN' }
tools:
  - name: GetTokenPrice
    kind: read
    request: GET /prices/{symbol}
    description: The price of a token.
    input: { type: object, properties: { symbol: { type: string } }, required: [symbol] }
    result: { trust: [/usd] }
    examples: ['price of {symbol}']
  - name: ExecuteTrade
    kind: write
    request: POST /trades
    description: Place a trade.
    input: { type: object, properties: { side: { enum: [buy, sell] }, symbol: { type: string }, amount: { type: string } }, required: [side, symbol, amount] }
    examples: ['{side} {amount} {symbol}']
`
const MINE = (origin: string) => `origin: ${origin}
allow_private: true
auth: { header: X-Token, value: '$SECRET:MY_TOKEN' }
tools:
  - name: GetMyOrders
    kind: read
    request: GET /mine
    description: The orders of the person.
    input: { type: object, properties: {} }
    examples: ['show my orders']
`

beforeAll(async () => {
  service = await serve((request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? String(request.headers['x-token'])
    received.push(token)
    json(response, 200, {
      usd: '1',
      plain: token,
      [`key ${token}`]: 1,
      base64: Buffer.from(`x:${token}`).toString('base64'),
      hex: Buffer.from(token).toString('hex'),
      url: `https://x.invalid/?t=${encodeURIComponent(token)}`,
      nested: JSON.stringify(JSON.stringify({ token })),
    })
  })
  writeApp(folder, 'trader', {
    'app.yaml': `name: trader
secrets: [ORDERS_TOKEN, { name: MY_TOKEN, from: user }]
tools: { http: [tools/a.yaml, tools/b.yaml] }
`,
    'tools/a.yaml': TOOLS(service.origin),
    'tools/b.yaml': MINE(service.origin),
  })
  writeApp(folder, 'other', {
    'app.yaml': 'name: other\nsecrets: [ORDERS_TOKEN]\ntools: { http: [tools/a.yaml] }\n',
    'tools/a.yaml': TOOLS(service.origin),
  })
  server = await startApps(
    { dataDir, folder },
    { logLevel: 'trace', logStream: { write: (line: string) => void (log += line) } },
  )
  const keyOf = async (app: string, scopes: readonly string[]) =>
    Redacted.reveal((await server.issueKey({ app, label: '', scopes: scopes as never })).key)
  admin = appClient(server.url, { app: 'trader', key: await keyOf('trader', ['read', 'chat', 'admin']) })
  keyOfAgent = await keyOf('trader', ['read', 'chat'])
  agent = appClient(server.url, { app: 'trader', key: keyOfAgent })
})
afterAll(async () => {
  await server?.close()
  service?.close()
  rmSync(scratch, { recursive: true, force: true })
})

const toolsOf = async (client = admin) => {
  const { body } = await client.ask('GET', '/api/admin/apps/trader', null)
  return Object.fromEntries(
    (body['tools'] as { name: string; state: string }[]).map(({ name, state }) => [name, state]),
  )
}
const stateOf = async (client: AppClient, sessionId: string): Promise<void> => {
  answers += JSON.stringify((await client.ask('GET', '/api/state', sessionId)).body)
  answers += JSON.stringify(await client.list(sessionId))
}

test('promise: a tool whose secret has no value is not offered, and the app loads', async () => {
  expect(await toolsOf()).toEqual({ GetTokenPrice: 'disabled', ExecuteTrade: 'disabled', GetMyOrders: 'offered' })
  expect(await agent.say(randomUUID(), 'price of ETH')).not.toContain('usd')
  expect(received).toEqual([])
  const checked = await runInTest(['app', 'check', folder, '--data-dir', dataDir])
  expect(checked.code).toBe(0)
  expect(checked.out).toMatch(/trader\/app\.yaml:2:1: warning: The secret "ORDERS_TOKEN" has no value.*secrets set/)
})

test('an admin key sets, lists and deletes, and a value is never answered', async () => {
  const first = plant('first')
  expect(await admin.ask('PUT', '/api/admin/secrets/ORDERS_TOKEN', null, { value: first })).toMatchObject({
    status: 200,
    body: { name: 'ORDERS_TOKEN', state: 'set' },
  })
  expect(await toolsOf()).toMatchObject({ GetTokenPrice: 'offered' })
  await agent.say(randomUUID(), 'price of ETH')
  expect(received).toEqual([first])
  // The next value counts from the next call on.
  const second = plant('second')
  await admin.ask('PUT', '/api/admin/secrets/ORDERS_TOKEN', null, { value: second })
  await agent.say(randomUUID(), 'price of ETH')
  expect(received.at(-1)).toBe(second)
  const listed = await admin.ask('GET', '/api/admin/secrets', null)
  expect(listed.body).toMatchObject({ names: ['ORDERS_TOKEN'], secrets: [{ name: 'ORDERS_TOKEN', state: 'set' }] })
  answers += JSON.stringify(listed.body)
  expect(await admin.ask('DELETE', '/api/admin/secrets/ORDERS_TOKEN', null)).toMatchObject({ body: { deleted: true } })
  expect((await admin.ask('DELETE', '/api/admin/secrets/ORDERS_TOKEN', null)).status).toBe(404)
  expect(await toolsOf()).toMatchObject({ GetTokenPrice: 'disabled' })
})

test.each([
  ['a name in small letters', 'orders', { value: 'abcdef' }, 400, 'apps:secret:unreadable'],
  ['a line break', 'ORDERS_TOKEN', { value: 'a\r\nx-evil: 1' }, 400, 'apps:secret:unreadable'],
  ['an empty value', 'ORDERS_TOKEN', { value: '' }, 400, 'apps:secret:unreadable'],
  ['a number', 'ORDERS_TOKEN', { value: 1 }, 400, 'http:field:value'],
  ['another field', 'ORDERS_TOKEN', { value: 'abcdef', app: 'other' }, 400, 'http:field:app'],
  ['a slot of the users', 'MY_TOKEN', { value: 'abcdef' }, 409, 'apps:secret:users'],
])('refuses %s', async (_, name, body, status, code) => {
  expect(await admin.ask('PUT', `/api/admin/secrets/${name}`, null, body)).toMatchObject({ status, code })
})

test('promise: no key without the scope, and no app, reaches the secrets of another', async () => {
  for (const [method, path] of [
    ['GET', '/api/admin/secrets'],
    ['PUT', '/api/admin/secrets/ORDERS_TOKEN'],
    ['DELETE', '/api/admin/secrets/ORDERS_TOKEN'],
  ] as const)
    expect((await agent.ask(method, path, null, method === 'PUT' ? { value: 'abcdef' } : undefined)).status).toBe(403)
  await admin.ask('PUT', '/api/admin/secrets/ORDERS_TOKEN', null, { value: plant('traders') })
  const key = Redacted.reveal(
    (await server.issueKey({ app: 'other', label: '', scopes: ['read', 'chat', 'admin'] })).key,
  )
  const other = appClient(server.url, { app: 'other', key })
  expect((await other.ask('GET', '/api/admin/secrets', null)).body).toMatchObject({ names: [] })
  expect((await other.ask('DELETE', '/api/admin/secrets/ORDERS_TOKEN', null)).status).toBe(404)
  received = []
  await other.say(randomUUID(), 'price of ETH')
  expect(received).toEqual([])
  // A row that is copied to another app opens nothing there.
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(join(dataDir, readdirSync(dataDir).find((name) => name.endsWith('.db')) ?? ''))
  db.exec(`insert into secrets select 'other', name, owner, sid, sealed, at_ms from secrets where app = 'trader'`)
  db.close()
  expect((await other.ask('GET', '/api/admin/secrets', null)).body).toMatchObject({
    secrets: [{ state: 'unreadable' }],
  })
  await other.say(randomUUID(), 'price of ETH')
  expect(received).toEqual([])
})

test('the command line sets, lists and deletes while the server runs', async () => {
  const value = plant('cli')
  const at = ['--app', 'trader', '--data-dir', dataDir]
  expect(await runInTest(['secrets', 'set', 'ORDERS_TOKEN', ...at], {}, `${value}\n`)).toMatchObject({
    code: 0,
    out: 'The secret ORDERS_TOKEN of trader is set.\n',
  })
  received = []
  await agent.say(randomUUID(), 'price of ETH')
  expect(received).toEqual([value])
  expect((await runInTest(['secrets', 'list', ...at])).out).toMatch(/^ORDERS_TOKEN {2}set {2}\d{4}-/)
  expect((await runInTest(['app', 'check', folder, '--data-dir', dataDir])).out).not.toContain('trader/app.yaml:2')
  expect(await runInTest(['secrets', 'delete', 'NONE', ...at])).toMatchObject({ code: 2 })
  expect(await runInTest(['secrets', 'set', 'ORDERS_TOKEN', '--data-dir', dataDir], {}, 'x')).toMatchObject({ code: 2 })
})

test('promise: a user’s secret is used for its owner alone, and a client id opens nothing', async () => {
  const [mine, theirs] = [randomUUID(), randomUUID()]
  received = []
  await agent.say(mine, 'show my orders')
  await agent.say(theirs, 'hello')
  expect(received).toEqual([])
  const value = plant('user')
  const body = { client_id: 'c1', secrets: { MY_TOKEN: value } }
  expect(await agent.ask('POST', '/api/secrets', mine, body)).toMatchObject({
    status: 200,
    body: { handles: { MY_TOKEN: '$SECRET:MY_TOKEN' } },
  })
  await agent.say(mine, 'show my orders')
  expect(received).toEqual([value])
  await stateOf(agent, mine)
  // Another user of the same key, with the same client id.
  await agent.say(theirs, 'show my orders')
  expect(received).toEqual([value])
  const names = async (sessionId: string | null) =>
    (await agent.ask('GET', '/api/secrets?client_id=c1', sessionId)).body
  expect(await names(mine)).toEqual({ names: ['MY_TOKEN'], by_app: { trader: ['MY_TOKEN'] } })
  expect(await names(theirs)).toEqual({ names: [], by_app: {} })
  expect(await names(null)).toEqual({ names: [], by_app: {} })
  expect((await agent.ask('DELETE', '/api/secrets/MY_TOKEN?client_id=c1', theirs)).body).toEqual({ deleted: false })
  expect((await agent.ask('DELETE', '/api/secrets?client_id=c1', null)).body).toEqual({ cleared: false })
  // Slots only, and the operator's secrets are none.
  for (const name of ['ORDERS_TOKEN', 'ELSE'])
    expect(
      await agent.ask('POST', '/api/secrets', mine, { client_id: 'c1', secrets: { [name]: plant('foreign') } }),
    ).toMatchObject({ status: 400, code: 'http:secrets:slot' })
  const apps = await fetch(`${server.url}/api/session/apps?app=trader`, { headers: { 'x-api-key': keyOfAgent } })
  expect(await apps.json()).toContainEqual({
    name: 'trader',
    secrets: [{ name: 'MY_TOKEN', description: expect.any(String), required: true }],
  })
  expect((await agent.ask('DELETE', '/api/secrets/MY_TOKEN', mine)).body).toEqual({ deleted: true })
  await agent.say(mine, 'show my orders')
  expect(received).toEqual([value])
})

test('an end user whom the key names keeps a secret over sessions', async () => {
  const begin = async (user: string) =>
    String((await agent.ask('POST', '/api/sessions', randomUUID(), { app: 'trader', user })).body['session_id'])
  const value = plant('named-user')
  await agent.ask('POST', '/api/secrets', await begin('ann'), { secrets: { MY_TOKEN: value } })
  received = []
  await agent.say(await begin('bob'), 'show my orders')
  expect(received).toEqual([])
  await agent.say(await begin('ann'), 'show my orders')
  expect(received).toEqual([value])
})

test('promise: no secret stands in a file, a log, a stream, a proposal, an answer or the audit record', async () => {
  await admin.ask('PUT', '/api/admin/secrets/ORDERS_TOKEN', null, { value: plant('last') })
  const sessionId = randomUUID()
  const stream = await fetch(`${server.url}/api/updates`, {
    headers: { 'x-session-id': sessionId, 'x-api-key': keyOfAgent },
  })
  let told = ''
  const reading = (async () => {
    for await (const chunk of stream.body as AsyncIterable<Uint8Array>) told += Buffer.from(chunk).toString()
  })().catch(() => undefined)
  await agent.say(sessionId, 'price of ETH')
  await agent.ask('POST', '/api/secrets', sessionId, { secrets: { MY_TOKEN: plant('streamed') } })
  await agent.say(sessionId, 'show my orders')
  await agent.say(sessionId, 'buy 1.5 ETH')
  const [proposal] = await agent.list(sessionId)
  const confirmed = await agent.confirm(sessionId, proposal as never)
  expect(confirmed).toMatchObject({ body: { state: 'done', result: { body: { plain: '[secret ORDERS_TOKEN]' } } } })
  answers += JSON.stringify(confirmed.body)
  await stateOf(agent, sessionId)
  answers += JSON.stringify(await server.audit('trader'))
  answers += JSON.stringify((await admin.ask('GET', '/api/admin/apps/trader', null)).body)
  await admin.ask('PUT', '/api/admin/secrets/orders', null, { value: plant('refused') })
  await expect.poll(() => told, { timeout: 30_000 }).toContain('"state":"done"')
  await server.close()
  await reading
  expect(told).toContain('secret ORDERS_TOKEN')
  const files = readdirSync(scratch, { recursive: true, encoding: 'utf8' })
    .map((name) => join(scratch, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')] as const)
  const places = [...files, ['log', log], ['stream', told], ['answers', answers]] as const
  const bytes = (value: string) => Buffer.from(value)
  const found = places.flatMap(([place, text]) =>
    planted
      .filter((value) =>
        [value, bytes(value).toString('base64').slice(4, -4), bytes(value).toString('hex')].some((spelling) =>
          text.includes(spelling),
        ),
      )
      .map((value) => `${value} in ${place}`),
  )
  expect(found).toEqual([])
  expect(planted.length).toBeGreaterThan(8)
  expect(log).not.toBe('')
})
