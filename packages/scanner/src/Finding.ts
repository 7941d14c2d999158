import { createHash } from 'node:crypto'
import type { Severity } from './Severity.ts'
import type { ViewName } from './View.ts'

/** The four analysers; each is a check of its own, with its own status. */
export type Check = 'behavior' | 'intent' | 'structure' | 'supply'

export const CHECKS: readonly Check[] = ['behavior', 'intent', 'structure', 'supply']

export type AstItem = 'AST01' | 'AST02' | 'AST03' | 'AST04' | 'AST05' | 'AST06' | 'AST07' | 'AST08' | 'AST09' | 'AST10'

/** The items' names in the list's current form (OWASP Agentic Skills Top 10, 2026-09). */
export const AST_NAMES: Readonly<Record<AstItem, string>> = {
  AST01: 'Malicious Skills',
  AST02: 'Supply Chain Compromise',
  AST03: 'Over-Privileged Skills',
  AST04: 'Insecure Metadata',
  AST05: 'Untrusted External Instructions',
  AST06: 'Weak Isolation',
  AST07: 'Update Drift',
  AST08: 'Poor Scanning',
  AST09: 'No Governance',
  AST10: 'Cross-Platform Reuse',
}

/** What a rule found, as reports print it. Field names are the report's (docs/reference/scanner.md). */
export interface Finding {
  readonly rule: string
  readonly check: Check
  readonly severity: Severity
  readonly ast: AstItem
  /** The checklist item, such as `3.7`; null where the list has no number for it. */
  readonly item: string | null
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly view: ViewName
  /** The offending text, made safe to print: one line, no control or invisible characters, at most 200 characters. */
  readonly evidence: string
  readonly because: string
  /** What to do about it: one plain sentence. */
  readonly remediation: string
  /** @deprecated The same text under its old name; `remediation` replaces it, and version 2 of the report drops it. */
  readonly mend: string
  /** 32 hex digits; the same finding has the same one when lines above it move. */
  readonly fingerprint: string
  /** RFC 3339 date until which a waiver holds; null when none does. */
  readonly waived_until: string | null
  /** RFC 3339 date of the baseline that already holds this finding; null when it is new, or there is no baseline. */
  readonly known_since: string | null
}

/** Rule, file, evidence and which of several alike: what makes two findings the same finding. */
export function fingerprintOf(finding: Pick<Finding, 'rule' | 'file' | 'evidence'>, nth: number): string {
  const key = [finding.rule, finding.file, finding.evidence.toLowerCase().replace(/\s+/g, ' '), String(nth)].join('\0')
  return createHash('sha256').update(key).digest('hex').slice(0, 32)
}

/** A key or seed that stands in the offending line is not copied into reports. */
const SECRET_LIKE =
  /\b(?:0x)?[0-9a-fA-F]{64}\b|\b(?:sk|pk|ghp|gho|xox[bap])[-_][A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b/g

/** Makes hostile text safe to print: one line, visible characters only, at most `limit` characters. */
export function safeEvidence(text: string, limit = 200): string {
  const visible = text
    .slice(0, limit * 4)
    .replace(/\s+/g, ' ')
    .replace(
      // oxlint-disable-next-line no-misleading-character-class
      /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu,
      (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
    )
    .replace(SECRET_LIKE, (secret) => `${secret.slice(0, 6)}…`)
    .trim()
  return visible.length > limit ? `${visible.slice(0, limit - 1)}…` : visible
}
