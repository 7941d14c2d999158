import { styleText } from 'node:util'
import { osvLine, type Extras } from './Extras.ts'
import { pathOf, showLine, type LineSource } from './Line.ts'
import { AST_NAMES, safeEvidence, type Finding } from '../Finding.ts'
import { exitCode, type ScanReport, type SkillReport } from '../ScanReport.ts'
import { SEVERITIES } from '../Severity.ts'

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan' | 'magenta'

const SEVERITY_COLOUR: Readonly<Record<Finding['severity'], Colour>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
}

const VERDICT: Readonly<Record<SkillReport['verdict'], readonly [Colour, string]>> = {
  pass: ['green', 'pass'],
  fail: ['red', 'FAIL'],
  incomplete: ['yellow', 'INCOMPLETE'],
}

/** More findings of one skill say no more in a terminal; `--json` has them all. */
const FINDINGS_MAX = 40

/**
 * The report for people: each skill, the offending lines with what is wrong underlined, why it matters, how to fix it.
 *
 * @param lineOf - The lines of the files; without it the evidence alone is shown.
 * @param width - Columns.
 */
export function renderReport(
  report: ScanReport,
  {
    extras,
    lineOf = () => null,
    width = 100,
    color = false,
  }: { extras: Extras; lineOf?: LineSource; width?: number; color?: boolean },
): string {
  const paint = (colour: Colour, text: string): string =>
    color ? styleText(colour, text, { validateStream: false }) : text
  const lines: string[] = []
  for (const skill of report.skills) {
    const [colour, word] = VERDICT[skill.verdict]
    const checks = Object.entries(skill.checks).map(
      ([check, verdict]) => `${check} ${verdict === 'pass' ? 'pass' : paint(VERDICT[verdict][0], VERDICT[verdict][1])}`,
    )
    lines.push(
      `${paint(colour, word)}  ${paint('bold', safe(skill.name))}  ${paint('dim', safe(skill.path))}${fixtureNote(skill)}`,
    )
    lines.push(`      ${checks.join(' · ')} · tier ${skill.risk_tier.derived}${tierNote(skill)}`)
    for (const each of skill.signatures)
      lines.push(
        each.status === 'verified'
          ? `      signed by ${safe(each.identity ?? '')}${each.issuer === null ? '' : ` (${safe(each.issuer)})`}`
          : `      ${paint('red', 'SIGNATURE NOT VALID')}: ${safe(each.file)}. ${safe(each.because ?? '')}`,
      )
    const sorted = skill.findings.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
    for (const finding of sorted.slice(0, FINDINGS_MAX))
      lines.push('', ...renderFinding(finding, skill, { paint, lineOf, width }))
    if (sorted.length > FINDINGS_MAX)
      lines.push('', `  … and ${sorted.length - FINDINGS_MAX} milder findings; --json has them all.`)
    for (const each of skill.coverage.unanalysed) {
      lines.push(
        '',
        `  ${paint('yellow', 'not analysed')}  ${safe(pathOf(skill.path, each.file))} (${each.bytes} bytes)`,
        ...fold(safe(each.why), width - 4).map((line) => `    ${line}`),
      )
    }
    lines.push('')
  }
  for (const each of report.not_scanned)
    lines.push(`${paint('yellow', 'NOT SCANNED')}  ${safe(each.path)}`, `      ${safe(each.because)}`, '')
  lines.push(...renderAdapters(extras, paint, width))
  lines.push(paint('dim', safe(osvLine(extras))))
  lines.push(summaryOf(report, paint))
  return lines.join('\n')
}

/** Which skill is a sample is said beside its verdict, with the word of the person who declared it. */
function fixtureNote({ fixture }: SkillReport): string {
  return fixture === null ? '' : `  (test fixture, declared by ${safe(fixture.declared_by)}: ${safe(fixture.because)})`
}

function tierNote({ risk_tier: { declared, derived } }: SkillReport): string {
  if (declared === derived) return ''
  return declared === null ? ' (none declared)' : ` (declared ${declared})`
}

