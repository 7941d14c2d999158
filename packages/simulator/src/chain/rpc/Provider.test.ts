import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRpc, type ProviderRequest } from './openRpc.ts'
import { Provider, unusable, type Problem, type ServedChain } from './Provider.ts'
import type { RpcAnswer } from './Rpc.ts'

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

test('promise: a provider that fails is left alone for ever longer, up to a minute, and asked again which chain it serves', async () => {
  let nowMs = 1_000_000
  const asked: string[][] = []
  const chain: ServedChain = { id: null }
  const provider = new Provider(origin, 5_000, chain, { nowMs: () => nowMs, random: () => 0.5 }, ({ methods }) => {
    asked.push([...methods])
  })
  const call = [{ method: 'eth_gasPrice', params: [] }]
  await provider.ask(call)
  expect(chain.id).toBe(1)
  expect(provider.health()).toMatchObject({ failures: 0, isBackingOff: false, isWrongChain: false, requests: 1 })
  await provider.confirmChain()
  expect(provider.requests, 'the chain is known').toBe(1)
  const waits: number[] = []
  for (let i = 0; i < 9; i += 1) {
    answer = (response) => void response.writeHead(503).end()
    await expect(provider.ask(call)).rejects.toThrow()
    waits.push(provider.backOffUntilMs - nowMs)
  }
  // Three quarters of the longest, as randomness stands in the middle.
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000].map((ms) => 0.75 * ms))
  expect(provider.health()).toMatchObject({ failures: 9, isBackingOff: true })
  expect(provider.rank(call)).toBe(1)
  nowMs = provider.backOffUntilMs
  expect([provider.health().isBackingOff, provider.rank(call)]).toEqual([false, 0])
  answer = null
  // What comes back may be another node.
  chainId = '0x2'
  await expect(provider.ask(call)).rejects.toThrow()
  chainId = '0x1'
  expect(provider.isWrongChain).toBe(true)
  await provider.ask(call)
  expect(provider.health()).toMatchObject({ failures: 0, isBackingOff: false, isWrongChain: false })
  expect(asked.map(String)).toEqual(Array<string>(12).fill('eth_gasPrice'))
  await provider.close()
})

test('promise: a chain that no number can hold is none, and the provider is left alone', async () => {
  for (const [id, isTaken] of [
    ['0x1fffffffffffff', true],
    ['0x20000000000000', false],
    ['one', false],
  ] as const) {
    chainId = id
    const provider = new Provider(origin, 5_000, { id: null }, { nowMs: () => 0, random: () => 1 })
    const asking = provider.confirmChain()
    if (isTaken) await asking
    else await expect(asking, id).rejects.toThrow()
    expect(provider.health().isBackingOff, id).toBe(!isTaken)
    await provider.close()
  }
  chainId = '0x1'
})

const failed = (code: number, message = ''): RpcAnswer => ({ ok: false, code, message, data: null })
test.each<readonly [what: string, method: string, answer: RpcAnswer, problem: Problem | null]>([
  ['a block that is not there', 'eth_getBlockByNumber', { ok: true, result: null }, 'block'],
  ['a receipt that is not there', 'eth_getTransactionReceipt', { ok: true, result: null }, null],
  ['a revert', 'eth_call', failed(3, 'execution reverted: rate limit'), null],
  ['code -32005', 'eth_call', failed(-32005), 'rate-limit'],
  ['code 429', 'eth_call', failed(429), 'rate-limit'],
  ['words of a limit', 'eth_call', failed(-32000, 'Too Many Requests'), 'rate-limit'],
  ['code -32601', 'eth_call', failed(-32601), 'method'],
  ['code -32001', 'eth_call', failed(-32001), 'block'],
  ['words of a pruned node', 'eth_call', failed(-32000, 'missing trie node'), 'block'],
  ['another error', 'eth_call', failed(-32000, 'nonce too low'), null],
])('promise: %s is judged as what it is', (_, method, given, problem) => {
  expect(unusable({ method, params: [] }, given)).toBe(problem)
})
