/** Who may open the dashboard, and what an operator's session opens: the routes themselves, with a passkey in software. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { openOperators, ROUTES, startServer, type RunningServer } from '@countersign/server'
import { runInTest } from '../../packages/cli/src/runInTest.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SoftPasskey } from './softPasskey.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-operators-'))
const dataDir = join(scratch, 'data')
const COOKIE = '__Host-countersign-operator'
let nowMs = Date.UTC(2026, 10, 30)
const clock = { nowMs: () => nowMs }
let server: RunningServer
let origin: string

beforeAll(async () => {
  const apps = join(scratch, 'apps.json')
  writeFileSync(apps, JSON.stringify([{ name: 'shop' }, { name: 'bank' }]))
  server = await startServer({
    ...{ port: 0, dataDir, chains: [], env: { COUNTERSIGN_APPS: apps }, webRoot: null, logLevel: 'silent' },
    // Tests make more requests than a person does.
    checklist: async () => ({
      items: ['First'],
      checks: ['shop', 'bank', 'server'].map((about) => ({
        ...{ id: 'tools', item: 1, about, status: 'pass' as const, evidence: 'Seen.', remediation: null },
      })),
    }),
    ...{ clock, storeClock: clock, limits: { ip: [], key: [], poll: [], flood: [], failures: [] } },
  })
  origin = `http://localhost:${server.port}`
})
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** The fields of answers that these tests read. */
interface Body {
  readonly [field: string]: unknown
  readonly code?: string
  readonly key?: string
  readonly challenge?: string
  readonly user?: { readonly id: string }
  readonly checks?: readonly { readonly about: string }[]
  readonly hours?: readonly { readonly refused: number }[]
  readonly sessions?: readonly { readonly handle: string; readonly in_this_browser: boolean }[]
}

interface Answer {
  readonly status: number
  readonly body: Body
  /** The cookie that the answer sets; null for none. */
  readonly cookie: string | null
  readonly setCookie: string
}

/** Asks as the page does; `headers` take over, and null takes a header away. */
async function ask(
  name: string,
  {
    body,
    cookie,
    headers = {},
  }: { body?: unknown; cookie?: string | null; headers?: Record<string, string | null> } = {},
): Promise<Answer> {
  const [method = '', path = ''] = name.split(' ')
  const all: Record<string, string | null> = {
    'x-countersign-page': '1',
    'sec-fetch-site': 'same-origin',
    ...(method === 'GET' ? {} : { origin }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(cookie == null ? {} : { cookie: `${COOKIE}=${cookie}` }),
    ...headers,
  }
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: Object.entries(all).filter((each): each is [string, string] => each[1] !== null),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const setCookie = response.headers.get('set-cookie') ?? ''
  return {
    status: response.status,
    body: (await response.json()) as Body,
    cookie: new RegExp(`^${COOKIE}=([A-Za-z0-9_-]{43});`).exec(setCookie)?.[1] ?? null,
    setCookie,
  }
}

async function link(apps: readonly string[] | null = null, name = 'Ada'): Promise<string> {
  const operators = await openOperators({ dataDir, env: {}, clock, mustExist: true })
  try {
    return (await operators.link({ name, apps })).token
  } finally {
    await operators.close()
  }
}

/** A new operator: by link, then with a passkey. */
async function enrolled(apps: readonly string[] | null = null) {
  const opened = await ask('POST /api/operator/link', { body: { token: await link(apps) } })
  const enrolCookie = opened.cookie as string
  const { body: options } = await ask('POST /api/operator/passkeys/challenge', { cookie: enrolCookie })
  const passkey = new SoftPasskey(options.user?.id)
  const response = passkey.create({ challenge: options.challenge ?? '', rpId: 'localhost', origin })
  const done = await ask('POST /api/operator/passkeys', { body: { response, label: 'laptop' }, cookie: enrolCookie })
  expect(done.status, JSON.stringify(done.body)).toBe(200)
  return { passkey, enrolCookie, cookie: done.cookie as string }
}

async function signIn(passkey: SoftPasskey, over: { origin?: string; rpId?: string; isVerified?: boolean } = {}) {
  const { body } = await ask('POST /api/operator/sign-in/challenge', { body: {} })
  const response = passkey.get({ challenge: body.challenge ?? '', rpId: 'localhost', origin, ...over })
  return { response, answer: await ask('POST /api/operator/sign-in', { body: { response } }) }
}

const keysOf = (app: string, cookie: string, headers: Record<string, string | null> = {}) =>
  ask('GET /api/admin/keys', { cookie, headers: { 'x-countersign-app': app, ...headers } })

test('a link makes an operator, a passkey signs in, and the session does what an admin key of the named app does', async () => {
  const { passkey, cookie } = await enrolled()
  const me = await ask('GET /api/operator', { cookie })
  expect(me.body).toMatchObject({ name: 'Ada', stage: 'full', passkeys: [{ label: 'laptop', host: 'localhost' }] })
  expect(me.body['apps']).toEqual(expect.arrayContaining(['bank', 'shop']))
  const { answer } = await signIn(passkey)
  expect(answer.status).toBe(200)
  expect(answer.setCookie).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/)
  const made = await ask('POST /api/admin/keys', {
    ...{ body: { label: 'from the dashboard' }, cookie: answer.cookie, headers: { 'x-countersign-app': 'shop' } },
  })
  expect(made.status).toBe(201)
  expect(made.body['key']).toMatch(/^sk-shop-/)
  const listed = await keysOf('shop', answer.cookie as string)
  expect(JSON.stringify(listed.body)).toContain('from the dashboard')
  expect(JSON.stringify(listed.body)).not.toContain(made.body.key)
  expect((await keysOf('bank', answer.cookie as string)).body).toEqual([])
})

