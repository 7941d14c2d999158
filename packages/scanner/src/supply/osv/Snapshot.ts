import { createHash } from 'node:crypto'
import { BaseError, Digest } from '@countersign/base'
import { pypiName, type Ecosystem } from '../Dependency.ts'
import type { Severity } from '../../Severity.ts'
import { compareVersions } from './versions.ts'

/**
 * Known-vulnerable versions, compacted from OSV records (ossf.github.io/osv-schema) so that they can be carried along and
 * read without a network: for each package the advisories, each with the ranges and versions that it affects.
 */
export interface Snapshot {
  readonly format: 'countersign-osv-1'
  /** RFC 3339: the newest `modified` of the records that went in. The snapshot knows nothing later. */
  readonly as_of: string
  readonly records: number
  /** Ecosystem → package → advisories, all sorted. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, readonly Advisory[]>>>>
}

export interface Advisory {
  readonly id: string
  readonly severity: Severity
  readonly summary: string
  /** `[introduced, fixed | null, last affected | null]`; introduced is `0` for ever. */
  readonly ranges: readonly (readonly [string, string | null, string | null])[]
  readonly versions: readonly string[]
}

/** The ecosystems that the scanner reads. Others in a database are left out. */
const KEPT: readonly Ecosystem[] = ['npm', 'PyPI', 'crates.io', 'Go', 'RubyGems']

/**
 * Compacts OSV records. Withdrawn records and git-only ranges are left out: a version cannot be compared with a commit.
 *
 * @throws {OsvError} `scanner:osv:unreadable` when a value is no OSV record.
 */
export function compact(records: Iterable<unknown>): Snapshot {
  const compactor = new Compactor()
  for (const record of records) compactor.add(record)
  return compactor.done()
}

/** Compacts record by record: a whole database is larger than memory should be. */
export class Compactor {
  readonly #packages = new Map<string, Map<string, Advisory[]>>()
  #asOf = ''
  #count = 0

  /** @throws {OsvError} `scanner:osv:unreadable` when it is no OSV record. */
  add(record: unknown): void {
    const { id, modified, withdrawn, affected } = fields(record)
    this.#count += 1
    if (modified > this.#asOf) this.#asOf = modified
    if (withdrawn) return
    for (const entry of affected) {
      const named = object(entry['package'])
      // `Debian:12` and the like name a release after a colon.
      const ecosystem = String(named['ecosystem'] ?? '').split(':')[0] ?? ''
      const written = String(named['name'] ?? '')
      if (!(KEPT as readonly string[]).includes(ecosystem) || written === '') continue
      const name = ecosystem === 'PyPI' ? pypiName(written) : written
      const ranges = rangesOf(entry)
      const versions = array(entry['versions']).filter((each): each is string => typeof each === 'string')
      const isCovered =
        ranges.length > 0 &&
        versions.every((version) => ranges.some((range) => isInRange(ecosystem as Ecosystem, version, range)))
      if (ranges.length === 0 && versions.length === 0) continue
      const advisory: Advisory = {
        id,
        severity: severityOf(id, object(record), entry),
        summary: String(object(record)['summary'] ?? '').slice(0, 160),
        ranges,
        versions: isCovered ? [] : versions.toSorted(),
      }
      const byName = this.#packages.get(ecosystem) ?? new Map<string, Advisory[]>()
      this.#packages.set(ecosystem, byName)
      byName.set(name, [...(byName.get(name) ?? []), advisory])
    }
  }

  done(): Snapshot {
    const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return {
      format: 'countersign-osv-1',
      as_of: this.#asOf,
      records: this.#count,
      packages: Object.fromEntries(
        sorted(this.#packages).map(([ecosystem, byName]) => [
          ecosystem,
          Object.fromEntries(
            sorted(byName).map(([name, advisories]) => [name, advisories.toSorted((a, b) => (a.id < b.id ? -1 : 1))]),
          ),
        ]),
      ),
    }
  }
}

/** A snapshot that is older says nothing about what is found every week. */
export const STALE_DAYS = 14

/** How old a snapshot is, in whole days; null when its day cannot be read. */
export function ageDays({ as_of }: Pick<Snapshot, 'as_of'>, nowMs: number): number | null {
  const ms = Date.parse(as_of)
  return Number.isNaN(ms) ? null : Math.max(0, Math.floor((nowMs - ms) / 86_400_000))
}

/**
 * A compacted snapshot, checked.
 *
 * @throws {OsvError} `scanner:osv:unreadable`.
 */
export function parse(value: unknown): Snapshot {
  const snapshot = object(value)
  const isWhole =
    snapshot['format'] === 'countersign-osv-1' &&
    typeof snapshot['as_of'] === 'string' &&
    typeof snapshot['records'] === 'number' &&
    Object.values(object(snapshot['packages'])).every((byName) =>
      Object.values(object(byName)).every((advisories) =>
        array(advisories).every(
          (each) =>
            typeof object(each)['id'] === 'string' &&
            Array.isArray(object(each)['ranges']) &&
            Array.isArray(object(each)['versions']),
        ),
      ),
    )
  if (!isWhole) throw new OsvError('it is not a snapshot of the format countersign-osv-1')
  return value as Snapshot
}

/** Whether a value claims to be a compacted snapshot rather than an OSV record. */
export function isSnapshot(value: unknown): boolean {
  return String(object(value)['format'] ?? '').startsWith('countersign-osv-')
}

