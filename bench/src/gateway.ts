import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { SERVER_FLAGS } from '../../packages/cli/bin/boundHeap.mjs'
import { percentile } from '../../test/faults/spawnGate.ts'
import { killUnderLoad } from '../../test/faults/killUnderLoad.ts'
import { manyStreams } from '../../test/faults/manyStreams.ts'
import { revokeUnderLoad } from '../../test/faults/revokeUnderLoad.ts'
import { closedLoop, openLoop, type Shot } from './gateway/load.ts'
import { neighbours } from './gateway/neighbours.ts'
import type { Kind, SubjectInput } from './gateway/subject.ts'
import { cpuMsOf, fsyncsMs, rawStreamsMiB } from './gateway/yardsticks.ts'
import { empty, median, row, type Result } from './Result.ts'

const KINDS: readonly Kind[] = ['ours', 'node:http, same work', 'node:http, nothing', 'better-auth']
const DURABLE: readonly Kind[] = ['ours', 'node:http, fsync']
const KEYS = 200
/** Many short rounds, one subject after the other: what disturbs the machine disturbs all of them. */
const ROUNDS = 10
const ROUND_MS = 1_000

/**
 * The gate: how many requests it verifies, how long a durable write takes, and what survives. Rivals verify the same
 * 200 keys in the same run, one after the other, round by round.
 *
 * @param only - `auth`, `durable`, `survival`, `streams` or `neighbours`: one part. `neighbours:drip,flood`: those attacks.
 */
export async function run(log: (text: string) => void, only: string | null = null): Promise<Result> {
  const [part = null, kinds] = only?.split(':') ?? []
  const isWanted = (each: string): boolean => part === null || part === each
  const result = empty('gateway')
  if (isWanted('neighbours')) await neighbours(result, log, kinds?.split(','))
  if (isWanted('auth') || isWanted('durable')) await keyed(result, log, isWanted)
  if (isWanted('survival')) await survival(result, log)
  if (isWanted('streams')) await streamMemory(result, log)
  return result
}

/** A server that is measured. */
interface Subject {
  readonly port: number
  readonly url: string
}

