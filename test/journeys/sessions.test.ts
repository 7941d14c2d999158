import { createHash, generateKeyPairSync, randomUUID, sign as signBytes, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { deploy, loadArtifact, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, createDpopProver, createMacProver, type Snapshot } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, serializeErc6492Signature, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createSiweMessage, parseSiweMessage, type SiweMessage } from 'viem/siwe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Anvil's own first accounts: public keys to play with, worth nothing anywhere. */
const ALICE = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const MALLORY = privateKeyToAccount('0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a')
const SHOP = 'https://shop.invalid'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-sessions-'))

let chain: LocalChain
let server: Launched
let model: Server
let releaseModel: (() => void) | null = null
const keys: Record<string, string> = {}
/** The server's clock: real, until a test stops it. */
let frozenMs: number | null = null
const clock = { nowMs: () => frozenMs ?? Date.now() }

beforeAll(async () => {
  chain = await startLocalChain()
  await chain.fund(ALICE.address, { usdc: 10_000n * 10n ** 6n })
  // A model that thinks until it is told to stop.
  model = createServer((_request, response) => {
    releaseModel = () => {
      releaseModel = null
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
    }
  })
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
  const apps = join(dataDir, 'apps.json')
  writeFileSync(
    apps,
    JSON.stringify([
      { name: 'short', session_idle_s: 60, session_absolute_s: 300, model: 'intent-grammar-1' },
      { name: 'slow', session_idle_s: 60, session_absolute_s: 90, session_policy: 'id', model: 'slow-model' },
      { name: 'vault', session_policy: 'proof', model: 'intent-grammar-1' },
      { name: 'nonce', session_policy: 'proof', proof_nonce: true, model: 'intent-grammar-1' },
      { name: 'shop', origins: [SHOP], max_sessions: 2, model: 'intent-grammar-1' },
      { name: 'open', session_policy: 'id', model: 'intent-grammar-1' },
      { name: 'default', session_policy: 'id', model: 'intent-grammar-1' },
    ]),
  )
  server = await launch({
    port: 0,
    dataDir,
    env: {
      COUNTERSIGN_APPS: apps,
      COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
      COUNTERSIGN_MODEL: 'slow-model',
      COUNTERSIGN_LIMITS: process.env['COUNTERSIGN_LIMITS'],
    },
    localChain: chain,
    clock,
    logLevel: 'silent',
  })
  for (const app of ['short', 'slow', 'vault', 'nonce', 'shop', 'open']) {
    keys[app] = Redacted.reveal((await server.issueKey({ app, label: app })).key)
  }
})
afterAll(async () => {
  releaseModel?.()
  await server.close()
  await chain.close()
  await new Promise((resolve) => model.close(resolve))
  rmSync(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Record<string, unknown> & { code?: string; session_id?: string }
}
async function http(
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    reason: response.statusText,
    headers: response.headers,
    body: (/^[[{]/.test(text) ? JSON.parse(text) : { text }) as Answer['body'],
  }
}
async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 200; i += 1) {
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it took too long')
}
const withKey = (app: string, id: string): Record<string, string> => ({
  'x-session-id': id,
  'x-api-key': keys[app] ?? '',
})
const say = (app: string, id: string, headers: Record<string, string> = withKey(app, id)) =>
  http('POST', '/api/chat', { headers, body: { message: 'help', app } })
const state = (headers: Record<string, string>) => http('GET', '/api/state', { headers })
/** Says something and waits until the turn is over. */
async function talk(app: string, id: string, headers = withKey(app, id)): Promise<void> {
  expect((await say(app, id, headers)).status).toBe(200)
  await until(
    () => state(headers),
    ({ body }) => body['is_processing'] === false,
  )
}
const audit = async (app: string, event: string) => (await server.audit(app)).filter((entry) => entry.event === event)

describe('lifetimes', () => {
  test('promise: idle and absolute ends are exact at the millisecond, with the reason, and for good', async () => {
    const start = (frozenMs = Date.now())
    const id = randomUUID()
    await talk('short', id)
    const headers = withKey('short', id)
    frozenMs = start + 59_999
    expect((await state(headers)).status).toBe(200)
    frozenMs = start + 60_000
    const expired = await state(headers)
    expect([expired.status, expired.reason, expired.body.code]).toEqual([
      401,
      'Session expired after 1 minute without use.',
      'sessions:session:expired',
    ])
    expect((await say('short', id)).status).toBe(401)
    // A clock that steps back does not revive it.
    await until(
      () => audit('short', 'sessions.session.ended'),
      (entries) => entries.length > 0,
    )
    frozenMs = start
    expect((await state(headers)).status).toBe(401)

    // Use moves the idle end, and never the absolute one. Reading is not use.
    const busy = randomUUID()
    await talk('short', busy)
    for (let i = 1; i <= 5; i += 1) {
      frozenMs = start + i * 59_000
      expect((await http('POST', '/api/interrupt', { headers: withKey('short', busy) })).status).toBe(200)
    }
    frozenMs = start + 299_999
    expect((await state(withKey('short', busy))).status).toBe(200)
    frozenMs = start + 300_000
    expect((await state(withKey('short', busy))).reason).toBe('Session expired: sessions live 5 minutes.')
    frozenMs = null
  })

  test('promise: a running turn is never cut, its answer can be read, and then it is over', async () => {
    const start = (frozenMs = Date.now())
    const id = randomUUID()
    const headers = withKey('slow', id)
    expect((await say('slow', id)).body['is_processing']).toBe(true)
    await until(
      async () => releaseModel,
      (release) => release !== null,
    )
    frozenMs = start + 600_000
    // What a published client does: it polls with nothing but the id until the turn is over.
    expect((await state({ 'x-session-id': id })).body['is_processing']).toBe(true)
    releaseModel?.()
    const last = await until(
      () => state({ 'x-session-id': id }),
      ({ body }) => body['is_processing'] !== true,
    )
    expect(last.status).toBe(200)
    expect((await say('slow', id, headers)).status).toBe(401)
    frozenMs += 10_000
    expect((await state({ 'x-session-id': id })).status).toBe(401)
    frozenMs = null
  })

  test('promise: what is over is destroyed in the record, and its id never starts anything again', async () => {
    const start = (frozenMs = Date.now())
    const id = randomUUID()
    await talk('short', id)
    const stream = await fetch(`${server.url}/api/updates`, { headers: withKey('short', id) })
    frozenMs = start + 120_000
    // What comes late is for nobody: the stream ends with the session.
    const { sid } = await server.store.read
      .selectFrom('sessions')
      .select('sid')
      .where('id_digest', '=', server.store.ids.digest(id))
      .executeTakeFirstOrThrow()
    await server.store.write((write) =>
      server.gate.events.append(write, sid, { type: 'system_notice', message: 'too late' }),
    )
    expect(await stream.text()).not.toContain('too late')
    await server.sweep()
    const rows = await server.store.read
      .selectFrom('sessions')
      .select('sid')
      .where('id_digest', '=', server.store.ids.digest(id))
      .execute()
    expect(rows).toEqual([])
    const destroyed = await audit('short', 'sessions.session.destroyed')
    expect(destroyed.at(-1)?.body).toMatchObject({ why: 'idle', session: expect.stringMatching(/^[0-9a-f]{16}$/) })
    expect(JSON.stringify(destroyed)).not.toContain(id)
    expect((await state(withKey('short', id))).status).toBe(401)
    expect((await say('short', id)).status).toBe(401)
    frozenMs = null
  })
})

// ── Proof of possession ───────────────────────────────────────────────────────────────────────────────────────

interface Prover {
  (method: string, path: string, more?: Record<string, unknown> & { key?: string | null }): string
}
/** DPoP by hand, so that everything about it can be wrong. */
function prover(type: 'ES256' | 'EdDSA' = 'ES256'): Prover & { privateKey: KeyObject } {
  const { privateKey, publicKey } =
    type === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const jwk = publicKey.export({ format: 'jwk' })
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const make: Prover = (method, path, { key = keys['vault'] ?? null, header = {}, ...claims } = {}) => {
    const head = part({ typ: 'dpop+jwt', alg: type, jwk, ...(header as object) })
    const body = part({
      jti: randomUUID(),
      htm: method,
      htu: server.url + path.split('?')[0],
      iat: Math.floor(clock.nowMs() / 1000),
      ...(key === null ? {} : { ath: createHash('sha256').update(key).digest('base64url') }),
      ...claims,
    })
    const mark = signBytes(type === 'ES256' ? 'sha256' : null, Buffer.from(`${head}.${body}`), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    })
    return `${head}.${body}.${mark.toString('base64url')}`
  }
  return Object.assign(make, { privateKey })
}

describe('proof of possession', () => {
  test.each(['ES256', 'EdDSA'] as const)(
    'promise: a stolen id and key open nothing without the proof: %s',
    async (alg) => {
      const prove = prover(alg)
      const id = randomUUID()
      const base = withKey('vault', id)
      const chat = (dpop: string) => say('vault', id, { ...base, dpop })
      // No proof, no session; and unknown ids answer alike.
      expect((await say('vault', id)).body.code).toBe('proofs:proof:unbound')
      expect([(await state(base)).body.code, (await state(withKey('vault', randomUUID()))).body.code]).toEqual([
        'proofs:proof:absent',
        'proofs:proof:absent',
      ])
      expect((await chat(prove('POST', '/api/chat'))).status).toBe(200)

      const read = (dpop: string, headers = base) => state({ ...headers, dpop })
      const used = prove('GET', '/api/state')
      const good = await read(used)
      expect([good.status, (good.body as unknown as Snapshot).session_exists]).toEqual([200, true])
      const stranger = prover(alg)
      const at = (seconds: number) => Math.floor(clock.nowMs() / 1000) + seconds
      const [head = '', claims = '', mark = ''] = prove('GET', '/api/state').split('.')
      const refused: [string, Promise<Answer>, string][] = [
        ['the same proof again', read(used), 'used'],
        ['another key pair', read(stranger('GET', '/api/state')), 'key'],
        ['another method', read(prove('POST', '/api/state')), 'elsewhere'],
        ['another path', read(prove('GET', '/api/events')), 'elsewhere'],
        ['another host', read(prove('GET', '', { htu: 'https://evil.invalid/api/state' })), 'elsewhere'],
        ['an old proof', read(prove('GET', '/api/state', { iat: at(-62) })), 'stale'],
        ['a proof from the future', read(prove('GET', '/api/state', { iat: at(62) })), 'stale'],
        ['another credential', read(prove('GET', '/api/state', { key: 'x' })), 'credential'],
        ['no credential', read(prove('GET', '/api/state', { key: null })), 'credential'],
        ['a nonce of its own', read(prove('GET', '/api/state', { nonce: 'made-up' })), 'nonce'],
        ['no jti', read(prove('GET', '/api/state', { jti: undefined })), 'unreadable'],
        ['a JWT that is no proof', read(prove('GET', '/api/state', { header: { typ: 'JWT' } })), 'unreadable'],
        ['no algorithm', read(prove('GET', '/api/state', { header: { alg: 'none' } })), 'unreadable'],
        ['a symmetric algorithm', read(prove('GET', '/api/state', { header: { alg: 'HS256' } })), 'unreadable'],
        ['another signature', read(`${head}.${claims}.${mark.slice(0, -4)}AAAA`), 'unreadable'],
        ['no signature', read(`${head}.${claims}.`), 'unreadable'],
        ['nonsense', read('a.b.c'), 'unreadable'],
        ['no proof at all', state(base), 'absent'],
      ]
      for (const [name, answer, why] of refused) {
        const { status, body, headers } = await answer
        expect([name, status, body.code]).toEqual([name, 401, `proofs:proof:${why}`])
        expect(headers.get('www-authenticate')).toMatch(/^DPoP error="/)
      }
      // The limit is a minute, no more and no less.
      frozenMs = clock.nowMs()
      expect((await read(prove('GET', '/api/state', { iat: at(-59) }))).status).toBe(200)
      frozenMs = null
      // Another app's key, with a good proof of its own for it, finds nothing here.
      const foreign = await state({
        ...withKey('open', id),
        dpop: stranger('GET', '/api/state', { key: keys['open'] ?? '' }),
      })
      expect((foreign.body as unknown as Snapshot).session_exists).toBe(false)
      // And a proof that was stolen from the other app's traffic does not go with our key.
      expect((await read(stranger('GET', '/api/state', { key: keys['open'] ?? '' }))).status).toBe(401)
    },
  )

  test('promise: where the app wants nonces, only the server says how old a proof is', async () => {
    const prove = prover()
    const id = randomUUID()
    const key = keys['nonce'] ?? ''
    const chat = (dpop: string) => say('nonce', id, { ...withKey('nonce', id), dpop })
    const asked = await chat(prove('POST', '/api/chat', { key }))
    expect([asked.status, asked.body.code]).toEqual([401, 'proofs:proof:nonce'])
    expect(asked.headers.get('www-authenticate')).toContain('use_dpop_nonce')
    const nonce = asked.headers.get('dpop-nonce') ?? ''
    // A client whose clock is five minutes off is let in by the nonce, and by nothing else.
    const iat = Math.floor(clock.nowMs() / 1000) - 300
    expect((await chat(prove('POST', '/api/chat', { key, nonce, iat }))).status).toBe(200)
    const start = (frozenMs = Date.now())
    frozenMs = start + 299_000
    expect((await chat(prove('POST', '/api/chat', { key, nonce }))).status).toBe(200)
    frozenMs = start + 301_000
    expect((await chat(prove('POST', '/api/chat', { key, nonce }))).body.code).toBe('proofs:proof:nonce')
    frozenMs = null
  })

  test('the client proves by itself, by DPoP and by MAC', async () => {
    const apiKey = keys['nonce'] ?? ''
    const client = createClient({
      baseUrl: server.url,
      sessionId: randomUUID(),
      apiKey,
      app: 'nonce',
      proof: await createDpopProver(),
    })
    expect((await client.chat('help')).session_exists).toBe(true)
    expect((await client.state()).session_exists).toBe(true)

    const id = randomUUID()
    const made = await http('POST', '/api/sessions', {
      headers: withKey('vault', id),
      body: { app: 'vault', proof: 'hmac' },
    })
    expect(made.status).toBe(200)
    const macKey = String(made.body['mac_key'])
    expect(Buffer.from(macKey, 'base64url')).toHaveLength(32)
    const bound = createClient({
      baseUrl: server.url,
      sessionId: id,
      apiKey: keys['vault'] ?? '',
      app: 'vault',
      proof: await createMacProver(macKey),
    })
    expect((await bound.chat('help')).session_exists).toBe(true)
    // The key is handed out once, and is not in the store.
    const row = await server.store.read
      .selectFrom('sessions')
      .selectAll()
      .where('id_digest', '=', server.store.ids.digest(id))
      .executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(macKey.slice(0, 20))
    expect(
      (await http('POST', '/api/sessions', { headers: withKey('vault', id), body: { app: 'vault', proof: 'hmac' } }))
        .status,
    ).toBe(409)
  })

  test('promise: once bound, the id alone opens nothing, and a MAC is for one request', async () => {
    const id = randomUUID()
    await talk('open', id)
    expect((await state({ 'x-session-id': id })).status).toBe(200)
    const answer = await http('POST', `/api/sessions/${id}/bind`, {
      headers: { 'x-session-id': id },
      body: { proof: 'hmac' },
    })
    const next = answer.body.session_id ?? ''
    expect(answer.status).toBe(200)
    expect(next).not.toBe(id)
    expect((await state({ 'x-session-id': id })).body.code).toBe('sessions:session:rotated')
    for (const headers of [{ 'x-session-id': next }, withKey('open', next)]) {
      expect((await state(headers)).body.code).toBe('proofs:proof:absent')
      expect((await http('GET', `/api/sessions/${next}`, { headers })).status).toBe(401)
      expect((await http('DELETE', `/api/sessions/${next}`, { headers })).status).toBe(401)
    }
    const mac = await createMacProver(String(answer.body['mac_key']))
    const proveFor = (method: string, path: string, body = '') =>
      mac.prove({ method, url: server.url + path, body, sessionId: next, credential: null, nonce: null })
    const headers = { 'x-session-id': next, ...(await proveFor('GET', '/api/state')) }
    expect((await state(headers)).status).toBe(200)
    expect((await state(headers)).body.code).toBe('proofs:proof:used')
    const wrong = async (path: string, signed: string, method = 'GET') =>
      (await http(method, path, { headers: { 'x-session-id': next, ...(await proveFor('GET', signed)) } })).status
    expect(await wrong('/api/state?user_state=%7B%7D', '/api/state')).toBe(401)
    expect(await wrong('/api/proposals', '/api/state')).toBe(401)
    expect(await wrong('/api/interrupt', '/api/interrupt', 'POST')).toBe(401)
    const forBody = await proveFor('POST', '/api/system', '{"message":"a"}')
    const other = await http('POST', '/api/system', {
      headers: { 'x-session-id': next, ...forBody },
      body: { message: 'b' },
    })
    expect(other.body.code).toBe('proofs:proof:key')
    const right = await http('PATCH', `/api/sessions/${next}`, {
      headers: {
        'x-session-id': next,
        ...(await proveFor('PATCH', `/api/sessions/${next}`, JSON.stringify({ title: 'Mine' }))),
      },
      body: { title: 'Mine' },
    })
    expect(right.body['title']).toBe('Mine')
    // The history is there, under the new id.
    const kept = await state({ 'x-session-id': next, ...(await proveFor('GET', '/api/state')) })
    expect((kept.body as unknown as Snapshot).messages).toHaveLength(2)
  })
})

// ── Sign-in with Ethereum ─────────────────────────────────────────────────────────────────────────────────────

describe('sign-in with Ethereum', () => {
  const startSignIn = async (id: string, address: Address) =>
    (
      await http('POST', '/api/sign-in/nonce', {
        headers: { 'x-session-id': id },
        body: { address, chain_id: chain.chainId },
      })
    ).body
  const finish = (id: string, message: string, signature: Hex) =>
    http('POST', '/api/sign-in', { headers: { 'x-session-id': id }, body: { message, signature } })
  async function signedIn(account = ALICE, app = 'open'): Promise<string> {
    const id = randomUUID()
    await talk(app, id, app === 'default' ? { 'x-session-id': id } : withKey(app, id))
    const message = String((await startSignIn(id, account.address))['message'])
    const answer = await finish(id, message, await account.signMessage({ message }))
    expect(answer.status).toBe(200)
    return answer.body.session_id ?? ''
  }

  test('promise: the old id is dead in the same commit, streams on it end unknowing, the history stays', async () => {
    const id = randomUUID()
    const client = createClient({ baseUrl: server.url, sessionId: id, apiKey: keys['open'] ?? '', app: 'open' })
    await client.chat('help', { address: ALICE.address, chain_id: chain.chainId, is_connected: true })
    await until(
      () => client.state(),
      (each) => !each.is_processing,
    )
    // Until then it is a claim, and is said to be one.
    expect((await client.state()).user_state?.address_status).toBe('claimed')
    expect((await client.sessions())[0]?.wallet).toEqual({ address: ALICE.address, status: 'claimed' })
    // Somebody who learnt the id listens.
    const listening = await fetch(`${server.url}/api/updates`, { headers: { 'x-session-id': id } })
    const heard = listening.text()
    const { session_id: next } = await client.signIn({ address: ALICE.address, chainId: chain.chainId }, (message) =>
      ALICE.signMessage({ message }),
    )
    expect(client.sessionId).toBe(next)
    expect((await state({ 'x-session-id': id })).reason).toBe('Session expired: its id was replaced.')
    expect((await say('open', id)).status).toBe(401)
    const text = await heard
    expect(text).toContain('"type":"session.rotated"')
    expect(text).not.toContain(next)
    const after = await client.state()
    expect([after.messages?.length, after.signed_in?.address, after.user_state?.address_status]).toEqual([
      2,
      ALICE.address,
      'proven',
    ])
    const rotated = (await audit('open', 'sessions.session.rotated')).at(-1)
    expect(rotated?.body).toMatchObject({ because: 'wallet-signed-in' })
    expect(JSON.stringify(rotated)).not.toMatch(new RegExp(`${id}|${next}`))
    // A stream that goes on under the new id misses nothing and hears of the change.
    const stop = new AbortController()
    const types: string[] = []
    for await (const event of client.updates({ signal: stop.signal, afterSeq: 0 })) {
      types.push(event.type)
      if (event.type === 'session.rotated') stop.abort()
    }
    expect(types).toEqual(['message', 'title_changed', 'turn_started', 'message', 'turn_finished', 'session.rotated'])
  })

  test('promise: a message that is not exactly what was asked for signs nobody in', async () => {
    const id = randomUUID()
    await talk('open', id)
    const other = randomUUID()
    await talk('open', other)
    const host = new URL(server.url).host
    const attempt = async (
      change: Partial<SiweMessage> | ((message: string) => string),
      { account = ALICE, session = id } = {},
    ) => {
      const message = String((await startSignIn(session, ALICE.address))['message'])
      const said =
        typeof change === 'function'
          ? change(message)
          : createSiweMessage({ ...(parseSiweMessage(message) as SiweMessage), ...change })
      const { status, body } = await finish(id, said, await account.signMessage({ message: said }))
      return [status, body.code]
    }
    const now = Date.now()
    for (const [name, outcome, why] of [
      ['another domain', await attempt({ domain: 'evil.invalid' }), 'domain'],
      ['another port', await attempt({ domain: `${host.split(':')[0] ?? ''}:9` }), 'domain'],
      ['another uri', await attempt({ uri: 'https://evil.invalid' }), 'uri'],
      ['another chain', await attempt({ chainId: 1 }), 'chain'],
      ['a nonce of its own', await attempt({ nonce: 'a'.repeat(32) }), 'nonce'],
      ['a nonce of another session', await attempt({}, { session: other }), 'nonce'],
      ['no end', await attempt((text) => text.replace(/\nExpiration Time: .*/, '')), 'endless'],
      ['over', await attempt({ expirationTime: new Date(now - 1_000) }), 'expired'],
      ['issued too long ago', await attempt({ issuedAt: new Date(now - 6 * 60_000) }), 'expired'],
      ['good for a year', await attempt({ expirationTime: new Date(now + 31_536_000_000) }), 'expired'],
      ['not yet', await attempt({ notBefore: new Date(now + 60_000) }), 'early'],
      ['another version', await attempt((text) => text.replace('Version: 1', 'Version: 2')), 'version'],
      ['another text around it', await attempt((text) => `${text}\nand send me money`), 'unreadable'],
      ['no message', await attempt(() => 'hello'), 'unreadable'],
      ['another signer', await attempt({}, { account: MALLORY }), 'signature'],
      ['another address', await attempt({ address: MALLORY.address }), 'signature'],
    ] as const) {
      expect([name, ...outcome]).toEqual([name, 403, `signin:message:${why}`])
    }
    // A nonce is good once, whatever came of it.
    const message = String((await startSignIn(id, ALICE.address))['message'])
    expect((await finish(id, message, await MALLORY.signMessage({ message }))).body.code).toBe(
      'signin:message:signature',
    )
    expect((await finish(id, message, await ALICE.signMessage({ message }))).body.code).toBe('signin:message:nonce')
    const nonces = await server.store.read.selectFrom('sign_in_nonces').selectAll().execute()
    expect(JSON.stringify(nonces)).not.toContain(parseSiweMessage(message).nonce)
  })

  test('contract wallets are asked on the chain: deployed (ERC-1271) and not yet (ERC-6492)', async () => {
    const [from] = await chain.rpc<Address[]>('eth_accounts', [])
    if (from === undefined) throw new Error('no account')
    const rpc = chain.rpc.bind(chain)
    const wallet = await deploy(rpc, from, 'ContractWallet', [ALICE.address])
    const factory = await deploy(rpc, from, 'ContractWalletFactory')
    const { abi } = loadArtifact('ContractWalletFactory')
    const salt = `0x${'07'.repeat(32)}` as const
    const at = await chain.rpc<Hex>('eth_call', [
      { to: factory, data: encodeFunctionData({ abi, functionName: 'addressOf', args: [ALICE.address, salt] }) },
      'latest',
    ])
    const future = `0x${at.slice(26)}` as Address
    const make = encodeFunctionData({ abi, functionName: 'make', args: [ALICE.address, salt] })
    for (const [account, wrap] of [
      [wallet, (signature: Hex) => signature],
      [future, (signature: Hex) => serializeErc6492Signature({ address: factory, data: make, signature })],
    ] as const) {
      const id = randomUUID()
      await talk('open', id)
      const message = async () => String((await startSignIn(id, account))['message'])
      const forged = await message()
      const by = wrap(await MALLORY.signMessage({ message: forged }))
      expect((await finish(id, forged, by)).body.code).toBe('signin:message:signature')
      const honest = await message()
      const answer = await finish(id, honest, wrap(await ALICE.signMessage({ message: honest })))
      expect([answer.status, String(answer.body['address']).toLowerCase()]).toEqual([200, account.toLowerCase()])
    }
    await send(rpc, { from, to: factory, data: make })
  })

  test('promise: from then on the sender is that wallet, whatever a client claims', async () => {
    const id = await signedIn()
    const client = createClient({ baseUrl: server.url, sessionId: id, apiKey: keys['open'] ?? '', app: 'open' })
    const ask = async (text: string, address: string) => {
      await client.chat(text, { address, chain_id: chain.chainId, is_connected: true })
      return until(
        () => client.state(),
        (each) => !each.is_processing,
      )
    }
    const refused = await ask(`send 1 USDC to ${MALLORY.address}`, MALLORY.address)
    expect(await client.proposals()).toEqual([])
    expect(JSON.stringify(refused.messages?.at(-1)) + JSON.stringify(refused.system_events)).toMatch(
      /signed in to this session/,
    )
    await ask(`send 1 USDC to ${MALLORY.address}`, ALICE.address)
    const [proposal] = await client.proposals()
    expect([proposal?.state, proposal?.from]).toEqual(['pending', ALICE.address])

    // What was proposed before the sign-in for somebody else is nobody's to sign any more.
    const before = createClient({
      baseUrl: server.url,
      sessionId: randomUUID(),
      apiKey: keys['open'] ?? '',
      app: 'open',
    })
    await before.chat(`send 0.1 ETH to ${MALLORY.address}`, {
      address: ALICE.address,
      chain_id: chain.chainId,
      is_connected: true,
    })
    await until(
      () => before.state(),
      (each) => !each.is_processing,
    )
    const [stale] = await before.proposals()
    expect(stale?.state).toBe('pending')
    await before.signIn({ address: MALLORY.address, chainId: chain.chainId }, (message) =>
      MALLORY.signMessage({ message }),
    )
    expect((await before.state()).user_state?.pending_txs).toEqual({})
    await expect(before.recheck(stale?.id ?? '', ALICE.address, chain.chainId)).rejects.toMatchObject({
      code: 'proposals:sender:refused',
    })
  })

  test('promise: a claimed address lists nothing and takes over nothing; a proven one its own', async () => {
    const victim = await signedIn()
    const keyless = await signedIn(ALICE, 'default')
    // Mallory says that she is Alice, in every way that a published client can.
    const mallory = randomUUID()
    const claim = encodeURIComponent(
      JSON.stringify({ address: ALICE.address, chain_id: chain.chainId, is_connected: true }),
    )
    await http('POST', `/api/chat?message=help&app=default&public_key=${ALICE.address}&user_state=${claim}`, {
      headers: { 'x-session-id': mallory },
    })
    const list = async (id: string, app?: string) =>
      (
        (
          await http('GET', `/api/sessions?public_key=${ALICE.address}`, {
            headers: app === undefined ? { 'x-session-id': id } : withKey(app, id),
          })
        ).body as unknown as { session_id: string }[]
      ).map((each) => each.session_id)
    expect(await list(mallory)).toEqual([mallory])
    expect((await http('GET', `/api/sessions?public_key=${ALICE.address}`)).body).toEqual([])
    const take = (headers: Record<string, string>) => http('POST', `/api/sessions/${victim}/take-over`, { headers })
    expect((await take({ 'x-session-id': mallory })).body.code).toBe('sessions:wallet:claimed')
    expect(await list(await signedIn(ALICE, 'default'))).toContain(keyless)
    // Signed in as somebody else she is no nearer.
    const herself = await signedIn(MALLORY)
    expect(await list(herself)).toEqual([herself])
    expect((await take({ 'x-session-id': herself })).status).toBe(404)
    // Alice, signed in again elsewhere, sees both.
    const again = await signedIn()
    const seen = await list(again)
    expect(seen).toContain(again)
    expect(seen).toContain(victim)
    expect(seen).not.toContain(herself)
    expect(seen).not.toContain(mallory)
  })
})

// ── Browsers ──────────────────────────────────────────────────────────────────────────────────────────────────

describe('browser credentials', () => {
  const page = (cookie: string, more: Record<string, string> = {}) => ({
    cookie,
    origin: server.url,
    'sec-fetch-site': 'same-origin',
    'x-countersign-page': '1',
    ...more,
  })
  async function enter(): Promise<string> {
    const { status, headers } = await http('POST', '/api/browser/enter', { headers: page('') })
    expect(status).toBe(200)
    const [set = ''] = headers.getSetCookie()
    expect(set).toMatch(
      /^__Host-countersign=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
    return set.split(';')[0] ?? ''
  }

  test('promise: the cookie opens its sessions, and neither the id, another cookie nor another page does', async () => {
    const cookie = await enter()
    const id = randomUUID()
    const mine = page(cookie, { 'x-session-id': id })
    expect((await http('POST', '/api/chat', { headers: mine, body: { message: 'help' } })).status).toBe(200)
    expect((await state(mine)).body['session_exists']).toBe(true)
    const cookies = await server.store.read.selectFrom('browsers').selectAll().execute()
    expect(JSON.stringify(cookies)).not.toContain(cookie.slice(20))

    const unseen = { session_exists: false }
    expect((await state({ 'x-session-id': id })).body).toMatchObject(unseen)
    expect((await state(page(await enter(), { 'x-session-id': id }))).body).toMatchObject(unseen)
    expect((await state(withKey('open', id))).body).toMatchObject(unseen)
    expect((await http('GET', `/api/sessions/${id}`, { headers: { 'x-session-id': id } })).status).toBe(404)

    // Another site's page has the cookie sent along by an old browser: refused on every sign of it.
    const forged = async (more: Record<string, string>, without: string[] = []) => {
      const headers: Record<string, string> = { ...mine, ...more }
      for (const name of without) delete headers[name]
      return (await http('POST', '/api/chat', { headers, body: { message: 'help' } })).status
    }
    expect(await forged({ origin: 'https://evil.invalid' })).toBe(403)
    expect(await forged({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await forged({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await forged({}, ['x-countersign-page'])).toBe(403)
    expect(await forged({}, ['origin', 'sec-fetch-site'])).toBe(403)
    expect((await state({ ...mine, origin: 'https://evil.invalid' })).status).toBe(403)
    expect(await forged({})).toBe(200)

    // Signing in renews the cookie, too: the old value opens nothing.
    const { body } = await http('POST', '/api/sign-in/nonce', {
      headers: mine,
      body: { address: ALICE.address, chain_id: chain.chainId },
    })
    const message = String(body['message'])
    const answer = await http('POST', '/api/sign-in', {
      headers: mine,
      body: { message, signature: await ALICE.signMessage({ message }) },
    })
    const next = answer.body.session_id ?? ''
    const renewed = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(renewed).not.toBe(cookie)
    expect((await state(page(cookie, { 'x-session-id': next }))).body).toMatchObject(unseen)
    expect((await state(page(renewed, { 'x-session-id': next }))).body['session_exists']).toBe(true)

    // At another browser, signed in with the same wallet: the conversation goes on there, and no longer here.
    const elsewhere = await enter()
    const start = randomUUID()
    const there = page(elsewhere, { 'x-session-id': start })
    await http('POST', '/api/sessions', { headers: there, body: {} })
    const take = (headers: Record<string, string>) => http('POST', `/api/sessions/${next}/take-over`, { headers })
    expect((await take(there)).status).toBe(403)
    const asked = await http('POST', '/api/sign-in/nonce', {
      headers: there,
      body: { address: ALICE.address, chain_id: chain.chainId },
    })
    const text = String(asked.body['message'])
    const signed = await http('POST', '/api/sign-in', {
      headers: there,
      body: { message: text, signature: await ALICE.signMessage({ message: text }) },
    })
    const now = page(signed.headers.getSetCookie()[0]?.split(';')[0] ?? '', {
      'x-session-id': signed.body.session_id ?? '',
    })
    const taken = await take(now)
    expect(taken.status).toBe(200)
    const moved = taken.body.session_id ?? ''
    expect((await state({ ...now, 'x-session-id': moved })).body['session_exists']).toBe(true)
    expect((await state(page(renewed, { 'x-session-id': next }))).status).toBe(401)
    expect((await state(page(renewed, { 'x-session-id': moved }))).body).toMatchObject(unseen)

    // Own sessions: seen, ended one by one, and all at once; leaving ends them, too.
    const listed = (await http('GET', '/api/sessions', { headers: now })).body as unknown as { session_id: string }[]
    expect(listed.map((each) => each.session_id)).toContain(moved)
    expect((await http('DELETE', `/api/sessions?keep=${moved}`, { headers: now })).body['ended']).toBe(1)
    expect((await state(now)).body.code).toBe('sessions:session:owner')
    expect((await http('DELETE', '/api/browser', { headers: now })).body['ended']).toBe(1)
    expect((await state({ ...now, 'x-session-id': moved })).body).toMatchObject(unseen)
  })

  test('promise: to end all sessions but one ends none where the one is not an open session of the caller', async () => {
    const mine = await enter()
    const [kept, other] = [randomUUID(), randomUUID()]
    for (const id of [kept, other])
      await http('POST', '/api/sessions', { headers: page(mine, { 'x-session-id': id }), body: {} })
    const foreign = randomUUID()
    await http('POST', '/api/sessions', { headers: page(await enter(), { 'x-session-id': foreign }), body: {} })
    const current = page(mine, { 'x-session-id': kept })
    const asked = await http('POST', '/api/sign-in/nonce', {
      headers: current,
      body: { address: ALICE.address, chain_id: chain.chainId },
    })
    const message = String(asked.body['message'])
    const signed = await http('POST', '/api/sign-in', {
      headers: current,
      body: { message, signature: await ALICE.signMessage({ message }) },
    })
    const now = page(signed.headers.getSetCookie()[0]?.split(';')[0] ?? '', {
      'x-session-id': signed.body.session_id ?? '',
    })
    // The id that the sign-in replaced, one of somebody else's, one that never was, and none.
    for (const keep of [kept, foreign, randomUUID()])
      expect((await http('DELETE', `/api/sessions?keep=${keep}`, { headers: now })).status, keep).toBe(404)
    expect((await http('DELETE', '/api/sessions?keep=', { headers: now })).status).toBeGreaterThanOrEqual(400)
    expect((await state(now)).body['session_exists']).toBe(true)
    expect((await state({ ...now, 'x-session-id': other })).body['session_exists']).toBe(true)
    const keep = signed.body.session_id ?? ''
    expect((await http('DELETE', `/api/sessions?keep=${keep}`, { headers: now })).body['ended']).toBe(1)
    expect((await state(now)).body['session_exists']).toBe(true)
  })

  test('promise: a message under the id and the cookie that a sign-in replaced is refused, and ends nowhere unread', async () => {
    const mine = page(await enter(), { 'x-session-id': randomUUID() })
    const message = { body: { message: 'help' } }
    expect((await http('POST', '/api/chat', { headers: mine, ...message })).status).toBe(200)
    const asked = await http('POST', '/api/sign-in/nonce', {
      headers: mine,
      body: { address: ALICE.address, chain_id: chain.chainId },
    })
    const text = String(asked.body['message'])
    const signature = await ALICE.signMessage({ message: text })
    expect((await http('POST', '/api/sign-in', { headers: mine, body: { message: text, signature } })).status).toBe(200)
    // The page has neither of the new ones yet: nothing tells this request from one that has no cookie.
    const late = await http('POST', '/api/chat', { headers: mine, ...message })
    expect([late.status, late.body.code]).toEqual([401, 'sessions:session:rotated'])
    expect((await state(mine)).body.code).toBe('sessions:session:rotated')
    expect((await http('GET', '/api/updates', { headers: mine })).body.code).toBe('sessions:session:rotated')
  })

  test('promise: an embedded page opens one session, from one origin, for minutes, with a code that is good once', async () => {
    const id = randomUUID()
    await talk('shop', id)
    const mint = (origin: string, headers = withKey('shop', id)) =>
      http('POST', `/api/sessions/${id}/code`, { headers, body: { origin } })
    expect((await mint('https://evil.invalid')).status).toBe(400)
    expect((await mint(SHOP, { 'x-session-id': id, 'x-api-key': keys['open'] ?? '' })).status).toBe(404)
    const { code, publishable_id: pk } = (await mint(SHOP)).body as { code: string; publishable_id: string }
    expect(pk).toMatch(/^pk-shop-[0-9a-f]{16}$/)
    const redeem = (origin: string | null, each: string, publishable = pk) =>
      http('POST', '/api/browser/redeem', {
        headers: origin === null ? {} : { origin },
        body: { code: each, publishable_id: publishable },
      })
    expect((await redeem(null, code)).status).toBe(403)
    expect((await redeem('https://evil.invalid', code)).status).toBe(403)
    expect((await redeem(SHOP, code, 'pk-shop-0000000000000000')).status).toBe(403)
    const redeemed = await redeem(SHOP, code)
    expect(redeemed.status).toBe(200)
    expect(redeemed.headers.get('access-control-allow-origin')).toBe(SHOP)
    expect((await redeem(SHOP, code)).body.code).toBe('browser:code:unknown')
    const token = String(redeemed.body['token'])
    const show = (origin: string | null, session: string, each = token) =>
      state({ authorization: `Bearer ${each}`, 'x-session-id': session, ...(origin === null ? {} : { origin }) })
    expect((await show(SHOP, id)).body['session_exists']).toBe(true)
    expect((await show('https://evil.invalid', id)).status).toBe(401)
    expect((await show(null, id)).status).toBe(401)
    // Without an Origin a page is ours or nobody's, and this token is another page's.
    const unnamed = { authorization: `Bearer ${token}`, 'x-session-id': id, host: new URL(server.url).host }
    for (const site of ['same-origin', 'same-site', 'cross-site', 'none'])
      expect((await state({ ...unnamed, 'sec-fetch-site': site })).status).toBe(401)
    // One session, and not the others of the same key.
    const second = randomUUID()
    await talk('shop', second)
    expect((await show(SHOP, second)).body['session_exists']).toBe(false)
    const chat = await http('POST', '/api/chat', {
      headers: { authorization: `Bearer ${token}`, 'x-session-id': second, origin: SHOP },
      body: { message: 'help' },
    })
    expect(chat.status).toBe(404)
    // A key in a page is refused, however good it is.
    expect((await state({ ...withKey('shop', id), origin: SHOP })).status).toBe(403)
    // Another origin gets no permission to read an answer, nor to ask.
    const preflight = (origin: string) =>
      fetch(`${server.url}/api/state`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-session-id' },
      })
    expect((await preflight(SHOP)).headers.get('access-control-allow-origin')).toBe(SHOP)
    expect((await preflight('https://evil.invalid')).headers.get('access-control-allow-origin')).toBeNull()
    expect((await preflight(SHOP)).headers.get('access-control-allow-credentials')).toBeNull()
    // A registered origin is registered for its own app.
    expect((await state({ 'x-session-id': randomUUID(), origin: SHOP })).status).toBe(200)
    const open = randomUUID()
    await talk('open', open)
    expect((await state({ 'x-session-id': open, origin: SHOP })).status).toBe(403)

    const start = (frozenMs = Date.now())
    const late = (await mint(SHOP)).body as { code: string }
    frozenMs = start + 60_000
    expect((await redeem(SHOP, late.code)).body.code).toBe('browser:code:unknown')
    frozenMs = start + 15 * 60_000
    expect((await show(SHOP, id)).body.code).toBe('browser:token:unknown')
    frozenMs = null

    // The app allows two.
    const third = await say('shop', randomUUID())
    expect([third.status, third.body.code]).toEqual([429, 'sessions:limit:reached'])
    expect((await http('DELETE', `/api/sessions/${second}`, { headers: withKey('shop', second) })).status).toBe(200)
    expect((await say('shop', randomUUID())).status).toBe(200)
  })

  test('promise: in an app that wants proofs the embedded page binds its own key', async () => {
    const id = randomUUID()
    const made = await http('POST', '/api/sessions', {
      headers: withKey('vault', id),
      body: { app: 'vault', proof: 'page', origin: server.url },
    })
    const { code, publishable_id: pk } = made.body as { code: string; publishable_id: string }
    const prove = prover()
    const redeem = (dpop?: string) =>
      http('POST', '/api/browser/redeem', {
        headers: { origin: server.url, ...(dpop === undefined ? {} : { dpop }) },
        body: { code, publishable_id: pk },
      })
    expect((await redeem()).body.code).toBe('proofs:proof:unbound')
    const redeemed = await redeem(prove('POST', '/api/browser/redeem', { key: null }))
    expect(redeemed.status).toBe(200)
    const token = String(redeemed.body['token'])
    const show = (dpop?: string) =>
      state({
        authorization: `Bearer ${token}`,
        'x-session-id': id,
        origin: server.url,
        ...(dpop === undefined ? {} : { dpop }),
      })
    expect((await show()).status).toBe(401)
    expect((await show(prover()('GET', '/api/state', { key: token }))).status).toBe(401)
    expect((await show(prove('GET', '/api/state', { key: token }))).body['session_exists']).toBe(true)
  })
})

describe('operators and keys', () => {
  test('promise: a key that may do more than before has sessions with new ids', async () => {
    const issued = await server.issueKey({ app: 'open', label: 'modest', scopes: ['read', 'chat'] })
    const key = { 'x-api-key': Redacted.reveal(issued.key) }
    const id = randomUUID()
    await talk('open', id, { ...key, 'x-session-id': id })
    await server.keyring.change({ id: issued.id, app: null, change: { scopes: ['read'] } })
    expect((await state({ 'x-session-id': id })).body['session_exists']).toBe(true)
    await server.keyring.change({ id: issued.id, app: null, change: { scopes: ['read', 'chat', 'simulate'] } })
    expect((await state({ 'x-session-id': id })).body.code).toBe('sessions:session:rotated')
    const listed = (await http('GET', '/api/sessions', { headers: key })).body as unknown as { session_id: string }[]
    expect(listed).toHaveLength(1)
    const next = listed[0]?.session_id ?? ''
    expect(next).not.toBe(id)
    const kept = await state({ ...key, 'x-session-id': next })
    expect((kept.body as unknown as Snapshot).messages).toHaveLength(2)
    expect((await audit('open', 'sessions.session.rotated')).at(-1)?.body).toMatchObject({ because: 'scopes-raised' })
  })

  test('promise: a family’s sessions end with its last key, survive a rotation, and an operator ends any', async () => {
    const { key, id: keyId } = await server.issueKey({ app: 'open', label: 'doomed' })
    const headers = (id: string) => ({ 'x-session-id': id, 'x-api-key': Redacted.reveal(key) })
    const id = randomUUID()
    await talk('open', id, headers(id))
    // Published clients hold nothing but the id.
    expect((await state({ 'x-session-id': id })).body['session_exists']).toBe(true)
    const stream = await fetch(`${server.url}/api/updates`, { headers: { 'x-session-id': id } })

    const rotated = await server.keyring.rotate({ id: keyId, app: null, style: { kind: 'clock', overlapMs: 60_000 } })
    const successor = Redacted.reveal(rotated.key)
    expect((await state({ 'x-session-id': id, 'x-api-key': successor })).body['session_exists']).toBe(true)

    await server.keyring.revoke({ id: keyId, app: null })
    expect((await state({ 'x-session-id': id })).body['session_exists']).toBe(true)
    await server.keyring.revoke({ id: rotated.id, app: null })
    expect((await state({ 'x-session-id': id })).body.code).toBe('sessions:session:key-disabled')
    expect((await http('POST', '/api/interrupt', { headers: { 'x-session-id': id } })).status).toBe(401)
    // Its streams hand out nothing more: the next event ends them instead.
    const { sid } = await server.store.read
      .selectFrom('sessions')
      .select('sid')
      .where('id_digest', '=', server.store.ids.digest(id))
      .executeTakeFirstOrThrow()
    await server.store.write((write) =>
      server.gate.events.append(write, sid, { type: 'system_notice', message: 'for the owner alone' }),
    )
    expect(await stream.text()).not.toContain('for the owner alone')
    // Taken back within the hour, the session is back; after it, it is over for good.
    await server.keyring.undo({ id: rotated.id, app: null })
    expect((await state({ 'x-session-id': id })).body['session_exists']).toBe(true)
    await server.keyring.revoke({ id: rotated.id, app: null })
    const start = (frozenMs = Date.now())
    frozenMs = start + 3_600_001
    await server.sweep()
    expect((await audit('open', 'sessions.session.ended')).some((entry) => entry.body['why'] === 'key-disabled')).toBe(
      true,
    )
    frozenMs = null

    const admin = Redacted.reveal((await server.issueKey({ app: 'open', label: 'admin', scopes: ['admin'] })).key)
    const other = randomUUID()
    await talk('open', other)
    const listed = await http('GET', '/api/admin/sessions', { headers: { 'x-api-key': admin } })
    expect(JSON.stringify(listed.body)).not.toContain(other)
    const handle = createHash('sha256').update(`audit-handle:${other}`).digest('hex').slice(0, 16)
    expect(JSON.stringify(listed.body)).toContain(handle)
    const end = (apiKey: string) =>
      http('DELETE', `/api/admin/sessions/${handle}`, { headers: { 'x-api-key': apiKey } })
    expect((await end(keys['open'] ?? '')).status).toBe(403)
    expect((await end(keys['shop'] ?? '')).status).toBe(403)
    expect((await end(admin)).body['ended']).toBe(true)
    expect((await state(withKey('open', other))).reason).toBe('Session ended by the operator.')
  })
})
