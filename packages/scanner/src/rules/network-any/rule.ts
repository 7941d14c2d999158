import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'network-any',
  check: 'behavior',
  ast: 'AST03',
  item: '3.7',
  about: 'The declaration allows every host.',
  severity: 'medium',
  because: 'Data can then be sent anywhere, and instructions fetched from anywhere.',
  remediation: 'List the hosts: `network: { allow: [api.service.example] }`.',
  *find(material) {
    if (material.declared.network?.some((host) => host === '*' || host === '**' || host === '*.*') === true)
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['permissions'] ?? material.frontmatter.lines['allowed-tools'] ?? 1,
        view: 'prose',
        evidence: 'network: *',
      }
  },
}
