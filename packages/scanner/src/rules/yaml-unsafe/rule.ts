import { allFiles } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'yaml-unsafe',
  check: 'structure',
  ast: 'AST04',
  item: '5.1',
  about:
    'The frontmatter uses what unsafe readers run or unfold: tags such as `!!python/object`, aliases and merge keys that multiply.',
  severity: 'high',
  because: 'Loading the skill is then enough to run code or to exhaust memory, before anybody uses it.',
  remediation: 'Write plain keys and values.',
  *find(material) {
    for (const problem of material.frontmatter.problems) {
      if (problem.kind === 'tag')
        yield {
          file: 'SKILL.md',
          line: problem.line,
          view: 'prose',
          evidence: problem.text,
          severity: /python|js\/|ruby|perl|java|object|exec/i.test(`${problem.text} ${problem.because}`)
            ? 'critical'
            : 'medium',
          because: `A value ${problem.because}.`,
        }
      else if (problem.kind === 'alias')
        yield {
          file: 'SKILL.md',
          line: problem.line,
          view: 'prose',
          evidence: problem.text,
          severity: 'medium',
          because: `The frontmatter: ${problem.because}.`,
        }
    }
    for (const file of allFiles(material.skill)) {
      if (file.kind !== 'yaml' || file.text === null) continue
      const tag = /!!(?:python|js|ruby|perl|java)\/[\w:./-]{1,80}/.exec(file.text)
      if (tag !== null)
        yield {
          file: file.path,
          line: file.text.slice(0, tag.index).split('\n').length,
          view: 'code',
          evidence: tag[0],
          severity: 'critical',
        }
    }
  },
}
