import { createHash } from 'node:crypto'
import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AdapterFinding, AdapterName } from './AdapterReport.ts'
import { safeEvidence } from '../Finding.ts'
import type { Severity } from '../Severity.ts'

/** What another scanner printed is not what it prints. Caught by {@link runAdapter}; the message is a reason. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
}

interface Raw {
  readonly rule: string
  readonly severity: Severity
  readonly file: string
  readonly line: number | null
  readonly message: string
}

type Answer = { findings: AdapterFinding[]; version: string | null }

/**
 * pors/skill-audit 0.1.0, `--format sarif`. Its rule ids are the first twenty characters of a pattern and collide; the
 * message is what tells rules apart, so it becomes part of ours.
 */
export function readSkillAudit(answer: string, directory: string): Answer {
  return readSarif('skill-audit', answer, directory, (result) => ({
    rule: slug(`${String(result['ruleId'] ?? '').split('/')[0] ?? ''} ${messageOf(result)}`),
    severity: fromLevel(result['level']),
  }))
}

/** Cisco's skill-scanner, `--format sarif`: the severity is in the result's properties. */
export function readCisco(answer: string, directory: string): Answer {
  return readSarif('cisco-skill-scanner', answer, directory, (result) => ({
    rule: String(result['ruleId'] ?? ''),
    severity: fromWord(object(result['properties'])['severity']) ?? fromLevel(result['level']),
  }))
}

/** NMitchem/SkillScan 0.4.0, `--format json`. Its SARIF has no lines and one rule id for everything. */
export function readSkillScan(answer: string, directory: string): Answer {
  const value = object(parseJson(answer))
  if (!Array.isArray(value['findings']) || typeof value['passed'] !== 'boolean')
    throw new AnswerError('the answer has no findings and no verdict')
  const findings = array(value['findings'])
    .map(object)
    .map((each): Raw => {
      const message = String(each['message'] ?? '')
      const id = /^([A-Z]{2,20}_\d{1,5}):/.exec(message)?.[1]
      const severity = fromWord(each['severity'])
      if (severity === null) throw new AnswerError('a finding has a severity that is not known')
      return {
        rule: id ?? slug(String(each['analyzer'] ?? 'skillscan')),
        severity,
        file: 'SKILL.md',
        line: lineOf(each['line']),
        message,
      }
    })
  // Its own verdict is kept: a failed audit without a grave finding is still failed.
  const isFailed =
    value['passed'] === false && !findings.some((each) => each.severity === 'high' || each.severity === 'critical')
  if (isFailed)
    findings.push({
      rule: 'risk-score',
      severity: 'high',
      file: 'SKILL.md',
      line: null,
      message: `risk score ${String(value['risk_score'])} of 10 reaches its threshold`,
    })
  return { findings: findings.map((each) => finish('skillscan', each, directory)), version: null }
}

/** Codes of agent-scan 0.5 and how grave its documentation says they are; unknown E codes are high, W codes medium. */
const SNYK_CODES: Readonly<Record<string, Severity>> = {
  E001: 'critical',
  E002: 'high',
  E004: 'critical',
  E005: 'critical',
  E006: 'critical',
  W001: 'low',
  W007: 'high',
  W008: 'high',
  W009: 'medium',
  W011: 'medium',
  W012: 'high',
  W013: 'medium',
  W014: 'low',
  W021: 'medium',
}

/** Snyk agent-scan `--json`: 0.6 answers `scan_path_responses` with scored risks, 0.5 a map from path to issues. */
export function readSnyk(answer: string, directory: string): Answer {
  const value = object(parseJson(answer))
  const findings = Array.isArray(value['scan_path_responses'])
    ? readSnykRisks(array(value['scan_path_responses']))
    : readSnykIssues(value)
  return { findings: findings.map((each) => finish('snyk-agent-scan', each, directory)), version: null }
}

function readSnykRisks(responses: readonly unknown[]): Raw[] {
  const found: Raw[] = []
  let components = 0
  for (const response of responses.map(object)) {
    refuseFailure(response)
    for (const component of [...array(response['skill_risks']), ...array(response['server_risks'])].map(object)) {
      refuseFailure(component)
      components += 1
      for (const [rule, risk] of Object.entries(object(component['risk_indexes'])).map(
        ([key, each]) => [key, object(each)] as const,
      )) {
        const score = risk['score']
        if (typeof score !== 'number') throw new AnswerError(`the risk ${rule} has no score`)
        const start = object(object(array(risk['locations'])[0])['start'])
        found.push({
          rule,
          severity: score >= 1000 ? 'critical' : score >= 600 ? 'high' : score >= 300 ? 'medium' : 'low',
          file: typeof start['path'] === 'string' ? start['path'] : 'SKILL.md',
          line: lineOf(start['line']),
          message: String(risk['evidence'] ?? rule),
        })
      }
    }
  }
  if (components === 0) throw new AnswerError('it looked at nothing')
  return found
}

