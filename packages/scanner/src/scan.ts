import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Baseline from './Baseline.ts'
import { capabilitiesShown, declaredBy, observedIn } from './capabilities.ts'
import { combine } from './combine.ts'
import { factsOf } from './facts/factsOf.ts'
import { CHECKS, fingerprintOf, safeEvidence, type Check, type Finding } from './Finding.ts'
import type { Lock } from './Lock.ts'
import { signaturesOf, withoutVerified } from './identity/signaturesOf.ts'
import { TrustRootError, type TrustRoot } from './identity/verifyBundle.ts'
import type { Fixture } from './Fixture.ts'
import { packed } from './packed.ts'
import { isAtOrBelow, readTree, type NoSkillError, type PathError, type UnreadableError } from './readTree.ts'
import { SOFTER, type Material, type Rule } from './Rule.ts'
import { RULES } from './rules/index.ts'
import type { NotScanned, ScanReport, SkillReport, Unanalysed, Verdict } from './ScanReport.ts'
import { isAtLeast, shift, worst, type Severity } from './Severity.ts'
import { allFiles, type Skill } from './Skill.ts'
import type { Snapshot } from './supply/osv/Snapshot.ts'
import { readSupply } from './supply/readSupply.ts'
import type { SupplyFacts } from './supply/SupplyFacts.ts'
import type { View } from './View.ts'
import { coverageOf } from './views/coverage.ts'
import { readFrontmatter } from './views/readFrontmatter.ts'
import { unpack } from './views/unpack.ts'
import { viewsOf } from './views/viewsOf.ts'
import { holds, type Waiver } from './Waiver.ts'

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
  /** What is known already: it is reported, and fails nothing. */
  readonly baseline?: Baseline.Baseline
  /** Directories of samples, beside those of the lock. */
  readonly fixtures?: readonly Fixture[]
  /** What was approved; without it, drift and approval are not judged. */
  readonly lock?: Lock
  readonly nowMs: number
  /** Whose certificates count; the public instance of Sigstore when left out. */
  readonly trustRoot?: TrustRoot
  /** Known-vulnerable versions for `supply` (handed on to `readSupply`); without them none are looked for. */
  readonly osv?: Snapshot | null
  /** Told each skill's supply facts, for bills of materials. */
  readonly onSupply?: (skillPath: string, supply: SupplyFacts) => void
  /** Keep only skills that this says yes to, by their path in the report; for `--changed`. */
  readonly keep?: (skillPath: string, files: readonly string[]) => boolean
}

/** More findings of one rule say nothing that the first ones did not. */
const FINDINGS_A_RULE_MAX = 25

/**
 * Scans: discovers, reads, extracts facts once, asks every rule, and judges. Touches nothing but the files below `paths`,
 * which it only reads.
 *
 * A path that holds no skill, or that cannot be read, is named in `not_scanned`; the others are scanned.
 *
 * @throws {NoSkillError} `scanner:skill:absent` when the only path holds no skill.
 * @throws {PathError} `scanner:path:absent` when the only path is not there.
 * @throws {UnreadableError} `scanner:path:unreadable` when the only path cannot be read.
 */
export function scan(options: ScanOptions): ScanReport {
  const startMs = performance.now()
  const gate = options.gate ?? 'high'
  const fixtures = [...(options.lock?.fixtures ?? []), ...(options.fixtures ?? [])]
  const odd: (PathError | NoSkillError | UnreadableError)[] = []
  const skills = readTree(options.paths, options.base ?? process.cwd(), {
    fixtures: fixtures.map((each) => each.path),
    onOdd: (error) => odd.push(error),
  })
  const [alone] = odd
  if (skills.length === 0 && options.paths.length < 2 && alone !== undefined) throw alone
  const kept =
    options.keep === undefined
      ? skills
      : skills.filter((skill) =>
          options.keep?.(
            skill.path,
            allFiles(skill).map((file) => file.path),
          ),
        )
  // A sample may copy what it is a sample of: that says nothing about the skill that ships.
  const shipped = skills.filter((skill) => !skill.isFixture)
  const reports = kept.map((skill) => {
    const fixture = fixtures.find((each) => skill.isFixture && isAtOrBelow(skill.path, [each.path])) ?? null
    const neighbours = skill.isFixture ? skills : shipped
    const own = { ...options, gate, neighbours, fixture }
    try {
      return scanSkill(skill, own)
    } catch (error) {
      // A root that cannot be read is the caller's fault, not the skill's.
      if (error instanceof TrustRootError) throw error
      // A skill that breaks a reader is not analysed, and does not stop the others.
      return brokenReport(skill, own, error)
    }
  })
  return {
    version: 1,
    gate,
    rules_digest: rulesDigest(),
    ms: round(performance.now() - startMs),
    skills: reports,
    not_scanned: odd.map(({ path, code, message }) => ({
      path,
      code: code as NotScanned['code'],
      because: message,
    })),
  }
}

