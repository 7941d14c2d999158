import type { Rule } from '../../../Rule.ts'
import { SEVERITIES, type Severity } from '../../../Severity.ts'
import { at, firsts, nameOf } from '../shared.ts'

export const dependencyVulnerable: Rule = {
  name: 'dependency-vulnerable',
  check: 'supply',
  ast: 'AST02',
  item: '2.6',
  about: 'A pinned version with known vulnerabilities, by the OSV snapshot that was handed in.',
  severity: 'high',
  because: 'What is known to the public is known to attackers.',
  remediation: 'Move to a version that the advisory says is fixed, and write the lock again.',
  *find({ supply }) {
    for (const { dependency, advisories } of firsts(
      supply.vulnerable,
      ({ dependency: { ecosystem, name, version } }) => `${ecosystem}\0${name}\0${version ?? ''}`,
    )) {
      const worst = advisories.reduce<Severity>(
        (most, each) => (SEVERITIES.indexOf(each.severity) > SEVERITIES.indexOf(most) ? each.severity : most),
        'low',
      )
      const ids = advisories.map((each) => each.id)
      const fixes = advisories.flatMap((each) => each.ranges.flatMap(([, fixed]) => (fixed === null ? [] : [fixed])))
      const isMalware = ids.some((id) => id.startsWith('MAL-'))
      const summary = advisories.find((each) => each.severity === worst)?.summary ?? ''
      const severity = dependency.isDevelopment && !isMalware && worst !== 'low' ? 'medium' : worst
      yield at(
        dependency,
        severity,
        `${nameOf(dependency)} ${isMalware ? 'is known malware' : 'has known vulnerabilities'}: ${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ' and more' : ''}${summary === '' ? '' : ` (${summary})`}.`,
        isMalware
          ? 'Remove it, and treat every machine that installed it as taken over.'
          : fixes.length === 0
            ? undefined
            : `Fixed in ${[...new Set(fixes)].slice(0, 4).join(', ')}: move there, and write the lock again.`,
      )
    }
  },
}
