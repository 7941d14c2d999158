import { BaseError, Json } from '@countersign/base'
import type { Finding } from './Finding.ts'
import type { ScanReport } from './ScanReport.ts'
import { isAtLeast, isSeverity, type Severity } from './Severity.ts'

/** A finding that was there when the baseline was made. */
export interface BaselineEntry {
  readonly skill: string
  readonly fingerprint: string
  readonly severity: Severity
  /** For people who read the file; not compared. */
  readonly rule: string
  readonly file: string
}

/**
 * What a scan found on one day, so that later scans fail for what is new only. It is no approval: a waiver names a reason and
 * an owner, ends, and holds for one version; a baseline does none of that.
 */
export interface Baseline {
  readonly version: 1
  /** RFC 3339 date. */
  readonly made_on: string
  readonly findings: readonly BaselineEntry[]
}

/** @throws {BaselineError} `scanner:baseline:unreadable`, naming the entry and what it lacks. */
export function parse(text: string, file: string): Baseline {
  let value: unknown
  try {
    value = Json.parse(text)
  } catch (error) {
    throw new BaselineError(file, Json.faultOf(error))
  }
  const whole = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const list = whole['version'] === 1 ? whole['findings'] : null
  if (!Array.isArray(list)) throw new BaselineError(file, 'it has no "version": 1 and list "findings"')
  const madeOn = whole['made_on']
  if (typeof madeOn !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(madeOn))
    throw new BaselineError(file, 'it has no good "made_on"')
  const findings = list.map((entry: unknown, i): BaselineEntry => {
    const record = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    const field = (name: string, pattern: RegExp): string => {
      const found = record[name]
      if (typeof found !== 'string' || !pattern.test(found))
        throw new BaselineError(file, `entry ${i + 1} has no good "${name}"`)
      return found
    }
    const severity = field('severity', /^[a-z]{1,10}$/)
    if (!isSeverity(severity)) throw new BaselineError(file, `entry ${i + 1} has no good "severity"`)
    return {
      skill: field('skill', /^.{1,1024}$/),
      fingerprint: field('fingerprint', /^[0-9a-f]{32}$/),
      severity,
      rule: field('rule', /^[\w-]{1,100}$/),
      file: field('file', /^.{1,4096}$/s),
    }
  })
  return { version: 1, made_on: madeOn, findings }
}

/** Everything that a report found, as known from today on. Findings of declared fixtures are left out: they fail nothing. */
export function fromReport(report: ScanReport, nowMs: number): Baseline {
  return {
    version: 1,
    made_on: new Date(nowMs).toISOString().slice(0, 10),
    findings: report.skills
      .filter((skill) => skill.fixture === null)
      .flatMap((skill) =>
        skill.findings.map(({ fingerprint, severity, rule, file }) => ({
          skill: skill.path,
          fingerprint,
          severity,
          rule,
          file,
        })),
      ),
  }
}

/** The findings, each with the day since which it is known. A finding that has become graver is new. */
export function mark(findings: readonly Finding[], skillPath: string, baseline: Baseline): Finding[] {
  const known = new Map(
    baseline.findings.filter((each) => each.skill === skillPath).map((each) => [each.fingerprint, each.severity]),
  )
  return findings.map((finding) => {
    const before = known.get(finding.fingerprint)
    const isKnown = before !== undefined && isAtLeast(before, finding.severity)
    return { ...finding, known_since: isKnown ? baseline.made_on : null }
  })
}

/** How many entries are about a skill that was scanned and are no longer found. */
export function countGone(baseline: Baseline, report: ScanReport): number {
  const found = new Map(
    report.skills.map((skill) => [skill.path, new Set(skill.findings.map((each) => each.fingerprint))]),
  )
  return baseline.findings.filter((each) => found.get(each.skill)?.has(each.fingerprint) === false).length
}

export class BaselineError extends BaseError {
  override readonly name = 'scanner.BaselineError'
  constructor(file: string, why: string) {
    super(`The baseline ${file} cannot be read: ${why}.`, {
      code: 'scanner:baseline:unreadable',
      kind: 'invalid',
      hint: 'Write it again with `countersign scan --write-baseline`.',
    })
  }
}
