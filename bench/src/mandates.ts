import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Digest } from '@countersign/base'
import { CONTROLS } from '../../packages/server/lab/mandates/controls.ts'
import { runHistory } from '../../packages/server/lab/mandates/histories.ts'
import { openSqlite, type Database } from '../../packages/server/lab/mandates/openMemory.ts'
import { OWNER } from '../../packages/server/lab/mandates/randomPolicies.ts'
import { layerFor, movesOf, policyOf } from '../../packages/server/lab/mandates/scene.ts'
import { reserve, type ReserveInput } from '../../packages/server/src/mandates/ledger/reserve.ts'
import { storeTime } from '../../packages/server/src/mandates/ledger/Time.ts'
import { toCanonical } from '../../packages/server/src/mandates/policy/canonical.ts'
import { digestOf } from '../../packages/server/src/mandates/policy/Policy.ts'
import { empty, row, type Result } from './Result.ts'

/** Histories of 100 steps; `--long` runs all, and the controls stop at the first that is over. */
const HISTORIES = { long: 100_000, short: 2_000 } as const
const CONTROL_HISTORIES = 3_000
const OURS = 'countersign'
/** Reservations that are timed, after some that are not. */
const TIMED = 2_000
const WARM = 200

/**
 * The ledger of mandates: histories in virtual time with the real statements, the same with one rule turned off, signers and owners
 * that lie, and what a reservation costs.
 */
export async function run(
  log: (text: string) => void,
  { only = null, isLong = false }: { only?: string | null; isLong?: boolean } = {},
): Promise<Result> {
  const result = empty('mandates')
  const count = isLong ? HISTORIES.long : HISTORIES.short
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    histories: () => histories(result, log, { count, isLiar: false }),
    controls: () => controls(result, log),
    lies: () => histories(result, log, { count: Math.ceil(count / 5), isLiar: true }),
    cost: () => cost(result, log),
  }
  for (const [name, part] of Object.entries(parts)) if (only === null || only === name) await part()
  return result
}

async function histories(
  result: Result,
  log: (text: string) => void,
  { count, isLiar }: { count: number; isLiar: boolean },
): Promise<void> {
  const db = openSqlite()
  const sums = {
    over: 0,
    stranded: 0,
    different: 0,
    broken: 0,
    frozen: 0,
    reserved: 0,
    refused: 0,
    reorgs: 0,
    hands: 0,
  }
  let unstopped = 0
  const startedMs = performance.now()
  for (let seed = 1; seed <= count; seed++) {
    const history = await runHistory(db, seed, null, { isLiar })
    if (history.over.length > 0) sums.over += 1
    if (history.over.length > 0 && !history.isStopped) unstopped += 1
    sums.stranded += history.stranded
    sums.different += history.different.length
    sums.broken += history.broken.length
    sums.frozen += history.openedWhileFrozen
    sums.reserved += history.counts.reserved
    sums.refused += history.counts.refused
    sums.reorgs += history.counts.reorgs
    sums.hands += history.counts.changedHands
    if (seed % 5_000 === 0) log(`${seed} histories, ${Math.round((performance.now() - startedMs) / 1_000)} s`)
  }
  await db.close()
  const name = isLiar ? 'with lies' : 'honest'
  log(
    `${count} histories ${name}: ${sums.reserved} reserved, ${sums.refused} refused, ${sums.reorgs} reorganisations, ${sums.hands} nonces that changed hands`,
  )
  const zero = (what: string, value: number): void =>
    void result.bars.push({ name: `${count} histories ${name}: ${what}`, value, target: '= 0', holds: value === 0 })
  if (isLiar) zero('over a cap and not frozen', unstopped)
  else zero('over a cap', sums.over)
  zero('reservations stranded', sums.stranded)
  zero('limits of which the ledger is not the chain', sums.different)
  zero('invariants broken', sums.broken)
  zero('opened while frozen', sums.frozen)
}

/** A rule turned off must let something over, or the zeros say nothing. */
async function controls(result: Result, log: (text: string) => void): Promise<void> {
  const db = openSqlite()
  for (const control of CONTROLS) {
    let over = 0
    let seed = 0
    while (over === 0 && seed < CONTROL_HISTORIES) {
      seed += 1
      const history = await runHistory(db, seed, control)
      over = history.over.length
    }
    log(`control "${control}": ${over === 0 ? 'nothing' : 'something'} over after ${seed} histories`)
    result.bars.push({ name: `control: ${control}, histories over`, value: over, target: '>= 1', holds: over >= 1 })
  }
  await db.close()
}

