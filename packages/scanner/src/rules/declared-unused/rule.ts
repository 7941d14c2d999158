import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'declared-unused',
  check: 'behavior',
  ast: 'AST03',
  item: '3.1',
  about: 'The declaration allows what the skill is never seen to need.',
  severity: 'low',
  because: 'Every permission that is not needed is one that an attacker may use.',
  remediation: 'Remove it from the declaration.',
  *find(material) {
    const { declared, observed, frontmatter } = material
    const line = frontmatter.lines['permissions'] ?? frontmatter.lines['allowed-tools'] ?? 1
    for (const host of declared.network ?? [])
      if (!host.includes('*') && !material.facts.url.some((url) => url.host === host))
        yield { file: 'SKILL.md', line, view: 'prose', evidence: host }
    const shown = new Set(material.facts.command.map((command) => command.program))
    for (const command of declared.shell ?? []) {
      const program = command.split(/[\s:]/)[0]?.toLowerCase() ?? ''
      if (program !== '*' && program !== '' && observed.shell.length > 0 && !shown.has(program))
        yield { file: 'SKILL.md', line, view: 'prose', evidence: command }
    }
  },
}
