import { assert } from '@countersign/base'
import * as Window from '../policy/Window.ts'
import { locked, limitId, num, places, rowsOf, type Sql } from './Sql.ts'

/** A limit's row, locked and with its window up to date. */
export interface Row {
  readonly id: string
  readonly scope: string
  readonly unit: string
  readonly span: string
  cap: bigint
  readonly decimals: number
  open: bigint
  settled: bigint
  readonly version: number
  lifted: string | null
  isChanged: boolean
}

/** Which row a line goes to. */
export interface Place {
  readonly scope: string
  readonly unit: string
  readonly window: string
  readonly cap: bigint
  readonly decimals: number
}

interface Stored {
  id: string
  scope: string
  unit: string
  span: string
  cap: string
  decimals: unknown
  open: string
  settled: string
  version: unknown
  lifted: string | null
}

const COLUMNS = 'id, scope, unit, span, cap, decimals, open, settled, version, lifted'

/**
 * Locks rows in one order everywhere (by id: no deadlock), makes those that are missing, and takes out of `settled` what has
 * left its window. Each line leaves once in its life.
 */
export async function lockRows(sql: Sql, wanted: readonly Place[], nowMs: number): Promise<Map<string, Row>> {
  if (wanted.length === 0) return new Map()
  const byId = new Map(wanted.map((place) => [limitId(place.scope, place.unit, place.window), place]))
  const ids = [...byId.keys()].toSorted()
  let stored = await selectRows(sql, ids)
  if (stored.length < ids.length) {
    const known = new Set(stored.map(({ id }) => id))
    const missing = ids.filter((id) => !known.has(id))
    await sql.run(
      `insert into mandate_limits (id, scope, unit, span, cap, decimals, open, settled, version) values ${places(missing.length, 9)} on conflict (id) do nothing`,
      missing.flatMap((id) => {
        const place = byId.get(id) as Place
        return [id, place.scope, place.unit, place.window, place.cap.toString(), place.decimals, '0', '0', 1]
      }),
    )
    stored = await selectRows(sql, ids)
  }
  const rows = new Map(stored.map((each) => [each.id, rowOf(each)]))
  await age(sql, rows, nowMs)
  return rows
}

/** Locks rows that exist, by id. */
export async function lockRowsById(sql: Sql, ids: readonly string[], nowMs: number): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map()
  const rows = new Map((await selectRows(sql, ids.toSorted())).map((each) => [each.id, rowOf(each)]))
  await age(sql, rows, nowMs)
  return rows
}

function selectRows(sql: Sql, ids: readonly string[]): Promise<readonly Stored[]> {
  return rowsOf<Stored>(
    sql,
    locked(sql, `select ${COLUMNS} from mandate_limits where id in (${ids.map(() => '?').join(', ')}) order by id`),
    ids,
  )
}

function rowOf(each: Stored): Row {
  return {
    id: each.id,
    scope: each.scope,
    unit: each.unit,
    span: each.span,
    cap: BigInt(each.cap),
    decimals: num(each.decimals),
    open: BigInt(each.open),
    settled: BigInt(each.settled),
    version: num(each.version),
    lifted: each.lifted,
    isChanged: false,
  }
}

async function age(sql: Sql, rows: ReadonlyMap<string, Row>, nowMs: number): Promise<void> {
  const windows = [...rows.values()]
    .filter(({ span, settled }) => settled > 0n && span !== 'lifetime')
    .map((row) => ({ row, startMs: Window.startMs(Window.fromKey(row.span), nowMs) }))
  if (windows.length === 0) return
  const left = await rowsOf<{ limit_id: string; settled: string }>(
    sql,
    `update reservation_lines set aged = 1 where aged = 0 and settle_ms is not null and (${windows.map(() => '(limit_id = ? and settle_ms < ?)').join(' or ')}) returning limit_id, settled`,
    windows.flatMap(({ row, startMs }) => [row.id, startMs]),
  )
  for (const line of left) {
    const row = rows.get(line.limit_id)
    if (row === undefined) continue
    row.settled -= BigInt(line.settled)
    row.isChanged = true
  }
}

/** Writes all rows that changed, in one statement. */
export async function writeRows(sql: Sql, rows: Iterable<Row>): Promise<void> {
  const changed = [...rows].filter(({ isChanged }) => isChanged).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (changed.length === 0) return
  const values = changed.map(() => '(?, ?, ?, ?, ?, cast(? as bigint))').join(', ')
  const { changes } = await sql.run(
    `with v (id, cap, open, settled, lifted, version) as (values ${values})
     update mandate_limits set cap = v.cap, open = v.open, settled = v.settled, lifted = v.lifted, version = v.version + 1
     from v where mandate_limits.id = v.id and mandate_limits.version = v.version`,
    changed.flatMap((row) => [
      row.id,
      row.cap.toString(),
      row.open.toString(),
      row.settled.toString(),
      row.lifted,
      row.version,
    ]),
  )
  assert(changes === changed.length, 'a limit does not change while its row is locked')
}

/** When so much of what is settled will have left; null while something is open, or where nothing ever leaves. */
export async function freeAtMs(sql: Sql, row: Row, needed: bigint): Promise<number | null> {
  const window = Window.fromKey(row.span)
  if (row.open > 0n && window.kind === 'rolling') return null
  if (window.kind === 'lifetime' || needed > row.settled) return null
  const lines = await rowsOf<{ settled: string; settle_ms: unknown }>(
    sql,
    `select settled, settle_ms from reservation_lines where limit_id = ? and aged = 0 and settle_ms is not null order by settle_ms`,
    [row.id],
  )
  let left = 0n
  for (const line of lines) {
    left += BigInt(line.settled)
    if (left >= needed) return Window.leavesMs(window, num(line.settle_ms))
  }
  return null
}
