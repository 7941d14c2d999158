/** Traces and metrics as a collector gets them, on a real server with a real chain and a collector on loopback. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { Redacted } from '@countersign/base'
import { startLocalChain } from '@countersign/chain'
import { launch } from 'countersign'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code?: number }
}
interface Metric {
  readonly name: string
  readonly sum?: {
    readonly dataPoints: readonly { readonly asDouble?: number; readonly attributes: readonly Attribute[] }[]
  }
  readonly histogram?: {
    readonly dataPoints: readonly {
      readonly count: string | number
      readonly bucketCounts: readonly (string | number)[]
      readonly explicitBounds: readonly number[]
    }[]
  }
}

const FROM = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const TO = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER_SPAN_ID = '00f067aa0ba902b7'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-telemetry-'))
const received: { path: string; headers: Record<string, unknown>; body: string }[] = []
let collector: Server
let chain: Awaited<ReturnType<typeof startLocalChain>>
let server: Awaited<ReturnType<typeof launch>>
let key: string
let answer: Response

beforeAll(async () => {
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => collector.once('listening', resolve))
  chain = await startLocalChain()
  server = await launch({
    port: 0,
    dataDir: scratch,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=wallets%20%26%20agents',
      OTEL_SERVICE_NAME: 'my-gate',
    },
    localChain: chain,
    logLevel: 'silent',
  })
  key = Redacted.reveal((await server.issueKey({ app: 'demo', label: 'test', scopes: ['simulate'] })).key)
  answer = await fetch(`${server.url}/api/simulate`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      traceparent: `00-${TRACE_ID}-${CALLER_SPAN_ID}-00`,
    },
    body: JSON.stringify({ chain_id: chain.chainId, from: FROM, transactions: [{ to: TO, value: '7' }] }),
  })
  await answer.text()
  await fetch(`${server.url}/api/admin/keys`, { headers: { 'x-api-key': key } })
  // The last of both is sent before the server has closed.
  await server.close()
})
afterAll(async () => {
  await chain.close()
  collector.close()
  rmSync(scratch, { recursive: true, force: true })
})

const bodies = (path: string): unknown[] =>
  received.filter((each) => each.path === path).map(({ body }) => JSON.parse(body) as unknown)
const spans = (): Span[] =>
  (bodies('/v1/traces') as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }[]).flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  )
const said = ({ attributes }: Span): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key: name, value }) => [name, Object.values(value)[0]]))

test('a simulation is one trace: the request, the simulation, each request to a provider', () => {
  expect(answer.status).toBe(200)
  const request = spans().find(({ name }) => name === 'POST /api/simulate')
  expect(request).toMatchObject({ traceId: TRACE_ID, parentSpanId: CALLER_SPAN_ID, kind: 2 })
  expect(said(request as Span)).toMatchObject({ 'http.response.status_code': 200, 'countersign.app': 'demo' })
  const below = spans().filter(({ parentSpanId }) => parentSpanId === request?.spanId)
  const simulation = below.find(({ name }) => name === 'simulate')
  expect(said(simulation as Span)).toMatchObject({ 'countersign.verdict': 'allow' })
  const asked = below.filter(({ kind }) => kind === 3)
  expect(asked.length).toBeGreaterThan(0)
  for (const span of asked) expect(said(span)['countersign.outcome']).toBe('ok')
})

test('metrics of the registry arrive, and each bucket counts itself alone', () => {
  const metrics = (bodies('/v1/metrics') as { resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[] }[]).flatMap(
    ({ resourceMetrics }) => resourceMetrics.flatMap((of) => of.scopeMetrics.flatMap((scope) => scope.metrics)),
  )
  const simulations = metrics.findLast(({ name }) => name === 'countersign_simulations_total')
  expect(simulations?.sum?.dataPoints.map(({ asDouble }) => asDouble)).toEqual([1])
  const seconds = metrics.findLast(({ name }) => name === 'countersign_simulation_seconds')
  const [point] = seconds?.histogram?.dataPoints ?? []
  expect(Number(point?.count)).toBe(1)
  expect(point?.bucketCounts.map(Number).reduce((a, b) => a + b, 0)).toBe(1)
  expect(point?.bucketCounts.length).toBe((point?.explicitBounds.length ?? 0) + 1)
})

test('the collector’s headers and the service’s name are sent as they were set', () => {
  expect(received.length).toBeGreaterThan(1)
  for (const { headers } of received) expect(headers['x-team']).toBe('wallets & agents')
  for (const { body } of received) expect(body).toContain('my-gate')
})

test('promise: no key, session or address reaches the collector', () => {
  const all = received.map(({ body }) => body.toLowerCase()).join('\n')
  expect(all).toContain('post /api/simulate')
  for (const secret of [key, FROM, TO, chain.accounts[0]?.privateKey ?? '']) {
    expect(secret.length).toBeGreaterThan(20)
    expect(all).not.toContain(secret.toLowerCase().replace(/^0x/, ''))
  }
})

test('a refused request is a span of its own route, with its status', () => {
  const refused = spans().find(({ name }) => name === 'GET /api/admin/keys')
  expect(said(refused as Span)['http.response.status_code']).toBe(403)
})

test.each([
  ['no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
  ['a share above 1', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER_ARG: '2' }],
  [
    'headers without a value',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS: 'token' },
  ],
])('refuses to start with %s', async (_what, env) => {
  await expect(
    launch({ port: 0, dataDir: join(scratch, 'other'), env, localChain: chain, logLevel: 'silent' }),
  ).rejects.toMatchObject({ code: 'server:telemetry:invalid' })
})

test('a collector that is gone costs nothing: the server answers and ends', async () => {
  const alone = await launch({
    port: 0,
    dataDir: join(scratch, 'alone'),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    localChain: chain,
    logLevel: 'silent',
  })
  expect((await fetch(`${alone.url}/api/health`).catch(() => null))?.status).toBeDefined()
  await alone.close()
})