test('promise: a sign-in link opens once, also when two send it together, and not after 15 minutes', async () => {
  const token = await link()
  const both = await Promise.all([1, 2].map(() => ask('POST /api/operator/link', { body: { token } })))
  expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401])
  const late = await link()
  nowMs += 15 * 60_000
  const answer = await ask('POST /api/operator/link', { body: { token: late } })
  expect([answer.status, answer.body.code, answer.cookie]).toEqual([401, 'operators:link:unknown', null])
})

test('promise: the session of a link registers a passkey and opens nothing else', async () => {
  const { cookie } = await ask('POST /api/operator/link', { body: { token: await link() } })
  const me = await ask('GET /api/operator', { cookie })
  expect([me.body['stage'], me.body['apps']]).toEqual(['enrol', []])
  const answer = await keysOf('shop', cookie as string)
  expect([answer.status, answer.body.code]).toEqual([403, 'operators:session:enrolling'])
})

test('promise: no session survives a sign-in: the cookie from before the passkey opens nothing', async () => {
  const { enrolCookie, cookie, passkey } = await enrolled()
  expect(enrolCookie).not.toBe(cookie)
  expect((await ask('GET /api/operator', { cookie: enrolCookie })).status).toBe(401)
  // A cookie that somebody planted in the browser beforehand is not taken over.
  const planted = 'A'.repeat(43)
  const { body } = await ask('POST /api/operator/sign-in/challenge', { cookie: planted, body: {} })
  const response = passkey.get({ challenge: body.challenge ?? '', rpId: 'localhost', origin })
  const answer = await ask('POST /api/operator/sign-in', { cookie: planted, body: { response } })
  expect(answer.cookie).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(answer.cookie).not.toBe(planted)
  expect((await ask('GET /api/operator', { cookie: planted })).status).toBe(401)
})

test('promise: a passkey of another origin or host, without user verification, or unregistered signs nobody in', async () => {
  const { passkey } = await enrolled()
  const other = `http://localhost:${server.port + 1}`
  for (const over of [
    { origin: other },
    { origin: 'https://evil.invalid', rpId: 'evil.invalid' },
    { isVerified: false },
  ]) {
    const { answer } = await signIn(passkey, over)
    expect([over, answer.status, answer.body.code, answer.cookie]).toEqual([
      over,
      401,
      'operators:passkey:refused',
      null,
    ])
  }
  const { answer } = await signIn(new SoftPasskey())
  expect([answer.status, answer.body.code]).toEqual([401, 'operators:passkey:refused'])
  expect((await signIn(passkey)).answer.status).toBe(200)
})

