import type { Log, ReportingDescriptor, Result, Run, ToolComponent } from 'sarif'
import { osvLine, type Extras } from './Extras.ts'
import { columnsOf, pathOf, type LineSource } from './Line.ts'
import { AST_NAMES, CHECKS, type AstItem, type Check, type Finding } from '../Finding.ts'
import type { Rule } from '../Rule.ts'
import type { ScanReport, SkillReport } from '../ScanReport.ts'
import type { Severity } from '../Severity.ts'

/** SARIF's levels; GitHub orders by `security-severity` besides. */
const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
}

/** Middle of each band of CVSS v3.1, as GitHub reads `security-severity`. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
}

const TAXONOMY = 'OWASP Agentic Skills Top 10'
const AST_ITEMS = Object.keys(AST_NAMES) as AstItem[]

/**
 * The report as SARIF 2.1.0: one run for each analyser, so that each is a check of its own; stable rule ids, fingerprints
 * and regions; OWASP's items as a taxonomy. What was not analysed is a notification, and the run then did not succeed.
 *
 * @param rules - Every rule there is, also those that found nothing.
 */
export function toSarif(
  report: ScanReport,
  {
    rules,
    extras,
    lineOf = () => null,
    version,
  }: { rules: readonly Rule[]; extras: Extras; lineOf?: LineSource; version: string },
): Log {
  const checks = CHECKS.filter((check) => report.skills.some((skill) => skill.checks[check] !== undefined))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [...checks.map((check) => runOf(check, report, { rules, lineOf, version, extras })), ...adapterRuns(extras)],
  }
}

function runOf(
  check: Check,
  report: ScanReport,
  { rules, lineOf, version, extras }: { rules: readonly Rule[]; lineOf: LineSource; version: string; extras: Extras },
): Run {
  const own = rules.filter((rule) => rule.check === check).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const found = report.skills.flatMap((skill) =>
    skill.findings.filter((finding) => finding.check === check).map((finding) => ({ skill, finding })),
  )
  const unanalysed = report.skills.flatMap((skill) => skill.coverage.unanalysed.map((each) => ({ skill, each })))
  return {
    tool: {
      driver: {
        name: `countersign ${check}`,
        semanticVersion: version,
        organization: 'Countersign',
        rules: own.map(descriptorOf),
        supportedTaxonomies: [{ name: TAXONOMY, index: 0 }],
      },
    },
    automationDetails: { id: `countersign/${check}/` },
    taxonomies: [taxonomy()],
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful:
          report.not_scanned.length === 0 && !report.skills.some((skill) => skill.checks[check] === 'incomplete'),
        ...(unanalysed.length === 0 && report.not_scanned.length === 0
          ? {}
          : {
              toolExecutionNotifications: [
                ...unanalysed.map(({ skill, each }) => ({
                  level: 'error' as const,
                  message: { text: `Not analysed: ${each.why} (${each.bytes} bytes).` },
                  locations: [{ physicalLocation: { artifactLocation: artifact(skill, each.file) } }],
                })),
                ...report.not_scanned.map((each) => ({
                  level: 'error' as const,
                  message: { text: `Not scanned: ${each.because}` },
                })),
              ],
            }),
      },
    ],
    results: found.map(({ skill, finding }) => resultOf(skill, finding, own, lineOf)),
    properties: {
      gate: report.gate,
      rules_digest: report.rules_digest,
      vulnerable_versions: osvLine(extras),
    },
  }
}

function descriptorOf(rule: Rule): ReportingDescriptor {
  return {
    id: rule.name,
    name: rule.name,
    shortDescription: { text: rule.about },
    fullDescription: { text: rule.because },
    help: { text: `${rule.because} ${rule.remediation}`, markdown: `${rule.because}\n\n**Fix:** ${rule.remediation}` },
    defaultConfiguration: { level: LEVEL[rule.severity] },
    relationships: [{ target: taxon(rule.ast), kinds: ['relevant'] }],
    properties: {
      tags: ['security', rule.ast, ...(rule.item === null ? [] : [`${rule.ast}/${rule.item}`])],
      'security-severity': SECURITY_SEVERITY[rule.severity],
      precision: 'high',
    },
  }
}

