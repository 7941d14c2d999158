import * as Amount from '../policy/Amount.ts'
import { decimalsOf, unitKey, type Policy } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'
import { lockRows, writeRows, type Place } from './Row.ts'
import { limitId, num, places, rowsOf, type Sql } from './Sql.ts'
import type { Time } from './Time.ts'

/**
 * A new version's limits stand on what counts already: the same unit and window is the same row, with its cap. A window that is
 * new for a unit is rebuilt from the lines of that unit, so that no new name and no new window starts at zero.
 */
export async function takeOver(
  sql: Sql,
  time: Time,
  { scope, policy }: { scope: string; policy: Policy },
): Promise<void> {
  const nowMs = await time(sql)
  const wanted = placesOf(scope, policy)
  const known = new Set(
    (await rowsOf<{ id: string }>(sql, 'select id from mandate_limits where scope = ?', [scope])).map(({ id }) => id),
  )
  const rows = await lockRows(sql, wanted, nowMs)
  for (const place of wanted) {
    const id = limitId(place.scope, place.unit, place.window)
    const row = rows.get(id)
    if (row === undefined) continue
    if (!known.has(id)) {
      const { open, settled } = await rebuild(sql, place, id, nowMs)
      row.open += open
      row.settled += settled
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

/** Copies a line of each reservation that counts in another window of the unit, as far as it counts in this one. */
async function rebuild(
  sql: Sql,
  place: Place,
  limit: string,
  nowMs: number,
): Promise<{ open: bigint; settled: bigint }> {
  const startMs = Window.startMs(Window.fromKey(place.window), nowMs)
  const lines = await rowsOf<{
    reservation: string
    amount: string
    beyond: unknown
    settled: string | null
    settle_ms: unknown
  }>(
    sql,
    `select l.reservation, l.amount, l.beyond, l.settled, l.settle_ms from reservation_lines l
       join mandate_limits m on m.id = l.limit_id join reservations r on r.id = l.reservation
     where m.scope = ? and m.unit = ? and r.state <> 'released' order by l.reservation, l.limit_id`,
    [place.scope, place.unit],
  )
  const each = new Map(lines.map((line) => [line.reservation, line]))
  let open = 0n
  let settled = 0n
  const kept = [...each.values()].filter(({ settle_ms: at }) => at === null || num(at) >= startMs)
  for (const line of kept) {
    if (line.settle_ms !== null) settled += BigInt(line.settled ?? '0')
    else if (num(line.beyond) !== 1) open += BigInt(line.amount)
  }
  if (kept.length > 0)
    await sql.run(
      `insert into reservation_lines (reservation, limit_id, amount, beyond, settled, settle_ms, aged) values ${places(kept.length, 7)} on conflict do nothing`,
      kept.flatMap((line) => [line.reservation, limit, line.amount, num(line.beyond), line.settled, line.settle_ms, 0]),
    )
  return { open, settled }
}