test('promise: strangers who ask for challenges push out no registration, and one address pushes out nobody', async () => {
  const { cookie } = await ask('POST /api/operator/link', { body: { token: await link() } })
  const { body: options } = await ask('POST /api/operator/passkeys/challenge', { cookie })
  nowMs += 1
  for (let i = 0; i < 21; i += 1)
    await Promise.all(Array.from({ length: 50 }, () => ask('POST /api/operator/sign-in/challenge', { body: {} })))
  const passkey = new SoftPasskey()
  const response = passkey.create({ challenge: options.challenge ?? '', rpId: 'localhost', origin })
  const { status } = await ask('POST /api/operator/passkeys', { cookie, body: { response, label: 'key' } })
  expect(status).toBe(200)
  // The budget of an address without a key is 12,000 units a minute (docs/reference/limits.md), and full at first.
  const inThreeMinutes = (12_000 * (1 + 3)) / (ROUTES['POST /api/operator/sign-in/challenge']?.cost ?? 0)
  expect(inThreeMinutes).toBeLessThan(1_000)
})

test('promise: an answer to a challenge signs in once, and only within three minutes', async () => {
  const { passkey } = await enrolled()
  const { response, answer } = await signIn(passkey)
  expect(answer.status).toBe(200)
  const again = await ask('POST /api/operator/sign-in', { body: { response } })
  expect([again.status, again.body.code]).toEqual([401, 'operators:challenge:unknown'])
  const { body } = await ask('POST /api/operator/sign-in/challenge', { body: {} })
  nowMs += 3 * 60_000
  const late = passkey.get({ challenge: body.challenge ?? '', rpId: 'localhost', origin })
  expect((await ask('POST /api/operator/sign-in', { body: { response: late } })).status).toBe(401)
})

test('promise: requests of other pages do nothing, whatever cookie comes with them', async () => {
  const { cookie } = await enrolled()
  const shop = { 'x-countersign-app': 'shop' }
  const forged: Record<string, string | null>[] = [
    { origin: 'https://evil.invalid' },
    { origin: `http://localhost:${server.port + 1}` },
    { origin: null },
    { origin: 'null' },
    { 'x-countersign-page': null },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of forged) {
    const answer = await ask('POST /api/admin/keys', {
      body: { label: 'forged' },
      cookie,
      headers: { ...shop, ...headers },
    })
    expect([headers, answer.status]).toEqual([headers, 403])
    const out = await ask('DELETE /api/operator/sessions/this', { cookie, headers })
    expect([headers, out.status]).toEqual([headers, 403])
    const opened = await ask('POST /api/operator/link', { body: { token: await link() }, headers })
    expect([headers, opened.status, opened.cookie]).toEqual([headers, 403, null])
  }
  for (const headers of [{ 'x-countersign-page': null }, { 'sec-fetch-site': 'cross-site' }])
    expect((await keysOf('shop', cookie, headers)).status).toBe(403)
  expect(JSON.stringify((await keysOf('shop', cookie)).body)).not.toContain('forged')
  expect((await ask('GET /api/operator', { cookie })).status).toBe(200)
})

test('promise: an operator does what an admin key may, on routes of the dashboard, for apps of their own', async () => {
  const { cookie } = await enrolled(['shop'])
  expect((await ask('GET /api/operator', { cookie })).body['apps']).toEqual(['shop'])
  expect((await keysOf('shop', cookie)).status).toBe(200)
  for (const app of ['bank', 'nowhere', 'Shop', '']) {
    const answer = await keysOf(app, cookie)
    expect([app, answer.status, answer.body.code]).toEqual([app, 403, 'operators:app:refused'])
  }
  const named = await keysOf('shop', cookie, { 'x-session-id': '00000000-0000-4000-8000-000000000000' })
  expect(named.status).toBe(403)
  // What reaches for a wallet is given to keys by name, and no route of the dashboard asks for it.
  const open = Object.entries(ROUTES).filter(([, policy]) => policy.forOperators === true)
  expect(open.length).toBeGreaterThan(10)
  for (const [name, policy] of open) {
    expect([name, policy.scope === 'propose' || policy.scope === 'guard' || policy.scope === null]).toEqual([
      name,
      false,
    ])
    expect([name, policy.session ?? 'optional']).toEqual([name, 'optional'])
  }
  for (const name of ['PUT /api/admin/secrets/X', 'POST /api/proposals', 'GET /api/control/models']) {
    const answer = await ask(name, {
      cookie,
      body: name.startsWith('GET') ? undefined : {},
      headers: { 'x-countersign-app': 'shop' },
    })
    expect([name, answer.status === 401 || answer.body.code === undefined]).toEqual([name, true])
  }
})

