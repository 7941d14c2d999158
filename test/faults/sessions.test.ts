import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { createDpopProver, type Prover } from '@countersign/sdk'
import { openKeyring, startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { percentile, spawnGate, type GateProcess } from './spawnGate.ts'

/**
 * Sessions where several processes share one store: gateway.md 11, numbers 9 (clocks that differ) and 20 (stolen ids
 * and proofs), and the sweep of many. Figures are printed.
 */
const PUBLIC = 'https://gate.invalid'
const NO_LIMITS = { key: [], ip: [], poll: [], flood: [], failures: [] }
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-faults-sessions-'))
const apps = join(dataDir, 'apps.json')
writeFileSync(
  apps,
  JSON.stringify([
    { name: 'vault', session_policy: 'proof' },
    { name: 'skew', session_policy: 'key', session_idle_s: 60, session_absolute_s: 600 },
    { name: 'skewproof', session_policy: 'proof', proof_nonce: true },
    { name: 'open', session_policy: 'id' },
  ]),
)
const env = { COUNTERSIGN_APPS: apps, COUNTERSIGN_PUBLIC_ORIGIN: PUBLIC }
const keys: Record<string, string> = {}

beforeAll(async () => {
  const keyring = await openKeyring({ dataDir, env, clock: Clock.system })
  for (const app of ['vault', 'skew', 'skewproof', 'open'])
    keys[app] = Redacted.reveal((await keyring.issue({ app, label: 'faults' })).key)
  await keyring.close()
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const json = { 'content-type': 'application/json' }
const chat = (url: string, headers: Record<string, string>, app: string) =>
  fetch(`${url}/api/chat`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify({ message: 'help', app }),
  })

/** The status of an answer. A store that is busy is answered 503, "wait, then retry": then the client does. */
async function statusOf(ask: () => Promise<Response>): Promise<number> {
  for (;;) {
    const { status } = await ask()
    if (status !== 503) return status
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('three processes on one store', () => {
  const gates: GateProcess[] = []
  let prover: Prover
  beforeAll(async () => {
    prover = await createDpopProver()
    for (let i = 0; i < 3; i += 1) gates.push(await spawnGate({ dataDir, env, limits: NO_LIMITS }))
  })
  afterAll(async () => {
    for (const gate of gates) await gate.stop()
  })
  const proofFor = (method: string, path: string, key: string, id: string, body = '', by = prover) =>
    by.prove({ method, url: PUBLIC + path, body, sessionId: id, credential: key, nonce: null })

  test('promise: whatever a thief replays, at whichever instance, is refused; a proof is accepted once', async () => {
    const key = keys['vault'] ?? ''
    const id = randomUUID()
    const base = { 'x-session-id': id, 'x-api-key': key }
    const body = JSON.stringify({ message: 'help', app: 'vault' })
    const first = gates[0]?.url ?? ''
    expect(
      (await chat(first, { ...base, ...(await proofFor('POST', '/api/chat', key, id, body)) }, 'vault')).status,
    ).toBe(200)

    const rounds = 200
    const accepted: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const proof = await proofFor('GET', '/api/state', key, id)
      const answers = await Promise.all(
        gates.flatMap((gate) =>
          [0, 1].map(() =>
            fetch(`${gate.url}/api/state`, { headers: { ...base, ...proof } }).then((each) => each.status),
          ),
        ),
      )
      accepted.push(answers.filter((status) => status === 200).length)
      expect(answers.every((status) => status === 200 || status === 401)).toBe(true)
    }
    expect(accepted).toEqual(Array.from({ length: rounds }, () => 1))

    const thief = await createDpopProver()
    const replayed: [string, Record<string, string>][] = [
      ['no proof', base],
      ['the key pair of the thief', { ...base, ...(await proofFor('GET', '/api/state', key, id, '', thief)) }],
      ['another method', { ...base, ...(await proofFor('POST', '/api/state', key, id)) }],
      ['another path', { ...base, ...(await proofFor('GET', '/api/events', key, id)) }],
      ['made for another key', { ...base, ...(await proofFor('GET', '/api/state', keys['open'] ?? '', id)) }],
    ]
    for (const gate of gates)
      for (const [name, headers] of replayed)
        expect([name, (await fetch(`${gate.url}/api/state`, { headers })).status]).toEqual([name, 401])
    console.log(`proofs: ${rounds} proofs sent to 3 processes, twice to each, at once: each accepted exactly once`)
  })

  test('promise: a replaced id is dead at every instance once the answer is there; two openings are one session', async () => {
    const key = keys['open'] ?? ''
    const rounds = 100
    let late = 0
    const tookMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const id = randomUUID()
      const headers = { 'x-session-id': id, 'x-api-key': key }
      const opened = await Promise.all(gates.map((gate) => statusOf(() => chat(gate.url, headers, 'open'))))
      expect(opened).toEqual([200, 200, 200])
      const startMs = performance.now()
      const bound = await statusOf(() =>
        fetch(`${gates[round % 3]?.url}/api/sessions/${id}/bind`, {
          method: 'POST',
          headers: { ...json, ...headers },
          body: JSON.stringify({ proof: 'hmac' }),
        }),
      )
      tookMs.push(performance.now() - startMs)
      expect(bound).toBe(200)
      const after = await Promise.all(
        gates.flatMap((gate) => [
          fetch(`${gate.url}/api/state`, { headers }).then((each) => each.status),
          fetch(`${gate.url}/api/state`, { headers: { 'x-session-id': id } }).then((each) => each.status),
        ]),
      )
      late += after.filter((status) => status !== 401).length
    }
    expect(late).toBe(0)
    console.log(
      `rotation: ${rounds} ids replaced, ${rounds * 6} requests with the old one after the answer, ${late} accepted; p50 ${percentile(tookMs, 0.5).toFixed(1)} ms, p99 ${percentile(tookMs, 0.99).toFixed(1)} ms`,
    )
  })

  test('promise: streams on a replaced id end at every instance, and none is told the new one', async () => {
    const key = keys['open'] ?? ''
    for (let round = 0; round < 10; round += 1) {
      const id = randomUUID()
      await chat(gates[0]?.url ?? '', { 'x-session-id': id, 'x-api-key': key }, 'open')
      const streams = await Promise.all(
        gates.map((gate) =>
          fetch(`${gate.url}/api/updates`, { headers: { 'x-session-id': id, 'last-event-id': '0' } }),
        ),
      )
      const heard = streams.map((stream) => stream.text())
      const bound = await fetch(`${gates[1]?.url}/api/sessions/${id}/bind`, {
        method: 'POST',
        headers: { ...json, 'x-session-id': id },
        body: JSON.stringify({ proof: 'hmac' }),
      })
      const { session_id: next } = (await bound.json()) as { session_id: string }
      for (const text of await Promise.all(heard)) {
        expect(text).toContain('session.rotated')
        expect(text).not.toContain(next)
      }
    }
  })
})

describe('instances whose clocks differ', () => {
  const MINUTE = 60_000
  /** The store's time, which all of them live by; it can be stepped. */
  let storeMs = Date.now()
  const storeClock = { nowMs: () => storeMs }
  const servers: RunningServer[] = []
  beforeAll(async () => {
    for (const skewMs of [-5 * MINUTE, 0, 5 * MINUTE]) {
      servers.push(
        await startServer({
          port: 0,
          dataDir,
          chains: [],
          env,
          webRoot: null,
          logLevel: 'silent',
          limits: NO_LIMITS,
          clock: { nowMs: () => storeMs + skewMs },
          storeClock,
        }),
      )
    }
  })
  afterAll(async () => {
    for (const server of servers) await server.close()
  })
  const statusesAt = (headers: Record<string, string>) =>
    Promise.all(servers.map((server) => fetch(`${server.url}/api/state`, { headers }).then((each) => each.status)))
  const idle = async (headers: Record<string, string>) => {
    for (;;) {
      const state = (await (await fetch(`${servers[1]?.url}/api/state`, { headers })).json()) as {
        is_processing: boolean
      }
      if (!state.is_processing) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  test('promise: five minutes early, right, five minutes late: lifetimes are the same to the millisecond', async () => {
    for (const [i, server] of servers.entries()) {
      const startMs = storeMs
      const headers = { 'x-session-id': randomUUID(), 'x-api-key': keys['skew'] ?? '' }
      expect((await chat(server.url, headers, 'skew')).status).toBe(200)
      await idle(headers)
      storeMs = startMs + MINUTE - 1
      expect(await statusesAt(headers), `made at instance ${i}`).toEqual([200, 200, 200])
      storeMs = startMs + MINUTE
      expect(await statusesAt(headers), `made at instance ${i}`).toEqual([401, 401, 401])
    }
  })

  test('promise: when the time steps back in the middle, nothing ends early and nothing comes back to life', async () => {
    const startMs = storeMs
    const headers = () => ({ 'x-session-id': randomUUID(), 'x-api-key': keys['skew'] ?? '' })
    const [lives, dies] = [headers(), headers()]
    for (const each of [lives, dies]) {
      await chat(servers[0]?.url ?? '', each, 'skew')
      await idle(each)
    }
    storeMs = startMs + 59_000
    await fetch(`${servers[2]?.url}/api/interrupt`, { method: 'POST', headers: lives })
    storeMs = startMs + 61_000
    expect(await statusesAt(dies)).toEqual([401, 401, 401])
    // The refusal is written down behind the answer.
    const server = servers[0] as RunningServer
    for (;;) {
      const row = await server.store.read
        .selectFrom('sessions')
        .select('ended_ms')
        .where('id_digest', '=', server.store.ids.digest(dies['x-session-id']))
        .executeTakeFirst()
      if (row === undefined || row.ended_ms !== null) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    storeMs = startMs - 5 * MINUTE
    expect(await statusesAt(lives)).toEqual([200, 200, 200])
    expect(await statusesAt(dies)).toEqual([401, 401, 401])
    // From the last use on the idle time is what it was, as far as anybody can tell who has only this clock.
    storeMs = startMs + 59_000 + MINUTE - 1
    expect(await statusesAt(lives)).toEqual([200, 200, 200])
    storeMs = startMs + 59_000 + MINUTE
    expect(await statusesAt(lives)).toEqual([401, 401, 401])
  })

  test('promise: a client five minutes off is let in by the server’s nonce at every instance, and not without', async () => {
    const prover = await createDpopProver()
    const key = keys['skewproof'] ?? ''
    const id = randomUUID()
    // The client's clock is the machine's; the store's is moved away from it.
    storeMs = Date.now() + 5 * MINUTE
    const body = JSON.stringify({ message: 'help', app: 'skewproof' })
    const attempt = async (server: RunningServer, nonce: string | null) =>
      fetch(`${server.url}/api/chat`, {
        method: 'POST',
        headers: {
          ...json,
          'x-session-id': id,
          'x-api-key': key,
          ...(await prover.prove({
            method: 'POST',
            url: `${PUBLIC}/api/chat`,
            body,
            sessionId: id,
            credential: key,
            nonce,
          })),
        },
        body,
      })
    for (const giver of servers) {
      const asked = await attempt(giver, null)
      const nonce = asked.headers.get('dpop-nonce')
      expect([asked.status, asked.headers.get('www-authenticate')?.includes('use_dpop_nonce')]).toEqual([401, true])
      // One instance's nonce is every instance's.
      for (const server of servers) expect((await attempt(server, nonce)).status).toBe(200)
    }
  })
})

test('promise: ten thousand sessions that are over are refused at once, and cleared away while others are served', async () => {
  let nowMs = Date.now()
  const server = await startServer({
    port: 0,
    dataDir: mkdtempSync(join(dataDir, 'sweep-')),
    chains: [],
    env,
    webRoot: null,
    logLevel: 'silent',
    limits: NO_LIMITS,
    clock: { nowMs: () => nowMs },
  })
  const key = Redacted.reveal((await server.issueKey({ app: 'skew', label: 'sweep' })).key)
  const ids = Array.from({ length: 10_000 }, () => randomUUID())
  const startMs = performance.now()
  for (let i = 0; i < ids.length; i += 200) {
    const made = await Promise.all(
      ids.slice(i, i + 200).map((id) =>
        fetch(`${server.url}/api/sessions`, {
          method: 'POST',
          headers: { ...json, 'x-session-id': id, 'x-api-key': key },
          body: JSON.stringify({ app: 'skew' }),
        }).then((each) => each.status),
      ),
    )
    expect(made.every((status) => status === 200)).toBe(true)
  }
  const createMs = performance.now() - startMs
  nowMs += 60_000
  const sample = ids.filter((_, i) => i % 100 === 0)
  for (const id of sample) {
    const answer = await fetch(`${server.url}/api/state`, { headers: { 'x-session-id': id, 'x-api-key': key } })
    expect([answer.status, answer.statusText]).toEqual([401, 'Session expired after 1 minute without use.'])
  }
  nowMs += 60_000
  const alive = { 'x-session-id': randomUUID(), 'x-api-key': key }
  await chat(server.url, alive, 'skew')
  const sweepStartMs = performance.now()
  const answersMs: number[] = []
  const swept = new AbortController()
  const serving = (async () => {
    while (!swept.signal.aborted) {
      const at = performance.now()
      const { status } = await fetch(`${server.url}/api/state`, { headers: alive })
      answersMs.push(performance.now() - at)
      expect(status).toBe(200)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  await server.sweep()
  const sweepMs = performance.now() - sweepStartMs
  swept.abort()
  await serving
  const left = await server.store.read.selectFrom('sessions').select('id_digest').execute()
  expect(left.map((row) => row.id_digest)).toEqual([server.store.ids.digest(alive['x-session-id'])])
  const counted = await server.store.read.selectFrom('session_counts').select('open').execute()
  expect(counted.map((row) => row.open)).toEqual([1])
  const destroyed = (await server.audit('skew')).filter((entry) => entry.event === 'sessions.session.destroyed')
  expect(destroyed).toHaveLength(10_000)
  // Dead ids stay dead after their rows are gone.
  const [first = ''] = ids
  expect(
    (await fetch(`${server.url}/api/state`, { headers: { 'x-session-id': first, 'x-api-key': key } })).status,
  ).toBe(401)
  const digest = createHash('sha256').update(first).digest('hex')
  const buried = await server.store.read
    .selectFrom('ended_sessions')
    .select('why')
    .where('id_hash', '=', digest)
    .execute()
  expect(buried).toEqual([{ why: 'idle' }])
  console.log(
    `sweep: 10,000 sessions made in ${(createMs / 1000).toFixed(1)} s over HTTP, cleared in ${(sweepMs / 1000).toFixed(1)} s; meanwhile a poll took p50 ${percentile(answersMs, 0.5).toFixed(1)} ms, p99 ${percentile(answersMs, 0.99).toFixed(1)} ms`,
  )
  await server.close()
})
