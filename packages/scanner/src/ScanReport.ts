import type { RiskTier } from './Capability.ts'
import type { Check, Finding } from './Finding.ts'
import type { Severity } from './Severity.ts'

/**
 * `pass`: nothing at or above the gate. `fail`: a finding at or above it that is not waived. `incomplete`: something
 * could not be analysed, which is never a pass. A skill with both is `fail`; its coverage still says what was not read.
 */
export type Verdict = 'pass' | 'fail' | 'incomplete'

/** Bytes that no analyser read, and why. */
export interface Unanalysed {
  readonly file: string
  readonly bytes: number
  readonly why: string
}

export interface SkillReport {
  readonly path: string
  readonly name: string
  readonly content_digest: string
  readonly verdict: Verdict
  readonly max_severity: Severity | 'none'
  readonly risk_tier: { readonly declared: RiskTier | null; readonly derived: RiskTier }
  /** Only the checks that were asked for. */
  readonly checks: Readonly<Partial<Record<Check, Verdict>>>
  /** By file, line, rule. */
  readonly findings: readonly Finding[]
  readonly capabilities: {
    readonly declared: Readonly<Record<string, unknown>>
    readonly observed: Readonly<Record<string, readonly { subject: string; file: string; line: number }[]>>
  }
  readonly coverage: { readonly bytes: number; readonly unanalysed: readonly Unanalysed[] }
  readonly ms: number
}

/** The whole answer of `countersign scan`; `--json` prints it (docs/reference/scanner.md). */
export interface ScanReport {
  readonly version: 1
  readonly gate: Severity
  /** SHA-256 over every rule and list: two reports with the same digest were made by the same rules. */
  readonly rules_digest: string
  readonly ms: number
  /** By path. */
  readonly skills: readonly SkillReport[]
}

/** 0 clean, 1 findings at or above the gate, 9 could not finish. Bad usage is 2, and no report. */
export function exitCode(report: Pick<ScanReport, 'skills'>): 0 | 1 | 9 {
  if (report.skills.some((skill) => skill.verdict === 'fail')) return 1
  if (report.skills.some((skill) => skill.verdict === 'incomplete')) return 9
  return 0
}

/** The report without its times: what must be the same, byte for byte, from run to run. */
export function withoutTimes(report: ScanReport): ScanReport {
  return { ...report, ms: 0, skills: report.skills.map((skill) => ({ ...skill, ms: 0 })) }
}
