import { frontmatterOf } from '@countersign/scanner'
import type { DocumentFinding } from '../Document.ts'

/** After this long without a review, what a document says may no longer hold. */
const REVIEW_MS = 365 * 24 * 3_600_000
const MAX_FACTS = 50

export interface Head {
  /** The lines of the file that the head takes up. */
  readonly endLine: number
  readonly facts: Readonly<Record<string, string>>
  /** When the document becomes stale; null for never. A date that cannot be read has passed. */
  readonly staleAtMs: number | null
  readonly findings: readonly DocumentFinding[]
}

const KEYS = ['title', 'reviewed_at', 'expires_at', 'facts']

/** The front matter of a document: `reviewed_at`, `expires_at` and `facts`. */
export function readHead(text: string, nowMs: number): Head {
  if (!/^---\s*\n/.test(text)) return { endLine: 0, facts: {}, staleAtMs: null, findings: [] }
  const { data, endLine, lines, problems } = frontmatterOf(text)
  const findings: DocumentFinding[] = []
  const say = (key: string, because: string, severity: DocumentFinding['severity'] = 'high'): void => {
    findings.push({ rule: 'stale', severity, line: lines[key] ?? 1, because })
  }
  const bad = problems.filter(({ kind }) => kind !== 'absent')
  for (const { line, because } of bad.slice(0, 3))
    findings.push({
      rule: 'stale',
      severity: 'high',
      line,
      because: `The front matter cannot be used: ${because.slice(0, 150)}.`,
    })
  const ends: number[] = bad.length > 0 ? [0] : []
  const timeOf = (key: 'reviewed_at' | 'expires_at'): number | null => {
    const given = data?.[key]
    if (given === undefined) return null
    const ms =
      typeof given === 'string' && /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/.test(given) ? Date.parse(given) : Number.NaN
    if (!Number.isNaN(ms)) return ms
    say(key, `"${key}" is not a date such as 2027-01-31.`)
    ends.push(0)
    return null
  }
  const [reviewedMs, expiresMs] = [timeOf('reviewed_at'), timeOf('expires_at')]
  if (expiresMs !== null) {
    ends.push(expiresMs)
    if (expiresMs <= nowMs) say('expires_at', 'It has expired.')
  }
  if (reviewedMs !== null) {
    ends.push(reviewedMs > nowMs + 24 * 3_600_000 ? 0 : reviewedMs + REVIEW_MS)
    if (reviewedMs > nowMs + 24 * 3_600_000) say('reviewed_at', '"reviewed_at" lies in the future.')
    else if (reviewedMs + REVIEW_MS <= nowMs) say('reviewed_at', 'Its last review was more than a year ago.')
  }
  const unknown = Object.keys(data ?? {}).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    say(unknown, `The key "${unknown.slice(0, 40).replaceAll(/[^\w-]/g, '?')}" means nothing here.`, 'low')
  return {
    endLine,
    facts: factsIn(data?.['facts'], say),
    staleAtMs: ends.length === 0 ? null : Math.min(...ends),
    findings,
  }
}

function factsIn(given: unknown, say: (key: string, because: string) => void): Record<string, string> {
  const facts: Record<string, string> = {}
  if (given === undefined || given === null) return facts
  if (typeof given !== 'object' || Array.isArray(given)) {
    say('facts', '"facts" must hold names and values, such as { rent_account: … }.')
    return facts
  }
  for (const [name, value] of Object.entries(given).slice(0, MAX_FACTS)) {
    if (/^[a-z][a-z0-9_-]{0,60}$/.test(name) && typeof value === 'string' && value !== '' && value.length <= 1_000)
      facts[name] = value
    else say('facts', 'A fact needs a name in small letters and a text in quotation marks.')
  }
  return facts
}
