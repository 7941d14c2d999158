import { once } from 'node:events'
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { KeyLimit, ROUTES, startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freezeUnderLoad } from '../faults/freezeUnderLoad.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-gateway-'))
const reporter = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const servers: RunningServer[] = []
let server: RunningServer
let adminKey = ''
let plainKey = ''

async function start(name: string, options: Partial<Parameters<typeof startServer>[0]> = {}): Promise<RunningServer> {
  const made = await startServer({
    port: 0,
    dataDir: join(scratch, name),
    chains: [],
    env: {},
    webRoot: null,
    logLevel: 'silent',
    ...options,
  })
  servers.push(made)
  return made
}
const issue = async (
  input: Parameters<RunningServer['issueKey']>[0],
  at = server,
): Promise<{ id: string; text: string }> => {
  const { id, key } = await at.issueKey(input)
  return { id, text: Redacted.reveal(key) }
}

beforeAll(async () => {
  const apps = join(scratch, 'apps.json')
  writeFileSync(apps, JSON.stringify([{ name: 'widget', stock_widget: true }, { name: 'trader' }]))
  const reporters = join(scratch, 'reporters.json')
  const key = reporter.publicKey.export({ type: 'spki', format: 'pem' })
  writeFileSync(reporters, JSON.stringify({ public_keys: [{ key_identifier: 'github', key }] }))
  server = await start('main', { env: { COUNTERSIGN_APPS: apps, COUNTERSIGN_LEAK_KEYS: reporters } })
  adminKey = (await issue({ app: 'trader', label: 'admin', scopes: ['admin'] })).text
  plainKey = (await issue({ app: 'trader', label: 'plain' })).text
})
afterAll(async () => {
  for (const each of servers) await each.close()
  rmSync(scratch, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown> & { code?: string }
}
async function http(
  method: string,
  path: string,
  { headers = {}, body, at = server }: { headers?: Record<string, string>; body?: unknown; at?: RunningServer } = {},
): Promise<Answer> {
  const response = await fetch(at.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = text.startsWith('{') || text.startsWith('[')
  return {
    status: response.status,
    reason: response.statusText,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
  }
}
const withKey = (key: string, more: Record<string, string> = {}) => ({ headers: { 'aomi-app-key': key, ...more } })

/** Sends bytes as they are, and collects what comes back until the server closes or is silent. */
async function raw(bytes: string, { at = server, quietMs = 150 } = {}): Promise<{ text: string; statuses: number[] }> {
  const socket = connect(at.port, '127.0.0.1')
  let text = ''
  await once(socket, 'connect')
  socket.write(Buffer.from(bytes, 'latin1'))
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, 2_000)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      clearTimeout(timer)
      timer = setTimeout(resolve, quietMs)
    })
    socket.on('close', () => resolve())
    socket.on('error', () => resolve())
  })
  socket.destroy()
  return { text, statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1])) }
}

