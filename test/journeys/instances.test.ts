/**
 * Two instances on two data directories and one PostgreSQL, as on two machines: any serves any session, a payment is asked
 * for once, what one takes away the other refuses when it is answered, and one that is killed leaves nothing stuck.
 * Skipped where no PostgreSQL answers. What turns do when their instance dies is in turns.test.ts (`npm run test:postgres`).
 */
import { randomUUID } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { migrateFromSqlite, openKeyring, openStore } from '@countersign/server'
import { launch, type Launched } from 'countersign'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, isServerThere, type TestDatabase } from '../postgres/server.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const alice = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-instances-'))
const MASTER_KEY = '44'.repeat(32)

/** For what hangs, never for what is slow. */
async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (const startMs = Date.now(); ;) {
    const value = await read()
    if (isDone(value)) return value
    if (Date.now() - startMs > 120_000) throw new Error(`took too long: ${JSON.stringify(value).slice(0, 400)}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** `countersign serve` in a process of its own, which can be killed. */
async function serve(env: Record<string, string>, dataDir: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data-dir', dataDir], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  await until(
    async () => out,
    (text) => text.includes('Stop with Ctrl+C') || child.exitCode !== null,
  )
  const url = /ready at (\S+)/.exec(out)?.[1]
  if (url === undefined) throw new Error(`it did not start: ${err}`)
  return { url, child }
}

describe.runIf(await isServerThere())('two instances on one database', () => {
  let database: TestDatabase
  let env: { DATABASE_URL: string; COUNTERSIGN_MASTER_KEY: string }
  let chain: LocalChain
  let one: Launched
  let two: { url: string; child: ChildProcess }

  beforeAll(async () => {
    database = await createTestDatabase()
    env = { DATABASE_URL: database.url, COUNTERSIGN_MASTER_KEY: MASTER_KEY }
    chain = await startLocalChain()
    await chain.fund(alice.address, { wei: 10n ** 18n })
    one = await launch({ port: 0, dataDir: join(scratch, 'one'), env, localChain: chain, logLevel: 'silent' })
    two = await second()
  })
  afterAll(async () => {
    two.child.kill('SIGKILL')
    await one.close()
    await chain.close()
    await database.drop()
    rmSync(scratch, { recursive: true, force: true })
  })

  const second = () =>
    serve({ ...env, [`COUNTERSIGN_RPC_${chain.chainId}`]: chain.rpcUrl }, join(scratch, randomUUID()))
  const clientsOf = (sessionId: string): [Client, Client] => [
    createClient({ baseUrl: one.url, sessionId }),
    createClient({ baseUrl: two.url, sessionId }),
  ]
  let amount = 0
  async function propose(client: Client): Promise<Proposal> {
    amount += 1
    const wallet = { address: alice.address, chain_id: chain.chainId, is_connected: true }
    // The other instance has its chain from a provider, and knows no tokens.
    await client.chat(`send 0.0${amount}1 ETH to ${BOB}`, wallet)
    await until(
      () => client.state(),
      (state) => !state.is_processing,
    )
    const [newest] = (await client.proposals()) as readonly Proposal[]
    if (newest === undefined)
      throw new Error(`nothing was proposed: ${JSON.stringify((await client.state()).messages).slice(0, 600)}`)
    return newest
  }
  const isAsked = (client: Client, { id }: Proposal, window: string): Promise<boolean> =>
    client.recheck(id, alice.address, chain.chainId, window).then(
      ({ signable }) => signable,
      (error: { status?: number }) => {
        if (error.status !== 409) throw error
        return false
      },
    )
  async function pay({ calls: [call] }: Proposal): Promise<string> {
    if (call === undefined) throw new Error('no call')
    const nonce = Number(BigInt(await chain.rpc<string>('eth_getTransactionCount', [alice.address, 'latest'])))
    const raw = await alice.signTransaction({
      ...{ type: 'eip1559', chainId: chain.chainId, nonce, gas: 200_000n },
      ...{ to: call.to as `0x${string}`, value: BigInt(call.value), data: call.data as `0x${string}` },
      ...{ maxFeePerGas: 101_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n },
    })
    return chain.rpc<string>('eth_sendRawTransaction', [raw])
  }
  const settled = (client: Client, { id }: Proposal): Promise<Proposal> =>
    until(
      () => client.proposal(id),
      ({ state }) => state === 'settled',
    )

  test('promise: a session goes on at the other instance, and of two wallets at two instances one is asked', async () => {
    const [left, right] = clientsOf(randomUUID())
    const proposal = await propose(left)
    expect((await right.proposal(proposal.id)).digest).toBe(proposal.digest)
    const asked = await Promise.all(
      [left, right, left, right].map((client, i) => isAsked(client, proposal, `window-${i}`)),
    )
    expect(asked.filter(Boolean)).toHaveLength(1)
    await pay(proposal)
    // Nobody reported the hash: whichever instance looks finds it, and both say so.
    expect((await settled(right, proposal)).state).toBe('settled')
    expect((await left.proposal(proposal.id)).state).toBe('settled')
    expect(await isAsked(right, proposal, 'again')).toBe(false)
  })

  test('promise: a receipt of one instance is verified by the other: they publish the same keys', async () => {
    const keys = await Promise.all(
      [one.url, two.url].map(async (url) => {
        const response = await fetch(`${url}/.well-known/countersign-receipt-keys.json`)
        return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
      }),
    )
    expect(keys[0]?.length).toBeGreaterThan(0)
    expect(keys[1]).toEqual(expect.arrayContaining([keys[0]?.[0]]))
  })

  test('promise: a key is refused by both when its revocation is answered, and a freeze is confirmed by both', async () => {
    const issue = async (scopes?: readonly ('admin' | 'read')[]) =>
      one.issueKey({ app: 'demo', label: 'test', ...(scopes === undefined ? {} : { scopes }) })
    const ask = async (url: string, key: string, path = '/api/control/models', body?: object) => {
      const response = await fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    for (let round = 0; round < 10; round += 1) {
      const { id, key } = await issue()
      const text = Redacted.reveal(key)
      // Used at both, so that both remember it.
      expect([(await ask(one.url, text)).status, (await ask(two.url, text)).status]).toEqual([200, 200])
      const { fence } = await one.keyring.revoke({ id, app: null })
      expect(fence).toMatchObject({ confirmed: 2, live: 2, lapsed: 0 })
      expect([(await ask(one.url, text)).status, (await ask(two.url, text)).status]).toEqual([401, 401])
    }
    const admin = Redacted.reveal((await issue(['admin'])).key)
    const frozen = await ask(two.url, admin, '/api/freeze', { all: true })
    expect(frozen).toMatchObject({ status: 200, body: { confirmed: 2, live: 2, lapsed: 0 } })
    const seen = await fetch(`${one.url}/api/admin/freezes`, { headers: { 'x-api-key': admin } })
    expect((await seen.json()) as unknown[]).toHaveLength(1)
    // Also by the command line, which is no instance.
    const keyring = await openKeyring({ dataDir: join(scratch, 'cli'), env, clock: Clock.system, mustExist: true })
    const { id, key } = await issue()
    expect((await ask(two.url, Redacted.reveal(key))).status).toBe(200)
    expect((await keyring.revoke({ id, app: null })).fence).toMatchObject({ confirmed: 2, live: 2 })
    await keyring.close()
    expect((await ask(two.url, Redacted.reveal(key))).status).toBe(401)
  })

  test('promise: an instance killed with a wallet open loses nothing: one payment, found by the other, streams go on', async () => {
    const sessionId = randomUUID()
    const [left, right] = clientsOf(sessionId)
    const proposal = await propose(right)
    expect(await isAsked(right, proposal, 'the window')).toBe(true)
    const gone = once(two.child, 'exit')
    two.child.kill('SIGKILL')
    // The wallet was asked once, and that instance is gone: nobody is asked again while it may still sign.
    expect(await isAsked(left, proposal, 'another window')).toBe(false)
    await pay(proposal)
    await gone
    expect((await settled(left, proposal)).state).toBe('settled')
    // A client of the other instance's stream goes on here, from what it had.
    const stop = new AbortController()
    const response = await fetch(`${one.url}/api/updates`, {
      headers: { 'x-session-id': sessionId, 'last-event-id': '2', accept: 'text/event-stream' },
      signal: stop.signal,
    })
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      if (text.includes('settled')) break
    }
    stop.abort()
    const ids = [...text.matchAll(/^id: ?(\d+)$/gm)].map(([, id]) => Number(id))
    expect(ids.slice(0, 3)).toEqual([3, 4, 5])
    // A new instance takes its place, and answers for the session.
    two = await second()
    const again = createClient({ baseUrl: two.url, sessionId })
    expect((await again.proposal(proposal.id)).state).toBe('settled')
    expect((await propose(again)).state).not.toBe('settled')
  })
})

describe.runIf(await isServerThere())('from a data directory to a database', () => {
  test('promise: every row and key is copied, records end in the same hash, and keys and secrets still open', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-copy-'))
    const database = await createTestDatabase()
    const env = { DATABASE_URL: database.url, COUNTERSIGN_MASTER_KEY: MASTER_KEY }
    try {
      const server = await launch({ port: 0, dataDir, env: {}, logLevel: 'silent' })
      const sessionId = randomUUID()
      const client = createClient({ baseUrl: server.url, sessionId })
      await client.chat('help')
      await until(
        () => client.state(),
        (state) => !state.is_processing,
      )
      const { key } = await server.issueKey({ app: 'demo', label: 'kept' })
      const lines = (await client.state()).messages
      await expect(migrateFromSqlite({ dataDir, env })).rejects.toMatchObject({ code: 'server:migrate:running' })
      await server.close()
      await expect(migrateFromSqlite({ dataDir, env: {} })).rejects.toMatchObject({ code: 'server:migrate:target' })
      const copied = await migrateFromSqlite({ dataDir, env })
      expect(copied.keys).toEqual(
        expect.arrayContaining(['audit-key.json', 'pepper.key', 'secrets.key', 'session.key']),
      )
      expect(copied.heads.map(({ app }) => app)).toEqual(expect.arrayContaining(['_server', 'demo']))
      const store = await openStore({ clock: Clock.system }, { dataDir: join(scratch, 'reader'), env })
      for (const { app, size, hash } of copied.heads)
        expect(store.prepare('select max(seq) as size from audit where app = ?').get(app), hash).toEqual({ size })
      await store.close()
      await expect(migrateFromSqlite({ dataDir, env })).rejects.toMatchObject({ code: 'server:migrate:used' })
      const moved = await launch({ port: 0, dataDir: join(scratch, 'moved'), env, logLevel: 'silent' })
      const there = createClient({ baseUrl: moved.url, sessionId })
      expect((await there.state()).messages).toEqual(lines)
      const answer = await fetch(`${moved.url}/api/control/models`, { headers: { 'x-api-key': Redacted.reveal(key) } })
      expect(answer.status).toBe(200)
      expect(moved.demoKey).toBeNull()
      await there.chat('help')
      await moved.close()
    } finally {
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
