import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { Audit } from '@countersign/server'
import {
  attempt,
  createApi,
  createClient,
  redeemCode,
  type Api,
  type Outcome,
  type UpdateEvent,
} from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import type { Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The SDK against a real server: everything the API does, and every error as a value with its code. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-sdk-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const ORIGIN = 'https://shop.invalid'
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let admin: Api
let api: Api

beforeAll(async () => {
  writeFileSync(
    join(dataDir, 'apps.json'),
    JSON.stringify([{ name: 'shop', session_policy: 'key', origins: [ORIGIN] }]),
  )
  chain = await startLocalChain()
  server = await launch({
    port: 0,
    dataDir,
    env: { COUNTERSIGN_APPS: join(dataDir, 'apps.json') },
    localChain: chain,
    logLevel: 'silent',
  })
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
  const issued = await server.issueKey({ app: 'shop', label: 'admin', scopes: ['admin'] })
  admin = createApi({ baseUrl: server.url, apiKey: Redacted.reveal(issued.key) })
  const { key } = await admin.keys.issue({ label: 'agent', scopes: ['read', 'chat', 'simulate', 'propose', 'audit'] })
  api = createApi({ baseUrl: server.url, apiKey: key })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const payment = (wei: bigint) => ({
  transactions: [{ to: FRIEND, value: wei.toString(), data: '0x' }],
  from: alice.address,
  chain_id: chain.chainId,
})
const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'no error' : outcome.error.code)
/** The owner on our page. */
async function owner() {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  return client
}

describe('a program with a key', () => {
  test('simulates, proposes, waits for the owner, and reads approvals', async () => {
    expect((await api.simulate(payment(5n))).result).toMatchObject({ verdict: 'allow', batch_success: true })
    const made = await api.propose({ ...payment(7n), idempotency_key: 'sdk-test-0001' })
    expect(made).toMatchObject({ state: 'pending', verdict: 'allow' })
    expect((await api.propose({ ...payment(7n), idempotency_key: 'sdk-test-0001' })).id).toBe(made.id)
    const waiting = api.waitForProposal(made.id, { intervalMs: 20 })
    expect(codeOf(await attempt(api.grant(made.id, alice.address, chain.chainId)))).toBe('proposals:grant:waiting')
    await (await owner()).reject(made.id, 'Too expensive')
    expect(await waiting).toMatchObject({ id: made.id, state: 'rejected' })
    expect(await api.approvals(alice.address, chain.chainId)).toMatchObject({
      address: alice.address,
      is_complete: true,
    })
  })

  test('gets every refusal as a value with a code, a hint and the id of the request', async () => {
    const outcome = await attempt(api.proposal('prop_00000000-0000-0000-0000-000000000000'))
    expect(outcome).toMatchObject({ ok: false, error: { status: 404, code: 'proposals:proposal:absent' } })
    if (!outcome.ok)
      expect([outcome.error.requestId, outcome.error.hint]).toEqual([expect.stringMatching(/./), expect.any(String)])
    expect(codeOf(await attempt(api.keys.list()))).toBe('keys:scope:refused')
    const nobody = createApi({ baseUrl: server.url, apiKey: 'sk-shop-0000' })
    expect(codeOf(await attempt(nobody.key()))).toMatch(/^keys:key:/)
  })

  test('promise: no answer, a late one and an aborted one are told apart', async () => {
    const silent: Server = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const asked = createApi({ baseUrl, apiKey: 'x' })
    expect(codeOf(await attempt(asked.ask('GET /api/key', { signal: AbortSignal.timeout(20) })))).toBe(
      'sdk:request:timeout',
    )
    const abort = new AbortController()
    const call = attempt(asked.ask('GET /api/key', { signal: abort.signal }))
    abort.abort()
    expect(codeOf(await call)).toBe('sdk:request:aborted')
    silent.closeAllConnections()
    await new Promise((resolve) => silent.close(resolve))
    expect(codeOf(await attempt(asked.key()))).toBe('sdk:network:unreachable')
    const slow = await api.propose(payment(11n))
    expect(codeOf(await attempt(api.waitForProposal(slow.id, { timeoutMs: 1, intervalMs: 1 })))).toBe(
      'sdk:wait:timeout',
    )
  })
})

test('an administrator issues, limits, rotates and revokes keys, and sees sessions and the app', async () => {
  const issued = await admin.keys.issue({ label: 'temporary', scopes: ['read'], limits: ['5/1m'] })
  expect(await admin.keys.one(issued.id)).toMatchObject({ label: 'temporary', limits: ['5/1m'], standing: 'active' })
  expect(await admin.keys.change(issued.id, { limits: ['9/1m'] })).toMatchObject({ limits: ['9/1m'] })
  const next = await admin.keys.rotate(issued.id, { style: 'clock', overlap: '1h' })
  expect(next.replaces).toBe(issued.id)
  expect(await admin.keys.revoke(next.id, { reason: 'test' })).toMatchObject({ revoked: true })
  expect(await admin.keys.undo(next.id)).toMatchObject({ revoked: false })
  expect((await admin.keys.list()).map(({ id }) => id)).toEqual(expect.arrayContaining([issued.id, next.id]))
  const client = createClient({
    baseUrl: server.url,
    sessionId: randomUUID(),
    apiKey: (await admin.keys.issue({})).key,
    app: 'shop',
  })
  await client.start()
  const [session] = await admin.sessions.list()
  expect(await admin.sessions.end(session?.handle ?? '')).toBe(true)
  expect(codeOf(await attempt(admin.apps.push('shop', { 'app.yaml': 'name: shop' })))).toBe('apps:app:owned')
  const { key } = await server.issueKey({ app: 'pushed', label: 'admin', scopes: ['admin'] })
  const pusher = createApi({ baseUrl: server.url, apiKey: Redacted.reveal(key) })
  const { version } = await pusher.apps.push('pushed', { 'app.yaml': 'name: pushed' })
  expect(await pusher.apps.get('pushed')).toMatchObject({
    name: 'pushed',
    version,
    files: { 'app.yaml': 'name: pushed' },
  })
})

test('promise: the audit record comes whole, page by page, and its chain holds', async () => {
  const lines: string[] = []
  let prev = `0x${'00'.repeat(32)}`
  for await (const entry of admin.audit.entries()) {
    expect([entry.app, entry.prev_hash]).toEqual(['shop', prev])
    prev = entry.hash
    const { at_ms: atMs, prev_hash: prevHash, ...rest } = entry
    expect(Audit.link({ ...rest, atMs, prevHash: prevHash as Hex })).toBe(entry.hash)
    lines.push(entry.event)
  }
  expect(lines).toEqual(expect.arrayContaining(['keys.key.issued', 'proposals.proposal.pending']))
  const pages: number[] = []
  for (let after: number | null = 0; after !== null;) {
    const page: Awaited<ReturnType<Api['audit']['page']>> = await api.audit.page({ after, limit: 3 })
    pages.push(...page.entries.map(({ seq }) => seq))
    after = page.next
  }
  expect(pages).toEqual(pages.map((_, i) => i + 1))
  const { key } = await admin.keys.issue({ scopes: ['read'] })
  const other = createApi({ baseUrl: server.url, apiKey: key })
  expect(codeOf(await attempt(other.audit.page()))).toBe('keys:scope:refused')
})

describe('a conversation', () => {
  const start = async () => {
    const { key } = await admin.keys.issue({ label: 'chat' })
    const client = createClient({ baseUrl: server.url, sessionId: randomUUID(), apiKey: key, app: 'shop' })
    await client.start()
    return { client, key }
  }
  const wallet = () => ({ address: alice.address, chain_id: chain.chainId, is_connected: true })

  test('waits for the answer, names and archives the session, and hands it to a page by a code', async () => {
    const { client, key } = await start()
    const snapshot = await client.chatAndWait('what is the balance of ETH?', { wallet: wallet() })
    expect(snapshot.is_processing).toBe(false)
    expect(snapshot.messages.at(-1)?.sender).toBe('agent')
    expect(await client.renameSession(client.sessionId, 'Balances')).toMatchObject({ title: 'Balances' })
    expect(await client.archiveSession(client.sessionId, true)).toMatchObject({ is_archived: true })
    expect(await client.archiveSession(client.sessionId, false)).toMatchObject({ is_archived: false })
    const fromPage = (input: unknown, init?: RequestInit) =>
      fetch(input as string, { ...init, headers: { ...(init?.headers as Record<string, string>), Origin: ORIGIN } })
    const { code, publishable_id: publishableId } = await client.sessionCode(ORIGIN)
    const page = { baseUrl: server.url, fetch: fromPage as typeof fetch }
    const { token, session_id: sessionId } = await redeemCode(page, { code, publishableId: publishableId ?? '' })
    const embedded = createClient({ ...page, sessionId, token: () => token, app: 'shop' })
    expect((await embedded.state()).messages.length).toBeGreaterThan(0)
    expect(codeOf(await attempt(redeemCode(page, { code, publishableId: publishableId ?? '' })))).toMatch(/:code:/)
    expect(key).toMatch(/^sk-/)
  })

  test('promise: a stream that breaks resumes after the last event, without gap and without repeat', async () => {
    const { client, key } = await start()
    await client.chatAndWait('what is the balance of ETH?', { wallet: wallet() })
    let cuts = 0
    const cutting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!(input as string).includes('/api/updates') || response.body === null || cuts >= 3) return response
      cuts += 1
      // Ends in the middle of the stream: after the first chunk.
      const [reader] = [response.body.getReader()]
      const first = await reader.read()
      await reader.cancel()
      const body = new ReadableStream({
        start(controller) {
          if (first.value !== undefined) controller.enqueue(first.value)
          controller.close()
        },
      })
      return new Response(body, { status: response.status, headers: response.headers })
    }
    const reader = createClient({ baseUrl: server.url, sessionId: client.sessionId, apiKey: key, fetch: cutting })
    const last = (await client.state()).last_event_id ?? 0
    const seen: UpdateEvent[] = []
    const abort = new AbortController()
    for await (const event of reader.updates({ signal: abort.signal, afterSeq: 0 })) {
      seen.push(event)
      if (event.seq >= last) abort.abort()
    }
    expect(cuts).toBeGreaterThan(0)
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
  })
})
