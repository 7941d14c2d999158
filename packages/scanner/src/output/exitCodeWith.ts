import type { Extras } from './Extras.ts'
import { exitCode, type ScanReport } from '../ScanReport.ts'

/**
 * The exit code with what stands beside the report. It only ever gets graver: another scanner's finding is a failure,
 * its silence is not a pass; 1 is said before 9, as for the skills themselves.
 */
export function exitCodeWith(
  report: ScanReport,
  { adapters }: Extras,
  { isOsvMissing }: { isOsvMissing: boolean },
): 0 | 1 | 9 {
  const own = exitCode(report)
  if (own === 1 || adapters.some((each) => each.status === 'fail')) return 1
  if (own === 9 || isOsvMissing || adapters.some((each) => each.status === 'failed')) return 9
  return 0
}
