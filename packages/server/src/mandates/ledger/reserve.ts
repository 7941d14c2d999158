import { randomUUID } from 'node:crypto'
import { decide, type Question } from '../decide/decide.ts'
import { newRecipients } from '../decide/units.ts'
import type { Decision, Line } from '../decide/Decision.ts'
import { NO_HISTORY, type History, type Layer, type Prices, type Situation } from '../decide/Situation.ts'
import { decimalsOf, unitKey } from '../policy/Policy.ts'
import * as Amount from '../policy/Amount.ts'
import * as Window from '../policy/Window.ts'
import type { Kind, Moved } from './Reservation.ts'
import { freeAtMs, lockRows, writeRows, type Place, type Row } from './Row.ts'
import { limitId, locked, num, places, rowsOf, type Sql } from './Sql.ts'
import type { Time } from './Time.ts'

/** So that a model cannot starve its owner by staging: what one session, or one key, may hold at the same time. */
export const MAX_HELD = 4

export interface ReserveInput {
  /** Proposal, step and decision: asked again, it is the earlier answer. */
  readonly idem: string
  readonly proposal: string | null
  readonly kind: Kind
  readonly account: string
  readonly chainId: number
  readonly nonceKind: 'bound' | 'allocated' | 'wallet' | 'none'
  /** From which nonce on the bytes may be found. */
  readonly nonceFrom: number | null
  readonly deadlineMs: number | null
  /** The session, or the key where there is none. */
  readonly holder: string
  readonly bytesDigest: string
  /** What was handed out for the very same bytes before: it goes on, and counts once. */
  readonly standing?: string | null
  /** Everything but what is read here: the time, and what the ledger holds and remembers. */
  readonly question: Omit<Question, 'ledger' | 'situation'> & {
    readonly situation: Omit<Situation, 'nowMs' | 'ofGuards' | keyof History>
    /** Prices of guards in dollars, by the scope of their layer. */
    readonly pricesOf?: ReadonlyMap<string, Prices>
  }
}

export interface Reserved {
  readonly decision: Decision
  /** Null where nothing is reserved: denied, or nothing counts. */
  readonly reservation: string | null
  readonly isNew: boolean
  readonly nowMs: number
}

/**
 * Decides and reserves in the caller's write. The mandate's row and then the limits' rows are held until it ends: nobody
 * reserves or freezes in between.
 */
export async function reserve(sql: Sql, time: Time, input: ReserveInput): Promise<Reserved> {
  const mandate = await lockMandate(sql, input.question)
  const nowMs = await time(sql)
  const earlier = await rowsOf<{ id: string }>(sql, 'select id from reservations where idem = ?', [input.idem])
  const layers =
    mandate === null
      ? input.question.layers.filter(({ layer, closed }) => layer !== 'mandate' || closed !== undefined)
      : input.question.layers
  const rows = await lockRows(sql, layers.flatMap(placesOf), nowMs)
  const standing = input.standing == null ? null : await standingOf(sql, input.standing)
  const question: Question = {
    ...input.question,
    mandate,
    layers,
    situation: { ...input.question.situation, ...(await remembered(sql, layers, input.question.pricesOf)), nowMs },
    ledger: () => null,
  }
  const decision = await decideOn(sql, question, rows, standing?.amounts ?? NOTHING_HELD)
  // What has left a window is written in any case: its lines are marked.
  if (earlier[0] !== undefined) {
    await writeRows(sql, rows.values())
    return { decision, reservation: earlier[0].id, isNew: false, nowMs }
  }
  if (
    decision.answer === 'deny' ||
    (decision.mandate === null && decision.lines.every(({ amount }) => amount === 0n))
  ) {
    await writeRows(sql, rows.values())
    return { decision, reservation: null, isNew: false, nowMs }
  }
  if (standing !== null) return goOn(sql, { standing, decision, rows, nowMs })
  if ((await heldBy(sql, input.holder)) >= MAX_HELD) {
    await writeRows(sql, rows.values())
    return { decision: tooMany(decision), reservation: null, isNew: false, nowMs }
  }
  const id = `res_${randomUUID()}`
  await insert(sql, { id, input, decision, nowMs, question })
  await addLines(sql, { id, lines: decision.lines, rows })
  await writeRows(sql, rows.values())
  return { decision, reservation: id, isNew: true, nowMs }
}

const NOTHING_HELD: ReadonlyMap<string, bigint> = new Map()

interface Standing {
  readonly id: string
  /** What it holds by limit. */
  readonly amounts: ReadonlyMap<string, bigint>
}