/** What is measured on servers that know the same keys. */
async function keyed(result: Result, log: (text: string) => void, isWanted: (part: string) => boolean): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  const keys: { id: string; text: string }[] = []
  for (let i = 0; i < KEYS; i += 1) {
    const { id, key } = await keyring.issue({ app: 'bench', label: '' })
    keys.push({ id, text: Redacted.reveal(key) })
  }
  await keyring.close()
  const subjects = new Map<Kind, { port: number; url: string; child: ChildProcess }>()
  try {
    const kinds = new Set<Kind>([...(isWanted('auth') ? KINDS : []), ...(isWanted('durable') ? DURABLE : [])])
    for (const kind of kinds) subjects.set(kind, await start({ kind, dataDir, keys }))
    if (isWanted('auth')) await authOnly(result, subjects, keys, log)
    if (isWanted('durable'))
      await durable(result, {
        ...{ keys, log },
        ours: subjects.get('ours') as Subject,
        raw: subjects.get('node:http, fsync') as Subject,
      })
  } finally {
    for (const { child } of subjects.values()) await stop(child)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function authOnly(
  result: Result,
  subjects: ReadonlyMap<Kind, { port: number; child: ChildProcess }>,
  keys: readonly { text: string }[],
  log: (text: string) => void,
): Promise<void> {
  const shots = keys.map(({ text }) => get('/api/key', text))
  const throughput = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]))
  const cpuUs = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]))
  for (const kind of KINDS) await closedLoop(subjects.get(kind)?.port ?? 0, shots, { connections: 64, forMs: 1_000 })
  for (let round = 0; round < ROUNDS; round += 1) {
    const said: string[] = []
    // Another one goes first each time.
    for (const kind of [...KINDS.slice(round % KINDS.length), ...KINDS.slice(0, round % KINDS.length)]) {
      const { port, child } = subjects.get(kind) as { port: number; child: ChildProcess }
      const beforeMs = cpuMsOf(child)
      const load = await closedLoop(port, shots, { connections: 64, forMs: ROUND_MS })
      if (load.errors > 0) throw new Error(`${kind} answered ${load.errors} requests wrongly`)
      throughput.get(kind)?.push(load.perS)
      if (beforeMs !== null)
        cpuUs.get(kind)?.push((((cpuMsOf(child) ?? 0) - beforeMs) * 1_000) / load.latenciesMs.length)
      said.push(`${kind} ${Math.round(load.perS)}/s`)
    }
    log(`auth only, round ${round + 1}: ${said.join(', ')}`)
  }
  const labels = (subject: Kind) => ({ case: 'auth only, 64 connections', subject })
  for (const kind of KINDS) {
    result.rows.push(row({ ...labels(kind), metric: 'throughput', unit: '1/s' }, throughput.get(kind) ?? []))
    result.rows.push(row({ ...labels(kind), metric: 'CPU', unit: 'us' }, cpuUs.get(kind) ?? []))
  }
  const best = (kind: Kind): number => median(throughput.get(kind) ?? [])
  // Round by round: the two stood next to one another.
  const share = (over: Kind): number =>
    median((throughput.get('ours') ?? []).map((each, i) => each / (throughput.get(over)?.[i] ?? Number.NaN)))
  for (const over of KINDS.slice(1)) {
    result.ratios.push({ ...labels('ours'), metric: 'throughput', over, value: share(over) })
  }
  // The bar is about the same work; how far that is from doing nothing stands in the ratios.
  result.bars.push(
    bar(
      'auth path, % of raw node:http doing the same work',
      100 * share('node:http, same work'),
      '>= 70',
      (value) => value >= 70,
    ),
  )
  log(
    `auth only: ${Math.round(best('ours'))}/s, ${(100 * share('node:http, same work')).toFixed(0)} % of node:http doing the same work (${Math.round(best('node:http, same work'))}/s), median of rounds`,
  )
  // A rate that every subject can hold, then the one that the bar names.
  for (const perS of [500, 4_000]) {
    for (const kind of KINDS) {
      if (perS > best(kind) * 0.8) {
        log(`auth only, ${perS}/s: left out for ${kind}, which does ${Math.round(best(kind))}/s at most`)
        continue
      }
      const load = await openLoop(subjects.get(kind)?.port ?? 0, shots, { perS, forMs: 5_000 })
      result.rows.push(
        row({ case: `auth only, ${perS}/s open loop`, subject: kind, metric: 'latency', unit: 'ms' }, load.latenciesMs),
      )
      if (kind === 'ours' && perS === 4_000) {
        result.bars.push(
          bar('auth path at 4,000/s, p99 ms', result.rows.at(-1)?.p99 ?? Number.NaN, '< 3', (value) => value < 3),
        )
      }
    }
  }
}

/**
 * One durable write a request: a session is renamed, an event is appended, both on disk before the answer. Two yardsticks
 * stand beside it in each round, on files like the store's log (the same call, as many bytes, blocks that are there):
 * `fsync` alone, due at the same rate for as long, and a server of two threads with the same connections and rate, which
 * keeps with one `fsync` what waits and does nothing else.
 *
 * Where the time goes (December 2026, two cores): of 0.9 ms at p50 the commit is 0.2, the way to the writer's thread and
 * back 0.2, the rest HTTP. At p99 it is `fsync`: a write that arrives during a slow one waits for its end and then for
 * its own. A p99 over requests counts such a spell once for each request that was due in it, a p99 over calls counts it
 * once; so both are printed.
 */
