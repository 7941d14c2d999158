import type { RiskTier } from './Capability.ts'
import type { Check, Finding } from './Finding.ts'
import type { Fixture } from './Fixture.ts'
import type { Signature } from './identity/Signature.ts'
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
  /** Who signed it, checked offline; empty for a package without a signature. */
  readonly signatures: readonly Signature[]
  /** Who declared it a test fixture, and why; null for a skill that ships. The verdict of a fixture fails no scan. */
  readonly fixture: Fixture | null
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

/** A path that holds no skill, or that could not be read; the others were scanned. */
export interface NotScanned {
  /** As it was given, or relative to the working directory for what lies below it. */
  readonly path: string
  readonly code: 'scanner:path:absent' | 'scanner:path:unreadable' | 'scanner:skill:absent'
  readonly because: string
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
  readonly not_scanned: readonly NotScanned[]
}

/**
 * 1: a finding at or above the gate. 9: something could not be analysed or read. 2: a path holds no skill (bad usage of
 * other kinds gives no report). 0: none of these. The first that holds is given; skills declared as fixtures count for none.
 */
export function exitCode({ skills, not_scanned }: Pick<ScanReport, 'skills' | 'not_scanned'>): 0 | 1 | 2 | 9 {
  const shipped = skills.filter((skill) => skill.fixture === null)
  if (shipped.some((skill) => skill.verdict === 'fail')) return 1
  if (shipped.some((skill) => skill.verdict === 'incomplete')) return 9
  if (not_scanned.some((each) => each.code === 'scanner:path:unreadable')) return 9
  return not_scanned.length > 0 ? 2 : 0
}

/** The report without its times: what must be the same, byte for byte, from run to run. */
export function withoutTimes(report: ScanReport): ScanReport {
  return { ...report, ms: 0, skills: report.skills.map((skill) => ({ ...skill, ms: 0 })) }
}
