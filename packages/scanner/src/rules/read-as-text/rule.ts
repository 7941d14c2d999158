import { allFiles } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'
import { stumbleOf } from '../../views/coverage.ts'

export const rule: Rule = {
  name: 'read-as-text',
  check: 'structure',
  ast: 'AST04',
  item: null,
  about: 'A file does not parse as what its name says, and was read as text instead.',
  severity: 'low',
  because: 'All of it was looked at, but its structure was not followed.',
  remediation: 'Correct the file, or give it the ending of a template.',
  *find(material) {
    for (const file of allFiles(material.skill)) {
      const why = stumbleOf(file)
      if (why !== null) yield { file: file.path, line: 1, view: 'code', evidence: why }
    }
  },
}