function renderFinding(
  finding: Finding,
  skill: SkillReport,
  { paint, lineOf, width }: { paint: (colour: Colour, text: string) => string; lineOf: LineSource; width: number },
): string[] {
  const waived = paint('dim', dispositionOf(finding))
  const item = `${finding.ast}${finding.item === null ? '' : `/${finding.item}`} ${AST_NAMES[finding.ast]}`
  const lines = [
    `  ${paint(SEVERITY_COLOUR[finding.severity], finding.severity.padEnd(8))} ${paint('bold', finding.rule)}  ${paint('dim', item)}${waived}`,
    `  ${paint('dim', '-->')} ${safe(pathOf(skill.path, finding.file))}:${finding.line}${finding.view === 'prose' || finding.view === 'code' ? '' : ` (${finding.view})`}`,
  ]
  const raw = lineOf(skill.path, finding.file, finding.line)
  const gutter = String(finding.line)
  const { text, mark } = showLine(raw === null || raw.trim() === '' ? finding.evidence : raw, finding.evidence)
  lines.push(`  ${paint('dim', `${gutter} |`)} ${text}`)
  if (mark !== null) {
    const under = `${' '.repeat(mark.start)}${'^'.repeat(Math.max(1, mark.end - mark.start))}`
    lines.push(`  ${paint('dim', `${' '.repeat(gutter.length)} |`)} ${paint(SEVERITY_COLOUR[finding.severity], under)}`)
  }
  // What was decoded or hidden does not stand in its line: say what it says.
  if (!text.includes(finding.evidence.replace(/…$/, '')))
    lines.push(...fold(`reads: ${finding.evidence}`, width - 4).map((line) => `    ${line}`))
  lines.push(...fold(safe(finding.because), width - 4).map((line) => `    ${line}`))
  lines.push(...fold(`Fix: ${safe(finding.remediation)}`, width - 4).map((line) => `    ${paint('green', line)}`))
  lines.push(`    ${paint('dim', `fingerprint ${finding.fingerprint}`)}`)
  return lines
}

/** Why a finding fails nothing; empty when it may. */
export function dispositionOf({ waived_until, known_since }: Finding): string {
  if (waived_until !== null) return ` waived until ${waived_until}`
  return known_since === null ? '' : ` known since ${known_since}`
}

function renderAdapters(
  { adapters }: Extras,
  paint: (colour: Colour, text: string) => string,
  width: number,
): string[] {
  if (adapters.length === 0) return []
  const colours = { pass: 'green', fail: 'red', 'not-run': 'dim', failed: 'yellow' } as const
  const lines = [paint('bold', 'Other scanners')]
  for (const { adapter, skill, status, version, because, findings } of adapters) {
    const words = status === 'not-run' ? 'not run' : status === 'failed' ? 'FAILED' : status
    lines.push(
      `  ${paint(colours[status], words)}  ${adapter}${version === null ? '' : ` ${version}`}  ${paint('dim', safe(skill))}`,
    )
    if (because !== null) lines.push(...fold(safe(because), width - 6).map((line) => `      ${line}`))
    for (const each of findings.slice(0, FINDINGS_MAX)) {
      const place = `${each.file}${each.line === null ? '' : `:${each.line}`}`
      lines.push(
        ...fold(safe(`${each.severity} ${each.rule}: ${each.message} (${place})`), width - 6).map(
          (line) => `      ${line}`,
        ),
      )
    }
  }
  return [...lines, '']
}

function summaryOf(report: ScanReport, paint: (colour: Colour, text: string) => string): string {
  const shipped = report.skills.filter((skill) => skill.fixture === null)
  const fixtures = report.skills.length - shipped.length
  const count = (verdict: SkillReport['verdict']): number => shipped.filter((skill) => skill.verdict === verdict).length
  const findings = shipped.flatMap((skill) => skill.findings)
  const bySeverity = SEVERITIES.toReversed()
    .map((severity) => [severity, findings.filter((each) => each.severity === severity).length] as const)
    .filter(([, n]) => n > 0)
    .map(([severity, n]) => `${n} ${severity}`)
  const colour = { 0: 'green', 1: 'red', 2: 'yellow', 9: 'yellow' }[exitCode(report)] as Colour
  const skills = `${shipped.length} ${shipped.length === 1 ? 'skill' : 'skills'}`
  const parts = [
    `${count('pass')} pass`,
    ...(count('fail') > 0 ? [`${count('fail')} fail`] : []),
    ...(count('incomplete') > 0 ? [`${count('incomplete')} incomplete`] : []),
    ...(fixtures > 0 ? [`${fixtures} test ${fixtures === 1 ? 'fixture' : 'fixtures'}`] : []),
    ...(report.not_scanned.length > 0 ? [`${report.not_scanned.length} not scanned`] : []),
  ]
  return `${paint(colour, `${skills}: ${parts.join(', ')}`)}; ${bySeverity.length === 0 ? 'no findings' : bySeverity.join(', ')}; gate ${report.gate}`
}

/** Names, paths and messages come from strangers too: nothing that a terminal would obey is printed. */
function safe(text: string): string {
  return safeEvidence(text, 1_000)
}

/** Folds at spaces. */
function fold(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
