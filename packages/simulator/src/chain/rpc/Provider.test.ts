import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRpc, type ProviderRequest } from './openRpc.ts'

/** How the provider answers: a result for each method, or the whole answer. */
let answer: ((response: ServerResponse) => void) | null = null
let chainId = '0x1'
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    if (answer !== null) return answer(response)
    const calls = JSON.parse(body) as { id: number; method: string }[]
    response.end(
      JSON.stringify(
        calls.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method === 'eth_chainId' ? chainId : '0x5' })),
      ),
    )
  })
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Asks once, and gives what an operator is told of it. */
async function told(methods: readonly string[], signal?: AbortSignal): Promise<ProviderRequest[]> {
  const requests: ProviderRequest[] = []
  const pool = openRpc({
    urls: [`${origin}/v3/PROVIDERSECRET`],
    timeoutMs: 5_000,
    quorum: 1,
    chainId: 1,
    onRequest: (request) => requests.push(request),
  })
  await pool
    .batch(
      methods.map((method) => ({ method, params: [] })),
      signal === undefined ? {} : { signal },
    )
    .catch(() => undefined)
  await pool.close()
  return requests
}

test('promise: each request is told by origin, methods, time and outcome, and without the key in its URL', async () => {
  const [request, ...more] = await told(['eth_gasPrice', 'eth_gasPrice', 'eth_blockNumber', 'custom_secretMethod'])
  expect(more).toEqual([])
  expect(request).toEqual({
    host: origin,
    methods: ['eth_gasPrice', 'eth_blockNumber', 'other'],
    tookMs: expect.any(Number) as number,
    fault: null,
  })
})

test.each<[what: string, fault: string, (response: ServerResponse) => void]>([
  ['an HTTP error', 'http', (response) => void response.writeHead(503).end()],
  ['a web page', 'page', (response) => void response.end('<html>')],
  ['no JSON', 'not-json', (response) => void response.end('nothing')],
  ['a redirect', 'redirect', (response) => void response.writeHead(302, { location: '/' }).end()],
])('promise: %s is told as %s', async (_what, fault, behave) => {
  answer = behave
  const requests = await told(['eth_gasPrice'])
  answer = null
  expect(requests.length).toBeGreaterThan(0)
  expect(new Set(requests.map((each) => each.fault))).toEqual(new Set([fault]))
})

test('promise: another chain is told as such', async () => {
  chainId = '0x2'
  const [request] = await told(['eth_gasPrice'])
  chainId = '0x1'
  expect(request?.fault).toBe('wrong-chain')
})

test('promise: what we gave up ourselves is not told: it says nothing of the provider', async () => {
  answer = () => undefined
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const requests = await told(['eth_gasPrice'], stop.signal)
  answer = null
  expect(requests).toEqual([])
})
