import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runInTest } from './runInTest.ts'

const FROM = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const TX = '{"to":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","value":"1"}'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-server-'))
const socket = join(scratch, 's.sock')
let asked: { url: string; key: unknown; body: Record<string, unknown> }[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
const report = { verdict: 'allow', findings: [], steps: [{}], from: FROM, chain_id: 31337, text: 'THE CARD' }
const json = (status: number, body: unknown) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const listener = (request: IncomingMessage, response: ServerResponse): void => {
  let text = ''
  request.on('data', (bytes: Buffer) => (text += bytes.toString()))
  request.on('end', () => {
    asked.push({ url: request.url ?? '', key: request.headers['x-api-key'], body: JSON.parse(text) as never })
    answer(request, response)
  })
}
const tcp = createServer(listener)
const unix = createServer(listener)
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => unix.listen(socket, resolve))
  url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
  answer = json(200, { result: report })
})
afterAll(() => {
  for (const server of [tcp, unix]) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(scratch, { recursive: true, force: true })
})

const simulate = (server: string, ...more: string[]) =>
  runInTest(['simulate', '--server', server, '--from', FROM, '--tx', TX, ...more])

test.each([
  ['allow', 0],
  ['warn', 10],
  ['block', 11],
])('promise: ends on %s with %i, and prints the report', async (verdict, code) => {
  answer = json(200, { result: { ...report, verdict } })
  const found = await simulate(url, '--json', '--chain-id', '31337')
  expect(found.code).toBe(code)
  expect(JSON.parse(found.out)).toEqual({ verdict, findings: [], steps: [{}], from: FROM, chain_id: 31337 })
  expect(asked[0]?.body).toEqual({ from: FROM, format: 'report', transactions: [JSON.parse(TX)], chain_id: 31337 })
})

test('promise: prints the card, takes the server from the environment, and sends the key', async () => {
  const key = `sk-shop-${'0'.repeat(48)}`
  const env = { COUNTERSIGN_SERVER: `${url}/gate/`, COUNTERSIGN_API_KEY: key }
  const found = await runInTest(['simulate', '--from', FROM, '--tx', TX], env)
  expect(found).toEqual({ code: 0, out: 'THE CARD\n', err: '' })
  expect(asked[0]).toMatchObject({ url: '/gate/api/simulate', key, body: { app: 'shop', format: 'text' } })
})

test('asks on a Unix socket', async () => {
  expect(await simulate(`unix:${socket}`)).toMatchObject({ code: 0 })
  expect(asked).toHaveLength(1)
})

test('promise: passes on what is assumed of the state, and takes no report that does not repeat it', async () => {
  const file = join(scratch, 'as-if.json')
  const overrides = { [FROM]: { balance: '5' } }
  writeFileSync(file, JSON.stringify(overrides))
  expect((await simulate(url, '--state-overrides', file)).code).not.toBe(0)
  expect(asked[0]?.body['state_overrides']).toEqual(overrides)
  answer = json(200, { result: { ...report, state_overrides: [{ address: FROM, balance: '5' }] } })
  expect((await simulate(url, '--state-overrides', file)).code).toBe(0)
  expect((await simulate(url)).code).not.toBe(0)
})

describe('promise: without a report about this request it never ends with 0', () => {
  const cases: Record<string, () => void> = {
    'HTTP 500': () => (answer = json(500, { error: 'A bug.' })),
    'a redirect': () =>
      (answer = (_request, response) => void response.writeHead(302, { location: `${url}/elsewhere` }).end()),
    'a page': () => (answer = (_request, response) => void response.end('<html>')),
    'an unknown verdict': () => (answer = json(200, { result: { ...report, verdict: 'fine' } })),
    'no verdict': () => (answer = json(200, { verdict: 'allow' })),
    'another sender': () => (answer = json(200, { result: { ...report, from: `0x${'1'.repeat(40)}` } })),
    'another chain': () => (answer = json(200, { result: { ...report, chain_id: 1 } })),
    'fewer steps': () => (answer = json(200, { result: { ...report, steps: [] } })),
    'a cut answer': () =>
      (answer = (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"result":')
        setTimeout(() => response.destroy(), 20)
      }),
    'a cut connection': () => (answer = (request) => void request.socket.destroy()),
    'no answer': () => (answer = () => undefined),
  }
  test.each(Object.keys(cases))('promise: %s: 8', async (name) => {
    cases[name]?.()
    const { code, out, err } = await simulate(url, '--json', '--chain-id', '31337')
    expect({ code, out }).toEqual({ code: 8, out: '' })
    expect(JSON.parse(err)).toMatchObject({ code: 'cli:server:unreachable' })
  })
  test('promise: a closed port and an absent socket: 8', async () => {
    for (const server of ['http://127.0.0.1:1', `unix:${join(scratch, 'absent')}`])
      expect((await simulate(server)).code).toBe(8)
  })
  // As the contract of the command says: mend what was given, or try again later.
  test.each([
    ...[400, 404, 409, 422, 429, 500, 502, 503].map((status) => [status, 8] as const),
    ...[401, 403].map((status) => [status, 2] as const),
  ])('promise: HTTP %i: %i', async (status, code) => {
    answer = json(status, { error: 'Something is not as it should be.' })
    expect(await simulate(url)).toMatchObject({ code, out: '' })
  })
})

test.each([
  [['--rpc-url', 'http://127.0.0.1:1'], /exclude each other/],
  [['--quorum', '2'], /--quorum cannot be used with a server/],
  [['--fallback-rpc-url', 'http://127.0.0.1:1'], /--fallback-rpc-url cannot be used with a server/],
  [['--verify-proofs'], /--verify-proofs cannot be used with a server/],
  [['--block', '5'], /--block cannot be used with a server/],
  [['--known', 'k.json'], /--known cannot be used with a server/],
  [['--intent', 'i.json'], /--intent cannot be used with a server/],
  [['--descriptors', 'd'], /--descriptors cannot be used with a server/],
  [['--no-look-ahead'], /--no-look-ahead cannot be used with a server/],
  [['--timings'], /--timings cannot be used with a server/],
  [['--tx', '{"to":"0x709"}'], /--tx number 2.*"to"|"to".*--tx number 2/],
  [['--tx', '{'], /is not JSON/],
  [['--chain-id', 'x'], /chain id/],
])('promise: refuses %j before it asks', async (more, says) => {
  const found = await simulate(url, ...more)
  expect({ code: found.code, asked }).toEqual({ code: 2, asked: [] })
  expect(found.err).toMatch(says)
})

test.each(['', 'unix:', 'ftp://127.0.0.1', 'http://key:secret@127.0.0.1', 'nowhere'])(
  'promise: does not accept %j as a server',
  async (server) => {
    const { code, err } = await simulate(server)
    expect(code).toBe(2)
    expect(err).not.toContain('secret')
  },
)
