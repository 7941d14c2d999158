import { assert, BaseError } from '@countersign/base'
import { mayRelease, maySettle, type Kind, type Moved, type Proof } from './Reservation.ts'
import { lockRowsById, writeRows, type Row } from './Row.ts'
import { locked, num, places, rowsOf, type Sql } from './Sql.ts'
import type { Time } from './Time.ts'

/** A reservation as its verbs read it, under its lock. */
export interface Held {
  readonly id: string
  readonly mandate: string | null
  readonly proposal: string | null
  readonly kind: Kind
  readonly account: string
  readonly chainId: number
  readonly nonce: number | null
  readonly nonceFrom: number | null
  readonly nonceKind: string
  readonly deadlineMs: number | null
  readonly state: string
  readonly holder: string
  readonly policyDigest: string | null
  readonly bytesDigest: string
  readonly moved: Moved
  readonly openedMs: number
  readonly minedBlock: number | null
  readonly minedHash: string | null
}

const COLUMNS =
  'id, mandate, proposal, kind, account, chain_id, nonce, nonce_from, nonce_kind, deadline_ms, state, holder, policy_digest, bytes_digest, moves, opened_ms, mined_block, mined_hash'

export function heldOf(row: Readonly<Record<string, unknown>>): Held {
  const orNull = (value: unknown): number | null => (value === null || value === undefined ? null : num(value))
  return {
    id: row['id'] as string,
    mandate: row['mandate'] as string | null,
    proposal: row['proposal'] as string | null,
    kind: row['kind'] as Kind,
    account: row['account'] as string,
    chainId: num(row['chain_id']),
    nonce: orNull(row['nonce']),
    nonceFrom: orNull(row['nonce_from']),
    nonceKind: row['nonce_kind'] as string,
    deadlineMs: orNull(row['deadline_ms']),
    state: row['state'] as string,
    holder: row['holder'] as string,
    policyDigest: row['policy_digest'] as string | null,
    bytesDigest: row['bytes_digest'] as string,
    moved: JSON.parse(row['moves'] as string) as Moved,
    openedMs: num(row['opened_ms']),
    minedBlock: orNull(row['mined_block']),
    minedHash: row['mined_hash'] as string | null,
  }
}

export async function lockReservation(sql: Sql, id: string): Promise<Held | null> {
  const [row] = await rowsOf<Record<string, unknown>>(
    sql,
    locked(sql, `select ${COLUMNS} from reservations where id = ?`),
    [id],
  )
  return row === undefined ? null : heldOf(row)
}

/** All that wait for the chain: the reconciler's list. */
export async function openReservations(sql: Sql): Promise<readonly Held[]> {
  const rows = await rowsOf<Record<string, unknown>>(
    sql,
    `select ${COLUMNS} from reservations where state = 'open' order by opened_ms, id`,
    [],
  )
  return rows.map(heldOf)
}

interface LineRow {
  readonly limit_id: string
  readonly amount: string
  readonly beyond: unknown
}

/**
 * `held → open`: from here on a signature may exist. The mandate must be active and of the same version in this very write.
 *
 * @param of.nonce - `allocate` takes the account's next nonce, here and never before, so a released `held` leaves no hole. A
 *   number binds one that the wallet was asked to use; null where the wallet chooses.
 * @returns The nonce; null where none is bound.
 * @throws {HandOutError} `mandates:state:…`, when it may no longer be handed out.
 */
