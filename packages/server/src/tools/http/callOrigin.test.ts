import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callOrigin, type OriginRequest, type OriginTools } from './callOrigin.ts'
import * as HttpRequest from './HttpRequest.ts'
import { mask } from './Masked.ts'
import { isPrivate } from './PrivateAddress.ts'

let server: Server
let origin = ''
let port = 0
let seen: string[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  origin = `http://127.0.0.1:${port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const json =
  (body: unknown, more: Record<string, string> = {}) =>
  (_: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', ...more })
    response.end(JSON.stringify(body))
  }
const ask = (more: Partial<OriginRequest> = {}, tools: OriginTools = {}) => {
  seen = []
  return callOrigin(tools, {
    origin,
    method: 'GET',
    target: '/x',
    headers: {},
    body: null,
    allowPrivate: true,
    maxBytes: 1_000,
    follows: true,
    ...more,
  })
}

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a01:203',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:53aa::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '2001:db8::1',
  '100::1',
  'nonsense',
])('promise: %s is not the public internet', (address) => {
  expect(isPrivate(address)).toBe(true)
})
test.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::200e'])('%s is', (address) => {
  expect(isPrivate(address)).toBe(false)
})

describe('promise: no spelling of a private host is connected to', () => {
  const spellings = () => [
    origin,
    `http://localhost:${port}`,
    `http://2130706433:${port}`,
    `http://0x7f000001:${port}`,
    `http://0177.0.0.1:${port}`,
    `http://127.1:${port}`,
    `http://[::1]:${port}`,
    `http://[::ffff:127.0.0.1]:${port}`,
    `http://[::ffff:7f00:1]:${port}`,
  ]
  test('promise: written as a host', async () => {
    answer = json({ ok: true })
    for (const each of spellings())
      expect(await ask({ origin: new URL(each).origin, allowPrivate: false }), each).toEqual({
        kind: 'failed',
        code: 'tools:address:private',
        wasSent: false,
      })
    expect(seen).toEqual([])
  })

  test('by a name, whichever of its addresses is private, and however often it is asked', async () => {
    let asked = 0
    const answers = [
      [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ]
    const tools = { resolve: () => Promise.resolve(answers[asked++] ?? [{ address: '127.0.0.1', family: 4 }]) }
    expect(await ask({ origin: `http://rebinding.invalid:${port}`, allowPrivate: false }, tools)).toMatchObject({
      code: 'tools:address:private',
    })
    expect(asked).toBe(1)
    expect(seen).toEqual([])
  })
})

test('promise: the connection goes to the judged address, under the name that was asked for', async () => {
  answer = json({ ok: true })
  let asked = 0
  const tools = { resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '192.0.2.1', family: 4 }]) }
  expect(await ask({ origin: `http://once.invalid:${port}` }, tools)).toMatchObject({
    kind: 'answered',
    body: { ok: true },
  })
  expect(asked).toBe(1)
  expect(seen).toEqual([`GET /x once.invalid:${port}`])
})

describe('promise: redirects stay within the origin', () => {
  const redirect =
    (location: string, status = 302) =>
    (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/end') return json({ ok: true })(request, response)
      response.writeHead(status, { location })
      response.end()
    }
  test.each([
    'http://127.0.0.1:1/end',
    'https://127.0.0.1/end',
    '//evil.invalid/end',
    'http://user@127.0.0.1/end',
    'file:///etc/passwd',
    'http://[::1]/end',
  ])('promise: to %s is not followed', async (location) => {
    answer = redirect(location)
    expect(await ask()).toEqual({ kind: 'failed', code: 'tools:redirect:foreign', wasSent: true })
    expect(seen).toHaveLength(1)
  })
  test('promise: within it a read follows three, and a write none', async () => {
    answer = redirect('/end')
    expect(await ask()).toMatchObject({ kind: 'answered', body: { ok: true } })
    expect(await ask({ method: 'POST', body: '{}', follows: false })).toMatchObject({
      code: 'tools:redirect:foreign',
      wasSent: true,
    })
    expect(seen).toHaveLength(1)
    for (const [status, methods] of [
      [300, ['POST', 'GET']],
      [302, ['POST', 'GET']],
      [307, ['POST', 'POST']],
      [308, ['POST', 'POST']],
    ] as const) {
      answer = redirect('/end', status)
      expect(await ask({ method: 'POST', body: '{}' })).toMatchObject({ kind: 'answered' })
      expect(seen.map((line) => line.split(' ')[0])).toEqual(methods)
    }
    answer = (_, response) => void response.writeHead(400, { location: '/end' }).end()
    expect(await ask()).toMatchObject({ kind: 'answered', status: 400 })
    answer = redirect('/again')
    expect(await ask()).toMatchObject({ code: 'tools:redirect:foreign' })
    expect(seen).toHaveLength(4)
  })
})