/** What was handed out and may still be signed. */
async function standingOf(sql: Sql, id: string): Promise<Standing | null> {
  const [row] = await rowsOf<{ state: string }>(sql, locked(sql, 'select state from reservations where id = ?'), [id])
  if (row?.state !== 'open') return null
  const lines = await rowsOf<{ limit_id: string; amount: string }>(
    sql,
    'select limit_id, amount from reservation_lines where reservation = ? and settle_ms is null and beyond <> 1',
    [id],
  )
  return { id, amounts: new Map(lines.map((line) => [line.limit_id, BigInt(line.amount)])) }
}

/** The same bytes, decided again: the larger amount counts, and what was handed out stays handed out. */
async function goOn(
  sql: Sql,
  {
    standing,
    decision,
    rows,
    nowMs,
  }: { standing: Standing; decision: Decision; rows: ReadonlyMap<string, Row>; nowMs: number },
): Promise<Reserved> {
  // What is beyond a limit waits for its owner as `held`, and this cannot be held any more.
  const isMore = decision.lines.some(({ isBeyond }) => isBeyond)
  if (isMore) {
    await writeRows(sql, rows.values())
    const because = 'It was handed out already, and would move more than the limits leave now.'
    return { decision: denied(decision, 'mandates:limit:full', because), reservation: null, isNew: false, nowMs }
  }
  for (const line of decision.lines) {
    const row = rows.get(limitId(line.scope, line.unit, line.window)) as Row
    const held = standing.amounts.get(row.id)
    const amount = held !== undefined && held > line.amount ? held : line.amount
    row.cap = line.cap
    row.open += amount - (held ?? 0n)
    row.isChanged = true
    await sql.run(
      `insert into reservation_lines (reservation, limit_id, amount, beyond, aged) values (?, ?, ?, 0, 0)
       on conflict (reservation, limit_id) do update set amount = excluded.amount`,
      [standing.id, row.id, amount.toString()],
    )
  }
  await sql.run('update reservations set mandate = ?, policy_digest = ? where id = ?', [
    decision.mandate?.id ?? null,
    decision.mandate?.digest ?? null,
    standing.id,
  ])
  await writeRows(sql, rows.values())
  return { decision, reservation: standing.id, isNew: false, nowMs }
}

/** The mandate as it is now, under its lock: frozen, ended and replaced count from their commit on. */
async function lockMandate(sql: Sql, { mandate }: ReserveInput['question']): Promise<Question['mandate']> {
  if (mandate === null) return null
  const [row] = await rowsOf<{ state: 'active' | 'frozen' | 'ended'; digest: string }>(
    sql,
    locked(sql, 'select state, digest from mandates where id = ?'),
    [mandate.id],
  )
  if (row === undefined) return { ...mandate, state: 'ended' }
  // Another version came in between: nothing is allowed on the old one. The caller decides again.
  return { ...mandate, state: row.digest === mandate.digest ? row.state : 'frozen' }
}

function placesOf(layer: Layer): Place[] {
  return layer.limits.flatMap(({ caps }) =>
    caps
      .filter(({ window }) => window.kind !== 'call')
      .map(({ unit, window, cap }) => {
        const decimals = decimalsOf(layer, unit)
        return {
          scope: layer.scope,
          unit: unitKey(layer, unit),
          window: Window.key(window),
          cap: Amount.parse(cap, decimals) ?? 0n,
          decimals,
        }
      }),
  )
}

/** Decides; where a limit is full, asks when it frees and decides with that. */
async function decideOn(
  sql: Sql,
  question: Question,
  rows: ReadonlyMap<string, Row>,
  own: ReadonlyMap<string, bigint>,
): Promise<Decision> {
  const asked = new Map<string, { row: Row; needed: bigint }>()
  const known = new Map<string, number | null>()
  const ledger: Question['ledger'] = (scope, unit, window) => {
    const row = rows.get(limitId(scope, unit, window))
    if (row === undefined) return null
    return {
      open: row.open - (own.get(row.id) ?? 0n),
      settled: row.settled,
      freeAt(needed) {
        const key = `${row.id} ${needed}`
        asked.set(key, { row, needed })
        return known.get(key) ?? null
      },
    }
  }
  const first = decide({ ...question, ledger })
  if (asked.size === 0) return first
  for (const [key, { row, needed }] of asked) known.set(key, await freeAtMs(sql, row, needed))
  return decide({ ...question, ledger })
}

/** What the ledger remembers of every layer. */
async function remembered(
  sql: Sql,
  layers: readonly Layer[],
  prices: ReadonlyMap<string, Prices> = new Map(),
): Promise<History & Required<Pick<Situation, 'ofGuards'>>> {
  const ofGuards = new Map<string, History & { readonly prices: Prices }>()
  let own = NO_HISTORY
  for (const { layer, scope, limits } of layers) {
    if (layer === 'mandate') own = await historyOf(sql, scope)
    else if (limits.length > 0)
      ofGuards.set(scope, { ...(await historyOf(sql, scope)), prices: prices.get(scope) ?? new Map() })
  }
  return { ...own, ofGuards }
}

