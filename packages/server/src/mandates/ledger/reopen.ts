import * as Amount from '../policy/Amount.ts'
import { isSameMoney } from '../policy/Policy.ts'
import { freeze, lockMandateOf, lockReservation } from './close.ts'
import { lockRowsById, writeRows, type Row } from './Row.ts'
import { num, rowsOf, type Sql } from './Sql.ts'
import type { Time } from './Time.ts'

/**
 * The chain shows bytes of a reservation that was given back: the proof was false, or nobody had been handed them. All of it
 * counts again, in limits that are younger too, and the mandate is frozen. From here on it closes like any other.
 *
 * @returns False where it was not given back.
 */
export async function reopen(sql: Sql, time: Time, { id }: { id: string }): Promise<boolean> {
  const mandate = await lockMandateOf(sql, id)
  const nowMs = await time(sql)
  const held = await lockReservation(sql, id)
  if (held?.state !== 'released') return false
  const lines = await linesOf(sql, id)
  const rows = await lockRowsById(sql, [...lines.keys()], nowMs)
  for (const [limit, amount] of lines) {
    const row = rows.get(limit) as Row
    row.open += amount
    row.isChanged = true
    if (row.open + row.settled > row.cap) row.lifted = 'overrun'
    await sql.run(
      `insert into reservation_lines (reservation, limit_id, amount, beyond, aged) values (?, ?, ?, 0, 0)
       on conflict (reservation, limit_id) do update set beyond = 0, settled = null, settle_ms = null, aged = 0`,
      [id, limit, amount.toString()],
    )
  }
  await writeRows(sql, rows.values())
  // At which nonce it is mined in the end nobody can say now: no other transaction proves that it is not.
  await sql.run(
    `update reservations set state = 'open', closed_ms = null, proof = null, nonce_kind = 'wallet', handed_ms = coalesce(handed_ms, ?) where id = ?`,
    [nowMs, id],
  )
  if (mandate !== null) await freeze(sql, { mandate, because: 'overrun' })
  return true
}

/**
 * What it held, in every limit that counts the same by now: a later version may have windows, or lists of chains, that it never stood in.
 * Where it stood, it is what it was there; elsewhere the most that it was anywhere.
 */
async function linesOf(sql: Sql, id: string): Promise<ReadonlyMap<string, bigint>> {
  const rows = await rowsOf<{
    limit: string
    unit: string
    decimals: unknown
    source: string
    held: string
    places: unknown
    amount: string
  }>(
    sql,
    `select now.id as "limit", now.unit, now.decimals, m.id as source, m.unit as held, m.decimals as places, l.amount
       from reservation_lines l join mandate_limits m on m.id = l.limit_id join mandate_limits now on now.scope = m.scope
     where l.reservation = ? order by now.id, m.id`,
    [id],
  )
  const own = new Map(rows.map(({ source, amount }) => [source, BigInt(amount)]))
  const found = new Map<string, bigint>()
  for (const { limit, unit, decimals, held, places, amount } of rows) {
    if (!isSameMoney(unit, held)) continue
    const here = own.get(limit) ?? Amount.rescale(BigInt(amount), num(places), num(decimals))
    if (here > (found.get(limit) ?? -1n)) found.set(limit, here)
  }
  return found
}