describe('what a key may do', () => {
  test('it says about itself what it may do; scopes are checked by route', async () => {
    expect((await http('GET', '/api/key', withKey(plainKey))).body).toMatchObject({
      app: 'trader',
      scopes: ['read', 'chat', 'simulate'],
    })
    expect((await http('GET', '/api/key')).body.code).toBe('keys:key:absent')
    const reader = (await issue({ app: 'trader', label: '', scopes: ['read'] })).text
    const session = { 'x-session-id': randomUUID() }
    expect((await http('GET', '/api/control/models?app=trader', withKey(reader))).status).toBe(200)
    for (const [method, path] of [
      ['POST', '/api/chat?app=trader&message=help'],
      ['POST', '/api/simulate?app=trader'],
      ['POST', '/api/sessions?app=trader'],
      ['GET', '/api/admin/keys'],
    ] as const) {
      // Where a session is named, /api/simulate answers a client that is about to sign (noAnswer.test.ts).
      const refused = await http(method, path, withKey(reader, path.startsWith('/api/simulate') ? {} : session))
      expect([refused.status, refused.body.code], path).toEqual([403, 'keys:scope:refused'])
    }
    expect((await http('GET', '/api/admin/keys', withKey(plainKey))).status).toBe(403)
  })

  test('promise: headers that were sent before a revocation are no request that was kept for after it', async () => {
    const { id, text } = await issue({ app: 'trader', label: 'early', scopes: ['admin'] })
    const before = (await server.keyring.list({ app: 'trader' })).length
    const body = JSON.stringify({ label: 'after' })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST /api/admin/keys HTTP/1.1\r\nHost: 127.0.0.1\r\nAOMI-APP-KEY: ${text}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    await server.keyring.revoke({ id, app: 'trader', reason: 'stolen', isExposed: false })
    socket.write(body)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 The API key is not valid/)
    expect(await server.keyring.list({ app: 'trader' })).toHaveLength(before)
  })

  test('an app’s keys are administered by its own admin key, and by no other app’s', async () => {
    const made = await http('POST', '/api/admin/keys', {
      ...withKey(adminKey),
      body: { label: 'made', scopes: ['read'], networks: ['127.0.0.0/8'], limits: ['100/1m'], expires: '90d' },
    })
    expect(made.status).toBe(201)
    const { id, key } = made.body as unknown as { id: string; key: string }
    expect((await http('GET', '/api/key', withKey(key))).body).toMatchObject({ id, scopes: ['read'] })
    expect(
      (await http('PATCH', `/api/admin/keys/${id}`, { ...withKey(adminKey), body: { label: 'renamed' } })).body,
    ).toMatchObject({
      label: 'renamed',
      limits: ['100/1m'],
      networks: ['127.0.0.0/8'],
    })
    const rotated = await http('POST', `/api/admin/keys/${id}/rotate`, {
      ...withKey(adminKey),
      body: { style: 'clock', overlap: '1h' },
    })
    const successor = rotated.body as unknown as { id: string; key: string }
    expect((await http('GET', '/api/key', withKey(successor.key))).body).toMatchObject({ id: successor.id })
    const revoked = await http('POST', `/api/admin/keys/${id}/revoke`, {
      ...withKey(adminKey),
      body: { reason: 'test' },
    })
    expect(revoked.body).toMatchObject({
      standing: 'revoked',
      confirmed: '1/1',
      live_instances: 1,
      lapsed_instances: 0,
    })
    expect(Date.parse(String(revoked.body['effective_at']))).toBeLessThanOrEqual(Date.now())
    expect((await http('GET', '/api/key', withKey(key))).status).toBe(401)
    expect((await http('POST', `/api/admin/keys/${id}/undo`, withKey(adminKey))).body).toMatchObject({ revoked: false })
    expect((await http('GET', '/api/key', withKey(key))).status).toBe(200)
    expect((await http('GET', '/api/admin/keys', withKey(adminKey))).text).not.toMatch(/sk-|digest/)

    const other = (await issue({ app: 'other', label: '', scopes: ['admin'] })).text
    const foreign = [
      ['GET', id],
      ['PATCH', id],
      ['POST', `${id}/rotate`],
      ['POST', `${id}/revoke`],
      ['POST', `${id}/undo`],
      ['POST', `${id}/release`],
    ] as const
    for (const [method, path] of foreign) {
      const options = method === 'PATCH' ? { ...withKey(other), body: { label: 'x' } } : withKey(other)
      const theirs = await http(method, `/api/admin/keys/${path}`, options)
      const nobodys = await http(method, `/api/admin/keys/${path.replace(id, 'key_nothing00000')}`, options)
      const { request_id: _a, ...one } = theirs.body
      const { request_id: _b, ...two } = nobodys.body
      expect([theirs.status, one], path).toEqual([nobodys.status, two])
      expect(theirs.status).toBe(404)
    }
  })

  test.each([
    ['an unknown field', { labels: 'x' }],
    ['an unknown scope', { scopes: ['root'] }],
    ['no scope', { scopes: [] }],
    ['a bad network', { networks: ['10.0.0.0/40'] }],
    ['a bad limit', { limits: ['many'] }],
    ['two limits for one window', { limits: ['1/60s', '2/1m'] }],
    ['an end in the past', { expires: '2020-01-01T00:00:00Z' }],
    ['an end that is no time', { expires: 'soon' }],
    ['scopes that are no list', { scopes: 'admin' }],
    ['a label that is a book', { label: 'x'.repeat(201) }],
  ])('bad input is 400 with a way out: %s', async (_name, body) => {
    const refused = await http('POST', '/api/admin/keys', { ...withKey(adminKey), body })
    expect(refused.status).toBe(400)
    expect(refused.body['hint']).toMatch(/\w/)
  })

  test('promise: a secret key from a browser is refused and recorded, unless its app opted in', async () => {
    const browsers: Record<string, string>[] = [
      { origin: 'https://shop.invalid' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-dest': 'empty' },
    ]
    const widgetKey = (await issue({ app: 'widget', label: '' })).text
    for (const more of browsers) {
      const name = Object.keys(more).join()
      const head = Object.entries({ host: '127.0.0.1', connection: 'close', ...more }).map(
        ([key, value]) => `${key}: ${value}\r\n`,
      )
      for (const header of ['AOMI-APP-KEY: ', 'X-API-Key: ', 'Authorization: Bearer ']) {
        const refused = await raw(`GET /api/key HTTP/1.1\r\n${head.join('')}${header}${plainKey}\r\n\r\n`)
        expect(refused.statuses, name).toEqual([403])
        expect(refused.text).toContain('keys:browser:refused')
      }
      const admitted = await raw(`GET /api/key HTTP/1.1\r\n${head.join('')}AOMI-APP-KEY: ${widgetKey}\r\n\r\n`)
      expect(admitted.statuses, name).toEqual([200])
    }
    // Node's own fetch, which published clients use, says only this.
    expect((await http('GET', '/api/key', withKey(plainKey, { 'sec-fetch-mode': 'cors' }))).status).toBe(200)
    await server.store.write(async () => undefined)
    const seen = (await server.audit('trader')).filter((entry) => entry.event === 'keys.key.refused-in-browser')
    expect(seen).toHaveLength(1)
    expect(seen[0]?.body).toMatchObject({ origin: 'https://shop.invalid' })
  })

  test('promise: a key in a URL is refused, and no key is in any answer', async () => {
    for (const path of [`/api/key?key=${plainKey}`, `/api/state?user_state=${plainKey}`, `/${plainKey}`]) {
      const refused = await http('GET', path)
      expect([refused.status, refused.body.code]).toEqual([400, 'http:url:secret'])
      expect(refused.text).not.toContain(plainKey)
    }
  })

  test('a signed leak report kills the key over HTTP, and anybody may ask by five digits', async () => {
    const { id, text } = await issue({ app: 'trader', label: 'leaked' })
    const body = JSON.stringify([{ token: text, type: 'countersign', url: 'https://code.invalid', source: 'content' }])
    const signature = createSign('sha256').update(body).sign(reporter.privateKey, 'base64')
    const headers = { 'github-public-key-identifier': 'github', 'github-public-key-signature': signature }
    expect(
      (
        await http('POST', '/api/leaks/github', {
          body,
          headers: { ...headers, 'github-public-key-signature': 'AAAAAAAAAAAA' },
        })
      ).status,
    ).toBe(401)
    expect((await http('GET', '/api/key', withKey(text))).status).toBe(200)
    expect((await http('POST', '/api/leaks/github', { body, headers })).body).toMatchObject([
      { label: 'true_positive' },
    ])
    expect((await http('GET', '/api/key', withKey(text))).status).toBe(401)
    expect((await http('POST', `/api/admin/keys/${id}/undo`, withKey(adminKey))).body.code).toBe('keys:state:exposed')
    const digest = createHash('sha256').update(text).digest('hex')
    const range = (await http('GET', `/api/leaks/range/${digest.slice(0, 5)}`)).body as unknown as {
      suffixes: string[]
    }
    expect(range.suffixes).toContain(digest.slice(5))
    expect(range.suffixes.length).toBeGreaterThanOrEqual(32)
    expect((await http('GET', '/api/leaks/range/xyz')).status).toBe(400)
  })
})

