import { STALE_DAYS } from '../supply/osv/Snapshot.ts'
import type { AdapterReport } from '../adapters/AdapterReport.ts'

/** What stands beside the report of the four analysers, and never makes it milder. */
export interface Extras {
  /** Other scanners; empty when none was asked for. */
  readonly adapters: readonly AdapterReport[]
  /** Where known-vulnerable versions were taken from; null: they were not checked. */
  readonly osv: {
    readonly as_of: string
    /** Whole days from `as_of` to the scan; null when that day cannot be read. */
    readonly age_days: number | null
    readonly records: number
    readonly digest: string
  } | null
}

/** Said wherever nobody looked for vulnerable versions: an unchecked thing is never shown as checked. */
export const OSV_NOT_CHECKED = 'vulnerable versions: not checked, no snapshot (--osv FILE|DIR)'

/** Against what versions were checked, and how old that is. A stale snapshot is named so: it knows nothing later. */
export function osvLine({ osv }: Extras): string {
  if (osv === null) return OSV_NOT_CHECKED
  const { as_of, age_days, records } = osv
  const age = age_days === null ? 'age unknown' : age_days === 1 ? '1 day old' : `${age_days} days old`
  const isStale = age_days === null || age_days > STALE_DAYS
  return `vulnerable versions: OSV as of ${as_of} (${age}${isStale ? ', STALE: run `countersign scan osv fetch --out FILE`' : ''}), ${records} records`
}