export type SkillOptions = Pick<
  ScanOptions,
  'only' | 'waivers' | 'baseline' | 'lock' | 'nowMs' | 'osv' | 'onSupply' | 'trustRoot'
> & {
  readonly fixture?: Fixture | null
  readonly gate: Severity
  readonly neighbours: readonly Skill[]
}

/** Judges one skill that was read. Pure: the clock is read for `ms` only, and every bound is counted work. */
export function scanSkill(given: Skill, options: SkillOptions): SkillReport {
  const startMs = performance.now()
  const signatures = signaturesOf(given, options.trustRoot)
  const { skill, unseen: packed } = unpack(withoutVerified(given, signatures, options.trustRoot))
  const checks = options.only ?? CHECKS
  const { views, unseen } = viewsOf(skill)
  const beyond: Unanalysed[] = []
  const facts = factsOf(views, beyond)
  const frontmatter = readFrontmatter(skill)
  const declared = declaredBy(frontmatter)
  const observed = observedIn(facts)
  const unanalysed: Unanalysed[] = [...coverageOf(skill), ...packed, ...unseen, ...beyond]
  const supply = readSupply({ skill, views, facts, osv: options.osv ?? null })
  options.onSupply?.(given.path, supply)
  // A manifest that cannot be read as one was not analysed.
  for (const { file, line, why } of supply.problems) unanalysed.push({ file, bytes: 0, why: `line ${line} ${why}` })
  const material: Material = {
    skill,
    frontmatter,
    views,
    facts,
    supply,
    declared,
    observed,
    neighbours: options.neighbours,
    signatures,
    lock: options.lock ?? null,
    unanalysed,
    nowMs: options.nowMs,
  }

  const findings: Finding[] = []
  const broken = new Set<Check>()
  for (const rule of RULES) {
    if (!checks.includes(rule.check)) continue
    try {
      findings.push(...ask(rule, material))
    } catch (error) {
      // A rule that fails has not looked: that is never a pass.
      broken.add(rule.check)
      unanalysed.push({
        file: '.',
        bytes: bytesOf(skill),
        why: `the rule ${rule.name} failed: ${safeEvidence(error instanceof Error ? error.message : String(error))}`,
      })
    }
  }

  const waived = waive(number(combine(findings)), given, options)
  const judged = options.baseline === undefined ? waived : Baseline.mark(waived, given.path, options.baseline)
  const isBlocking = (finding: Finding) =>
    finding.waived_until === null && finding.known_since === null && isAtLeast(finding.severity, options.gate)
  const status = (check: Check): Verdict =>
    judged.some((finding) => finding.check === check && isBlocking(finding))
      ? 'fail'
      : broken.has(check) || unanalysed.length > 0
        ? 'incomplete'
        : 'pass'
  const statuses = Object.fromEntries(checks.map((check) => [check, status(check)])) as Partial<Record<Check, Verdict>>
  const verdicts = Object.values(statuses)
  return {
    path: given.path,
    name: given.name,
    content_digest: given.contentDigest,
    verdict: verdicts.includes('fail') ? 'fail' : verdicts.includes('incomplete') ? 'incomplete' : 'pass',
    signatures,
    fixture: options.fixture ?? null,
    max_severity: worst(judged.filter((finding) => finding.waived_until === null).map((finding) => finding.severity)),
    risk_tier: { declared: declared.riskTier, derived: observed.riskTier },
    checks: statuses,
    findings: judged,
    capabilities: capabilitiesShown(declared, observed),
    coverage: { bytes: bytesOf(given), unanalysed },
    ms: round(performance.now() - startMs),
  }
}

function brokenReport(skill: Skill, options: SkillOptions, error: unknown): SkillReport {
  const why = `the scanner failed: ${safeEvidence(error instanceof Error ? error.message : String(error))}`
  return {
    path: skill.path,
    name: skill.name,
    content_digest: skill.contentDigest,
    verdict: 'incomplete',
    signatures: [],
    fixture: options.fixture ?? null,
    max_severity: 'none',
    risk_tier: { declared: null, derived: 'L3' },
    checks: Object.fromEntries((options.only ?? CHECKS).map((check) => [check, 'incomplete'])),
    findings: [],
    capabilities: { declared: {}, observed: {} },
    coverage: { bytes: bytesOf(skill), unanalysed: [{ file: '.', bytes: bytesOf(skill), why }] },
    ms: 0,
  }
}