describe('limits', () => {
  test('every answer says what is left; the key’s own limits refuse with Retry-After; another key and polling go on', async () => {
    const small = (await issue({ app: 'trader', label: '', limits: KeyLimit.parseAll(['3/1m', '100/1h']) })).text
    const answers = []
    for (let i = 0; i < 5; i += 1) answers.push(await http('GET', '/api/control/models?app=trader', withKey(small)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe(
      '"key-1m";q=3;w=60, "key-1h";q=100;w=3600, "ip";q=12000;w=60',
    )
    expect(answers.map(({ headers }) => /r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])).toEqual([
      '2',
      '1',
      '0',
      '0',
      '0',
    ])
    expect(answers[3]).toMatchObject({
      body: { code: 'limits:budget:spent' },
      reason: expect.stringMatching(/Too many requests/),
    })
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await http('GET', '/api/control/models?app=trader', withKey(plainKey))).status).toBe(200)
    // What a client polls costs no budget: a client that waits for its turn is not starved.
    const session = { 'x-session-id': randomUUID() }
    for (let i = 0; i < 40; i += 1) expect((await http('GET', '/api/state', withKey(small, session))).status).toBe(200)
    const stop = new AbortController()
    const stream = await fetch(`${server.url}/api/updates`, {
      headers: { 'aomi-app-key': small, ...session },
      signal: stop.signal,
    })
    expect(stream.status).toBe(200)
    stop.abort()
  })

  test('guessing keys is limited by address, and a good key is not hurt by it', async () => {
    const guarded = await start('guessing', {
      limits: { failures: [{ name: 'failures', limit: 5, windowMs: 60_000 }] },
    })
    const good = (await issue({ app: 'trader', label: '' }, guarded)).text
    const statuses = []
    for (let i = 0; i < 8; i += 1)
      statuses.push((await http('GET', '/api/key', { ...withKey(`sk-trader-${'0'.repeat(48)}`), at: guarded })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    expect((await http('GET', '/api/key', { ...withKey(good), at: guarded })).status).toBe(200)
  })

  test('a quarantined key has a tenth of its limits, a frozen one nothing, until it is released', async () => {
    const { id, text } = await issue({ app: 'trader', label: '', limits: KeyLimit.parseAll(['20/1m']) })
    const set = async (level: string): Promise<void> => {
      await server.store.write(async ({ db }) => {
        await db
          .updateTable('keys')
          .set({
            quarantine: JSON.stringify({ level, sinceMs: 1, evidence: ['because'] }),
            ...(level === 'throttle' ? {} : { limits: '[]' }),
          })
          .where('id', '=', id)
          .execute()
        await db
          .updateTable('key_epoch')
          .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
          .execute()
      })
    }
    await set('throttle')
    const statuses = []
    for (let i = 0; i < 4; i += 1) statuses.push((await http('GET', '/api/key', withKey(text))).status)
    expect(statuses).toEqual([200, 200, 429, 429])
    await set('proof')
    for (const [method, path] of [
      ['POST', '/api/sessions?app=trader'],
      ['POST', '/api/chat?app=trader&message=help'],
      ['GET', '/api/state'],
    ] as const) {
      // A session that does not exist has nothing to prove, and nothing to show.
      for (const more of method === 'GET' ? [{}] : [{}, { dpop: 'forged' }]) {
        const refused = await http(method, path, withKey(text, { 'x-session-id': randomUUID(), ...more }))
        expect([refused.status, refused.body.code?.split(':')[0]], path).toEqual([401, 'proofs'])
      }
    }
    expect((await http('GET', '/api/control/models?app=trader', withKey(text))).body.code).toBe('keys:key:held')
    await set('freeze')
    expect((await http('GET', '/api/key', withKey(text))).body.code).toBe('keys:key:frozen')
    expect((await http('POST', `/api/admin/keys/${id}/release`, withKey(adminKey))).body).toMatchObject({
      quarantine: null,
    })
    expect((await http('GET', '/api/key', withKey(text))).status).toBe(200)
  })

  test('promise: a stream hands nothing out any more when its key is frozen, or held to a proof that its session lacks', async () => {
    for (const level of ['freeze', 'proof']) {
      const { id, text } = await issue({ app: 'trader', label: '' })
      const session = { 'x-session-id': randomUUID() }
      expect((await http('POST', '/api/sessions?app=trader', withKey(text, session))).status).toBe(200)
      const stream = await fetch(`${server.url}/api/updates`, withKey(text, session))
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
      let said = ''
      const read = async (isEnough: () => boolean): Promise<void> => {
        while (!isEnough()) {
          const next = await reader?.read()
          if (next === undefined || next.done) return
          said += next.value
        }
      }
      const renamed = { ...withKey(text, session), body: { title: 'before' } }
      expect((await http('PATCH', `/api/sessions/${session['x-session-id']}`, renamed)).status).toBe(200)
      // A freeze may end a stream before it has said what came earlier.
      await read(() => said.includes('"before"'))
      const { sid } = await server.store.read
        .selectFrom('sessions')
        .select('sid')
        .where('id_digest', '=', server.store.ids.digest(session['x-session-id']))
        .executeTakeFirstOrThrow()
      await server.store.batch([
        {
          sql: 'update keys set quarantine = ? where id = ?',
          parameters: [JSON.stringify({ level, sinceMs: 1, evidence: [] }), id],
        },
        { sql: 'update key_epoch set epoch = epoch + 1', parameters: [] },
        // What the session hears of next.
        {
          sql: `insert into events (sid, seq, kind, body, at_ms)
            select sid, next_seq, 'title_changed', '{"type":"title_changed","new_title":"after"}', 0 from sessions where sid = ?`,
          parameters: [sid],
        },
        { sql: 'update sessions set next_seq = next_seq + 1 where sid = ?', parameters: [sid] },
      ])
      await read(() => false)
      expect([level, said.includes('"before"'), said.includes('"after"')]).toEqual([level, true, false])
    }
  })

  test('promise: a key that one process freezes by itself is refused by the other once the record says that both confirmed', async () => {
    const { frozen, late, said } = await freezeUnderLoad({ keys: 10 })
    expect({ frozen, late, said: [...said] }).toEqual({
      frozen: 10,
      late: 0,
      said: ['{"confirmed_instances":2,"live_instances":2,"lapsed_instances":0}'],
    })
  })

  test('the address is the socket’s, unless proxies are configured; then only the last hops are believed', async () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.9, 203.0.113.7' }
    const fenced = { app: 'trader', label: '', networks: ['203.0.113.0/24'] }
    const direct = (await issue(fenced)).text
    expect((await http('GET', '/api/key', withKey(direct, forwarded))).body.code).toBe('keys:network:refused')
    const behind = await start('behind', { env: { COUNTERSIGN_TRUSTED_PROXY_HOPS: '1' } })
    const key = (await issue(fenced, behind)).text
    expect((await http('GET', '/api/key', { ...withKey(key, forwarded), at: behind })).status).toBe(200)
    for (const lie of ['203.0.113.7, 198.51.100.9', '203.0.113.7, nonsense', ''])
      expect(
        (await http('GET', '/api/key', { ...withKey(key, { 'x-forwarded-for': lie }), at: behind })).status,
        lie,
      ).toBe(403)
  })
})

