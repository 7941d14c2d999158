import { BaseError, Json } from '@countersign/base'
import type { RiskTier } from './Capability.ts'
import { normalPath, type Fixture } from './Fixture.ts'
import { publisherOf, type Publisher } from './identity/Signature.ts'
import type { ScanReport } from './ScanReport.ts'

/** One approved version of one skill: which bytes, how risky, who said yes, and until when (AST07, AST09). */
export interface LockEntry {
  readonly path: string
  readonly name: string
  readonly content_digest: string
  readonly risk_tier: RiskTier
  readonly rules_digest: string
  readonly approved_by: string
  /** RFC 3339 date. */
  readonly approved_on: string
  /** RFC 3339 date on which somebody has to look again. */
  readonly expires: string
  /** RFC 3339 date on which the approval was taken back; null while it stands. */
  readonly revoked_on: string | null
  /** Who has to have signed it; null or left out: nobody. */
  readonly publisher?: Publisher | null
}

/** `skills.lock.json`: the inventory of what may run. */
export interface Lock {
  readonly version: 1
  readonly skills: readonly LockEntry[]
  /** Directories of samples, which need no approval and fail no scan. */
  readonly fixtures?: readonly Fixture[]
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** @throws {LockError} `scanner:lock:unreadable`. */
export function parse(text: string, file: string): Lock {
  let value: unknown
  try {
    value = Json.parse(text)
  } catch (error) {
    throw new LockError(file, Json.faultOf(error))
  }
  const list =
    typeof value === 'object' && value !== null && 'skills' in value && 'version' in value && value.version === 1
      ? value.skills
      : null
  if (!Array.isArray(list)) throw new LockError(file, 'it has no "version": 1 and list "skills"')
  const skills = list.map((entry: unknown, i): LockEntry => {
    const record = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    const field = (name: string, pattern: RegExp): string => {
      const found = record[name]
      if (typeof found !== 'string' || !pattern.test(found))
        throw new LockError(file, `entry ${i + 1} has no good "${name}"`)
      return found
    }
    return {
      path: field('path', /^.{1,1024}$/),
      name: field('name', /^.{1,200}$/),
      content_digest: field('content_digest', /^sha256:[0-9a-f]{64}$/),
      risk_tier: field('risk_tier', /^L[0-3]$/) as RiskTier,
      rules_digest: field('rules_digest', /^sha256:[0-9a-f]{64}$/),
      approved_by: field('approved_by', /^\S.{0,200}$/),
      approved_on: field('approved_on', DATE),
      expires: field('expires', DATE),
      revoked_on:
        record['revoked_on'] === null || record['revoked_on'] === undefined ? null : field('revoked_on', DATE),
      publisher: publisherIn(record['publisher'], () => new LockError(file, `entry ${i + 1} has no good "publisher"`)),
    }
  })
  const fixtures = fixturesIn(value, file)
  return { version: 1, skills, ...(fixtures.length === 0 ? {} : { fixtures }) }
}

function publisherIn(value: unknown, error: () => LockError): Publisher | null {
  if (value === null || value === undefined) return null
  const { kind, identity, issuer } = (typeof value === 'object' ? value : {}) as Record<string, unknown>
  const isText = (field: unknown): field is string => typeof field === 'string' && /^\S.{0,2000}$/.test(field)
  if (kind === 'ed25519' && isText(identity) && /^ed25519:[\w-]{43}$/.test(identity) && (issuer ?? null) === null)
    return { kind, identity, issuer: null }
  if (kind === 'sigstore' && isText(identity) && isText(issuer)) return { kind, identity, issuer }
  throw error()
}

function fixturesIn(value: unknown, file: string): Fixture[] {
  const list = (value as { fixtures?: unknown }).fixtures ?? []
  if (!Array.isArray(list)) throw new LockError(file, '"fixtures" is not a list')
  return list.map((entry: unknown, i) => {
    const { path, because, declared_by } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<
      string,
      unknown
    >
    const normal = typeof path === 'string' && path.length <= 1024 ? normalPath(path) : null
    if (normal === null) throw new LockError(file, `fixture ${i + 1} has no "path" to a directory below this one`)
    if (typeof because !== 'string' || !/^.{8,1000}$/s.test(because))
      throw new LockError(file, `fixture ${i + 1} has no good "because"`)
    if (typeof declared_by !== 'string' || !/^\S.{0,200}$/.test(declared_by))
      throw new LockError(file, `fixture ${i + 1} has no good "declared_by"`)
    return { path: normal, because, declared_by }
  })
}

/** The lock that approves a report's skills as they are, and names its fixtures. A skill that does not pass cannot be approved. */
export function fromReport(report: ScanReport, by: string, nowMs: number, days = 180): Lock {
  const date = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const [unread] = report.not_scanned
  if (unread !== undefined) throw new NotApprovableError(unread.path, 'not scanned')
  const shipped = report.skills.filter((skill) => skill.fixture === null)
  const skills = shipped.map((skill): LockEntry => {
    if (skill.verdict !== 'pass') throw new NotApprovableError(skill.path, skill.verdict)
    return {
      path: skill.path,
      name: skill.name,
      content_digest: skill.content_digest,
      risk_tier: skill.risk_tier.derived,
      rules_digest: report.rules_digest,
      approved_by: by,
      approved_on: date(nowMs),
      expires: date(nowMs + days * 86_400_000),
      revoked_on: null,
      publisher: publisherOf(skill.signatures),
    }
  })
  const declared = report.skills.flatMap(({ fixture }) => fixture ?? [])
  const fixtures = [...new Map(declared.map((each) => [each.path, each])).values()]
  return { version: 1, skills, ...(fixtures.length === 0 ? {} : { fixtures }) }
}

export class LockError extends BaseError {
  override readonly name = 'scanner.LockError'
  constructor(file: string, why: string) {
    super(`The lock ${file} cannot be read: ${why}.`, {
      code: 'scanner:lock:unreadable',
      kind: 'invalid',
      hint: 'Write it again with `countersign scan --write-lock`.',
    })
  }
}

export class NotApprovableError extends BaseError {
  override readonly name = 'scanner.NotApprovableError'
  constructor(path: string, verdict: string) {
    super(`The skill ${path} cannot be approved: its verdict is ${verdict}.`, {
      code: 'scanner:lock:not-approvable',
      kind: 'refused',
      hint: 'Mend what was found, or waive it by name, then lock again.',
    })
  }
}
