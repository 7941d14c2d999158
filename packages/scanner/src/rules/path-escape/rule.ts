import type { Severity } from '../../Severity.ts'
import type { TreeProblem } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'

/** How bad each way out of the directory is; what is not here is no way out. */
function severityOf({ kind, because }: TreeProblem): Severity | null {
  switch (kind) {
    case 'link-outside':
      return because.startsWith('It links') ? 'low' : 'high'
    case 'symlink':
      return 'low'
    case 'case-collision':
    case 'bad-name':
      return 'medium'
    default:
      return null
  }
}

/** A whole file is what is found: there is no line to point at. */
const whole = (file: string, because: string, severity: Severity) => ({
  file,
  line: 1,
  view: 'code' as const,
  evidence: file,
  because,
  severity,
})

export const rule: Rule = {
  name: 'path-escape',
  check: 'structure',
  ast: 'AST06',
  item: '6.2',
  about: 'A file or link of the skill leads out of its directory.',
  severity: 'high',
  because: 'What is loaded is then not what was reviewed, and may be anything on the machine.',
  remediation: "Keep every file inside the skill's directory.",
  *find(material) {
    for (const problem of material.skill.problems) {
      const severity = severityOf(problem)
      if (severity !== null) yield whole(problem.file, problem.because, severity)
    }
    for (const { path } of material.skill.files)
      if (/!\/(?:.{0,200}\/)?\.\.\/|!\/(?:\/|[A-Za-z]:)/.test(path))
        yield whole(path, 'A member of an archive would be unpacked outside of it.', 'critical')
  },
}
