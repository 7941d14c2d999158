import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook } from '@countersign/sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fromName, type App } from './apps/App.ts'
import type { WebhookTarget } from './apps/NotifyTarget.ts'
import { inEnvironment } from './apps/secrets/SecretName.ts'
import { createWebhookSender } from './openOutbox.ts'

let server: Server
let origin = ''
let status = 204
let seen: { path: string; headers: IncomingHttpHeaders; body: string }[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : { 'content-type': 'text/html' })
      response.end(status === 204 ? undefined : '<p>')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
beforeEach(() => {
  seen = []
  status = 204
})

const clock = { nowMs: () => 1_800_000_000_500 }
const env = { COUNTERSIGN_SECRET_OPS_HOOK: 'whsec-new', COUNTERSIGN_SECRET_OLD_HOOK: 'whsec-old' }
const message = {
  id: 'evt_1',
  app: 'shop',
  event: 'x.y.z',
  mandate: null,
  body: '{"id":"evt_1","event":"x.y.z"}',
  name: 'ops',
}
const send = (more: Partial<WebhookTarget> = {}, name = 'ops') => {
  const webhook = { url: `${origin}/hook?a=1`, secrets: ['OPS_HOOK'], allowPrivate: true, events: null, ...more }
  const app: App = { ...fromName('shop'), notify: { ops: { webhook } } }
  return createWebhookSender({
    apps: new Map([['shop', app]]),
    clock,
    secretOf: ({ name: of }, secret) => inEnvironment(env, of, secret),
  })({ ...message, name })
}

test('promise: posts the body with a signature that the SDK verifies', async () => {
  expect(await send()).toEqual({ status: 'sent' })
  const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = seen
  expect([path, headers['content-type'], body]).toEqual(['/hook?a=1', 'application/json', message.body])
  const signature = headers['countersign-signature'] as string
  expect(signature).toMatch(/^t=1800000000,v1=[0-9a-f]{64}$/)
  expect(await verifyWebhook({ body, signature, secrets: 'whsec-new', nowMs: clock.nowMs() })).toMatchObject({
    id: 'evt_1',
  })
})

test('promise: during rotation the message is signed with both secrets', async () => {
  await send({ secrets: ['OPS_HOOK', 'OLD_HOOK'] })
  const signature = seen[0]?.headers['countersign-signature'] as string
  for (const secrets of ['whsec-new', 'whsec-old'])
    expect(await verifyWebhook({ body: message.body, signature, secrets, nowMs: clock.nowMs() })).toBeTruthy()
})

test('promise: nothing is sent to a private address without allow_private, nor without a secret', async () => {
  expect(await send({ allowPrivate: false })).toEqual({ status: 'failed', because: 'tools:address:private' })
  expect(await send({ secrets: ['OPS_HOOK', 'NO_HOOK'] })).toEqual({
    status: 'failed',
    because: 'target:secret:absent',
  })
  expect(await send({}, 'nobody')).toEqual({ status: 'failed', because: 'target:absent' })
  expect(seen).toEqual([])
})

test('promise: only a 2xx answer counts, and a redirect is not followed', async () => {
  for (const [each, expected] of [
    [200, { status: 'sent' }],
    [302, { status: 'failed', because: 'tools:redirect:foreign' }],
    [410, { status: 'failed', because: 'target:status:410' }],
    [500, { status: 'failed', because: 'target:status:500' }],
  ] as const) {
    status = each
    expect(await send(), String(each)).toEqual(expected)
  }
  expect(seen.map(({ path }) => path)).toEqual(Array(4).fill('/hook?a=1'))
})