test('promise: a session ends after 30 minutes without use, after 12 hours, by sign-out, and when it is revoked', async () => {
  const first = await enrolled()
  nowMs += 30 * 60_000 - 1
  expect((await ask('GET /api/operator', { cookie: first.cookie })).status).toBe(200)
  nowMs += 30 * 60_000
  expect((await ask('GET /api/operator', { cookie: first.cookie })).status).toBe(401)

  const busy = (await signIn(first.passkey)).answer.cookie as string
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    nowMs += 20 * 60_000
    expect((await ask('GET /api/operator', { cookie: busy })).status).toBe(200)
  }
  nowMs += 20 * 60_000
  expect((await ask('GET /api/operator', { cookie: busy })).status).toBe(401)

  const [one, two] = [(await signIn(first.passkey)).answer.cookie, (await signIn(first.passkey)).answer.cookie]
  const { body } = await ask('GET /api/operator', { cookie: one })
  const other = body.sessions?.find((each) => !each.in_this_browser)
  expect((await ask(`DELETE /api/operator/sessions/${other?.handle}`, { cookie: one })).status).toBe(200)
  expect((await ask('GET /api/operator', { cookie: two })).status).toBe(401)
  const out = await ask('DELETE /api/operator/sessions/this', { cookie: one })
  expect(out.setCookie).toContain('Max-Age=0')
  expect((await ask('GET /api/operator', { cookie: one })).status).toBe(401)
})

test('promise: an operator who is revoked is out with the next request, and another one ends no session of theirs', async () => {
  const ada = await enrolled()
  const eve = await enrolled()
  const { body } = await ask('GET /api/operator', { cookie: ada.cookie })
  const foreign = await ask(`DELETE /api/operator/sessions/${body.sessions?.[0]?.handle}`, { cookie: eve.cookie })
  expect(foreign.status).toBe(404)
  const last = await ask(`DELETE /api/operator/passkeys/${ada.passkey.id}`, { cookie: ada.cookie })
  expect([last.status, last.body.code]).toEqual([409, 'operators:passkey:last'])
  expect((await ask(`DELETE /api/operator/passkeys/${ada.passkey.id}`, { cookie: eve.cookie })).status).toBe(404)
  const listed = JSON.parse((await runInTest(['operator', 'list', '--json', '--data-dir', dataDir])).out) as {
    id: string
  }[]
  await runInTest(['operator', 'revoke', listed.at(-2)?.id ?? '', '--data-dir', dataDir])
  expect((await ask('GET /api/operator', { cookie: ada.cookie })).status).toBe(401)
  expect((await signIn(ada.passkey)).answer.status).toBe(401)
  expect((await ask('GET /api/operator', { cookie: eve.cookie })).status).toBe(200)
})

/** Adds another passkey by a session that is open; the browser goes on under a new cookie. */
async function anotherPasskey(cookie: string, label: string) {
  const { body: options } = await ask('POST /api/operator/passkeys/challenge', { cookie })
  const passkey = new SoftPasskey(options.user?.id)
  const response = passkey.create({ challenge: options.challenge ?? '', rpId: 'localhost', origin })
  const done = await ask('POST /api/operator/passkeys', { body: { response, label }, cookie })
  return { passkey, status: done.status, code: done.body.code, cookie: done.cookie as string }
}

