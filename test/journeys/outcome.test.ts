/** Whoever has to act finds the cause where they look: callers in the answer, operators in the log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { Redacted } from '@countersign/base'
import { ROUTES, startServer, type RunningServer } from '@countersign/server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

type Line = Record<string, unknown> & { level: number; msg: string }
const scratch = mkdtempSync(join(tmpdir(), 'countersign-outcome-'))
const text: string[] = []
const log = (): Line[] =>
  text.flatMap((chunk) =>
    chunk
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line),
  )
let server: RunningServer
let key: { id: string; text: string }
beforeAll(async () => {
  server = await startServer({
    port: 0,
    dataDir: join(scratch, 'main'),
    chains: [],
    env: {},
    webRoot: null,
    logLevel: 'trace',
    logStream: { write: (line) => void text.push(line) },
    limits: { flood: [], ip: [], failures: [] },
  })
  const issued = await server.issueKey({ app: 'trader', label: '', scopes: ['admin', 'chat', 'read', 'simulate'] })
  key = { id: issued.id, text: Redacted.reveal(issued.key) }
})
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})
afterEach(() => void text.splice(0))

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(server.url + path, { method, headers, ...(body === undefined ? {} : { body }) })

/** The line is written after the answer has left. */
async function linesOf(requestId: string | null): Promise<Line[]> {
  for (let tries = 0; tries < 200; tries++) {
    const found = log().filter((line) => line['request_id'] === requestId)
    if (found.some((line) => line.msg === 'request')) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return []
}

describe('the access log', () => {
  test('is one line a request: method, path pattern, status, milliseconds, app, key handle, code', async () => {
    const id = randomUUID()
    const answer = await call('GET', `/api/sessions/${id}?app=trader&message=secret`, { 'aomi-app-key': key.text })
    const lines = await linesOf(answer.headers.get('x-request-id'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      level: 30,
      method: 'GET',
      path: '/api/sessions/:id',
      status: 404,
      code: 'sessions:session:absent',
      app: 'trader',
      key: key.id,
      ms: expect.any(Number) as number,
    })
    const keyless = await call('POST', '/api/chat?message=help', { 'x-session-id': id })
    expect(await linesOf(keyless.headers.get('x-request-id'))).toMatchObject([
      { path: '/api/chat', status: 200, app: 'default', key: null },
    ])
  })

  test('promise: whoever goes before the answer, and a stream that is left, has a line and counts for the key', async () => {
    const cut = async (path: string): Promise<Line | undefined> => {
      for (let tries = 0; tries < 1_000; tries++) {
        const line = log().find((each) => each.msg === 'request' && each['path'] === path)
        if (line !== undefined) return line
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return undefined
    }
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.write(
      `POST /api/simulate HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAOMI-APP-KEY: ${key.text}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      () => setTimeout(() => socket.destroy(), 50),
    )
    expect(await cut('/api/simulate')).toMatchObject({ status: 499, cut: true, app: 'trader', key: key.id })

    const leave = new AbortController()
    const headers = { 'aomi-app-key': key.text, 'x-session-id': randomUUID() }
    const stream = await fetch(`${server.url}/api/updates`, { headers, signal: leave.signal })
    expect(stream.status).toBe(200)
    leave.abort()
    expect(await cut('/api/updates')).toMatchObject({ status: 200, cut: true, key: key.id })
  })

  test('promise: no session id and no key stands in any line, at any level, from any route', async () => {
    const id = randomUUID()
    for (const name of Object.keys(ROUTES)) {
      const [method = '', path = ''] = name.split(' ')
      const body = method === 'GET' || method === 'DELETE' ? undefined : '{}'
      const answer = await call(
        method,
        path.replace(/:\w+/g, id),
        {
          'x-session-id': id,
          'aomi-app-key': key.text,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body,
      )
      // A stream would go on for a minute: it is left, as a client leaves it.
      await (answer.headers.get('content-type')?.startsWith('text/event-stream') === true
        ? answer.body?.cancel()
        : answer.text())
      const lines = (await linesOf(answer.headers.get('x-request-id'))).filter((line) => line.msg === 'request')
      expect(
        lines.map((line) => line['path']),
        name,
      ).toEqual([path])
    }
    const gone = await call('GET', `/api/nothing/${id}`)
    expect(await linesOf(gone.headers.get('x-request-id'))).toMatchObject([{ path: 'none', status: 404 }])
    expect(text.join('')).not.toContain(id)
    expect(text.join('')).not.toContain(key.text)
    expect(text.join('')).not.toContain(key.text.slice(-20))
  })
})

describe('what a caller reads', () => {
  test('a known path with another method is 405 and names the methods; an unknown path is 404', async () => {
    for (const path of new Set(Object.keys(ROUTES).map((name) => name.split(' ')[1] ?? ''))) {
      const methods = Object.keys(ROUTES).flatMap((name) => {
        const [method = '', other = ''] = name.split(' ')
        // A path with a name in it is also every path that spells one there.
        const isServed = new RegExp(`^${other.replace(/:\w+/g, '[^/]+')}$`).test(path.replace(/:\w+/g, 'x'))
        return !isServed ? [] : method === 'GET' ? ['GET', 'HEAD'] : [method]
      })
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (methods.includes(method)) continue
        const answer = await call(method, path.replace(/:\w+/g, 'x'), { 'aomi-app-key': key.text })
        expect([answer.status, answer.headers.get('allow')], `${method} ${path}`).toEqual([405, methods.join(', ')])
        expect(await answer.json()).toMatchObject({ code: 'http:method:refused', hint: `Use ${methods.join(' or ')}.` })
      }
    }
    for (const path of ['/api/nothing', '/api/sessions/', '/api/sessions//bind', '/api/chat/x'])
      expect((await call('POST', path)).status, path).toBe(404)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'text/json', 'multipart/form-data'])(
    'a body of type %s is 415',
    async (type) => {
      const headers = { 'content-type': type, 'x-session-id': randomUUID() }
      const answer = await call('POST', '/api/chat', headers, '{"message":"help"}')
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([415, 'http:body:media-type'])
    },
  )

  test('a reason phrase is one short line of whole words, whatever was sent', async () => {
    for (const path of [`/api/${'a'.repeat(250)}`, `/api/${encodeURIComponent('"\u202e<b>')}`, '/api/key', '/%00']) {
      const answer = await call('GET', path)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.statusText, path).toMatch(/^[ -~]{5,120}$/)
      expect(answer.statusText).not.toMatch(/a{81}|%|</)
    }
  })

  test('a caller without a key is told to send one, and no caller is sent to a command line', async () => {
    const { error } = (await (await call('GET', '/api/key')).json()) as { error: string }
    expect(error).toBe('This route needs an API key.')
    const other = `sk-shop-${'0'.repeat(48)}`
    for (const headers of [{}, { 'aomi-app-key': 'x' }, { 'aomi-app-key': other }])
      for (const path of ['/api/key', '/api/admin/keys', '/api/control/models?app=trader', '/api/admin/sessions']) {
        const answer = await call('GET', path, headers as Record<string, string>)
        expect(((await answer.json()) as { hint: string }).hint, path).not.toContain('countersign ')
      }
  })
})

test('promise: a key that is held until it proves more is answered by no route that asks for no proof', async () => {
  const issued = await server.issueKey({
    app: 'held',
    label: '',
    scopes: ['admin', 'chat', 'read', 'simulate', 'propose'],
  })
  const held = Redacted.reveal(issued.key)
  await server.store.batch([
    {
      sql: `update keys set quarantine = '{"level":"proof","sinceMs":1,"evidence":[]}' where id = ?`,
      parameters: [issued.id],
    },
    { sql: 'update key_epoch set epoch = epoch + 1', parameters: [] },
  ])
  const answered: string[] = []
  for (const [name, policy] of Object.entries(ROUTES)) {
    if (policy.scope === null) continue
    const [method = '', path = ''] = name.split(' ')
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{"message":"help","rig":"intent-grammar-1"}'
    const answer = await call(
      method,
      path.replace(/:\w+/g, randomUUID()),
      {
        'x-session-id': randomUUID(),
        'aomi-app-key': held,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body,
    )
    const { code = '' } = (await answer.json()) as { code?: string }
    // A client that is about to sign hears its no as 200; a session asks for its own proof, or is not there.
    const isNo = path.endsWith('/simulate') || /^(keys:key:held|proofs:|sessions:)/.test(code)
    if (!isNo) answered.push(`${name}: ${answer.status} ${code}`)
  }
  expect(answered).toEqual([])
  expect((await call('GET', '/api/key', { 'aomi-app-key': held })).status).toBe(200)
})

describe('what an operator finds', () => {
  const SECRET = 'sk-PROVIDERSECRET0123456789'
  /** A language model whose provider refuses, with its own secrets in the answer. */
  async function failing(status: number): Promise<{ url: string; close: () => void }> {
    const provider = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'prov-42' })
      response.end(
        JSON.stringify({ error: { message: `no, ${SECRET}, see https://u:${SECRET}@x.invalid/${SECRET}`, type: 'x' } }),
      )
    })
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
      close: () => {
        provider.closeAllConnections()
        provider.close()
      },
    }
  }
  async function until<T>(look: () => T | undefined): Promise<T> {
    for (let tries = 0; tries < 1_000; tries++) {
      const found = look()
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error('it never came')
  }

  test.each([401, 404, 429, 503])(
    'promise: a model provider that answers %s is in the log: status, host, model, its id and ours, and no secret',
    async (status) => {
      const provider = await failing(status)
      const lines: string[] = []
      const started = await startServer({
        port: 0,
        dataDir: join(scratch, `model-${status}`),
        chains: [],
        env: {
          COUNTERSIGN_MODEL_BASE_URL: `${provider.url}/v1/${SECRET}`,
          COUNTERSIGN_MODEL_API_KEY: SECRET,
          COUNTERSIGN_MODEL: 'model-x',
        },
        webRoot: null,
        logLevel: 'trace',
        logStream: { write: (line) => void lines.push(line) },
      })
      try {
        const session = randomUUID()
        // The second waits for the turn of the first, and its own turn names its own request.
        const asked: (string | null)[] = []
        for (const message of ['hello', 'are you there?']) {
          const answer = await fetch(`${started.url}/api/chat`, {
            method: 'POST',
            headers: { 'x-session-id': session, 'content-type': 'application/json' },
            body: JSON.stringify({ message }),
          })
          asked.push(answer.headers.get('x-request-id'))
        }
        const failed = await until(() => {
          const found = lines
            .map((each) => JSON.parse(each) as Line)
            .filter(({ msg }) => msg.startsWith('a turn failed'))
          return found.length === 2 ? found : undefined
        })
        expect(failed.map((each) => each['request_id'])).toEqual(asked)
        const [line] = failed
        expect(line).toMatchObject({
          level: 40,
          app: 'default',
          model: 'model-x',
          status,
          host: provider.url,
          provider_request_id: 'prov-42',
          turn: expect.any(String) as string,
        })
        expect(lines.join('')).not.toContain('PROVIDERSECRET')
        expect(lines.join('')).not.toContain(session)
        // The turn ends a moment after it was said to have failed.
        let metrics = ''
        while (!/turns_total\{status="failed"\} 2/.test(metrics))
          metrics = await (await fetch(`${started.url}/metrics`)).text()
        expect(metrics).toContain(`countersign_model_errors_total{model="model-x",status="${status}"} 2`)
        expect(metrics).toMatch(/countersign_turns_total\{status="failed"\} 2/)
        expect(metrics).not.toContain('PROVIDERSECRET')
      } finally {
        await started.close()
        provider.close()
      }
    },
  )

  test('metrics count the work: simulations, proposals, providers, turns, tokens, queue, store and disk', async () => {
    const metrics = await (await call('GET', '/metrics')).text()
    for (const name of [
      'simulations_total',
      'simulation_seconds',
      'provider_errors_total',
      'provider_seconds',
      'proposals',
      'turns_total',
      'turns_running',
      'turns_queued',
      'model_errors_total',
      'model_tokens_total',
      'store_bytes',
      'disk_free_bytes',
    ])
      expect(metrics, name).toContain(`# HELP countersign_${name} `)
    expect(Number(/^countersign_store_bytes (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(10_000)
    expect(Number(/^countersign_disk_free_bytes (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0)
  })
})
