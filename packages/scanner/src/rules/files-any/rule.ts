import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'files-any',
  check: 'behavior',
  ast: 'AST03',
  item: '3.4',
  about: 'The declaration allows every file: `**/*`, `/`, `~`.',
  severity: 'medium',
  because: 'It includes the keys, the wallets and the settings of every agent on the machine.',
  remediation: 'Name the directories that are needed, relative to the project.',
  *find(material) {
    for (const path of [...(material.declared.read ?? []), ...(material.declared.write ?? [])])
      if (/^(?:\*\*?(?:\/\*)?|\/|\/\*\*?(?:\/\*)?|~\/?(?:\*\*?)?|\$HOME\/?)$/.test(path))
        yield { file: 'SKILL.md', line: material.frontmatter.lines['permissions'] ?? 1, view: 'prose', evidence: path }
  },
}
