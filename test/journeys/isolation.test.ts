import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { createDpopProver, type Prover } from '@countersign/sdk'
import { startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** How many tuples are tried (gateway.md 11, number 19, and the issue: 1,000). */
const TUPLES = Number(process.env['ISOLATION_TUPLES'] ?? 1_000)
const SEED = Number(process.env['ISOLATION_SEED'] ?? Date.now() % 1_000_000)

/** What both instances are known as, behind the proxy that would stand before them. */
const PUBLIC = 'https://gate.invalid'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-isolation-'))
/** Two instances on one store: what one knows the other must not give away either. */
const servers: RunningServer[] = []
let proof: Prover

interface Caller {
  readonly name: string
  readonly app: string
  readonly owner: string
  readonly headers: (method: string, url: string, body: string, sessionId: string) => Promise<Record<string, string>>
}
interface Target {
  readonly id: string
  readonly app: string
  readonly owner: string
  readonly canary: string
  readonly proposal: string
}
const callers: Caller[] = []
const targets: Target[] = []
const APPS = [
  { name: 'one', session_policy: 'key' },
  { name: 'two', session_policy: 'key' },
  { name: 'open', session_policy: 'id' },
  { name: 'vault', session_policy: 'proof' },
] as const

/** A small generator, so that a failure can be repeated from its seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
const random = generator(SEED)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

beforeAll(async () => {
  const apps = join(dataDir, 'apps.json')
  writeFileSync(apps, JSON.stringify(APPS))
  const options = {
    port: 0,
    dataDir,
    chains: [],
    env: { COUNTERSIGN_APPS: apps, COUNTERSIGN_PUBLIC_ORIGIN: PUBLIC },
    webRoot: null,
    logLevel: 'silent',
    limits: { key: [], ip: [], poll: [], flood: [], failures: [] },
  }
  servers.push(await startServer(options), await startServer(options))
  const [server] = servers
  if (server === undefined) throw new Error('no server')
  proof = await createDpopProver()

  for (const { name: app } of APPS) {
    for (const label of ['a', 'b']) {
      const issued = await server.issueKey({ app, label })
      const key = Redacted.reveal(issued.key)
      callers.push({
        name: `${app}/${label}`,
        app,
        owner: `key:${issued.id}`,
        headers: async (method, url, body, sessionId) => ({
          'x-api-key': key,
          ...(app === 'vault' ? await proof.prove({ method, url, body, sessionId, credential: key, nonce: null }) : {}),
        }),
      })
    }
  }
  callers.push({ name: 'nobody', app: 'default', owner: 'none', headers: async () => ({}) })
  for (const name of ['browser a', 'browser b']) {
    const page = { origin: server.url, 'sec-fetch-site': 'same-origin', 'x-countersign-page': '1' }
    const entered = await fetch(`${server.url}/api/browser/enter`, { method: 'POST', headers: page })
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const row = await server.store.read
      .selectFrom('browsers')
      .select('id')
      .where(
        'digest',
        '=',
        createHash('sha256')
          .update(cookie.split('=')[1] ?? '')
          .digest('hex'),
      )
      .executeTakeFirstOrThrow()
    callers.push({
      name,
      app: 'default',
      owner: `browser:${row.id}`,
      headers: async (_method, url) => ({ ...page, cookie, origin: new URL(url).origin }),
    })
  }

  for (const caller of callers) {
    if (caller.owner === 'none') continue
    for (let i = 0; i < 3; i += 1) await plant(server, caller)
  }
  // Until the last turn is over nothing may be said about what changes.
  for (let running = 1; running > 0;) {
    const rows = await server.store.read.selectFrom('sessions').select(['turn_id', 'turn_ended_ms']).execute()
    running = rows.filter((row) => row.turn_id !== null || row.turn_ended_ms === null).length
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
})
afterAll(async () => {
  for (const server of servers) await server.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** A session with something of its own in every place that a session has: history, title, events, proposals, wallet. */
async function plant(server: RunningServer, caller: Caller): Promise<void> {
  const id = randomUUID()
  const canary = `canary${createHash('sha256').update(id).digest('hex').slice(0, 24)}`
  const body = JSON.stringify({ message: `say ${canary}`, app: caller.app })
  const answer = await fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-session-id': id,
      ...(await caller.headers('POST', `${server.url}/api/chat`, body, id)),
    },
    body,
  })
  expect(answer.status, caller.name).toBe(200)
  const { sid } = await server.store.read
    .selectFrom('sessions')
    .select('sid')
    .where('id_digest', '=', server.store.ids.digest(id))
    .executeTakeFirstOrThrow()
  const proposal = `prop_${randomUUID()}`
  await server.store.write(async ({ db }) => {
    await db
      .insertInto('proposals')
      .values({
        id: proposal,
        sid,
        app: caller.app,
        state: 'pending',
        chain_id: 31_337,
        sender: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        summary: canary,
        provenance: '[]',
        digest: `0x${'11'.repeat(32)}`,
        report: null,
        receipt_digest: null,
        reason: null,
        settlement: null,
        user_texts: '[]',
        created_ms: Date.now(),
        updated_ms: Date.now(),
        expires_ms: Date.now() + 900_000,
        first_tx_id: 1,
        wallet_lease: null,
        wallet_until_ms: null,
      })
      .execute()
  })
  targets.push({ id, app: caller.app, owner: caller.owner, canary, proposal })
}

