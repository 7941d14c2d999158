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
): 0 | 1 | 2 | 9 {
  const own = exitCode(report)
  // What others find in a declared sample is what it is for.
  const samples = new Set(report.skills.filter((skill) => skill.fixture !== null).map((skill) => skill.path))
  const others = adapters.filter((each) => !samples.has(each.skill))
  if (own === 1 || others.some((each) => each.status === 'fail')) return 1
  if (own === 9 || isOsvMissing || others.some((each) => each.status === 'failed')) return 9
  return own
}
