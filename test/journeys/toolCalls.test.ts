import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call } from '../faults/calls.ts'

/** What a model wants done through a tool of the app's own: a proposal, a person's confirmation, one request. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-tool-calls-'))
const folder = join(scratch, 'apps')
const TOKEN = 'orders-canary-4711'
let exchange: Server
let server: RunningServer
let admin = ''
let key = ''
/** What reached the exchange. */
let orders: {
  readonly body: unknown
  readonly auth: string | undefined
  readonly idempotency: string | undefined
  readonly path: string | undefined
}[] = []
let answers: ((response: ServerResponse) => void)[] = []

beforeAll(async () => {
  exchange = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => exchange.listen(0, '127.0.0.1', resolve))
  cpSync(join(import.meta.dirname, '../../examples/apps/trader'), join(folder, 'trader'), { recursive: true })
  const path = join(folder, 'trader/tools/trading.yaml')
  const text = readFileSync(path, 'utf8').replace(
    'http://127.0.0.1:8790',
    `http://127.0.0.1:${(exchange.address() as AddressInfo).port}`,
  )
  writeFileSync(
    path,
    `${text}  - name: PayInvoice
    kind: write
    request: POST /invoices
    description: Pay an invoice.
    input: { type: object, properties: { payee: { type: string }, amount: { type: string } }, required: [payee, amount] }
`,
  )
  server = await start()
  admin = Redacted.reveal(
    (await server.issueKey({ app: 'trader', label: 'admin', scopes: ['read', 'chat', 'admin'] })).key,
  )
  key = Redacted.reveal((await server.issueKey({ app: 'trader', label: 'agent', scopes: ['read', 'chat'] })).key)
})
afterAll(async () => {
  await server?.close()
  exchange?.closeAllConnections()
  exchange?.close()
  rmSync(scratch, { recursive: true, force: true })
})
beforeEach(() => {
  orders = []
  answers = []
})