test('promise: a removed passkey ends the sessions that it opened, in the same write, and no others', async () => {
  const first = await enrolled()
  const second = await anotherPasskey(first.cookie, 'phone')
  const byFirst = (await signIn(first.passkey)).answer.cookie as string
  const bySecond = (await signIn(second.passkey)).answer.cookie as string
  expect((await keysOf('shop', byFirst)).status).toBe(200)
  expect((await ask(`DELETE /api/operator/passkeys/${first.passkey.id}`, { cookie: bySecond })).status).toBe(200)
  expect((await keysOf('shop', byFirst)).status).toBe(401)
  expect((await ask('GET /api/operator', { cookie: byFirst })).status).toBe(401)
  for (const cookie of [second.cookie, bySecond]) expect((await keysOf('shop', cookie)).status).toBe(200)
  expect((await signIn(first.passkey)).answer.status).toBe(401)
  const { body } = (await server.audit('_server')).findLast(({ event }) => event === 'operators.passkey.removed') ?? {}
  expect(body?.['sessions']).toBe(1)
  // A browser that removes the passkey by which it came in is out, too.
  const third = await anotherPasskey(bySecond, 'tablet')
  expect((await ask(`DELETE /api/operator/passkeys/${third.passkey.id}`, { cookie: third.cookie })).status).toBe(200)
  expect((await keysOf('shop', third.cookie)).status).toBe(401)
})

test('promise: registrations that were begun together add no more passkeys than an operator may have', async () => {
  const { passkey, cookie } = await enrolled()
  let now = cookie
  for (let i = 0; i < 8; i += 1) now = (await anotherPasskey(now, `key ${i}`)).cookie
  const begun = await Promise.all(
    [now, (await signIn(passkey)).answer.cookie].map(async (each) => {
      const { body } = await ask('POST /api/operator/passkeys/challenge', { cookie: each })
      const another = new SoftPasskey(body.user?.id)
      return { each, response: another.create({ challenge: body.challenge ?? '', rpId: 'localhost', origin }) }
    }),
  )
  const ends = []
  for (const { each, response } of begun)
    ends.push((await ask('POST /api/operator/passkeys', { cookie: each, body: { response, label: 'last' } })).status)
  expect(ends).toEqual([200, 409])
})

test('promise: a session of an hour ago adds and removes no passkey, whatever else it may do', async () => {
  const { passkey, cookie } = await enrolled()
  const second = await anotherPasskey(cookie, 'phone')
  for (let i = 0; i < 3; i += 1) {
    nowMs += 20 * 60_000
    expect((await keysOf('shop', second.cookie)).status).toBe(200)
  }
  const challenge = await ask('POST /api/operator/passkeys/challenge', { cookie: second.cookie })
  expect([challenge.status, challenge.body.code]).toEqual([403, 'operators:session:stale'])
  const removed = await ask(`DELETE /api/operator/passkeys/${passkey.id}`, { cookie: second.cookie })
  expect([removed.status, removed.body.code]).toEqual([403, 'operators:session:stale'])
  // Whoever has the passkey at hand goes on.
  const fresh = (await signIn(second.passkey)).answer.cookie as string
  expect((await anotherPasskey(fresh, 'tablet')).status).toBe(200)
})

test('promise: no link, cookie or key stands in the store or the record; every sign-in is recorded', async () => {
  const token = await link(null, 'Grace')
  const { cookie } = await ask('POST /api/operator/link', { body: { token } })
  const entries = await server.audit('_server')
  const events = entries.map(({ event }) => event)
  for (const event of [
    ...['operators.link.made', 'operators.link.used', 'operators.session.opened', 'operators.session.ended'],
    ...['operators.passkey.registered', 'operators.operator.signed-in', 'operators.operator.revoked'],
  ])
    expect(events).toContain(event)
  const files = ['countersign.db', 'countersign.db-wal'].map((name) =>
    readFileSync(join(dataDir, name)).toString('latin1'),
  )
  for (const secret of [token, cookie as string]) {
    expect(JSON.stringify(entries)).not.toContain(secret)
    for (const file of files) expect(file).not.toContain(secret)
  }
  const issued = (await server.audit('shop')).find(({ body }) => body['label'] === 'from the dashboard')
  expect(issued?.event).toBe('keys.key.issued')
})