/** Every call that names a session. `ID` and `PROPOSAL` stand for the target's. */
const CALLS: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[] = [
  { method: 'GET', path: '/api/state' },
  { method: 'GET', path: '/api/events' },
  { method: 'GET', path: '/api/updates' },
  { method: 'GET', path: '/api/proposals' },
  { method: 'GET', path: '/api/proposals/PROPOSAL' },
  { method: 'POST', path: '/api/proposals/PROPOSAL/commit', body: { digest: '0x', from: '0x', chain_id: 31_337 } },
  {
    method: 'POST',
    path: '/api/proposals/PROPOSAL/recheck',
    body: { from: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', chain_id: 31_337 },
  },
  { method: 'POST', path: '/api/proposals/PROPOSAL/reject', body: {} },
  { method: 'POST', path: '/api/proposals/PROPOSAL/submitted', body: { step: 1, tx_hash: `0x${'22'.repeat(32)}` } },
  { method: 'POST', path: '/api/proposals/PROPOSAL/signed', body: { signature: `0x${'33'.repeat(65)}` } },
  { method: 'POST', path: '/api/interrupt' },
  { method: 'POST', path: '/api/system', body: { message: '{"type":"wallet:state_changed","payload":{}}' } },
  { method: 'GET', path: '/api/sessions/ID' },
  { method: 'PATCH', path: '/api/sessions/ID', body: { title: 'mine now' } },
  { method: 'DELETE', path: '/api/sessions/ID' },
  { method: 'POST', path: '/api/sessions/ID/archive' },
  { method: 'POST', path: '/api/sessions/ID/bind', body: { proof: 'hmac' } },
  { method: 'POST', path: '/api/sessions/ID/code', body: { origin: 'https://shop.invalid' } },
  { method: 'POST', path: '/api/sessions/ID/take-over' },
  {
    method: 'POST',
    path: '/api/sign-in/nonce',
    body: { address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', chain_id: 31_337 },
  },
  { method: 'POST', path: '/api/sign-in', body: { message: 'x', signature: '0x00' } },
]

/** What the caller may see of the target by right: its own, and what an id alone opens. */
function isAllowed(caller: Caller, target: Target): boolean {
  if (caller.owner === target.owner) return true
  // The policy `id` says so; the checklist warns of it.
  return target.app === 'open' && !caller.owner.startsWith('key:')
}

/** @param shown - The session that the caller says it is in; by default the one that is asked for. */
async function ask(
  caller: Caller,
  call: (typeof CALLS)[number],
  id: string,
  proposal: string,
  server: RunningServer,
  shown = id,
) {
  const url = server.url + call.path.replace('ID', id).replace('PROPOSAL', proposal)
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const stop = new AbortController()
  const response = await fetch(url, {
    method: call.method,
    signal: stop.signal,
    headers: {
      'x-session-id': shown,
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      ...(call.path === '/api/updates' ? { 'last-event-id': '0' } : {}),
      ...(await caller.headers(call.method, url, body, shown)),
    },
    ...(body === '' ? {} : { body }),
  })
  const { status, statusText } = response
  if (status === 200 && response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    // A stream waits; what it would hand out comes at once.
    const reader = response.body?.getReader()
    let heard = ''
    const until = Date.now() + 40
    while (Date.now() < until) {
      const chunk = await Promise.race([
        reader?.read(),
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20)),
      ])
      if (chunk?.value !== undefined) heard += Buffer.from(chunk.value).toString()
    }
    stop.abort()
    return { status, reason: statusText, body: heard }
  }
  const text = await response.text()
  return { status, reason: statusText, body: text.replace(/"(?:request_id|timestamp)":"[^"]*"/g, '') }
}

test(`promise: ${TUPLES} random tuples of app, key, session and call: nobody else’s session is told from one that never was`, async () => {
  const server = servers[0] as RunningServer
  // Callers use their own sessions meanwhile, and only that may show.
  const rows = async () =>
    (await server.store.read.selectFrom('sessions').selectAll().orderBy('sid').execute()).map((row) => ({
      ...row,
      used_ms: 0,
    }))
  const before = await rows()
  const proposals = await server.store.read.selectFrom('proposals').selectAll().orderBy('id').execute()
  const statuses = new Map<number, number>()
  let tried = 0
  const withoutClock = <T extends { body: string }>(answer: T): T => ({
    ...answer,
    body: answer.body.replaceAll(/"timestamp\\*":\\*"[^"]*"/g, ''),
  })
  const attempt = async (): Promise<void> => {
    while (tried < TUPLES) {
      const [caller, target, call, instance] = [pick(callers), pick(targets), pick(CALLS), pick(servers)]
      if (isAllowed(caller, target)) continue
      tried += 1
      // Where the path names something, half of the callers are in a session of their own, and in good standing.
      const own =
        /ID|PROPOSAL/.test(call.path) && random() < 0.5
          ? targets.find((each) => each.owner === caller.owner)
          : undefined
      const where = `seed ${SEED}: ${caller.name}${own === undefined ? '' : ', in its own session,'} → ${target.app}, ${call.method} ${call.path}`
      const [foreign, unknown] = await Promise.all([
        ask(caller, call, target.id, target.proposal, instance, own?.id),
        ask(caller, call, randomUUID(), `prop_${randomUUID()}`, instance, own?.id),
      ])
      // The clock is no secret, and goes on between the two.
      expect(withoutClock(foreign), where).toEqual(withoutClock(unknown))
      expect(JSON.stringify(foreign), where).not.toContain(target.canary)
      statuses.set(foreign.status, (statuses.get(foreign.status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 8 }, attempt))
  console.log(`isolation: ${tried} tuples, seed ${SEED}, answers ${JSON.stringify(Object.fromEntries(statuses))}`)
  // And nothing that was somebody else's has changed.
  expect(await rows()).toEqual(before)
  expect(await server.store.read.selectFrom('proposals').selectAll().orderBy('id').execute()).toEqual(proposals)
})

test('the same calls do open one’s own session, or the property would hold for a server that refuses everything', async () => {
  const server = servers[0] as RunningServer
  for (const caller of callers.filter((each) => each.owner !== 'none')) {
    const target = targets.find((each) => each.owner === caller.owner)
    if (target === undefined) throw new Error('no target')
    for (const path of ['/api/state', '/api/updates', '/api/proposals']) {
      const answer = await ask(caller, { method: 'GET', path }, target.id, target.proposal, server)
      expect([answer.status, answer.body.includes(target.canary)], `${caller.name} ${path}`).toEqual([200, true])
    }
  }
})

test('promise: the cookie of the page opens no app but `default`, whether another one exists or not, and no list names it', async () => {
  const server = servers[0] as RunningServer
  const browser = callers.find(({ name }) => name === 'browser a') as Caller
  const others = [...APPS.map(({ name }) => name), 'never-was']
  for (const app of others) {
    const body = { message: 'help', app }
    const answers = [
      await ask(browser, { method: 'POST', path: '/api/chat', body }, randomUUID(), '', server),
      await ask(browser, { method: 'GET', path: `/api/session/models?app=${app}` }, randomUUID(), '', server),
    ]
    for (const { status, body: text } of answers)
      expect([app, status, /"code":"([^"]+)"/.exec(text)?.[1]]).toEqual([app, 401, 'keys:key:absent'])
  }
  for (const path of ['/api/config', '/api/session/apps', '/api/control/apps']) {
    const { status, body } = await ask(browser, { method: 'GET', path }, randomUUID(), '', server)
    const names: readonly string[] = body.match(/"[a-z-]+"/g) ?? []
    expect([path, status, others.filter((app) => names.some((name) => name === `"${app}"`))]).toEqual([path, 200, []])
  }
})

test('promise: the same UUID under another owner is another conversation, whichever instance is asked', async () => {
  const [first, second] = servers as [RunningServer, RunningServer]
  for (const target of targets.filter((each) => each.app === 'one')) {
    const other = callers.find((each) => each.app === 'one' && each.owner !== target.owner) as Caller
    const body = { message: 'help', app: 'one' }
    const made = await ask(other, { method: 'POST', path: '/api/chat', body }, target.id, '', second)
    expect([made.status, made.body.includes(target.canary)]).toEqual([200, false])
    const own = callers.find((each) => each.owner === target.owner) as Caller
    for (const server of [first, second]) {
      const seen = await ask(own, { method: 'GET', path: '/api/state' }, target.id, '', server)
      expect(seen.body).toContain(target.canary)
    }
  }
})

test('promise: a proof that two instances see at once is accepted by one', async () => {
  const [first, second] = servers as [RunningServer, RunningServer]
  const caller = callers.find((each) => each.app === 'vault') as Caller
  const target = targets.find((each) => each.owner === caller.owner) as Target
  for (let round = 0; round < 20; round += 1) {
    const headers = {
      ...(await caller.headers('GET', `${PUBLIC}/api/state`, '', target.id)),
      'x-session-id': target.id,
    }
    const answers = await Promise.all(
      [first, second, first, second].map((server) => fetch(`${server.url}/api/state`, { headers })),
    )
    expect(answers.map((each) => each.status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401])
  }
})