function bytesOf(skill: Skill): number {
  return allFiles(skill).reduce((sum, file) => sum + file.bytes, 0)
}

function ask(rule: Rule, material: Material): Finding[] {
  const found = new Map<string, Finding>()
  for (const match of rule.find(material)) {
    const role = match.role ?? roleAt(material, match)
    // What is hidden or encoded is not softened by a heading above it.
    const softer = role !== 'fixture' && (match.view === 'hidden' || match.view === 'decoded') ? 0 : SOFTER[role]
    // An attack that calls itself one is a lesson, where it stands among lessons.
    const isLesson = role !== 'instruction' && SELF_NAMED.test(match.evidence)
    const severity = shift(match.severity ?? rule.severity, isLesson ? Math.min(softer, -2) : softer)
    const evidence = safeEvidence(match.evidence)
    const key = `${match.file}\0${match.line}\0${evidence}`
    // Of two at one place the graver stands, whichever was found first.
    const known = found.get(key)
    if (known === undefined && found.size >= FINDINGS_A_RULE_MAX) break
    if (known !== undefined && isAtLeast(known.severity, severity)) continue
    found.set(key, {
      rule: rule.name,
      check: rule.check,
      severity,
      ast: rule.ast,
      item: rule.item,
      file: match.file,
      line: Math.max(1, match.line),
      view: match.view,
      evidence,
      because: match.because ?? rule.because,
      remediation: match.remediation ?? rule.remediation,
      mend: match.remediation ?? rule.remediation,
      fingerprint: '',
      waived_until: null,
      known_since: null,
    })
  }
  return [...found.values()]
}

const SELF_NAMED = /(?<![.\w])(?:attacker|evil|malicious)(?:[-_']|\.(?:com|org|net|example)\b)|\.attacker\.com\b/i

const VIEWS_BY_FILE = new WeakMap<Material, ReadonlyMap<string, readonly View[]>>()

/** The role of the innermost view on a match's line. */
function roleAt(material: Material, match: { file: string; line: number }): View['role'] {
  const byFile = VIEWS_BY_FILE.get(material) ?? Map.groupBy(material.views, (view) => view.file)
  VIEWS_BY_FILE.set(material, byFile)
  return byFile.get(match.file)?.findLast((view) => view.line <= match.line)?.role ?? 'instruction'
}

function number(findings: readonly Finding[]): Finding[] {
  const sorted = findings.toSorted((a, b) =>
    a.file < b.file
      ? -1
      : a.file > b.file
        ? 1
        : a.line - b.line || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.evidence < b.evidence ? -1 : 1),
  )
  const nth = new Map<string, number>()
  return sorted.map((finding) => {
    const key = `${finding.rule}\0${finding.file}\0${finding.evidence}`
    const n = nth.get(key) ?? 0
    nth.set(key, n + 1)
    return { ...finding, fingerprint: fingerprintOf(finding, n) }
  })
}

function waive(findings: readonly Finding[], skill: Skill, options: SkillOptions): Finding[] {
  const mine = (options.waivers ?? []).filter(
    (waiver) =>
      waiver.skill === skill.path && waiver.content_digest === skill.contentDigest && holds(waiver, options.nowMs),
  )
  if (mine.length === 0) return [...findings]
  const until = new Map(mine.map((waiver) => [waiver.fingerprint, waiver.expires]))
  return findings.map((finding) => ({ ...finding, waived_until: until.get(finding.fingerprint) ?? null }))
}

let digest: string | undefined

/** SHA-256 over the sources of every rule, reader and list: what decided is what is hashed. */
export function rulesDigest(): string {
  digest ??= packed()?.rules_digest
  if (digest !== undefined) return digest
  const hash = createHash('sha256')
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== 'bad' && entry.name !== 'good') walk(full)
      } else if (/\.(?:ts|js|json|txt)$/.test(entry.name) && !/\.test\.|\.d\.ts$/.test(entry.name))
        hash.update(`${full.slice(import.meta.dirname.length)}\0`).update(readFileSync(full))
    }
  }
  walk(import.meta.dirname)
  digest = `sha256:${hash.digest('hex')}`
  return digest
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
