import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { openKeyring } from '@countersign/server'
import { percentile, spawnGate, type GateProcess } from '../../test/faults/spawnGate.ts'
import { createTestDatabase, isServerThere, type TestDatabase } from '../../test/postgres/server.ts'
import { closedLoop, type Load, type Shot } from './gateway/load.ts'
import { cpuMsOf, fsyncsMs } from './gateway/yardsticks.ts'
import { empty, type Result } from './Result.ts'

const INSTANCES = [1, 2, 3]
const KEYS = 24
/** Of all instances together. */
const CONNECTIONS = 24
const ROUND_MS = 2_000
const WARM_MS = 1_000
const MASTER_KEY = '11'.repeat(32)

type Work = 'requests' | 'events' | 'simulations'
type Backend = 'embedded' | 'PostgreSQL'

/** What one kind of work came to on a cluster. */
interface Measured {
  readonly perS: number
  readonly latenciesMs: readonly number[]
  readonly errors: number
  /** What the instances computed for each answer, engines left out, in milliseconds; null where that cannot be read. */
  readonly cpuMs: number | null
  /** The share of the processors that was busy during the run, other programs included: 0 to 1. */
  readonly busy: number
}

/**
 * 1, 2 and 3 instances on one store, embedded and PostgreSQL: requests that only read, durable events and simulations a second
 * under a closed loop of the same number of connections. Beside it stands what the same store does alone in the same run: one
 * insert and one update a transaction on PostgreSQL, as pgbench does them, and one `fsync` after the other. All of it runs
 * on this machine, load and chain included: on two cores a second instance has no core of its own.
 *
 * @param only - `embedded` or `postgres`: one store.
 */
export async function run(log: (text: string) => void, only: string | null = null): Promise<Result> {
  const result = empty('cluster')
  const leftOut: string[] = []
  log(`${cpus().length} cores carry instances, load, chain and database: added instances share them`)
  const chain = await startLocalChain()
  try {
    if (only !== 'postgres') {
      await backend(result, log, { name: 'embedded', chain, database: null, yardstickPerS: fsyncsPerS() })
    }
    if (only !== 'embedded') {
      if (await isServerThere()) {
        const database = await createTestDatabase()
        try {
          await backend(result, log, {
            ...{ name: 'PostgreSQL', chain, database },
            yardstickPerS: await transactionsPerS(database),
          })
        } finally {
          await database.drop()
        }
      } else leftOut.push('PostgreSQL: no server answers')
    }
  } finally {
    await chain.close()
  }
  return { ...result, leftOut }
}

interface Setting {
  readonly name: Backend
  readonly chain: LocalChain
  readonly database: TestDatabase | null
  /** Durable writes a second that the store does alone. */
  readonly yardstickPerS: number
}

async function backend(result: Result, log: (text: string) => void, setting: Setting): Promise<void> {
  const { name, yardstickPerS } = setting
  const yardstick = setting.database === null ? 'one fsync after the other' : 'one insert and update a transaction'
  add(result, { case: `${name}: ${yardstick}`, subject: 'yardstick' }, [yardstickPerS])
  log(`${name}: ${yardstick}: ${yardstickPerS.toFixed(0)}/s`)
  const one = new Map<Work, number>()
  for (const instances of INSTANCES) {
    const found = await cluster(setting, instances)
    for (const [work, measured] of found) {
      const { perS, latenciesMs, cpuMs, busy, errors } = measured
      const subject = `${instances} ${instances === 1 ? 'instance' : 'instances'}`
      add(result, { case: `${name}: ${work}`, subject }, [perS])
      const [p50, p99] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)]
      result.rows.push({
        ...{ case: `${name}: ${work}`, subject, metric: 'latency', unit: 'ms', n: latenciesMs.length },
        ...{ p50, p95: percentile(latenciesMs, 0.95), p99 },
      })
      if (cpuMs !== null)
        result.rows.push({
          ...{ case: `${name}: ${work}`, subject, metric: 'CPU of the instances an answer', unit: 'ms', n: 1 },
          ...{ p50: cpuMs, p95: cpuMs, p99: cpuMs },
        })
      const first = one.get(work) ?? perS
      one.set(work, first)
      if (instances > 1)
        result.ratios.push({
          case: `${name}: ${work}`,
          metric: 'throughput',
          subject,
          over: '1 instance',
          value: perS / first,
        })
      if (work === 'events')
        result.ratios.push({
          case: `${name}: ${work}`,
          metric: 'throughput',
          subject,
          over: yardstick,
          value: perS / yardstickPerS,
        })
      log(
        `${name}, ${subject}: ${work} ${perS.toFixed(0)}/s (${(perS / first).toFixed(2)} of one), p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms, ${cpuMs?.toFixed(2) ?? '?'} ms of CPU an answer, machine ${(100 * busy).toFixed(0)} % busy, ${errors} errors`,
      )
      if (errors > 0)
        result.bars.push({
          name: `${name}, ${subject}: ${work} answered wrongly`,
          value: errors,
          target: '0',
          holds: false,
        })
    }
  }
}

function add(result: Result, labels: { case: string; subject: string }, samples: readonly number[]): void {
  const [value = Number.NaN] = samples
  result.rows.push({
    ...labels,
    metric: 'throughput',
    unit: '1/s',
    n: samples.length,
    p50: value,
    p95: value,
    p99: value,
  })
}