function readSnykIssues(value: Record<string, unknown>): Raw[] {
  const paths = Object.values(value).map(object)
  if (paths.length === 0 || paths.some((path) => !Array.isArray(path['issues'])))
    throw new AnswerError('the answer is neither of the two formats that are known')
  return paths.flatMap((path) => {
    refuseFailure(path)
    for (const server of array(path['servers']).map(object)) refuseFailure(server)
    return array(path['issues'])
      .map(object)
      .map((issue): Raw => {
        const code = String(issue['code'] ?? '')
        // X codes are failures of the scan itself.
        if (!/^[EW]\d{3}$/.test(code))
          throw new AnswerError(`the scan itself failed with ${code === '' ? 'an issue without a code' : code}`)
        const known = SNYK_CODES[code] ?? (code.startsWith('E') ? 'high' : 'medium')
        return { rule: code, severity: known, file: 'SKILL.md', line: null, message: String(issue['message'] ?? code) }
      })
  })
}

function refuseFailure(entry: Record<string, unknown>): void {
  const error = object(entry['error'])
  if (error['is_failure'] === true)
    throw new AnswerError(
      `it could not look at everything: ${String(error['message'] ?? error['category'] ?? 'no reason given')}`,
    )
}

function readSarif(
  adapter: AdapterName,
  answer: string,
  directory: string,
  judge: (result: Record<string, unknown>) => Pick<Raw, 'rule' | 'severity'>,
): Answer {
  const value = object(parseJson(answer))
  const runs = array(value['runs']).map(object)
  if (value['version'] !== '2.1.0' || runs.length === 0) throw new AnswerError('the answer is not SARIF 2.1.0')
  const findings = runs.flatMap((run) => {
    if (!Array.isArray(run['results'])) throw new AnswerError('a run has no results')
    if (array(run['invocations']).some((each) => object(each)['executionSuccessful'] === false))
      throw new AnswerError('it says itself that it did not succeed')
    return array(run['results'])
      .map(object)
      .filter((result) => result['level'] !== 'none')
      .map((result) => {
        const physical = object(object(array(result['locations'])[0])['physicalLocation'])
        return finish(
          adapter,
          {
            ...judge(result),
            file: String(object(physical['artifactLocation'])['uri'] ?? 'SKILL.md'),
            line: lineOf(object(physical['region'])['startLine']),
            message: messageOf(result),
          },
          directory,
        )
      })
  })
  const driver = object(object(runs[0]?.['tool'])['driver'])
  const version = driver['semanticVersion'] ?? driver['version']
  return { findings, version: typeof version === 'string' ? version : null }
}

/** Paths made relative to the skill, texts made safe to print, a fingerprint that survives moved lines. */
function finish(adapter: AdapterName, raw: Raw, directory: string): AdapterFinding {
  const file = fileIn(directory, raw.file)
  const message = safeEvidence(raw.message, 400)
  const rule = safeEvidence(raw.rule, 80)
  if (rule === '') throw new AnswerError('a finding has no rule')
  const fingerprint = createHash('sha256').update([adapter, rule, file, message].join('\0')).digest('hex').slice(0, 32)
  return { rule, severity: raw.severity, file, line: raw.line, message, fingerprint }
}

function fileIn(directory: string, uri: string): string {
  let path = uri
  try {
    if (uri.startsWith('file:')) path = fileURLToPath(uri)
  } catch {
    return 'SKILL.md'
  }
  const inside = isAbsolute(path) ? relative(directory, path) : path
  const base = directory.split(sep).at(-1) ?? ''
  const parts = inside.split(/[/\\]/).filter((part) => part !== '' && part !== '.')
  // Some print the directory's own name first.
  if (parts.length > 1 && parts[0] === base) parts.shift()
  return parts.includes('..') || parts.length === 0 ? 'SKILL.md' : safeEvidence(parts.join('/'))
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80)
}

function fromLevel(level: unknown): Severity {
  if (level === undefined || level === 'warning') return 'medium'
  if (level === 'error') return 'high'
  if (level === 'note') return 'low'
  throw new AnswerError('a result has a level that is not known')
}

function fromWord(word: unknown): Severity | null {
  const lower = String(word ?? '').toLowerCase()
  if (lower === 'critical' || lower === 'high' || lower === 'medium' || lower === 'low') return lower
  return lower === 'info' || lower === 'warning' ? (lower === 'info' ? 'low' : 'medium') : null
}

function messageOf(result: Record<string, unknown>): string {
  return String(object(result['message'])['text'] ?? '')
}

function lineOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new AnswerError('the answer is not JSON')
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}
