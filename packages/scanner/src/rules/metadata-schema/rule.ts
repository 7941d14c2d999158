import { textOf } from '../../Frontmatter.ts'
import type { Match, Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'metadata-schema',
  check: 'structure',
  ast: 'AST04',
  item: '4.4',
  about:
    "The frontmatter does not follow the specification: no name or description, a name with other characters or another than its directory's, a description that is too long.",
  severity: 'low',
  because: 'Hosts differ in what they make of it; scanners and hosts may read two different skills.',
  remediation:
    'Follow the agentskills.io specification: `name` 1 to 64 of a-z, 0-9 and -, equal to the directory; `description` 1 to 1,024 characters.',
  *find(material) {
    const { frontmatter, skill } = material
    const say = (evidence: string, because: string, key?: string, severity?: 'medium'): Match => ({
      file: 'SKILL.md',
      line: (key === undefined ? undefined : frontmatter.lines[key]) ?? 1,
      view: 'prose',
      evidence,
      because,
      ...(severity === undefined ? {} : { severity }),
    })
    for (const problem of frontmatter.problems) {
      if (problem.kind === 'absent') yield say(problem.text, 'SKILL.md has no frontmatter.')
      else if (problem.kind === 'syntax' || problem.kind === 'not-a-map')
        yield {
          ...say(problem.text, `A strict reader refuses the frontmatter: ${problem.because}`),
          line: problem.line,
        }
      else if (problem.kind === 'duplicate-key')
        yield {
          ...say(problem.text, 'A key is given twice; readers differ in which one counts.', undefined, 'medium'),
          line: problem.line,
        }
    }
    if (frontmatter.data === null) return
    const name = textOf(frontmatter, 'name')
    if (name === null || name === '') yield say('name', 'It has no name.')
    else if (!/^[a-z0-9](?:-?[a-z0-9]){0,63}$/.test(name))
      yield say(name, 'The name has other characters than a-z, 0-9 and single hyphens, or is too long.', 'name')
    else if (name !== skill.directory && skill.path !== '.')
      yield say(name, `The directory is called ${skill.directory}.`, 'name')
    const description = textOf(frontmatter, 'description')
    if (description === null || description === '') yield say('description', 'It has no description.')
    else if (description.length > 1024)
      yield say(description.slice(0, 80), `The description has ${description.length} characters.`, 'description')
  },
}