export async function handOut(
  sql: Sql,
  time: Time,
  { id, nonce, chainNonce }: { id: string; nonce: 'allocate' | number | null; chainNonce?: number },
): Promise<{ readonly nonce: number | null; readonly isAgain: boolean }> {
  const [found] = await rowsOf<{ mandate: string | null }>(sql, 'select mandate from reservations where id = ?', [id])
  const mandate =
    found?.mandate == null
      ? null
      : (
          await rowsOf<{ state: string; digest: string; valid_until_ms: unknown }>(
            sql,
            locked(sql, 'select state, digest, valid_until_ms from mandates where id = ?'),
            [found.mandate],
          )
        )[0]
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held === null || held.state === 'released' || held.state === 'settled') throw new HandOutError('closed')
  if (held.mandate !== null) {
    if (mandate === undefined || mandate === null) throw new HandOutError('ended')
    if (mandate.state === 'frozen') throw new HandOutError('frozen')
    if (mandate.state !== 'active') throw new HandOutError('ended')
    if (nowMs >= num(mandate.valid_until_ms)) throw new HandOutError('expired')
    if (mandate.digest !== held.policyDigest) throw new HandOutError('changed')
  }
  if (held.state === 'open') return { nonce: held.nonce, isAgain: true }
  const lines = await linesOf(sql, id)
  if (lines.some(({ beyond }) => num(beyond) === 1)) throw new HandOutError('beyond')
  const bound = nonce === 'allocate' ? await allocate(sql, held, chainNonce ?? 0) : nonce
  await sql.run(`update reservations set state = 'open', nonce = ?, handed_ms = ? where id = ? and state = 'held'`, [
    bound,
    nowMs,
    id,
  ])
  return { nonce: bound, isAgain: false }
}

/** The account's next nonce, compare-and-set; never one that the chain has already used. */
async function allocate(sql: Sql, { chainId, account }: Held, chainNonce: number): Promise<number> {
  await sql.run(
    'insert into signer_accounts (chain_id, account, next_nonce, last_block) values (?, ?, ?, 0) on conflict (chain_id, account) do nothing',
    [chainId, account, chainNonce],
  )
  const [row] = await rowsOf<{ next_nonce: unknown }>(
    sql,
    locked(sql, 'select next_nonce from signer_accounts where chain_id = ? and account = ?'),
    [chainId, account],
  )
  const next = Math.max(num(row?.next_nonce ?? 0), chainNonce)
  const { changes } = await sql.run(
    'update signer_accounts set next_nonce = ? where chain_id = ? and account = ? and next_nonce = ?',
    [next + 1, chainId, account, num(row?.next_nonce ?? 0)],
  )
  assert(changes === 1, 'a nonce is allocated under the lock of its account')
  return next
}

function linesOf(sql: Sql, id: string): Promise<readonly LineRow[]> {
  return rowsOf<LineRow>(
    sql,
    'select limit_id, amount, beyond from reservation_lines where reservation = ? and settle_ms is null order by limit_id',
    [id],
  )
}

/** The owner's yes beyond a limit: what fits by now is an ordinary line, the rest counts and is named on the row. */
export async function confirmBeyond(
  sql: Sql,
  time: Time,
  { id, names = 'beyond' }: { id: string; /** What the row says of it. */ names?: 'beyond' | 'outside' },
): Promise<void> {
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held?.state !== 'held') return
  const lines = (await linesOf(sql, id)).filter(({ beyond }) => num(beyond) === 1)
  const rows = await lockRowsById(
    sql,
    lines.map(({ limit_id: limit }) => limit),
    nowMs,
  )
  for (const line of lines) {
    const row = rows.get(line.limit_id) as Row
    const fits = row.open + row.settled + BigInt(line.amount) <= row.cap
    row.open += BigInt(line.amount)
    row.isChanged = true
    if (!fits) row.lifted = names
    await sql.run('update reservation_lines set beyond = ? where reservation = ? and limit_id = ?', [
      fits ? 0 : 2,
      id,
      line.limit_id,
    ])
  }
  await writeRows(sql, rows.values())
}

/**
 * A transaction of it was seen, and nobody had been handed it: it counts from here on, whatever the mandate says by now.
 *
 * @param of.isUnasked - Whether its owner still had to be asked: then the mandate is frozen, because a signer went past it.
 * @returns False where it was handed out before, or closed.
 */
export async function noteSent(
  sql: Sql,
  time: Time,
  { id, isUnasked }: { id: string; isUnasked: boolean },
): Promise<boolean> {
  const mandate = await lockMandateOf(sql, id)
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held?.state !== 'held') return false
  await confirmBeyond(sql, time, { id, names: 'outside' })
  // No nonce was bound: what another transaction has proves nothing about it.
  await sql.run(
    `update reservations set state = 'open', handed_ms = ?, nonce_kind = case kind when 'tx' then 'wallet' else nonce_kind end where id = ? and state = 'held'`,
    [nowMs, id],
  )
  if (isUnasked && mandate !== null) await freeze(sql, { mandate, because: 'outside' })
  return true
}