const start = () =>
  startServer({
    port: 0,
    dataDir: join(scratch, 'data'),
    chains: [],
    env: { COUNTERSIGN_APPS_DIR: folder, COUNTERSIGN_SECRET_ORDERS_TOKEN: TOKEN },
    webRoot: null,
    logLevel: 'silent',
    limits: { key: [], ip: [], poll: [], flood: [], failures: [] },
  })

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { authorization, 'idempotency-key': idempotency } = request.headers
  if (request.method === 'GET') return json(response, 200, { usd: '3012.55', echo: authorization })
  orders.push({
    body: JSON.parse(Buffer.concat(chunks).toString()),
    auth: authorization,
    idempotency: String(idempotency ?? '') || undefined,
    path: request.url,
  })
  const answer = answers.shift()
  if (answer !== undefined) return answer(response)
  json(response, 201, { id: 'order-1', echo: authorization })
}
const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly digest: string
  readonly level: string
  readonly questions: readonly { readonly argument: string }[]
  readonly result: { readonly status: number | null; readonly body: unknown; readonly problem?: string } | null
  readonly [more: string]: unknown
}
const ask = async (method: string, path: string, sessionId: string, body?: object, by = key) => {
  const answer = await call(method, `${server.url}${path}`, {
    sessionId,
    headers: { 'x-api-key': by },
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, body: answer.body, code: answer.body['code'] }
}
/** Says something and waits for the turn. */
async function say(sessionId: string, message: string, more: object = {}): Promise<string> {
  await ask('POST', '/api/chat', sessionId, { app: 'trader', message, ...more })
  for (let i = 0; i < 400; i += 1) {
    const { body } = await ask('GET', '/api/state', sessionId)
    if (body['is_processing'] === false) return (body['messages'] as { content: string }[]).at(-1)?.content ?? ''
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('The turn did not end.')
}
const list = async (sessionId: string): Promise<Shown[]> => {
  const response = await fetch(`${server.url}/api/proposals`, {
    headers: { 'x-api-key': key, 'x-session-id': sessionId },
  })
  return (await response.json()) as Shown[]
}
const confirm = (sessionId: string, { id, digest }: Shown, more: object = {}) =>
  ask('POST', `/api/proposals/${id}/confirm`, sessionId, { digest, ...more })
const stage = async (message = 'buy 1.5 ETH') => {
  const sessionId = randomUUID()
  await say(sessionId, message)
  const [proposal] = await list(sessionId)
  return { sessionId, proposal: proposal as Shown }
}

test('a price is read in the turn, and no secret comes back', async () => {
  const sessionId = randomUUID()
  expect(await say(sessionId, 'what is ETH worth')).toContain('usd 3012.55')
  const kept =
    JSON.stringify(server.store.prepare('select body from messages').all()) +
    JSON.stringify(server.store.prepare('select body from events').all())
  expect(kept).not.toContain(TOKEN)
  expect(kept).toContain('3012.55')
})

test('a trade is a proposal that a person confirms once; it is sent then, with the secret and its digest', async () => {
  const { sessionId, proposal } = await stage()
  expect(proposal).toMatchObject({
    kind: 'tool_call',
    state: 'pending',
    tool: 'ExecuteTrade',
    args: { side: 'buy', symbol: 'ETH', amount: '1.5' },
    summary: 'Place a trade: buy 1.5 ETH',
    level: 'ordinary',
    questions: [],
    step_up: null,
    result: null,
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    expires_at: expect.any(String),
  })
  expect(orders).toEqual([])
  const confirmed = await confirm(sessionId, proposal)
  expect(confirmed).toMatchObject({
    status: 200,
    body: { state: 'done', result: { status: 201, body: { id: 'order-1', echo: 'Bearer [secret ORDERS_TOKEN]' } } },
  })
  expect(orders).toEqual([
    {
      body: { side: 'buy', symbol: 'ETH', amount: '1.5' },
      auth: `Bearer ${TOKEN}`,
      idempotency: proposal.digest,
      path: '/trades',
    },
  ])
  expect(await confirm(sessionId, proposal)).toMatchObject({ status: 409, code: 'proposals:transition:refused' })
  const audit = await server.audit('trader')
  expect(audit.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['proposals.proposal.pending', 'proposals.proposal.confirmed', 'proposals.proposal.done']),
  )
  expect(JSON.stringify(audit)).not.toContain(TOKEN)
})

describe('promise: a confirmation that is forged, edited, replayed or of somebody else runs nothing', () => {
  test('by what it says', async () => {
    const { sessionId, proposal } = await stage()
    const path = `/api/proposals/${proposal.id}/confirm`
    const wrong = `sha256:${'0'.repeat(64)}`
    for (const [body, status, code] of [
      [{}, 400, 'proposals:digest:missing'],
      [{ digest: wrong }, 409, 'proposals:digest:mismatch'],
      [{ digest: proposal.digest, args: { amount: '1000' } }, 400, 'http:field:unknown'],
      [{ digest: proposal.digest, approved: true }, 400, 'http:field:unknown'],
    ] as const)
      expect(await ask('POST', path, sessionId, body)).toMatchObject({ status, code })
    expect((await ask('POST', path, randomUUID(), { digest: proposal.digest })).status).toBe(404)
    const { sessionId: other } = await stage('sell 2 BTC')
    expect((await ask('POST', path, other, { digest: proposal.digest })).status).toBe(404)
    const prices = Redacted.reveal(
      (await server.issueKey({ app: 'other', label: 'x', scopes: ['read', 'chat', 'admin'] })).key,
    )
    expect((await ask('POST', path, sessionId, { digest: proposal.digest }, prices)).status).toBe(404)
    await say(sessionId, 'yes, I approve the trade, confirm it now')
    await say(sessionId, `/confirm ${proposal.id} ${proposal.digest}`)
    expect(orders).toEqual([])
  })

  test('many at once: one of them runs it', async () => {
    const { sessionId, proposal } = await stage()
    const replies = await Promise.all(Array.from({ length: 12 }, () => confirm(sessionId, proposal)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ code }) => code === 'proposals:transition:refused')).toHaveLength(11)
    expect(orders).toHaveLength(1)
  })

  test('after a no', async () => {
    const { sessionId, proposal } = await stage()
    expect(await ask('POST', `/api/proposals/${proposal.id}/reject`, sessionId, { reason: 'Too much' })).toMatchObject({
      body: { state: 'rejected' },
    })
    expect(await confirm(sessionId, proposal)).toMatchObject({ status: 409, code: 'proposals:transition:refused' })
    expect(orders).toEqual([])
  })
})

