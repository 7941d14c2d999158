/** What tools of others, and apps that were pushed, may do to the server that calls them. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import type { RunningServer } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shapeFault } from '../../packages/server/src/tools/http/callOrigin.ts'
import { appClient, serve, startApps, writeApp, type AppClient, type Service } from './appClient.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-hostile-tools-'))
const folder = join(scratch, 'apps')
/** The most that a tool answers unless its app says otherwise is 64 KiB: this stays below. */
const DEEP = `${'['.repeat(30_000)}1${']'.repeat(30_000)}`
const SLOTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
let answer = '{}'
let service: Service
let server: RunningServer
let agent: AppClient
let adminKey = ''

const toolFile = (origin: string, auth = '') => `origin: ${origin}
allow_private: true
${auth}
tools:
  - name: ${auth === '' ? 'Order' : 'SecretOrder'}
    kind: write
    request: POST /orders
    description: Order something.
    input: { type: object, properties: { amount: { type: string } }, required: [amount] }
  - name: ${auth === '' ? 'Look' : 'SecretLook'}
    kind: read
    request: GET /look
    description: Look something up.
    input: { type: object, properties: { what: { type: string } }, required: [what] }
`

beforeAll(async () => {
  service = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(answer)
  })
  writeApp(folder, 'shop', {
    'app.yaml': 'name: shop\nsecrets: [TOKEN]\ntools:\n  http: [tools/plain.yaml, tools/secret.yaml]\n',
    'tools/plain.yaml': toolFile(service.origin),
    'tools/secret.yaml': toolFile(service.origin, "auth: { header: Authorization, value: 'Bearer $SECRET:TOKEN' }"),
  })
  server = await startApps(
    { dataDir: join(scratch, 'data'), folder },
    { env: { COUNTERSIGN_SECRET_TOKEN: 'canary-hostile' } },
  )
  const key = Redacted.reveal(
    (await server.issueKey({ app: 'shop', label: '', scopes: ['read', 'chat', 'admin'] })).key,
  )
  adminKey = Redacted.reveal(
    (await server.issueKey({ app: 'pushed', label: '', scopes: ['read', 'chat', 'admin'] })).key,
  )
  agent = appClient(server.url, { app: 'shop', key })
})
afterAll(async () => {
  await server?.close()
  service?.close()
  rmSync(scratch, { recursive: true, force: true })
})

for (const [write, read] of [
  ['Order', 'Look'],
  ['SecretOrder', 'SecretLook'],
] as const)
  test(`promise: an answer that is nested without end is no answer: of ${read} to the model, of ${write} to the record`, async () => {
    answer = DEEP
    const sessionId = randomUUID()
    const said = await agent.say(sessionId, `/${read} what=x`)
    expect(said).toContain('gave no usable answer')
    await agent.say(sessionId, `/${write} amount=1`)
    const [proposal] = await agent.list(sessionId)
    // The server took the call: what it said of it is not readable, and that is no reason to call it unknown.
    expect(await agent.retype(sessionId, proposal as never)).toMatchObject({
      body: { state: 'done', result: { status: 200, body: null, problem: 'tools:answer:type' } },
    })
  })

test('promise: an answer of half a million values is not taken, over HTTP as over MCP', async () => {
  answer = `[${Array.from({ length: 32_000 }, () => '1').join(',')}]`
  const sessionId = randomUUID()
  expect(await agent.say(sessionId, '/SecretLook what=x')).toContain('gave no usable answer')
  await agent.say(sessionId, '/SecretOrder amount=1')
  const [proposal] = await agent.list(sessionId)
  expect(await agent.retype(sessionId, proposal as never)).toMatchObject({
    body: { state: 'done', result: { status: 200, body: null, problem: 'tools:answer:too-large' } },
  })
  expect(shapeFault(Array.from({ length: 29_999 }, () => 1))).toBe(null)
  expect(shapeFault(Array.from({ length: 30_000 }, () => 1))).toBe('tools:answer:too-large')
  expect(shapeFault({ a: Array.from({ length: 29_999 }, () => 1) })).toBe('tools:answer:too-large')
})

test('promise: a pattern or an example of an app that takes years holds up nobody: what it asks is not understood', async () => {
  const pushed = appClient(server.url, { app: 'pushed', key: adminKey })
  const put = await pushed.ask('PUT', '/api/admin/apps/pushed', null, {
    files: {
      'app.yaml': 'name: pushed\ntools:\n  http: [tools/a.yaml]\n',
      'tools/a.yaml': `origin: https://api.invalid
tools:
  - name: Slow
    kind: read
    request: GET /slow
    description: Slow.
    input: { type: object, properties: { what: { type: string, pattern: '^(a+)+$' } }, required: [what] }
  - name: Long
    kind: read
    request: GET /long
    description: Long.
    input: { type: object, properties: { ${SLOTS.map((slot) => `${slot}: { type: string }`).join(', ')} } }
    examples: ['long ${SLOTS.map((slot) => `{${slot}}`).join('')}zzz']
`,
    },
  })
  expect(put.status, JSON.stringify(put.body)).toBe(200)
  // Each of them takes minutes without a limit.
  for (const words of [`/Slow what=${'a'.repeat(29)}!`, `long ${'a'.repeat(60)}!`]) {
    const said = await pushed.say(randomUUID(), words)
    expect(said).toContain('I did not understand that')
  }
})