/** Locks the mandate of a reservation, before the reservation itself; null where it has none. */
export async function lockMandateOf(sql: Sql, id: string): Promise<string | null> {
  const [found] = await rowsOf<{ mandate: string | null }>(sql, 'select mandate from reservations where id = ?', [id])
  if (found?.mandate == null) return null
  await rowsOf(sql, locked(sql, 'select id from mandates where id = ?'), [found.mandate])
  return found.mandate
}

/** Seen in a block that may still go: nothing is given back and nothing is closed. */
export async function noteMined(
  sql: Sql,
  { id, block, hash, nonce }: { id: string; block: number | null; hash: string | null; nonce?: number },
): Promise<boolean> {
  const { changes } = await sql.run(
    `update reservations set mined_block = ?, mined_hash = ?${nonce === undefined ? '' : ', nonce = coalesce(nonce, ?)'} where id = ? and state = 'open'`,
    [block, hash, ...(nonce === undefined ? [] : [nonce]), id],
  )
  return changes === 1
}

export interface Settle {
  readonly id: string
  readonly proof: Proof
  /** What moved, by limit; a limit that is not in it settles whole. Null: all of it, because it could not be read. */
  readonly settled: ReadonlyMap<string, bigint> | null
  /** Rights that stand afterwards: they go on as reservations of their own, with these amounts. */
  readonly carry?: readonly {
    readonly token: string
    readonly spender: string
    readonly amount: bigint
    readonly lines: ReadonlyMap<string, bigint>
  }[]
}

/**
 * Closes a reservation with what the chain did. More than was reserved is an overrun: it counts, and freezes the mandate.
 *
 * @returns False where it was closed before: a second closing changes nothing.
 */
export async function settle(
  sql: Sql,
  time: Time,
  { id, proof, settled, carry = [] }: Settle,
): Promise<{ readonly isNew: boolean; readonly isOverrun: boolean }> {
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held?.state !== 'open') return { isNew: false, isOverrun: false }
  assert(maySettle(held.kind, proof.kind), 'a reservation is settled by a proof of its kind')
  const lines = await linesOf(sql, id)
  const rows = await lockRowsById(
    sql,
    lines.map(({ limit_id: limit }) => limit),
    nowMs,
  )
  let isOverrun = false
  const moved: [string, bigint][] = []
  for (const line of lines) {
    const row = rows.get(line.limit_id) as Row
    const amount = BigInt(line.amount)
    const rest = carry.reduce((sum, { lines: of }) => sum + (of.get(line.limit_id) ?? 0n), 0n)
    const took = settled === null ? amount : (settled.get(line.limit_id) ?? amount)
    if (num(line.beyond) !== 1) row.open -= amount
    row.settled += took
    row.open += rest
    row.isChanged = true
    if (took + rest > amount) isOverrun = true
    moved.push([line.limit_id, took])
  }
  for (const [limit, took] of moved)
    await sql.run('update reservation_lines set settled = ?, settle_ms = ? where reservation = ? and limit_id = ?', [
      took.toString(),
      nowMs,
      id,
      limit,
    ])
  if (isOverrun) for (const row of rows.values()) if (row.open + row.settled > row.cap) row.lifted = 'overrun'
  await writeRows(sql, rows.values())
  await sql.run(`update reservations set state = 'settled', closed_ms = ?, proof = ? where id = ?`, [
    nowMs,
    JSON.stringify(proof),
    id,
  ])
  await sql.run('update paid_recipients set is_settled = 1 where reservation = ?', [id])
  for (const right of carry) await carryOn(sql, held, right, nowMs)
  if (isOverrun && held.mandate !== null) await freeze(sql, { mandate: held.mandate, because: 'overrun' })
  return { isNew: true, isOverrun }
}