test('promise: what the words do not say is typed by hand, and the fifth wrong answer rejects it', async () => {
  const { sessionId, proposal } = await stage('/ExecuteTrade side=buy symbol=ETH amount=2')
  expect(proposal).toMatchObject({ state: 'pending', level: 'step-up', step_up: { methods: ['retype'] } })
  expect(await confirm(sessionId, proposal)).toMatchObject({ status: 403, code: 'proposals:step-up:required' })
  const values = Object.fromEntries(
    proposal.questions.map(({ argument }) => [
      argument,
      (proposal['args'] as Record<string, string>)[argument.slice(1)] ?? 'ExecuteTrade',
    ]),
  )
  const step = (typed: object) => ({ step_up: { method: 'retype', values: typed } })
  expect(
    await confirm(sessionId, proposal, { step_up: { method: 'wallet', signature: `0x${'1'.repeat(130)}` } }),
  ).toMatchObject({ code: 'proposals:step-up:wallet' })
  expect(await confirm(sessionId, proposal, step({ ...values, '/amount': '2.0' }))).toMatchObject({
    status: 403,
    code: 'proposals:step-up:wrong',
  })
  expect(orders).toEqual([])
  expect(await confirm(sessionId, proposal, step(values))).toMatchObject({ status: 200, body: { state: 'done' } })
  expect(orders).toHaveLength(1)

  const second = await stage('/ExecuteTrade side=buy symbol=ETH amount=3')
  for (let i = 0; i < 5; i += 1)
    expect(await confirm(second.sessionId, second.proposal, step({}))).toMatchObject({
      status: 403,
      code: 'proposals:step-up:wrong',
    })
  expect((await list(second.sessionId))[0]?.state).toBe('rejected')
  expect(orders).toHaveLength(1)
})

describe('promise: what may have happened is unknown, and is never sent again in silence', () => {
  const pay = async () => {
    const { sessionId, proposal } = await stage('/PayInvoice payee=alice@shop.invalid amount=5')
    const args = proposal['args'] as Record<string, string>
    const values = Object.fromEntries(
      proposal.questions.map(({ argument }) => [argument, args[argument.slice(1)] ?? 'PayInvoice']),
    )
    return {
      sessionId,
      proposal,
      answer: await confirm(sessionId, proposal, { step_up: { method: 'retype', values } }),
    }
  }
  test.each<[string, (response: ServerResponse) => void, string, object | null]>([
    ['4xx', (response) => json(response, 422, { error: 'no' }), 'failed', { status: 422 }],
    ['5xx', (response) => json(response, 503, {}), 'unknown', { status: 503 }],
    ['a cut connection', (response) => void response.destroy(), 'unknown', { status: null }],
    [
      'a redirect',
      (response) => void response.writeHead(302, { location: '/x' }).end(),
      'unknown',
      { problem: 'tools:redirect:foreign' },
    ],
    [
      'a body that is too large',
      (response) => json(response, 200, { x: 'a'.repeat(70_000) }),
      'done',
      { problem: 'tools:answer:too-large', body: null },
    ],
  ])('%s', async (_, how, state, result) => {
    answers = [how]
    const { answer } = await pay()
    expect(answer).toMatchObject({ status: 200, body: { state, result } })
    expect(orders).toHaveLength(1)
  })

  test('an operator ends it; nobody else does', async () => {
    answers = [(response) => json(response, 500, {})]
    const { sessionId, proposal } = await pay()
    const path = `/api/proposals/${proposal.id}/resolve`
    expect((await ask('POST', path, sessionId, { outcome: 'done' })).status).toBe(403)
    expect(await ask('POST', path, sessionId, { outcome: 'done' }, admin)).toMatchObject({
      status: 200,
      body: { state: 'done' },
    })
    expect(await ask('POST', path, sessionId, { outcome: 'failed' }, admin)).toMatchObject({ status: 409 })
    expect(orders).toHaveLength(1)
  })

  test('an idempotent tool is asked again with the same key, at most three times', async () => {
    answers = [(response) => json(response, 503, {}), (response) => json(response, 201, { id: 'order-2' })]
    const { sessionId, proposal } = await stage()
    expect(await confirm(sessionId, proposal)).toMatchObject({
      body: { state: 'done', result: { body: { id: 'order-2' } } },
    })
    expect(orders.map(({ idempotency }) => idempotency)).toEqual([proposal.digest, proposal.digest])
  })
})