describe('hygiene', () => {
  const get = (lines: string[], path = '/health'): string => `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`

  test.each([
    'Host',
    'Authorization',
    'X-Session-Id',
    'Content-Type',
    'X-API-Key',
    'AOMI-APP-KEY',
    'aomi-app-key',
    'DPoP',
  ])('promise: a second %s is refused, whatever it says', async (name) => {
    const value = name === 'Host' ? 'a.invalid' : randomUUID()
    for (const second of [value, `${value}x`]) {
      const lines = [
        ...(name === 'Host' ? [] : ['Host: 127.0.0.1']),
        `${name}: ${value}`,
        `${name.toUpperCase()}: ${second}`,
        'Connection: close',
      ]
      const { statuses, text } = await raw(get(lines, '/api/state'))
      expect(statuses).toEqual([400])
      expect(text).toMatch(/http:header:duplicate/)
    }
  })

  test.each([
    [
      'two lengths',
      'POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    ],
    [
      'a length and chunks',
      'POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'an unknown encoding',
      'POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'chunked, then identity',
      'POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    ],
    ['a space before the colon', 'GET /health HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['line feeds alone', 'GET /health HTTP/1.1\nHost: 127.0.0.1\n\n'],
    ['a folded header', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n c\r\n\r\n'],
    ['a NUL in a header', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\0c\r\n\r\n'],
    [
      'a bad chunk extension',
      'POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1;\n\r\na\r\n0\r\n\r\n',
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['too long a header', get(['Host: 127.0.0.1', `X-A: ${'a'.repeat(70_000)}`])],
    ['too many headers', get(['Host: 127.0.0.1', ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`)])],
  ])('what two readers could read differently is refused once and the connection closed: %s', async (_name, bytes) => {
    const { statuses, text } = await raw(bytes)
    expect(statuses).toHaveLength(1)
    expect([400, 431]).toContain(statuses[0])
    // Node answers a missing Host by itself, without a body.
    const body = text.slice(text.indexOf('\r\n\r\n') + 4)
    if (body.startsWith('{')) expect(JSON.parse(body)).toMatchObject({ code: expect.stringMatching(/^http:/) })
    else expect(body).toMatch(/^0?\s*$/)
  })

  test.each([
    ['2 MB', `{"x":"${'a'.repeat(2_000_000)}"}`, 413],
    ['a hundred thousand brackets', '['.repeat(100_000), 413],
    ['closed brackets as deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 413],
    ['a prototype', '{"__proto__":{"x":1}}', 400],
    ['a constructor', '{"constructor":{"prototype":{"x":1}}}', 400],
  ])('a body of %s is refused, never a 500', async (_name, body, status) => {
    expect((await http('POST', '/api/chat', { body, headers: { 'x-session-id': randomUUID() } })).status).toBe(status)
  })

  test('a length of 2 GB is refused before anything of it comes', async () => {
    const { statuses } = await raw(
      `POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n`,
    )
    expect(statuses).toEqual([413])
  })

  test('promise: one answer for one request, in 2,000 requests mutated at random, and the server is unharmed', async () => {
    const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 20_260)
    const counts = await mutate({ seed, rounds: 2_000 })
    console.log(`mutated requests: ${JSON.stringify({ seed, ...counts })}`)
    expect(counts.extra).toBe(0)
    expect(counts.serverErrors).toBe(0)
    expect((await http('GET', '/health')).text).toBe('OK')
  })

  test('one address may hold so many connections and no more; as they close, others are let in', async () => {
    const capped = await start('capped', { env: { COUNTERSIGN_CONNECTIONS_PER_ADDRESS: '5' } })
    const open: Socket[] = []
    for (let i = 0; i < 5; i += 1) {
      const socket = connect(capped.port, '127.0.0.1')
      await once(socket, 'connect')
      open.push(socket)
    }
    const sixth = connect(capped.port, '127.0.0.1')
    await once(sixth, 'close')
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await http('GET', '/health', { at: capped })).status).toBe(200)
  })

  test('every answer carries a request id, and refusals say it', async () => {
    const one = await http('GET', '/api/nope', { headers: { 'x-request-id': 'forged' } })
    expect(one.body['request_id']).toBe(one.headers.get('x-request-id'))
    expect(one.headers.get('x-request-id')).toMatch(/^req-[0-9a-f]{8}-\w+$/)
  })

  test('/health answers, /ready looks: store, lease, limits; metrics are for this machine or a token', async () => {
    expect((await http('GET', '/ready')).body).toEqual({
      ready: true,
      checks: { store: true, lease: true, limits: 'local' },
    })
    await http('GET', '/api/key', withKey('sk-x-1'))
    const { text, headers } = await http('GET', '/metrics')
    expect(headers.get('content-type')).toMatch(/text\/plain/)
    expect(text).toMatch(
      /countersign_http_request_seconds_bucket\{le="0\.005",method="GET",route="\/api\/key",status="2xx"\}/,
    )
    expect(text).toMatch(/countersign_keys_refused_total\{reason="shape"\} \d/)
    expect(text).toMatch(/countersign_live_instances 1/)
    expect(text).not.toMatch(/sk-|127\.0\.0\.1/)
    for (const { id } of await server.keyring.list({})) expect(text).not.toContain(id)
    expect((await http('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(404)
    const told = await start('metrics', { env: { COUNTERSIGN_METRICS_TOKEN: 'open' } })
    expect((await http('GET', '/metrics', { at: told })).status).toBe(404)
    expect((await http('GET', '/metrics', { at: told, headers: { authorization: 'Bearer open' } })).status).toBe(200)
  })

  test('the OpenAPI document and the router name the same routes', async () => {
    const document = (await http('GET', '/api/openapi.json')).body as unknown as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; responses: object }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    expect(documented.toSorted()).toEqual(server.routes().toSorted())
    expect(Object.keys(ROUTES).toSorted()).toEqual(server.routes().toSorted())
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })
})

/** A small generator that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Sends requests with bytes changed, each on its own connection and followed by nothing. More than one answer means
 * that the server read two requests where one was sent.
 */
async function mutate({ seed, rounds }: { seed: number; rounds: number }) {
  const random = randomFrom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const bases = [
    `GET /api/key HTTP/1.1\r\nHost: 127.0.0.1\r\nAOMI-APP-KEY: ${plainKey}\r\n\r\n`,
    `GET /api/state HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Session-Id: ${randomUUID()}\r\nUser-Agent: test\r\n\r\n`,
    `POST /api/sessions?app=trader HTTP/1.1\r\nHost: 127.0.0.1\r\nAOMI-APP-KEY: ${plainKey}\r\nX-Session-Id: ${randomUUID()}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    `POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Session-Id: ${randomUUID()}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  ]
  const bits = [
    '\r\n',
    '\n',
    '\0',
    ' ',
    '\t',
    ':',
    ',',
    'chunked',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    '0',
    ';',
    'Host: y\r\n',
    '\x0b',
    '%00',
    '\xff',
    'HTTP/1.0',
  ]
  const counts = { ok: 0, refused: 0, silent: 0, extra: 0, serverErrors: 0 }
  const byStatus: Record<string, number> = {}
  const one = async (): Promise<void> => {
    const base = pick(bases)
    // Only the head: what follows a complete request would be a second one, and rightly answered.
    const headEnd = base.indexOf('\r\n\r\n')
    const at = Math.floor(random() * headEnd)
    const how = random()
    const bytes =
      how < 0.5
        ? base.slice(0, at) + pick(bits) + base.slice(at)
        : how < 0.75
          ? base.slice(0, at) + base.slice(at + 1)
          : base.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + base.slice(at + 1)
    const { statuses, text } = await raw(bytes, { quietMs: 30 })
    for (const status of statuses) byStatus[status] = (byStatus[status] ?? 0) + 1
    if (statuses.length === 0) counts.silent += 1
    else if (statuses.length > 1) {
      // Two requests were sent when the change ended the first: then the second answer is a refusal.
      if (statuses.slice(1).some((status) => status < 400)) counts.extra += 1
      else counts.refused += 1
    } else if ((statuses[0] as number) >= 500) counts.serverErrors += 1
    else if ((statuses[0] as number) >= 400) counts.refused += 1
    else counts.ok += 1
    if (/HTTP\/1\.1 5\d\d/.test(text)) console.log(JSON.stringify(bytes), text.slice(0, 300))
  }
  let left = rounds
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (left > 0) {
        left -= 1
        await one()
      }
    }),
  )
  return { ...counts, byStatus }
}
