import type { AdapterReport } from '../adapters/AdapterReport.ts'

/** What stands beside the report of the four analysers, and never makes it milder. */
export interface Extras {
  /** Other scanners; empty when none was asked for. */
  readonly adapters: readonly AdapterReport[]
  /** Where known-vulnerable versions were taken from; null: they were not checked. */
  readonly osv: { readonly as_of: string; readonly records: number; readonly digest: string } | null
}

/** Said wherever nobody looked for vulnerable versions: an unchecked thing is never shown as checked. */
export const OSV_NOT_CHECKED = 'vulnerable versions: not checked, no snapshot (--osv FILE|DIR)'
