import type { Severity } from '../Severity.ts'

/** The four scanners that others name. Each is a program of somebody else's, run as it is where it is installed. */
export type AdapterName = 'skill-audit' | 'cisco-skill-scanner' | 'skillscan' | 'snyk-agent-scan'

/** What another scanner said about one skill, in our words. It can only add to our verdict. */
export interface AdapterFinding {
  /** Its own rule id, made stable where its own is not. */
  readonly rule: string
  readonly severity: Severity
  readonly file: string
  /** From 1; null when it names no line. */
  readonly line: number | null
  readonly message: string
  readonly fingerprint: string
}

/**
 * `not-run`: not installed, or not allowed to; neutral, and said. `failed`: it was to run and gave no answer that can be
 * read, which is never a pass.
 */
export interface AdapterReport {
  /** `judge`: a language model that was asked with `--judge`. */
  readonly adapter: AdapterName | 'judge'
  readonly skill: string
  readonly status: 'pass' | 'fail' | 'not-run' | 'failed'
  /** The version that ran; null when none did. */
  readonly version: string | null
  /** A sentence for `not-run` and `failed`. */
  readonly because: string | null
  readonly findings: readonly AdapterFinding[]
}
