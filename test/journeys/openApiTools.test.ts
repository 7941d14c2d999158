import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import type { RunningServer } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appClient, json, serve, startApps, writeApp, type AppClient, type Service } from './appClient.ts'

/** Operations of an OpenAPI document as tools of an app, against a real HTTP server. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-openapi-tools-'))
const folder = join(scratch, 'apps')
let service: Service
let server: RunningServer
let agent: AppClient
let received: { method: string; url: string; body: unknown; auth: string | undefined }[] = []

const DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  servers: [{ url: 'http://attacker.invalid' }],
  paths: {
    '/orders/{id}': {
      parameters: [{ $ref: '#/components/parameters/Id' }],
      get: {
        operationId: 'getOrder',
        summary: 'Look an order up.',
        parameters: [{ name: 'depth', in: 'query', schema: { type: 'integer' } }],
        responses: {},
      },
      delete: { operationId: 'cancelOrder', summary: 'Cancel an order.', responses: {} },
    },
    '/orders': {
      post: {
        operationId: 'createOrder',
        summary: 'Create an order.',
        parameters: [{ name: 'dry', in: 'query', schema: { type: 'boolean' } }],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
        responses: {},
      },
    },
  },
  components: {
    parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
    schemas: {
      Order: {
        type: 'object',
        required: ['symbol', 'amount', 'id'],
        properties: {
          id: { type: 'string', readOnly: true },
          symbol: { type: 'string' },
          amount: { type: 'string' },
          note: { type: 'string', nullable: true },
        },
      },
    },
  },
}

beforeAll(async () => {
  service = await serve((request, response, body) => {
    received.push({
      method: request.method ?? '',
      url: request.url ?? '',
      body: body === '' ? null : JSON.parse(body),
      auth: request.headers.authorization,
    })
    json(response, 200, { id: '7', status: 'open', echo: request.headers.authorization })
  })
  writeApp(folder, 'shop', {
    'app.yaml': `name: shop
secrets: [ORDERS_TOKEN]
tools:
  openapi:
    - file: tools/orders.openapi.json
      origin: ${service.origin}
      allow_private: true
      auth: { header: Authorization, value: 'Bearer $SECRET:ORDERS_TOKEN' }
      operations:
        getOrder: { result: { trust: [/status] } }
        createOrder: { roles: { symbol: asset }, confirm: ordinary }
        cancelOrder: { confirm: step-up }
`,
    'tools/orders.openapi.json': JSON.stringify(DOCUMENT),
  })
  server = await startApps(
    { dataDir: join(scratch, 'data'), folder },
    { env: { COUNTERSIGN_SECRET_ORDERS_TOKEN: 'canary-open-api' } },
  )
  const key = Redacted.reveal(
    (await server.issueKey({ app: 'shop', label: '', scopes: ['read', 'chat', 'admin'] })).key,
  )
  agent = appClient(server.url, { app: 'shop', key })
})
afterAll(async () => {
  await server?.close()
  service?.close()
  rmSync(scratch, { recursive: true, force: true })
})

test('a GET is a read, at the origin of the entry and not of the document, with the secret', async () => {
  received = []
  const reply = await agent.say(randomUUID(), '/getOrder id=7 depth=2')
  expect(received).toEqual([{ method: 'GET', url: '/orders/7?depth=2', body: null, auth: 'Bearer canary-open-api' }])
  expect(reply).toContain('open')
  expect(reply).not.toContain('canary-open-api')
})

test('promise: every other method is a write, which a person confirms', async () => {
  received = []
  const sessionId = randomUUID()
  await agent.say(sessionId, '/createOrder symbol=ETH amount=1.5 dry=true')
  expect(received).toEqual([])
  const [proposal] = await agent.list(sessionId)
  expect(proposal).toMatchObject({
    kind: 'tool_call',
    state: 'pending',
    tool: 'createOrder',
    args: { symbol: 'ETH', amount: '1.5' },
  })
  expect(await agent.retype(sessionId, proposal as never)).toMatchObject({ body: { state: 'done' } })
  expect(received).toEqual([
    { method: 'POST', url: '/orders?dry=true', body: { symbol: 'ETH', amount: '1.5' }, auth: 'Bearer canary-open-api' },
  ])
})

test('promise: the level that the entry asks for holds', async () => {
  received = []
  const sessionId = randomUUID()
  await agent.say(sessionId, '/cancelOrder id=7')
  const [proposal] = await agent.list(sessionId)
  expect(proposal).toMatchObject({ level: 'step-up', tool: 'cancelOrder' })
  expect(await agent.confirm(sessionId, proposal as never)).toMatchObject({
    status: 403,
    code: 'proposals:step-up:required',
  })
  expect(received).toEqual([])
})

test('promise: what the document does not declare, and what it marks as read-only, is no argument', async () => {
  received = []
  for (const message of [
    '/createOrder symbol=ETH amount=1 id=9',
    '/createOrder symbol=ETH amount=1 extra=1',
    '/getOrder id=..',
    '/getOrder id=a/b',
  ]) {
    const sessionId = randomUUID()
    await agent.say(sessionId, message)
    const proposals = await agent.list(sessionId)
    expect(
      proposals.flatMap(({ args }) => Object.keys(args as object)),
      message,
    ).not.toEqual(expect.arrayContaining(['id']))
    expect(
      proposals.flatMap(({ args }) => Object.keys(args as object)),
      message,
    ).not.toEqual(expect.arrayContaining(['extra']))
  }
  expect(received).toEqual([])
})
