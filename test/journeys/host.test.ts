/** Who we are is what we know of ourselves: hosts × origins × routes, on a real server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { ROUTES, startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-host-'))
let server: RunningServer
beforeAll(async () => {
  server = await startServer({
    port: 0,
    dataDir: scratch,
    chains: [],
    env: { COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.invalid' },
    webRoot: null,
    logLevel: 'silent',
    limits: { flood: [], ip: [], failures: [] },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly body: { code?: string; hint?: string; result?: unknown }
  readonly cookie: string | null
}

/** Sends one request with just these headers: fetch does not let a test say what Host and Origin are. */
async function send(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  const socket = connect(server.port, '127.0.0.1')
  const body = method === 'GET' || method === 'DELETE' ? '' : '{}'
  const fields = {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    // A stream does not end by itself.
    if (path.startsWith('/api/updates') && text.includes('\r\n\r\n')) socket.destroy()
  })
  await once(socket, 'close')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
  const json = /\{[\s\S]*\}/.exec(text.slice(text.indexOf('\r\n\r\n')))?.[0]
  let parsed: Answer['body'] = {}
  try {
    parsed = JSON.parse(json ?? '{}') as Answer['body']
  } catch {
    // Not JSON: metrics, a stream.
  }
  return { status, body: parsed, cookie: /set-cookie: ([^\r]+)/i.exec(text)?.[1] ?? null }
}

const FOREIGN = (port: number) => [
  'evil.invalid',
  `evil.invalid:${port}`,
  `localhost.evil.invalid:${port}`,
  `127.0.0.1.evil.invalid:${port}`,
  `0.0.0.0:${port}`,
  `192.168.0.7:${port}`,
]
const all = Object.keys(ROUTES).map((name) => {
  const [method = '', path = ''] = name.split(' ')
  return [method, path.replace(/:\w+/g, '1')] as const
})

describe('a host that is not ours', () => {
  test('promise: a page that has its name lead here gets nothing but 421, from every route and whatever its Origin', async () => {
    for (const [method, path] of all)
      for (const host of FOREIGN(server.port))
        for (const origin of [
          undefined,
          `http://${host}`,
          `http://127.0.0.1:${server.port}`,
          'https://agent.invalid',
          'null',
        ]) {
          const answer = await send(method, path, {
            Host: host,
            'X-Session-Id': randomUUID(),
            'X-Countersign-Page': '1',
            ...(origin === undefined ? {} : { Origin: origin, 'Sec-Fetch-Site': 'same-origin' }),
          })
          const where = `${method} ${path} ${host} ${origin}`
          expect(answer.cookie, where).toBeNull()
          // A client that is about to sign hears "no" in its own words, because it signs when it meets an error.
          if (path.endsWith('/simulate'))
            expect(answer.body, where).toMatchObject({ result: { batch_success: false, fee: { amount_wei: '-1' } } })
          else expect([answer.status, answer.body.code], where).toEqual([421, 'http:host:misdirected'])
        }
  })

  test('a request without any host is not for us either', async () => {
    expect((await send('GET', '/health', { Host: '' })).status).toBe(421)
  })
})

describe('a host that is ours', () => {
  const page = { 'X-Countersign-Page': '1' }

  test('our own page enters, by every name that is ours', async () => {
    for (const [host, origin] of [
      [`127.0.0.1:${server.port}`, `http://127.0.0.1:${server.port}`],
      [`localhost:${server.port}`, `http://localhost:${server.port}`],
      ['agent.invalid', 'https://agent.invalid'],
      // A proxy may name the address that it forwards to.
      [`127.0.0.1:${server.port}`, 'https://agent.invalid'],
    ] as const) {
      const entered = await send('POST', '/api/browser/enter', { Host: host, Origin: origin, ...page })
      expect([entered.status, entered.cookie === null], `${host} ${origin}`).toEqual([200, false])
    }
  })

  test('a development server or a tunnel on this machine is our own page, when the browser says so', async () => {
    const there = { Host: 'localhost:5173', Origin: 'http://localhost:5173', ...page }
    expect((await send('POST', '/api/browser/enter', { ...there, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
    // Another page on this machine may chat, and gets no cookie.
    const near = { Host: `localhost:${server.port}`, Origin: 'http://localhost:5173', ...page }
    const refused = await send('POST', '/api/browser/enter', { ...near, 'Sec-Fetch-Site': 'same-site' })
    expect([refused.status, refused.body.code]).toEqual([403, 'browser:origin:refused'])
    expect((await send('GET', `/api/control/models`, near)).status).toBe(200)
  })

  test('promise: no Origin becomes ours because the Host says the same', async () => {
    for (const origin of ['http://evil.invalid', 'http://agent.invalid', 'https://agent.invalid:444', 'null'])
      for (const host of [`127.0.0.1:${server.port}`, 'agent.invalid']) {
        const headers = { Host: host, Origin: origin, 'Sec-Fetch-Site': 'same-origin', ...page }
        const entered = await send('POST', '/api/browser/enter', headers)
        expect([entered.status, entered.cookie], `${host} ${origin}`).toEqual([403, null])
        const chat = await send('POST', '/api/chat?message=help', { ...headers, 'X-Session-Id': randomUUID() })
        expect(chat.status, `${host} ${origin}`).toBe(403)
      }
  })

  test('programs without an Origin are served', async () => {
    for (const host of [`127.0.0.1:${server.port}`, 'localhost', `[::1]:${server.port}`, 'agent.invalid:443'])
      expect((await send('GET', '/api/control/models', { Host: host })).status, host).toBe(200)
  })
})