/** Who was paid, who is being paid, and which allowances open lines count. */
async function historyOf(sql: Sql, scope: string): Promise<History> {
  const people = await rowsOf<{ recipient: string; is_settled: unknown }>(
    sql,
    'select recipient, max(is_settled) as is_settled from paid_recipients where scope = ? group by recipient',
    [scope],
  )
  const rights = await rowsOf<{ chain_id: unknown; moves: string }>(
    sql,
    `select chain_id, moves from reservations where kind = 'allowance' and state = 'open' and id in
      (select l.reservation from reservation_lines l join mandate_limits m on m.id = l.limit_id where m.scope = ?)`,
    [scope],
  )
  const covered = new Map<string, bigint>()
  for (const { chain_id: chainId, moves } of rights)
    for (const { token, spender, amount } of (JSON.parse(moves) as Moved).rights) {
      const key = `${num(chainId)}/${token}/${spender}`.toLowerCase()
      covered.set(key, (covered.get(key) ?? 0n) + BigInt(amount))
    }
  return {
    known: new Set(people.filter((each) => num(each.is_settled) === 1).map(({ recipient }) => recipient)),
    openRecipients: new Set(people.filter((each) => num(each.is_settled) === 0).map(({ recipient }) => recipient)),
    covered,
  }
}

async function heldBy(sql: Sql, holder: string): Promise<number> {
  const [row] = await rowsOf<{ n: unknown }>(
    sql,
    `select count(*) as n from reservations where holder = ? and state = 'held'`,
    [holder],
  )
  return num(row?.n ?? 0)
}

function tooMany(decision: Decision): Decision {
  return denied(decision, 'mandates:held:full', `${MAX_HELD} proposals of this session hold part of a limit already.`)
}

function denied(decision: Decision, code: string, because: string): Decision {
  return {
    ...decision,
    answer: 'deny',
    lines: [],
    code,
    reason: because,
    spoke: [...decision.spoke, { layer: 'mandate', rule: 'held', answer: 'deny', code, because }],
  }
}

async function insert(
  sql: Sql,
  {
    id,
    input,
    decision,
    nowMs,
    question,
  }: { id: string; input: ReserveInput; decision: Decision; nowMs: number; question: Question },
): Promise<void> {
  const { moves } = question
  const recipients = newRecipients(moves, { known: new Set() })
  const moved: Moved = {
    assets: moves.totals.map(({ token, isNative, amount }) => ({
      token: isNative ? null : token,
      amount: amount.toString(),
    })),
    rights: moves.effects.flatMap((effect) =>
      effect.kind === 'authority' && effect.token !== null && effect.counterparty !== null && effect.amount !== null
        ? [{ token: effect.token, spender: effect.counterparty, amount: effect.amount.toString() }]
        : [],
    ),
    recipients,
  }
  await sql.run(
    `insert into reservations (id, idem, mandate, proposal, kind, account, chain_id, nonce, nonce_from, nonce_kind, deadline_ms, state, holder, policy_digest, bytes_digest, moves, opened_ms)
     values (?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, 'held', ?, ?, ?, ?, ?)`,
    [
      id,
      input.idem,
      decision.mandate?.id ?? null,
      input.proposal,
      input.kind,
      input.account,
      input.chainId,
      input.nonceFrom,
      input.nonceKind,
      input.deadlineMs,
      input.holder,
      decision.mandate?.digest ?? null,
      input.bytesDigest,
      JSON.stringify(moved),
      nowMs,
    ],
  )
  const people = question.layers
    .filter(({ layer, limits }) => layer === 'mandate' || limits.length > 0)
    .flatMap(({ scope }) => recipients.map((recipient) => [id, scope, recipient, 0]))
  if (people.length === 0) return
  await sql.run(
    `insert into paid_recipients (reservation, scope, recipient, is_settled) values ${places(people.length, 4)}`,
    people.flat(),
  )
}

/** Takes the lines from their rows. What is beyond a limit counts once the owner has confirmed it. */
async function addLines(
  sql: Sql,
  { id, lines, rows }: { id: string; lines: readonly Line[]; rows: ReadonlyMap<string, Row> },
): Promise<void> {
  if (lines.length === 0) return
  const taken = lines.map((line) => ({ line, row: rows.get(limitId(line.scope, line.unit, line.window)) as Row }))
  for (const { line, row } of taken) {
    if (row.cap !== line.cap) {
      row.cap = line.cap
      row.isChanged = true
    }
    if (line.isBeyond) continue
    row.open += line.amount
    row.isChanged = true
  }
  await sql.run(
    `insert into reservation_lines (reservation, limit_id, amount, beyond, aged) values ${places(taken.length, 5)}`,
    taken.flatMap(({ line, row }) => [id, row.id, line.amount.toString(), line.isBeyond ? 1 : 0, 0]),
  )
}
