import { num, rowsOf, type Sql } from './Sql.ts'

/** The store's time: what the ledger reads instead of a clock. Milliseconds since the epoch. */
export type Time = (sql: Sql) => Promise<number>

/**
 * Time that never goes back: the latest time ever used, or what the machine's monotonic clock says since the anchor. Steps of the
 * wall clock change nothing while the machine runs. Other processes of the same boot share the anchor.
 *
 * @param of.monotonicMs - Of the whole machine, since it started: `process.hrtime`.
 * @param of.boot - Names this start of the machine; null where that is not known, and then each process has its own anchor.
 */
export function storeTime({
  wallMs,
  monotonicMs,
  boot,
}: {
  wallMs: () => number
  monotonicMs: () => number
  boot: string | null
}): Time {
  let own: { wallMs: number; monoMs: number } | null = null
  return async (sql) => {
    const [clock] = await rowsOf<{
      high_ms: unknown
      boot: string | null
      anchor_wall_ms: unknown
      anchor_mono_ms: unknown
    }>(
      sql,
      sql.dialect === 'postgres'
        ? 'select high_ms, boot, anchor_wall_ms, anchor_mono_ms from ledger_clock where id = 1 for update'
        : 'select high_ms, boot, anchor_wall_ms, anchor_mono_ms from ledger_clock where id = 1',
      [],
    )
    const highMs = num(clock?.high_ms ?? 0)
    const isShared =
      boot !== null && clock?.boot === boot && clock.anchor_wall_ms != null && clock.anchor_mono_ms != null
    let anchor = isShared ? { wallMs: num(clock.anchor_wall_ms), monoMs: num(clock.anchor_mono_ms) } : own
    const isNew = anchor === null
    anchor ??= { wallMs: Math.max(highMs, wallMs()), monoMs: monotonicMs() }
    own = anchor
    const nowMs = Math.max(highMs, Math.floor(anchor.wallMs + (monotonicMs() - anchor.monoMs)))
    if (isNew && boot !== null) {
      await sql.run(
        'update ledger_clock set high_ms = ?, boot = ?, anchor_wall_ms = ?, anchor_mono_ms = ? where id = 1',
        [nowMs, boot, Math.floor(anchor.wallMs), Math.floor(anchor.monoMs)],
      )
    } else if (nowMs > highMs) await sql.run('update ledger_clock set high_ms = ? where id = 1', [nowMs])
    return nowMs
  }
}

/** PostgreSQL's own clock, which all instances share, and never before the latest time used. */
export const databaseTime: Time = async (sql) => {
  const [row] = await rowsOf<{ high_ms: unknown }>(
    sql,
    'update ledger_clock set high_ms = greatest(high_ms, cast(extract(epoch from clock_timestamp()) * 1000 as bigint)) where id = 1 returning high_ms',
    [],
  )
  return num(row?.high_ms ?? 0)
}
