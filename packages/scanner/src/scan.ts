import type { Check } from './Finding.ts'
import type { ScanReport } from './ScanReport.ts'
import type { Severity } from './Severity.ts'
import type { Waiver } from './Waiver.ts'

export interface ScanOptions {
  /** Files or directories; each is a skill, or a tree in which every directory with a `SKILL.md` is one. */
  readonly paths: readonly string[]
  /** What paths in the report are relative to; the working directory when left out. */
  readonly base?: string
  /** `high` when left out. */
  readonly gate?: Severity
  /** Every check when left out. */
  readonly only?: readonly Check[]
  readonly waivers?: readonly Waiver[]
  readonly nowMs: number
  /** Keep only skills that this says yes to, by their path in the report; for `--changed`. */
  readonly keep?: (skillPath: string, files: readonly string[]) => boolean
}

/**
 * Scans: discovers, reads, extracts facts once, asks every rule, and judges. Touches nothing but the files below `paths`,
 * which it only reads.
 *
 * @throws {NoSkillError} `scanner:skill:absent` when a path holds no skill.
 */
export async function scan(_options: ScanOptions): Promise<ScanReport> {
  throw new Error('not built yet')
}