/** Starts so many instances on a store of their own, and measures each kind of work. */
async function cluster({ chain, database }: Setting, instances: number): Promise<Map<Work, Measured>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-cluster-'))
  const env: Record<string, string> =
    database === null ? {} : { DATABASE_URL: database.url, COUNTERSIGN_MASTER_KEY: MASTER_KEY }
  const gates: GateProcess[] = []
  try {
    const keyring = await openKeyring({ dataDir, env, clock: Clock.system })
    const keys: string[] = []
    for (let i = 0; i < KEYS; i += 1)
      keys.push(Redacted.reveal((await keyring.issue({ app: `bench${i % 4}`, label: '' })).key))
    await keyring.close()
    for (let i = 0; i < instances; i += 1)
      gates.push(
        await spawnGate({
          ...{ dataDir, env, limits: { key: [], ip: [], flood: [], poll: [] } },
          chain: { chainId: chain.chainId, rpcUrl: chain.rpcUrl },
        }),
      )
    const shots = await shotsFor(gates[0]?.url ?? '', keys, chain.accounts[1]?.address ?? '')
    const found = new Map<Work, Measured>()
    for (const work of ['requests', 'events', 'simulations'] as const) {
      await load(gates, shots[work], WARM_MS)
      found.set(work, await measure(gates, shots[work]))
    }
    return found
  } finally {
    await Promise.all(gates.map((gate) => gate.stop()))
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measure(gates: readonly GateProcess[], shots: readonly Shot[]): Promise<Measured> {
  const cpuMs = (): number | null => {
    const each = gates.map(({ child }) => cpuMsOf(child))
    return each.includes(null) ? null : each.reduce<number>((sum, ms) => sum + (ms ?? 0), 0)
  }
  const [beforeMs, before] = [cpuMs(), machineMs()]
  const loads = await load(gates, shots, ROUND_MS)
  const [afterMs, after] = [cpuMs(), machineMs()]
  const latenciesMs = loads.flatMap((each) => each.latenciesMs)
  return {
    latenciesMs,
    perS: loads.reduce((sum, each) => sum + each.perS, 0),
    errors: loads.reduce((sum, each) => sum + each.errors, 0),
    cpuMs: beforeMs === null || afterMs === null ? null : (afterMs - beforeMs) / latenciesMs.length,
    busy: (after.busy - before.busy) / (after.all - before.all),
  }
}

function load(gates: readonly GateProcess[], shots: readonly Shot[], forMs: number): Promise<Load[]> {
  const connections = Math.max(1, Math.floor(CONNECTIONS / gates.length))
  return Promise.all(gates.map(({ url }) => closedLoop(Number(new URL(url).port), shots, { connections, forMs })))
}

async function shotsFor(url: string, keys: readonly string[], from: string): Promise<Record<Work, Shot[]>> {
  const shot = (method: string, path: string, headers: Record<string, string>, body = ''): Shot => {
    const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`
    return { bytes: Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`), status: 200 }
  }
  const shots: Record<Work, Shot[]> = { requests: [], events: [], simulations: [] }
  for (const [i, key] of keys.entries()) {
    const id = randomUUID()
    const headers = { 'x-api-key': key, 'x-session-id': id }
    const opened = await fetch(`${url}/api/sessions?app=bench${i % 4}`, {
      ...{ method: 'POST', body: '{}' },
      headers: { ...headers, 'content-type': 'application/json' },
    })
    if (opened.status !== 200) throw new Error(`a session was answered with ${opened.status}`)
    shots.requests.push(shot('GET', '/api/key', { 'x-api-key': key }))
    shots.events.push(shot('PATCH', `/api/sessions/${id}`, headers, JSON.stringify({ title: 'A title' })))
    const transactions = [{ to: `0x${'22'.repeat(20)}`, value: String(i + 1) }]
    shots.simulations.push(shot('POST', '/api/simulate', { 'x-api-key': key }, JSON.stringify({ from, transactions })))
  }
  return shots
}

/** What all processors did since the machine started, in milliseconds. */
function machineMs(): { readonly busy: number; readonly all: number } {
  let [busy, all] = [0, 0]
  for (const { times } of cpus()) {
    const each = Object.values(times).reduce((sum, ms) => sum + ms, 0)
    all += each
    busy += each - times.idle
  }
  return { busy, all }
}

function fsyncsPerS(): number {
  // Due far more often than any disk can: one call after another.
  const { tookMs } = fsyncsMs({ perS: 100_000, forMs: 1_000 })
  return (tookMs.length * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0)
}

/** As pgbench does it: each of the connections commits a small transaction, and then the next. */
async function transactionsPerS(database: TestDatabase): Promise<number> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connect()))
  try {
    await clients[0]?.query(
      'create table yardstick_events (id bigserial primary key, body text); create table yardstick_sessions (id int primary key, n int)',
    )
    await clients[0]?.query(`insert into yardstick_sessions select i, 0 from generate_series(1, ${CONNECTIONS}) i`)
    let done = 0
    const startMs = performance.now()
    const body = 'x'.repeat(300)
    await Promise.all(
      clients.map(async (client, i) => {
        while (performance.now() - startMs < ROUND_MS) {
          await client.query(
            `begin; insert into yardstick_events (body) values ('${body}'); update yardstick_sessions set n = n + 1 where id = ${i + 1}; commit`,
          )
          done += 1
        }
      }),
    )
    const perS = (done * 1_000) / (performance.now() - startMs)
    await clients[0]?.query('drop table yardstick_events, yardstick_sessions')
    return perS
  } finally {
    for (const client of clients) await client.end()
  }
}