function resultOf(skill: SkillReport, finding: Finding, rules: readonly Rule[], lineOf: LineSource): Result {
  const raw = lineOf(skill.path, finding.file, finding.line)
  const columns = raw === null ? null : columnsOf(raw, finding.evidence)
  const index = rules.findIndex((rule) => rule.name === finding.rule)
  return {
    ruleId: finding.rule,
    ...(index === -1 ? {} : { ruleIndex: index }),
    level: LEVEL[finding.severity],
    kind: 'fail',
    message: { text: `${finding.because} ${finding.remediation}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(skill, finding.file),
          region: { startLine: finding.line, ...columns, snippet: { text: finding.evidence } },
        },
        logicalLocations: [{ name: skill.name, kind: 'module' }],
      },
    ],
    partialFingerprints: { 'countersign/v1': finding.fingerprint },
    taxa: [taxon(finding.ast)],
    ...(finding.known_since === null ? {} : { baselineState: 'unchanged' as const }),
    ...suppressionsOf(skill, finding),
    properties: {
      remediation: finding.remediation,
      severity: finding.severity,
      view: finding.view,
      'security-severity': SECURITY_SEVERITY[finding.severity],
      content_digest: skill.content_digest,
    },
  }
}

function suppressionsOf({ fixture }: SkillReport, { waived_until }: Finding): Pick<Result, 'suppressions'> {
  const justification =
    fixture !== null
      ? `A test fixture, declared by ${fixture.declared_by}: ${fixture.because}`
      : waived_until === null
        ? null
        : `Waived until ${waived_until}.`
  if (justification === null) return {}
  return { suppressions: [{ kind: 'external', status: 'accepted', justification }] }
}

function artifact(skill: SkillReport, file: string): { uri: string; uriBaseId: string } {
  const path = pathOf(skill.path, file)
  const uri = path.split('/').map(encodeURIComponent).join('/')
  return { uri: uri.replace(/^\/+/, ''), uriBaseId: '%SRCROOT%' }
}

function taxon(item: AstItem): { id: string; index: number; toolComponent: { name: string; index: number } } {
  return { id: item, index: AST_ITEMS.indexOf(item), toolComponent: { name: TAXONOMY, index: 0 } }
}

function taxonomy(): ToolComponent {
  return {
    name: TAXONOMY,
    organization: 'OWASP',
    shortDescription: { text: 'The ten gravest risks of agent skills.' },
    informationUri: 'https://owasp.org/www-project-agentic-skills-top-10/',
    taxa: AST_ITEMS.map((id) => ({ id, name: AST_NAMES[id], shortDescription: { text: AST_NAMES[id] } })),
  }
}

/** Other scanners are runs of their own; one that did not run is a run without results that says so. */
function adapterRuns({ adapters }: Extras): Run[] {
  const byAdapter = Map.groupBy(adapters, (each) => each.adapter)
  return [...byAdapter].map(([name, reports]) => {
    const version = reports.find((each) => each.version !== null)?.version
    const notes = reports.filter((each) => each.because !== null)
    return {
      tool: { driver: { name, ...(version === undefined || version === null ? {} : { version }) } },
      automationDetails: { id: `countersign/adapter/${name}/` },
      invocations: [
        {
          executionSuccessful: reports.every((each) => each.status !== 'failed'),
          ...(notes.length === 0
            ? {}
            : {
                toolExecutionNotifications: notes.map((each) => ({
                  level: each.status === 'failed' ? ('error' as const) : ('note' as const),
                  message: {
                    text: `${each.skill}: ${each.status === 'not-run' ? 'not run' : 'failed'}. ${each.because ?? ''}`,
                  },
                })),
              }),
        },
      ],
      results: reports.flatMap(({ skill, findings }) =>
        findings.map((finding) => ({
          ruleId: finding.rule,
          level: LEVEL[finding.severity],
          message: { text: finding.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: {
                  uri: pathOf(skill, finding.file).split('/').map(encodeURIComponent).join('/').replace(/^\/+/, ''),
                  uriBaseId: '%SRCROOT%',
                },
                ...(finding.line === null ? {} : { region: { startLine: finding.line } }),
              },
            },
          ],
          partialFingerprints: { 'countersign/v1': finding.fingerprint },
        })),
      ),
    }
  })
}