async function durable(
  result: Result,
  {
    ours,
    raw,
    keys,
    log,
  }: { ours: Subject; raw: Subject; keys: readonly { text: string }[]; log: (text: string) => void },
): Promise<void> {
  const shots: Shot[] = []
  for (const { text } of keys) {
    const id = randomUUID()
    const headers = { 'aomi-app-key': text, 'x-session-id': id, 'content-type': 'application/json' }
    const opened = await fetch(`${ours.url}/api/sessions?app=bench`, { method: 'POST', headers, body: '{}' })
    if (opened.status !== 200) throw new Error(`a session was answered with ${opened.status}`)
    const body = JSON.stringify({ title: 'A title' })
    const head = `PATCH /api/sessions/${id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAOMI-APP-KEY: ${text}\r\nX-Session-Id: ${id}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    shots.push({ bytes: Buffer.from(head + body), status: 200 })
  }
  // Steady is what is measured: a process that has just started still compiles.
  for (const { port } of [raw, ours]) await openLoop(port, shots, { perS: 2_000, forMs: 3_000 })
  for (const perS of [500, 2_000]) {
    const found = await durableRounds({ ours, raw, shots, perS })
    const rows = {
      ours: row(latencyOf(`durable append, ${perS}/s open loop`, 'ours'), found.ours),
      raw: row(latencyOf(`durable append, ${perS}/s open loop`, 'node:http, fsync'), found.raw),
      loaded: row(latencyOf(`one fsync at ${perS}/s`, 'node:http, fsync'), found.loaded),
      alone: row(latencyOf(`one fsync at ${perS}/s`, 'this disk'), found.alone),
      due: row(latencyOf(`one fsync since it was due, at ${perS}/s`, 'this disk'), found.due),
    }
    const ratios = (over: 'raw' | 'loaded' | 'alone' | 'due'): number =>
      median(found.rounds.map((round) => round.ours / round[over]))
    log(
      `durable, ${perS}/s: p50 ${rows.ours.p50}, p99 ${rows.ours.p99} ms; node:http with one fsync p50 ${rows.raw.p50}, p99 ${rows.raw.p99} ms; one fsync p99 ${rows.loaded.p99} ms there, ${rows.alone.p99} ms alone, ${rows.due.p99} ms since it was due; times (p99, medians of rounds): ${ratios('raw').toFixed(2)} node:http with one fsync, ${ratios('loaded').toFixed(2)} one fsync there, ${ratios('due').toFixed(2)} one alone since it was due, ${ratios('alone').toFixed(2)} one alone (${found.rounds.map((round) => (round.ours / round.alone).toFixed(1)).join(', ')}); ${found.errors} errors${found.errors === 0 ? '' : ` ${JSON.stringify(found.wrong)}`}`,
    )
    result.rows.push(...Object.values(rows))
    if (perS !== 2_000) continue
    const of = (value: number): number => (found.errors > 0 ? Number.POSITIVE_INFINITY : value)
    const named = 'durable append p99 over p99 of one fsync'
    result.bars.push(
      bar('durable append at 2,000/s, p99 ms', of(rows.ours.p99), '< 10', (value) => value < 10),
      bar(`${named} at the same rate, median of rounds`, of(ratios('loaded')), '<= 8', (value) => value <= 8),
      bar(`${named} alone, median of rounds`, of(ratios('alone')), '<= 8', (value) => value <= 8),
      bar(`${named} alone since it was due, median of rounds`, of(ratios('due')), '<= 8', (value) => value <= 8),
    )
  }
}

const latencyOf = (name: string, subject: string) => ({ case: name, subject, metric: 'latency', unit: 'ms' }) as const

/** Rounds in which all three stand next to one another: what disturbs the machine disturbs all of them. */
async function durableRounds({
  ours,
  raw,
  shots,
  perS,
}: {
  ours: Subject
  raw: Subject
  shots: readonly Shot[]
  perS: number
}) {
  const found = {
    ...{ ours: [] as number[], raw: [] as number[], loaded: [] as number[] },
    ...{ alone: [] as number[], due: [] as number[] },
  }
  const rounds: Record<keyof typeof found, number>[] = []
  let errors = 0
  const wrong: Record<string, number> = {}
  const takeFsyncs = async (): Promise<number[]> => (await (await fetch(raw.url)).json()) as number[]
  const measureRaw = async () => {
    await takeFsyncs()
    const load = await openLoop(raw.port, shots, { perS, forMs: ROUND_MS })
    return { raw: load, loaded: await takeFsyncs() }
  }
  const measureOurs = () => openLoop(ours.port, shots, { perS, forMs: ROUND_MS })
  for (let round = 0; round < ROUNDS; round += 1) {
    const { tookMs: alone, sinceDueMs: due } = fsyncsMs({ perS, forMs: ROUND_MS })
    // Another one goes first each time.
    const first = round % 2 === 0 ? await measureOurs() : null
    const yardstick = await measureRaw()
    const load = first ?? (await measureOurs())
    errors += load.errors + yardstick.raw.errors
    for (const each of [load.wrong, yardstick.raw.wrong])
      for (const [status, count] of Object.entries(each)) wrong[status] = (wrong[status] ?? 0) + count
    const now = { ours: load.latenciesMs, raw: yardstick.raw.latenciesMs, loaded: yardstick.loaded, alone, due }
    for (const name of ['ours', 'raw', 'loaded', 'alone', 'due'] as const) found[name].push(...now[name])
    const p99 = (samples: readonly number[]): number => percentile(samples, 0.99)
    rounds.push({
      ...{ ours: p99(now.ours), raw: p99(now.raw), loaded: p99(now.loaded) },
      ...{ alone: p99(now.alone), due: p99(now.due) },
    })
  }
  return { ...found, rounds, errors, wrong }
}

async function survival(result: Result, log: (text: string) => void): Promise<void> {
  log('revocation under load, three processes')
  const fence = await revokeUnderLoad({ keys: 60, processes: 3 })
  result.rows.push(
    row({ case: 'revocation, 3 processes', subject: 'ours', metric: 'latency', unit: 'ms' }, fence.tookMs),
  )
  result.bars.push(
    bar('requests accepted after a revocation was answered', fence.late, '0', (value) => value === 0),
    bar(
      'revocation p99 ms, 3 healthy processes under load',
      result.rows.at(-1)?.p99 ?? Number.NaN,
      '< 50',
      (value) => value < 50,
    ),
  )
  log('20 kills under load')
  const kill = await killUnderLoad({ kills: 20, writers: 32 })
  log(`${kill.acked} acknowledged writes`)
  result.bars.push(bar('acknowledged writes lost in 20 kills', kill.lost, '0', (value) => value === 0))
}

async function streamMemory(result: Result, log: (text: string) => void): Promise<void> {
  log('10,000 sessions with 10,000 open streams')
  const streams = await manyStreams({ sessions: 10_000 })
  result.bars.push(
    bar('10,000 sessions, 10,000 streams: MiB', streams.residentMiB ?? Number.NaN, '< 400', (value) => value < 400),
  )
  const raw = await rawStreamsMiB({ streams: 10_000 })
  const share = (streams.residentMiB ?? Number.NaN) / (raw ?? Number.NaN)
  log(
    `10,000 sessions with 10,000 streams: ${streams.residentMiB ?? Number.NaN} MiB; 10,000 idle responses of raw node:http: ${raw?.toFixed(0) ?? '?'} MiB; ${share.toFixed(2)} times`,
  )
  result.bars.push(
    bar('memory of 10,000 streams over 10,000 idle raw node:http responses', share, '<= 3', (value) => value <= 3),
  )
}

function bar(name: string, value: number, target: string, holds: (value: number) => boolean): Result['bars'][number] {
  return { name, value, target, holds: holds(value) }
}

function get(path: string, key: string): Shot {
  return { bytes: Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAOMI-APP-KEY: ${key}\r\n\r\n`), status: 200 }
}

async function start(input: SubjectInput): Promise<{ port: number; url: string; child: ChildProcess }> {
  // Ours as `countersign serve` runs it; the others as Node comes.
  const flags = input.kind === 'ours' ? SERVER_FLAGS : []
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'gateway', 'subject.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin?.end(JSON.stringify(input))
  const url = await new Promise<string>((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const line = /^(\{.*\})\n/m.exec(out)?.[1]
      if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url)
    })
    child.once('exit', (code) => reject(new Error(`${input.kind} ended with ${code}`)))
  })
  return { port: Number(new URL(url).port), url, child }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