/** A reservation of four limits on a file, as the embedded store writes it. */
async function cost(result: Result, log: (text: string) => void): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-bench-mandates-'))
  const db = openSqlite(join(scratch, 'ledger.sqlite'))
  const time = storeTime({ wallMs: () => Date.now(), monotonicMs: () => performance.now(), boot: 'bench' })
  // Caps that nothing fills, so that every one is written.
  const policy = policyOf(1, 1_000_000_000, 0)
  const digest = digestOf(toCanonical(policy))
  const mandate = {
    ...{ id: 'mandate_bench', name: policy.name, version: 1, state: 'active' as const },
    digest,
    policy,
    owner: OWNER,
  }
  await db.write((sql) =>
    sql.run(
      `insert into mandates (id, app, owner, name, version, state, policy, digest, valid_until_ms, created_ms, epoch, worst) values (?, 'bench', ?, 'bench', 1, 'active', '{}', ?, ?, 0, 0, '')`,
      [mandate.id, OWNER, digest, policy.untilMs],
    ),
  )
  const inputOf = (i: number): ReserveInput => ({
    ...{ idem: `bench ${i}`, proposal: null, kind: 'tx', account: OWNER, chainId: 1, nonceKind: 'wallet' },
    ...{ nonceFrom: null, deadlineMs: null, holder: `s${i}`, bytesDigest: Digest.sha256(String(i)) },
    question: {
      moves: movesOf(1n, 0n),
      mandate,
      layers: [layerFor(policy)],
      situation: {
        asker: { door: 'guard', key: null, skill: null, session: null },
        ...{ prices: new Map(), stepUp: [], namedLifts: new Set<string>() },
      },
    },
  })
  const within: number[] = []
  const own: number[] = []
  const bare: number[] = []
  const same: number[] = []
  await db.write((sql) => sql.run('create table bench_bytes (id integer primary key, body text not null)', []))
  for (let i = 0; i < TIMED + WARM; i++) {
    const startMs = performance.now()
    let insideMs = 0
    await db.write(async (sql) => {
      const beganMs = performance.now()
      const { reservation } = await reserve(sql, time, inputOf(i))
      if (reservation === null) throw new Error('Nothing was reserved, so nothing was timed.')
      insideMs = performance.now() - beganMs
    })
    const ownMs = performance.now() - startMs
    const bareMs = await bareCommit(db)
    const sameMs = await sameBytes(db, i)
    if (i < WARM) continue
    same.push(sameMs)
    within.push(insideMs)
    own.push(ownMs)
    bare.push(bareMs)
  }
  await db.close()
  rmSync(scratch, { recursive: true, force: true })
  const rows = [
    row({ case: 'reservation, 4 limits, in a write', subject: OURS, metric: 'ms', unit: 'ms' }, within),
    row({ case: 'reservation, 4 limits, own commit', subject: OURS, metric: 'ms', unit: 'ms' }, own),
    row({ case: 'bare commit', subject: 'sqlite', metric: 'ms', unit: 'ms' }, bare),
    row({ case: 'bare commit of as many bytes', subject: 'sqlite', metric: 'ms', unit: 'ms' }, same),
  ] as const
  result.rows.push(...rows)
  const [inWrite, commit, , bytes] = rows
  result.ratios.push({
    ...{
      case: 'reservation, 4 limits',
      metric: 'own commit, p50',
      subject: OURS,
      over: 'a bare commit of as many bytes',
    },
    ...{ value: commit.p50 / bytes.p50, above1: 'slower' },
  })
  const most = (name: string, value: number, limit: number): void =>
    void result.bars.push({ name, value, target: `<= ${limit}`, holds: value <= limit })
  most('reservation in a write, p50 ms', inWrite.p50, 1)
  most('reservation in a write, p99 ms', inWrite.p99, 5)
  most('reservation with its own commit, p50 ms', commit.p50, 1)
  log(`${TIMED} reservations timed`)
}

/** What a reservation of four limits writes: its row, its lines and four rows of limits. Bytes of text. */
const ROW_BYTES = [700, 120, 120, 120, 120, 260, 260, 260, 260] as const

/** Commits as many rows with as many bytes as a reservation, and decides nothing. */
async function sameBytes(db: Database, i: number): Promise<number> {
  const startMs = performance.now()
  await db.write(async (sql) => {
    for (const [row, bytes] of ROW_BYTES.entries())
      await sql.run(
        'insert into bench_bytes (id, body) values (?, ?) on conflict (id) do update set body = excluded.body',
        [row < 5 ? i * 100 + row : -row, 'x'.repeat(bytes)],
      )
  })
  return performance.now() - startMs
}

async function bareCommit(db: Database): Promise<number> {
  const startMs = performance.now()
  await db.write((sql) => sql.run('update ledger_clock set high_ms = high_ms + 1 where id = 1', []))
  return performance.now() - startMs
}