/** A right that a transaction left standing: it counts on, until it is read at depth k. */
async function carryOn(
  sql: Sql,
  held: Held,
  right: NonNullable<Settle['carry']>[number],
  nowMs: number,
): Promise<void> {
  const id = `${held.id}_${right.token.slice(2, 8)}_${right.spender.slice(2, 8)}`.toLowerCase()
  const moved: Moved = {
    assets: [],
    rights: [
      { token: right.token as `0x${string}`, spender: right.spender as `0x${string}`, amount: right.amount.toString() },
    ],
    recipients: [],
  }
  await sql.run(
    `insert into reservations (id, idem, mandate, proposal, kind, account, chain_id, nonce_kind, state, holder, policy_digest, bytes_digest, moves, opened_ms, handed_ms)
     values (?, ?, ?, ?, 'allowance', ?, ?, 'none', 'open', ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
    [
      id,
      `allowance ${id}`,
      held.mandate,
      held.proposal,
      held.account,
      held.chainId,
      held.holder,
      held.policyDigest,
      held.bytesDigest,
      JSON.stringify(moved),
      nowMs,
      nowMs,
    ],
  )
  const lines = [...right.lines].filter(([, amount]) => amount > 0n)
  if (lines.length > 0)
    await sql.run(
      `insert into reservation_lines (reservation, limit_id, amount, beyond, aged) values ${places(lines.length, 5)}`,
      lines.flatMap(([limit, amount]) => [id, limit, amount.toString(), 0, 0]),
    )
}

/**
 * Gives back what a reservation holds. While `held`, the end of its proposal is enough; once handed out, only a proof of its kind.
 *
 * @returns False where it was closed before.
 */
export async function release(sql: Sql, time: Time, { id, proof }: { id: string; proof: Proof }): Promise<boolean> {
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held === null || held.state === 'settled' || held.state === 'released') return false
  if (held.state === 'held') assert(proof.kind === 'ended', 'what is held ends with its proposal')
  else assert(mayRelease(held.kind, held.nonceKind, proof.kind), 'what was handed out is given back only by a proof')
  const lines = await linesOf(sql, id)
  const rows = await lockRowsById(
    sql,
    lines.map(({ limit_id: limit }) => limit),
    nowMs,
  )
  for (const line of lines) {
    if (num(line.beyond) === 1) continue
    const row = rows.get(line.limit_id) as Row
    row.open -= BigInt(line.amount)
    row.isChanged = true
  }
  await sql.run('update reservation_lines set settled = ?, settle_ms = ?, aged = 1 where reservation = ?', [
    '0',
    nowMs,
    id,
  ])
  await writeRows(sql, rows.values())
  await sql.run(`update reservations set state = 'released', closed_ms = ?, proof = ? where id = ?`, [
    nowMs,
    JSON.stringify(proof),
    id,
  ])
  await sql.run('delete from paid_recipients where reservation = ?', [id])
  return true
}

/** Part of an allowance or a document was used: that part is settled, the rest stays open. */
export async function settlePart(
  sql: Sql,
  time: Time,
  { id, used, rest, proof }: { id: string; used: ReadonlyMap<string, bigint>; rest: Moved; proof: Proof },
): Promise<boolean> {
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held?.state !== 'open') return false
  assert(held.kind === 'allowance' || held.kind === 'document', 'only rights are used in part')
  const lines = await linesOf(sql, id)
  const rows = await lockRowsById(
    sql,
    lines.map(({ limit_id: limit }) => limit),
    nowMs,
  )
  const part = `${id}_${nowMs}_${held.moved.rights[0]?.amount ?? '0'}`
  await sql.run(
    `insert into reservations (id, idem, mandate, proposal, kind, account, chain_id, nonce_kind, state, holder, policy_digest, bytes_digest, moves, opened_ms, handed_ms, closed_ms, proof)
     values (?, ?, ?, ?, ?, ?, ?, 'none', 'settled', ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
    [
      part,
      `part ${part}`,
      held.mandate,
      held.proposal,
      held.kind,
      held.account,
      held.chainId,
      held.holder,
      held.policyDigest,
      held.bytesDigest,
      JSON.stringify({ assets: [], rights: [], recipients: [] }),
      nowMs,
      nowMs,
      nowMs,
      JSON.stringify(proof),
    ],
  )
  for (const line of lines) {
    const amount = BigInt(line.amount)
    const wanted = used.get(line.limit_id) ?? 0n
    const took = wanted < amount ? wanted : amount
    if (took === 0n) continue
    const row = rows.get(line.limit_id) as Row
    row.open -= took
    row.settled += took
    row.isChanged = true
    await sql.run('update reservation_lines set amount = ? where reservation = ? and limit_id = ?', [
      (amount - took).toString(),
      id,
      line.limit_id,
    ])
    await sql.run(
      'insert into reservation_lines (reservation, limit_id, amount, beyond, settled, settle_ms, aged) values (?, ?, ?, 0, ?, ?, 0)',
      [part, line.limit_id, took.toString(), took.toString(), nowMs],
    )
  }
  await sql.run('update reservations set moves = ? where id = ?', [JSON.stringify(rest), id])
  await writeRows(sql, rows.values())
  return true
}

/** A transaction of a guarded account that is not ours: it counts at once, and freezes. */
export async function noteOutside(
  sql: Sql,
  time: Time,
  of: {
    readonly id: string
    readonly mandate: string
    readonly account: string
    readonly chainId: number
    readonly nonce: number
    readonly proof: Proof & { readonly kind: 'mined' }
    readonly amounts: ReadonlyMap<string, bigint>
  },
): Promise<boolean> {
  await sql.run(locked(sql, 'select state from mandates where id = ?'), [of.mandate])
  const nowMs = await time(sql)
  const { changes } = await sql.run(
    `insert into reservations (id, idem, mandate, kind, account, chain_id, nonce, nonce_kind, state, holder, bytes_digest, moves, opened_ms, handed_ms, closed_ms, proof)
     values (?, ?, ?, 'outside', ?, ?, ?, 'wallet', 'settled', 'outside', ?, ?, ?, ?, ?, ?) on conflict (idem) do nothing`,
    [
      of.id,
      `outside ${of.chainId} ${of.account} ${of.nonce} ${of.proof.hash}`,
      of.mandate,
      of.account,
      of.chainId,
      of.nonce,
      of.proof.hash,
      JSON.stringify({ assets: [], rights: [], recipients: [] }),
      nowMs,
      nowMs,
      nowMs,
      JSON.stringify(of.proof),
    ],
  )
  if (changes === 0) return false
  const rows = await lockRowsById(sql, [...of.amounts.keys()], nowMs)
  for (const [limit, amount] of of.amounts) {
    const row = rows.get(limit)
    if (row === undefined || amount === 0n) continue
    row.settled += amount
    row.isChanged = true
    if (row.open + row.settled > row.cap) row.lifted = 'outside'
    await sql.run(
      'insert into reservation_lines (reservation, limit_id, amount, beyond, settled, settle_ms, aged) values (?, ?, ?, 0, ?, ?, 0)',
      [of.id, limit, amount.toString(), amount.toString(), nowMs],
    )
  }
  await writeRows(sql, rows.values())
  await freeze(sql, { mandate: of.mandate, because: 'outside' })
  return true
}

/**
 * From this commit on nothing is reserved and nothing handed out under the mandate. What moved past it freezes it anew, so that
 * no signature from before unfreezes it.
 */
export async function freeze(sql: Sql, { mandate, because }: { mandate: string; because: string }): Promise<boolean> {
  const isPassed = because === 'overrun' || because === 'outside'
  const { changes } = await sql.run(
    `update mandates set state = 'frozen', epoch = epoch + 1, frozen_because = ? where id = ? and state ${isPassed ? "<> 'ended'" : "= 'active'"}`,
    [because, mandate],
  )
  return changes === 1
}

const WORDS = {
  closed: ['The reservation is closed.', 'mandates:state:ended'],
  frozen: ['The mandate is frozen: nothing is handed out.', 'mandates:state:frozen'],
  ended: ['The mandate has ended.', 'mandates:state:ended'],
  expired: ['The mandate has expired.', 'mandates:state:expired'],
  changed: ['The mandate has another version than the one that decided.', 'mandates:version:stale'],
  beyond: ['The owner has not confirmed what is beyond the limit.', 'mandates:limit:full'],
} as const

export class HandOutError extends BaseError {
  override readonly name = 'mandates.HandOutError'
  readonly why: keyof typeof WORDS
  constructor(why: keyof typeof WORDS) {
    const [message, code] = WORDS[why]
    super(message, { code, kind: 'conflict', hint: 'Simulate the proposal again: it is decided anew.' })
    this.why = why
  }
}