test('promise: the server itself is shown to operators of every app, and to no key; others see what is about their apps', async () => {
  const all = await enrolled()
  const some = await enrolled(['shop'])
  const about = async (cookie: string) =>
    ((await ask('GET /api/operator/checklist', { cookie })).body.checks ?? []).map((each) => each.about)
  expect(await about(all.cookie)).toEqual(['shop', 'bank', 'server'])
  expect(await about(some.cookie)).toEqual(['shop'])
  const health = await ask('GET /api/operator/health', { cookie: all.cookie })
  expect(health.body).toMatchObject({ page_sha256: null, models: [{ name: 'intent-grammar-1', is_default: true }] })
  expect((await ask('GET /api/operator/health', { cookie: some.cookie })).status).toBe(403)
  const { key } = await server.issueKey({ app: 'shop', label: 'admin', scopes: ['admin'] })
  for (const path of ['checklist', 'health', '']) {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/operator/${path}`, {
      headers: { 'x-api-key': Redacted.reveal(key), 'x-countersign-page': '1' },
    })
    expect([path, response.status >= 401]).toEqual([path, true])
  }
})

test('usage: each request with a key counts once, by outcome and hour; the dashboard adds nothing to it', async () => {
  const { cookie } = await enrolled()
  const { id, key } = await server.issueKey({ app: 'shop', label: 'counted', scopes: ['read'] })
  const headers = { 'x-api-key': Redacted.reveal(key) }
  for (const path of ['key', 'key', 'key', 'audit', 'sessions/not-a-uuid'])
    await (await fetch(`http://127.0.0.1:${server.port}/api/${path}`, { headers })).text()
  const usage = () =>
    ask(`GET /api/admin/keys/${id}/usage?hours=2`, { cookie, headers: { 'x-countersign-app': 'shop' } })
  await server.sweep()
  expect((await usage()).body.hours).toEqual([
    expect.objectContaining({ served: 0, refused: 0 }),
    expect.objectContaining({ served: 3, invalid: 1, refused: 1, limited: 0, failed: 0 }),
  ])
  await server.keyring.revoke({ id, app: 'shop' })
  await (await fetch(`http://127.0.0.1:${server.port}/api/key`, { headers })).text()
  await server.sweep()
  expect((await usage()).body.hours?.[1]?.refused).toBe(2)
  const foreign = await ask(`GET /api/admin/keys/${id}/usage`, { cookie, headers: { 'x-countersign-app': 'bank' } })
  expect(foreign.status).toBe(404)
  for (const hours of ['0', '337', '1e2', '-1'])
    expect(
      (
        await ask(`GET /api/admin/keys/${id}/usage?hours=${hours}`, {
          cookie,
          headers: { 'x-countersign-app': 'shop' },
        })
      ).status,
    ).toBe(400)
})

test('a freeze of the app is listed with its reason, and its tools and guards without a folder', async () => {
  const { cookie } = await enrolled()
  const shop = { 'x-countersign-app': 'shop' }
  const frozen = await ask('POST /api/freeze', { cookie, body: { app: 'shop', reason: 'drill' }, headers: shop })
  expect([frozen.status, frozen.body]).toMatchObject([200, { confirmed: 1, live: 1 }])
  const listed = await ask('GET /api/admin/freezes', { cookie, headers: shop })
  expect(listed.body).toEqual([{ wallet: null, because: 'by hand: drill', frozen_at: expect.any(String) }])
  expect((await ask('GET /api/admin/freezes', { cookie, headers: { 'x-countersign-app': 'bank' } })).body).toEqual([])
  const app = await ask('GET /api/admin/apps/shop', { cookie, headers: shop })
  expect([app.status, app.body]).toMatchObject([200, { name: 'shop', files: {}, guards: [], skills: [] }])
  expect((await ask('GET /api/admin/proposals', { cookie, headers: shop })).body).toEqual([])
})

test('the command prints a link to the page by its host name, with the token in the fragment', async () => {
  const { out } = await runInTest(['operator', 'link', '--name', 'Lin', '--data-dir', dataDir], {
    COUNTERSIGN_PORT: '8123',
  })
  expect(out).toMatch(/^http:\/\/localhost:8123\/admin#link=[A-Za-z0-9_-]{43}\n/)
  const bad = await runInTest(['operator', 'link', '--url', 'ftp://x', '--data-dir', dataDir])
  expect([bad.code, bad.out]).toEqual([2, ''])
})
