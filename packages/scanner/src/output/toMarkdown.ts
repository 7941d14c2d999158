import { osvLine, type Extras } from './Extras.ts'
import { pathOf } from './Line.ts'
import { dispositionOf } from './renderReport.ts'
import { CHECKS, safeEvidence } from '../Finding.ts'
import type { ScanReport, Verdict } from '../ScanReport.ts'

const WORD: Readonly<Record<Verdict, string>> = { pass: 'pass', fail: '**FAIL**', incomplete: '**INCOMPLETE**' }

/** A comment on a pull request takes 65,536 characters (GitHub). */
const LENGTH_MAX = 60_000

const FINDINGS_MAX = 60

/** The report as Markdown, for comments on pull requests. Text from skills cannot break out of its cell. */
export function toMarkdown(report: ScanReport, { extras }: { extras: Extras }): string {
  const lines = ['## Countersign skill scan', '']
  lines.push(
    `| skill | verdict | ${CHECKS.join(' | ')} | worst | tier |`,
    `| --- | --- | ${CHECKS.map(() => '---').join(' | ')} | --- | --- |`,
  )
  for (const skill of report.skills) {
    const checks = CHECKS.map((check) => {
      const verdict = skill.checks[check]
      return verdict === undefined ? 'not asked for' : WORD[verdict]
    })
    const tier =
      skill.risk_tier.declared === skill.risk_tier.derived
        ? skill.risk_tier.derived
        : `${skill.risk_tier.derived} (declared ${skill.risk_tier.declared ?? 'none'})`
    lines.push(
      `| ${cell(skill.path)}${skill.fixture === null ? '' : ' (test fixture)'} | ${WORD[skill.verdict]} | ${checks.join(' | ')} | ${skill.max_severity} | ${tier} |`,
    )
  }
  let left = FINDINGS_MAX
  for (const skill of report.skills) {
    if (skill.findings.length === 0 && skill.coverage.unanalysed.length === 0) continue
    lines.push(
      '',
      `### ${cell(skill.path)}`,
      '',
      '| severity | rule | where | what | fix |',
      '| --- | --- | --- | --- | --- |',
    )
    for (const finding of skill.findings.slice(0, Math.max(0, left))) {
      const item = `${finding.ast}${finding.item === null ? '' : `/${finding.item}`}`
      const waived = dispositionOf(finding).replace(' ', ', ')
      lines.push(
        `| ${finding.severity}${waived} | ${finding.rule} (${item}) | ${code(`${pathOf(skill.path, finding.file)}:${finding.line}`)} | ${code(finding.evidence)} ${cell(finding.because)} | ${cell(finding.remediation)} |`,
      )
    }
    const over = skill.findings.length - Math.max(0, left)
    if (over > 0) lines.push('', `… and ${over} more; \`--json\` has them all.`)
    left -= skill.findings.length
    for (const each of skill.coverage.unanalysed)
      lines.push('', `Not analysed: ${code(pathOf(skill.path, each.file))} (${each.bytes} bytes): ${cell(each.why)}`)
  }
  for (const each of report.not_scanned) lines.push('', `Not scanned: ${code(each.path)}. ${cell(each.because)}`)
  if (extras.adapters.length > 0) {
    lines.push('', '### Other scanners', '', '| scanner | skill | status | findings |', '| --- | --- | --- | --- |')
    for (const { adapter, skill, status, version, because, findings } of extras.adapters) {
      const said = [
        because,
        ...findings.slice(0, 10).map((each) => `${each.severity} ${each.rule}: ${each.message}`),
      ].filter((each) => each !== null)
      lines.push(
        `| ${adapter}${version === null ? '' : ` ${cell(version)}`} | ${cell(skill)} | ${status === 'not-run' ? 'not run' : status} | ${cell(said.join('; '))} |`,
      )
    }
  }
  const osv = cell(osvLine(extras))
  const foot = `\nGate: ${report.gate}. ${osv}. Rules \`${report.rules_digest}\`.\n`
  const body = lines.join('\n')
  if (body.length <= LENGTH_MAX) return `${body}\n${foot}`
  const cut = body.slice(0, body.lastIndexOf('\n', LENGTH_MAX))
  return `${cut}\n\nCut here: the rest does not fit a comment. \`--json\` has it all.\n${foot}`
}

/** Plain text inside a table: nothing in it is a link, an image, HTML, a mention or the end of the cell. */
function cell(text: string): string {
  return safeEvidence(text, 1_000)
    .replace(/[\\`*_{}[\]<>|#!~@]/g, (char) => `\\${char}`)
    .replace(/\\</g, '&lt;')
    .replace(/\\@/g, '@\u200b')
    .replace(/(https?):\/\//g, '$1:&#47;&#47;')
}

/** Code inside a table: backticks and bars cannot end it. */
function code(text: string): string {
  return `\`${safeEvidence(text, 1_000).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}
