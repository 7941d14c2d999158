import { assert } from '@countersign/base'
import * as Amount from '../policy/Amount.ts'
import { decimalsOf, isSameMoney, unitKey, type Policy } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'
import { lockRows, writeRows, type Place } from './Row.ts'
import { limitId, num, places, rowsOf, type Sql } from './Sql.ts'
import type { Time } from './Time.ts'

/**
 * A new version's limits stand on what counts already: everything that counts in any limit of the same unit, or of a token at one of the
 * same addresses, counts in them too, as far back as their windows go. So no new name, no new window and no other list of chains
 * starts at zero, and a limit that comes back has what went past it meanwhile.
 */
export async function takeOver(
  sql: Sql,
  time: Time,
  { scope, policy }: { scope: string; policy: Policy },
): Promise<void> {
  const nowMs = await time(sql)
  const wanted = placesOf(scope, policy)
  const rows = await lockRows(sql, wanted, nowMs)
  // Nothing that is copied for one of them is a source for the next: each looks at what stood before.
  const found = new Map<string, readonly Line[]>()
  for (const place of wanted) {
    const id = limitId(place.scope, place.unit, place.window)
    found.set(id, await missing(sql, place, id, nowMs))
  }
  for (const place of wanted) {
    const id = limitId(place.scope, place.unit, place.window)
    const row = rows.get(id)
    assert(row !== undefined, 'a row that is wanted is made when it is locked')
    const lines = found.get(id) ?? []
    await insertLines(sql, id, lines)
    for (const line of lines) {
      if (line.settleMs !== null) row.settled += line.settled ?? 0n
      else if (line.beyond !== 1) row.open += line.amount
    }
    row.cap = place.cap
    if (row.open + row.settled > row.cap) row.lifted = 'narrowed'
    row.isChanged = true
  }
  await writeRows(sql, rows.values())
}

/** The limits of a policy as rows: the lowest cap where two share one. */
function placesOf(scope: string, policy: Policy): readonly Place[] {
  const found = new Map<string, Place>()
  for (const { unit, window, cap } of policy.limits.flatMap(({ caps }) => caps)) {
    if (window.kind === 'call') continue
    const decimals = decimalsOf(policy, unit)
    const place = {
      ...{ scope, unit: unitKey(policy, unit), window: Window.key(window), decimals },
      cap: Amount.parse(cap, decimals) ?? 0n,
    }
    const id = limitId(scope, place.unit, place.window)
    const other = found.get(id)
    found.set(id, other === undefined || place.cap < other.cap ? place : other)
  }
  return [...found.values()]
}

/** What a reservation takes of a limit, in the smallest unit of that limit. */
interface Line {
  readonly reservation: string
  readonly amount: bigint
  readonly beyond: number
  readonly settled: bigint | null
  readonly settleMs: number | null
}

/** What counts in other limits of the unit, and not in this one although its window reaches back to it. */
async function missing(sql: Sql, place: Place, limit: string, nowMs: number): Promise<readonly Line[]> {
  const startMs = Window.startMs(Window.fromKey(place.window), nowMs)
  const rows = await rowsOf<{
    reservation: string
    unit: string
    decimals: unknown
    amount: string
    beyond: unknown
    settled: string | null
    settle_ms: unknown
  }>(
    sql,
    `select l.reservation, m.unit, m.decimals, l.amount, l.beyond, l.settled, l.settle_ms from reservation_lines l
       join mandate_limits m on m.id = l.limit_id join reservations r on r.id = l.reservation
     where m.scope = ? and m.id <> ? and r.state <> 'released' and (l.settle_ms is null or l.settle_ms >= ?)
       and not exists (select 1 from reservation_lines own where own.limit_id = ? and own.reservation = l.reservation)
     order by l.reservation, l.limit_id`,
    [place.scope, limit, startMs, limit],
  )
  const each = new Map<string, Line>()
  for (const row of rows) {
    if (!isSameMoney(row.unit, place.unit)) continue
    const inUnit = (amount: string): bigint => Amount.rescale(BigInt(amount), num(row.decimals), place.decimals)
    const line = {
      ...{ reservation: row.reservation, amount: inUnit(row.amount), beyond: num(row.beyond) },
      settled: row.settled === null ? null : inUnit(row.settled),
      settleMs: row.settle_ms === null ? null : num(row.settle_ms),
    }
    const other = each.get(line.reservation)
    if (other === undefined || weightOf(line) > weightOf(other)) each.set(line.reservation, line)
  }
  return [...each.values()]
}

/** Where two limits count one reservation apart, the larger amount is what it takes; what counts outweighs what waits for its owner. */
function weightOf({ amount, beyond, settled, settleMs }: Line): bigint {
  return settleMs !== null ? (settled ?? 0n) : beyond === 1 ? -1n : amount
}

/** As many lines as one statement inserts: SQLite takes 32,766 values. */
const CHUNK = 1_000

async function insertLines(sql: Sql, limit: string, lines: readonly Line[]): Promise<void> {
  for (let i = 0; i < lines.length; i += CHUNK) {
    const chunk = lines.slice(i, i + CHUNK)
    await sql.run(
      `insert into reservation_lines (reservation, limit_id, amount, beyond, settled, settle_ms, aged) values ${places(chunk.length, 7)}`,
      chunk.flatMap(({ reservation, amount, beyond, settled, settleMs }) => [
        ...[reservation, limit, amount.toString(), beyond],
        ...[settled === null ? null : settled.toString(), settleMs, 0],
      ]),
    )
  }
}