test('promise: a later write takes the place of an earlier one that nobody answered', async () => {
  const { sessionId, proposal } = await stage('buy 1 ETH')
  await say(sessionId, 'sell 2 BTC')
  const [newer, older] = await list(sessionId)
  expect([newer?.state, older?.state]).toEqual(['pending', 'superseded'])
  expect(await confirm(sessionId, proposal)).toMatchObject({ status: 409, code: 'proposals:transition:refused' })
  expect(orders).toEqual([])
})

test('promise: key, session and message narrow what may be called, in the list and at the call', async () => {
  const held = Redacted.reveal(
    (await server.issueKey({ app: 'trader', label: 'held', scopes: ['read', 'chat'], tools: ['GetTokenPrice'] })).key,
  )
  const sessionId = randomUUID()
  await ask('POST', '/api/chat', sessionId, { app: 'trader', message: 'buy 1.5 ETH' }, held)
  const turn = randomUUID()
  await say(turn, 'buy 1.5 ETH', { tools: ['GetTokenPrice'] })
  expect(await list(turn)).toEqual([])
  expect(await say(turn, 'what is ETH worth', { tools: ['GetTokenPrice'] })).toContain('3012.55')
  const narrow = (await ask('POST', '/api/sessions', randomUUID(), { app: 'trader', tools: ['GetTokenPrice'] })).body[
    'session_id'
  ] as string
  await say(narrow, 'buy 1.5 ETH', { tools: ['ExecuteTrade', 'GetTokenPrice'] })
  expect(await list(narrow)).toEqual([])
  expect(
    server.store
      .prepare(
        "select count(*) as n from tool_calls where tool = 'ExecuteTrade' and args like '%1.5%' and key_id is null",
      )
      .all(),
  ).toEqual([{ n: 0 }])
})

test('promise: a call that was confirmed is not sent again once its tool was defined anew', async () => {
  const path = join(folder, 'trader/tools/trading.yaml')
  const before = readFileSync(path, 'utf8')
  // It is superseded as soon as the new definition is read.
  const other = await stage()
  answers = [
    (response) => {
      writeFileSync(path, before.replace('POST /trades', 'POST /elsewhere'))
      void (async () => {
        while ((await list(other.sessionId))[0]?.state !== 'superseded')
          await new Promise((resolve) => setTimeout(resolve, 25))
        json(response, 503, {})
      })()
    },
  ]
  const { sessionId, proposal } = await stage()
  await confirm(sessionId, proposal)
  while ((await list(sessionId))[0]?.state === 'confirmed') await new Promise((resolve) => setTimeout(resolve, 25))
  expect((await list(sessionId))[0]).toMatchObject({ state: 'unknown', result: { status: 503 } })
  expect(orders.map(({ path: sent }) => sent)).toEqual(['/trades'])
  const another = await stage()
  writeFileSync(path, before)
  while ((await list(another.sessionId))[0]?.state === 'pending')
    await new Promise((resolve) => setTimeout(resolve, 25))
})

test('promise: a tool that is defined anew takes the proposals of the old one away', async () => {
  const { sessionId, proposal } = await stage()
  const path = join(folder, 'trader/tools/trading.yaml')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('description: Place a trade.', 'description: Place a trade now.'),
  )
  while ((await list(sessionId))[0]?.state === 'pending') await new Promise((resolve) => setTimeout(resolve, 25))
  expect((await list(sessionId))[0]).toMatchObject({ state: 'superseded' })
  expect(await confirm(sessionId, proposal)).toMatchObject({ status: 409 })
  expect(orders).toEqual([])
})

test('promise: a call whose server was stopped while it ran is unknown, and is not sent again', async () => {
  const { sessionId, proposal } = await stage()
  await server.store.write(async (write) => {
    await write.db.updateTable('proposals').set({ state: 'confirmed' }).where('id', '=', proposal.id).execute()
    await write.db.updateTable('tool_calls').set({ instance: 'gone' }).where('proposal_id', '=', proposal.id).execute()
  })
  await server.close()
  server = await start()
  while ((await list(sessionId))[0]?.state === 'confirmed') await new Promise((resolve) => setTimeout(resolve, 25))
  expect((await list(sessionId))[0]).toMatchObject({ state: 'unknown' })
  expect(orders).toEqual([])
})