/** SHA-256 of the canonical JSON: what reports name. */
export function digestOf(snapshot: Snapshot): string {
  return `sha256:${createHash('sha256').update(Digest.canonicalJson(snapshot)).digest('hex')}`
}

/** Advisories that a version is affected by, the gravest first. */
export function advisoriesFor(
  snapshot: Snapshot,
  at: { ecosystem: Ecosystem; name: string; version: string },
): readonly Advisory[] {
  const byName = snapshot.packages[at.ecosystem]
  const found = byName !== undefined && Object.hasOwn(byName, at.name) ? (byName[at.name] ?? []) : []
  const version = at.ecosystem === 'Go' ? at.version.replace(/^v/, '') : at.version
  return found.filter(
    (advisory) =>
      advisory.versions.includes(version) || advisory.ranges.some((range) => isInRange(at.ecosystem, version, range)),
  )
}

function isInRange(
  ecosystem: Ecosystem,
  version: string,
  [introduced, fixed, last]: Advisory['ranges'][number],
): boolean {
  const compare = (a: string, b: string): number => compareVersions(ecosystem, a, b)
  if (introduced !== '0' && compare(version, introduced) < 0) return false
  if (fixed !== null) return compare(version, fixed) < 0
  if (last !== null) return compare(version, last) <= 0
  return true
}

function rangesOf(entry: Record<string, unknown>): Advisory['ranges'] {
  const ranges: [string, string | null, string | null][] = []
  for (const range of array(entry['ranges']).map(object)) {
    if (range['type'] === 'GIT') continue
    let introduced: string | null = null
    for (const event of array(range['events']).map(object)) {
      const from = event['introduced']
      const fixed = event['fixed']
      const last = event['last_affected']
      if (typeof from === 'string') introduced = from
      else if (introduced !== null && typeof fixed === 'string') {
        ranges.push([introduced, fixed, null])
        introduced = null
      } else if (introduced !== null && typeof last === 'string') {
        ranges.push([introduced, null, last])
        introduced = null
      }
    }
    if (introduced !== null) ranges.push([introduced, null, null])
  }
  return ranges
}

/** GitHub's words, or the CVSS v3 base score's bands (FIRST, CVSS v3.1 §5). Unknown is taken for high; malware is critical. */
function severityOf(id: string, record: Record<string, unknown>, entry: Record<string, unknown>): Severity {
  if (id.startsWith('MAL-')) return 'critical'
  const word = String(
    object(record['database_specific'])['severity'] ?? object(entry['database_specific'])['severity'] ?? '',
  ).toLowerCase()
  if (word === 'moderate' || word === 'medium') return 'medium'
  if (word === 'low' || word === 'high' || word === 'critical') return word
  for (const severity of [...array(record['severity']), ...array(entry['severity'])].map(object)) {
    const score = String(severity['type']).startsWith('CVSS_V3') ? cvss3(String(severity['score'])) : null
    if (score !== null) return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
  }
  return 'high'
}

const CVSS3: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}

/**
 * Base score of a CVSS v3 vector, 0 to 10 (FIRST, CVSS v3.1 specification, §7.1); null when it is none.
 *
 * @example
 * cvss3('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H') // 9.8
 */
export function cvss3(vector: string): number | null {
  const metrics = Object.fromEntries(vector.split('/').map((part) => part.split(':') as [string, string]))
  const isChanged = metrics['S'] === 'C'
  const weight = (metric: string): number => CVSS3[metric]?.[metrics[metric] ?? ''] ?? Number.NaN
  const privileges =
    { N: 0.85, L: isChanged ? 0.68 : 0.62, H: isChanged ? 0.5 : 0.27 }[metrics['PR'] ?? ''] ?? Number.NaN
  const base = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'))
  const impact = isChanged ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base
  const exploitability = 8.22 * weight('AV') * weight('AC') * privileges * weight('UI')
  if (Number.isNaN(impact) || Number.isNaN(exploitability)) return null
  if (impact <= 0) return 0
  const score = Math.min(10, (isChanged ? 1.08 : 1) * (impact + exploitability))
  // The specification's Roundup, written so that floating point does not lift a score by a tenth.
  const hundredThousandths = Math.round(score * 100_000)
  return hundredThousandths % 10_000 === 0
    ? hundredThousandths / 100_000
    : (Math.floor(hundredThousandths / 10_000) + 1) / 10
}

function fields(record: unknown): {
  id: string
  modified: string
  withdrawn: boolean
  affected: Record<string, unknown>[]
} {
  const { id, modified, withdrawn, affected } = object(record)
  if (typeof id !== 'string' || typeof modified !== 'string')
    throw new OsvError('a record has no id or no modified date')
  return { id, modified, withdrawn: typeof withdrawn === 'string', affected: array(affected).map(object) }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

export class OsvError extends BaseError {
  override readonly name = 'scanner.OsvError'
  constructor(why: string, file = 'The vulnerability data') {
    super(`${file} cannot be read: ${why}.`, {
      code: 'scanner:osv:unreadable',
      kind: 'invalid',
      hint: 'Give OSV records as JSON or as all.zip (osv.dev, "Data dumps"), a directory of them, or a snapshot made with --osv-out.',
    })
  }
}
