import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { createDpopProver } from '@countersign/sdk'
import { startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

/** Nothing that a request began outlives the request, and a stream does not outlive what it was opened with. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-listeners-'))
const CAPS = { address: 40, session: 8, waiting: 6 }
let server: RunningServer
/** Where the next streams are held up, and what happens there. */
let pauses: Partial<Record<string, () => Promise<void>>> = {}
const NOTHING = { streams: 0, payers: 0, timers: 0, listeners: 0 }

beforeAll(async () => {
  const apps = join(scratch, 'apps.json')
  writeFileSync(
    apps,
    JSON.stringify([
      { name: 'shop', origins: ['https://shop.example'] },
      { name: 'open', session_policy: 'id' },
    ]),
  )
  server = await startServer({
    port: 0,
    dataDir: join(scratch, 'data'),
    chains: [],
    env: { COUNTERSIGN_APPS: apps },
    webRoot: null,
    logLevel: 'silent',
    streamCaps: CAPS,
    pauseStream: async (at) => pauses[at]?.(),
  })
})
beforeEach(() => {
  pauses = {}
})
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5))
}
const nothingHeld = () => until(() => JSON.stringify(server.held()) === JSON.stringify(NOTHING))

/** A stream on a socket of its own, which can be reset at any moment. */
async function openRaw(id: string, headers: Record<string, string> = {}): Promise<Socket & { heard: string }> {
  const socket = Object.assign(connect(server.port, '127.0.0.1'), { heard: '' })
  socket.on('error', () => undefined)
  socket.on('data', (data: Buffer) => (socket.heard += data.toString()))
  await once(socket, 'connect')
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(
    `GET /api/updates HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-Session-Id: ${id}\r\n${more.join('')}\r\n`,
  )
  return socket
}
const post = (path: string, id: string, body: object, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'x-session-id': id, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
async function newSession(): Promise<string> {
  const id = randomUUID()
  expect((await post('/api/sessions', id, {})).status).toBe(200)
  return id
}

describe('a client that goes', () => {
  for (const kind of ['a session', 'no session yet'] as const) {
    for (const at of ['found', 'newest', 'appeared'] as const) {
      if (kind === 'a session' && at === 'appeared') continue
      test(`promise: at the point "${at}", with ${kind}, leaves nothing behind`, async () => {
        const id = kind === 'a session' ? await newSession() : randomUUID()
        const sockets: Socket[] = []
        let held = 0
        pauses[at] = async () => {
          held += 1
          sockets[0]?.resetAndDestroy()
          // Until the server has seen it.
          await until(() => server.held().streams === 0)
        }
        sockets.push(await openRaw(id))
        await until(() => held > 0)
        await nothingHeld()
      })
    }
  }

  test('promise: before the first wait, after the last, and in between at random, leaves nothing behind', async () => {
    const id = await newSession()
    for (let i = 0; i < 120; i += 1) {
      const socket = await openRaw(i % 2 === 0 ? id : randomUUID())
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (i % 5 === 0) await until(() => socket.heard.includes('connected') || socket.heard.includes('404'))
      socket.resetAndDestroy()
    }
    await nothingHeld()
  })

  test('promise: while a proof is written down, leaves nothing behind, and the session may be deleted', async () => {
    const prover = await createDpopProver()
    const id = randomUUID()
    const headersFor = async (method: string, path: string) =>
      (await prover.prove({
        method,
        url: server.url + path,
        body: '',
        sessionId: id,
        credential: null,
        nonce: null,
      })) as Record<string, string>
    expect((await post('/api/sessions', id, {}, await headersFor('POST', '/api/sessions'))).status).toBe(200)
    for (let i = 0; i < 30; i += 1) {
      const socket = await openRaw(id, await headersFor('GET', '/api/updates'))
      setTimeout(() => socket.resetAndDestroy(), i % 6)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    await nothingHeld()
  })

  test('whose session comes into being while it waits gets all of it, and only then counts for the session', async () => {
    const id = randomUUID()
    const socket = await openRaw(id, { 'Last-Event-ID': '0' })
    await until(() => socket.heard.includes('connected'))
    expect(server.held()).toMatchObject({ streams: 1, listeners: 1 })
    await post('/api/chat', id, { message: 'help' })
    await until(() => socket.heard.includes('"turn_finished"'))
    expect(socket.heard).toContain('id: 1\n')
    socket.resetAndDestroy()
    await nothingHeld()
  })
})

describe('how many streams', () => {
  test('promise: of 1,500 streams for ids that never were a few are kept waiting, the others are 404', async () => {
    const answers: number[] = []
    // An answer that nothing refers to is cancelled when memory is collected.
    const kept: Response[] = []
    const stop = new AbortController()
    for (let i = 0; i < 150; i += 1) {
      const response = await fetch(`${server.url}/api/updates`, {
        headers: { 'x-session-id': randomUUID() },
        signal: stop.signal,
      })
      answers.push(response.status)
      if (response.status === 404) await response.text()
      else kept.push(response)
    }
    expect(answers.filter((status) => status === 200)).toHaveLength(CAPS.waiting)
    expect(answers.filter((status) => status === 404)).toHaveLength(150 - CAPS.waiting)
    expect(kept).toHaveLength(CAPS.waiting)
    stop.abort()
    await nothingHeld()
  })

  test('promise: an address, and a session, have so many streams and no more; a key is not held to its address', async () => {
    const id = await newSession()
    const stops: AbortController[] = []
    const kept: Response[] = []
    const open = async (headers: Record<string, string>): Promise<number> => {
      const stop = new AbortController()
      stops.push(stop)
      const response = await fetch(`${server.url}/api/updates`, { headers, signal: stop.signal })
      kept.push(response)
      return response.status
    }
    const statuses: number[] = []
    for (let i = 0; i < 12; i += 1) statuses.push(await open({ 'x-session-id': id }))
    expect(statuses.filter((status) => status === 200)).toHaveLength(CAPS.session)
    expect(statuses.at(-1)).toBe(429)
    for (let i = 0; i < 40; i += 1) statuses.push(await open({ 'x-session-id': await newSession() }))
    expect(statuses.at(-1)).toBe(429)
    const key = Redacted.reveal((await server.issueKey({ app: 'open', label: '' })).key)
    const own = randomUUID()
    expect((await post('/api/sessions?app=open', own, {}, { 'x-api-key': key })).status).toBe(200)
    expect(await open({ 'x-session-id': own, 'x-api-key': key })).toBe(200)
    expect(kept.length).toBeGreaterThan(0)
    for (const stop of stops) stop.abort()
    await nothingHeld()
  })
})

describe('what a stream was opened with', () => {
  /** A stream with a key, and what takes it away. */
  const keyed = async () => {
    const { id: keyId, key } = await server.issueKey({ app: 'open', label: '' })
    const text = Redacted.reveal(key)
    const id = randomUUID()
    expect((await post('/api/sessions?app=open', id, {}, { 'x-api-key': text })).status).toBe(200)
    return { keyId, text, id }
  }
  const set =
    (sql: string) =>
    async ({ keyId }: { keyId: string }) =>
      server.store.batch([{ sql: `update keys set ${sql} where id = ?`, parameters: [keyId] }])
  const LOST: Readonly<Record<string, (on: { keyId: string; id: string; text: string }) => Promise<unknown>>> = {
    'its key is revoked': ({ keyId }) => server.keyring.revoke({ id: keyId, app: null }),
    'its key has expired': set('expires_ms = 1'),
    'its key is frozen': set(`quarantine = '{"level":"freeze","sinceMs":1,"evidence":[]}'`),
    'its key is held to a proof': set(`quarantine = '{"level":"proof","sinceMs":1,"evidence":[]}'`),
    'its key loses the scope read': set(`scopes = '["chat"]'`),
    'its key loses the network': set(`networks = '["203.0.113.0/24"]'`),
    'its session is ended': ({ id, text }) =>
      fetch(`${server.url}/api/sessions/${id}`, {
        method: 'DELETE',
        headers: { 'x-session-id': id, 'x-api-key': text },
      }),
  }
  const heardOf = async (id: string, headers: Record<string, string>): Promise<{ text: Promise<string> }> => {
    const response = await fetch(`${server.url}/api/updates`, { headers: { 'x-session-id': id, ...headers } })
    expect(response.status).toBe(200)
    return { text: response.text() }
  }

  for (const [how, take] of Object.entries(LOST)) {
    test(`promise: a stream ends as soon as ${how}, without an event to wake it`, async () => {
      const on = await keyed()
      const stream = await heardOf(on.id, { 'x-api-key': on.text })
      await take(on)
      await stream.text
    })
    if (how === 'its session is ended') continue
    test(`promise: a stream that waits for its session ends as soon as ${how}`, async () => {
      const on = await keyed()
      const stream = await heardOf(randomUUID(), { 'x-api-key': on.text })
      await take(on)
      await stream.text
    })
  }

  test('promise: a stream with a token ends as soon as another page has the session', async () => {
    const origin = 'https://shop.example'
    const key = Redacted.reveal((await server.issueKey({ app: 'shop', label: '' })).key)
    const id = randomUUID()
    expect((await post('/api/sessions?app=shop', id, {}, { 'x-api-key': key })).status).toBe(200)
    const redeem = async (): Promise<string> => {
      const made = await post(`/api/sessions/${id}/code`, id, { origin }, { 'x-api-key': key })
      const code = await made.text()
      const redeemed = await fetch(`${server.url}/api/browser/redeem`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: code,
      })
      return ((await redeemed.json()) as { token: string }).token
    }
    const first = await redeem()
    const stream = await heardOf(id, { authorization: `Bearer ${first}`, origin })
    const second = await redeem()
    await stream.text
    const next = await heardOf(id, { authorization: `Bearer ${second}`, origin })
    await fetch(`${server.url}/api/sessions/${id}`, {
      method: 'DELETE',
      headers: { 'x-session-id': id, 'x-api-key': key },
    })
    await next.text
  })

  test('promise: a stream of our own page ends as soon as its browser is forgotten', async () => {
    const page = { 'x-countersign-page': '1', origin: server.url, 'sec-fetch-site': 'same-origin' }
    const entered = await fetch(`${server.url}/api/browser/enter`, { method: 'POST', headers: page })
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
    const id = randomUUID()
    expect((await post('/api/sessions', id, {}, { ...page, cookie })).status).toBe(200)
    const stream = await heardOf(id, { ...page, cookie })
    await server.store.batch([{ sql: 'delete from browsers', parameters: [] }])
    await stream.text
  })

  test('what takes nothing away ends nothing: another key revoked, a scope that a stream does not need, a rotation in time', async () => {
    const on = await keyed()
    const other = await keyed()
    const stop = new AbortController()
    const response = await fetch(`${server.url}/api/updates`, {
      headers: { 'x-session-id': on.id, 'x-api-key': on.text },
      signal: stop.signal,
    })
    await server.keyring.revoke({ id: other.keyId, app: null })
    await set(`scopes = '["read"]'`)(on)
    await server.keyring.rotate({ id: on.keyId, app: null, style: { kind: 'clock', overlapMs: 60_000 } })
    const reader = response.body?.getReader()
    await reader?.read()
    const ended = await Promise.race([
      reader?.read().then(({ done }) => done),
      new Promise<string>((resolve) => setTimeout(() => resolve('open'), 300)),
    ])
    expect(ended).toBe('open')
    stop.abort()
  })
})