describe('promise: an answer that breaks a bound is not handed on', () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, object]>([
    ['as large as it may be', json('a'.repeat(998)), { problem: null, body: 'a'.repeat(998) }],
    ['one byte too large', json('a'.repeat(999)), { problem: 'tools:answer:too-large', body: null }],
    ['too large', json({ x: 'a'.repeat(2_000) }), { problem: 'tools:answer:too-large', body: null }],
    [
      'HTML',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<b>'),
      { problem: 'tools:answer:type', body: null },
    ],
    ['no type', (_, r) => void r.end('{}'), { problem: 'tools:answer:type', body: null }],
    ['packed', json({}, { 'content-encoding': 'gzip' }), { problem: 'tools:answer:type', body: null }],
    [
      'a field twice',
      (_, r) => void r.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1,"a":2}'),
      { problem: 'tools:answer:type' },
    ],
    [
      'not UTF-8',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.from([0xff, 0xfe])),
      { problem: 'tools:answer:type' },
    ],
    [
      'a vendor type',
      (_, r) => void r.writeHead(200, { 'content-type': 'application/vnd.a+json; charset=utf-8' }).end('{"a":1}'),
      { problem: null, body: { a: 1 } },
    ],
    [
      'plain text',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end('hi'),
      { problem: null, body: 'hi' },
    ],
  ])('%s', async (_, how, expected) => {
    answer = how
    expect(await ask()).toMatchObject(expected)
  })
  test('promise: too slow, with what was sent already', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    expect(await ask({}, { answerMs: 200 })).toEqual({ kind: 'failed', code: 'tools:answer:too-slow', wasSent: true })
  })
  test('promise: a connection that is cut is no whole answer', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"a":1}')
      setTimeout(() => response.destroy(), 20)
    }
    expect(await ask()).toEqual({ kind: 'failed', code: 'tools:answer:unreachable', wasSent: true })
  })
  test('promise: where nobody listens, nothing was sent', async () => {
    expect(await ask({ origin: 'http://127.0.0.1:1' })).toEqual({
      kind: 'failed',
      code: 'tools:answer:unreachable',
      wasSent: false,
    })
  })
})

test.each([
  ['', 'empty'],
  ['.', 'here'],
  ['..', 'up'],
  ['../admin', 'a way up'],
  ['a/b', 'two segments'],
  ['a\\b', 'a backslash'],
  ['a\nb', 'a line break'],
  ['a\u0000', 'a zero'],
  ['\ud800', 'half a character'],
])('promise: %j (%s) is no path segment', (symbol) => {
  expect(() => HttpRequest.build({ method: 'GET', path: ['prices', '{symbol}'] }, { symbol })).toThrow(
    /cannot stand in a path/,
  )
})
test('promise: what is encoded stays one segment; what remains goes to query or body as the same text', () => {
  const get = { method: 'GET', path: ['prices', '{symbol}'] } as const
  expect(HttpRequest.build(get, { symbol: 'a?b#c%2e ü', n: 1.5, list: ['x', 'y&z'] })).toEqual({
    target: '/prices/a%3Fb%23c%252e%20%C3%BC?n=1.5&list=x&list=y%26z',
    body: null,
  })
  expect(HttpRequest.build({ method: 'POST', path: ['trades'] }, { amount: '1.50', n: 2 })).toEqual({
    target: '/trades',
    body: '{"amount":"1.50","n":2}',
  })
})
test('promise: a secret that comes back is masked, in values, keys and numbers, plain and encoded', () => {
  const secrets = new Map([['TOKEN', 'canary-4711']])
  const body = { 'x-canary-4711': [`a canary-4711 b`, Buffer.from('canary-4711').toString('base64')], n: 4711 }
  expect(JSON.stringify(mask(body, secrets))).not.toMatch(/canary-4711|Y2FuYXJ5LTQ3MTE/)
})
