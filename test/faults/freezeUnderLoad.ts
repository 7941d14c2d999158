import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Audit, openKeyring, openStore } from '@countersign/server'
import { Clock, Redacted } from '@countersign/base'
import { NO_LIMITS } from './calls.ts'
import { get, issueIn } from './revokeUnderLoad.ts'
import { spawnGate, type GateProcess } from './spawnGate.ts'

export interface FreezeFigures {
  readonly requests: number
  readonly frozen: number
  /** Accepted by the other process although they began after the record said that every process had confirmed. */
  readonly late: number
  /** Accepted by the other process although they began 100 ms or more after the freeze was committed. */
  readonly lateBy100Ms: number
  /**
   * The longest time between the judge's decision, which its write comes after, and the start of a request that the
   * other process still accepted, in milliseconds of the machine's clock.
   */
  readonly longestMs: number
  /** From each commit to its confirmation in the record, in milliseconds. */
  readonly confirmedMs: number[]
  /** What the record says of each freeze. */
  readonly said: ReadonlySet<string>
}

const HOUR_MS = 3_600_000

/**
 * Two processes on one store; keys in constant use at both. One of them sees a canary tried and freezes every key by
 * itself; the other is asked with the same keys, and only its answers count.
 */
export async function freezeUnderLoad({ keys: count }: { keys: number }): Promise<FreezeFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-freeze-'))
  const gates: GateProcess[] = []
  let isOver = false
  try {
    const keys = await issueIn(dataDir, count)
    const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
    const { key: canary } = await keyring.issue({ app: 'acme', label: '', isCanary: true })
    await keyring.close()
    const store = await openStore({ clock: Clock.system }, { dataDir })
    // Four quiet days from this address: what comes now is unusual, and a canary tried from here is enough to freeze.
    const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    const quiet = { requests: 1, denials: 0, networks: 1, agents: 1, scopes: 1, bytes: 100, sessions: 0 }
    await store.batch(
      keys.flatMap(({ id }) =>
        [1, 2, 3, 4].flatMap((day) =>
          [0, 1].map((hour) => ({
            sql: 'insert into key_usage (key_id, hour_ms, body) values (?, ?, ?)',
            parameters: [
              id,
              hourMs + hour * HOUR_MS - day * 24 * HOUR_MS,
              JSON.stringify({ busiest: quiet, networks: ['127.0.0.0/24'] }),
            ],
          })),
        ),
      ),
    )
    for (let i = 0; i < 2; i += 1) gates.push(await spawnGate({ dataDir, limits: NO_LIMITS }))
    const [judge, other] = gates as [GateProcess, GateProcess]

    let requests = 0
    const accepted: { readonly id: string; readonly startMs: number }[] = []
    const use = async (gate: GateProcess): Promise<void> => {
      // oxlint-disable-next-line no-unmodified-loop-condition -- set from outside
      while (!isOver) {
        const key = keys[Math.floor(Math.random() * keys.length)] as (typeof keys)[number]
        const startMs = performance.now()
        const { status } = await get(gate.url, key.text)
        requests += 1
        if (status === 200 && gate === other) accepted.push({ id: key.id, startMs })
      }
    }
    const users = Array.from({ length: 16 }, (_, i) => use(i % 2 === 0 ? judge : other))
    // oxlint-disable-next-line no-unmodified-loop-condition -- the users count
    while (requests < 200 * count) await pause(5)
    await get(judge.url, Redacted.reveal(canary))

    // Seen by this process, so later than it happened: what counts as late was late.
    const committedMs = new Map<string, number>()
    const decidedMs = new Map<string, number>()
    const confirmedMs = new Map<string, number>()
    const said = new Set<string>()
    const frozen = store.prepare<{ id: string; quarantine: string }>(
      `select id, quarantine from keys where quarantine like '%"freeze"%'`,
    )
    const record = store.prepare<{ body: string }>(
      `select body from audit where event = 'keys.key.quarantine-confirmed'`,
    )
    const idOf = new Map(keys.map(({ id }) => [Audit.handle(id), id]))
    let seenVersion = -1
    for (const giveUpMs = performance.now() + 60_000; confirmedMs.size < count; await pause(1)) {
      if (performance.now() > giveUpMs) break
      const version = store.version()
      if (version === seenVersion) continue
      seenVersion = version
      const nowMs = performance.now()
      for (const { id, quarantine } of frozen.all()) {
        if (committedMs.has(id)) continue
        committedMs.set(id, nowMs)
        decidedMs.set(id, (JSON.parse(quarantine) as { sinceMs: number }).sinceMs - performance.timeOrigin)
      }
      for (const { body } of record.all()) {
        const { key, level, ...rest } = JSON.parse(body) as { key: string; level: string }
        const id = idOf.get(key)
        if (id === undefined || level !== 'freeze' || confirmedMs.has(id)) continue
        confirmedMs.set(id, nowMs)
        said.add(JSON.stringify(rest))
      }
    }
    await pause(500)
    isOver = true
    await Promise.all(users)
    await store.close()
    const after = (since: ReadonlyMap<string, number>, byMs: number) =>
      accepted.filter(({ id, startMs }) => startMs - (since.get(id) ?? Infinity) > byMs).length
    return {
      requests,
      frozen: committedMs.size,
      late: after(confirmedMs, 0),
      lateBy100Ms: after(committedMs, 100),
      longestMs: Math.max(0, ...accepted.map(({ id, startMs }) => startMs - (decidedMs.get(id) ?? Infinity))),
      confirmedMs: [...confirmedMs].map(([id, ms]) => ms - (committedMs.get(id) ?? NaN)),
      said,
    }
  } finally {
    isOver = true
    for (const gate of gates) await gate.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
