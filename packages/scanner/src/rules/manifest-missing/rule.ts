import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'manifest-missing',
  check: 'behavior',
  ast: 'AST03',
  item: '3.1',
  about: 'The skill runs commands or reaches the network and declares no permissions.',
  severity: 'low',
  because: 'Without a declaration nobody can say what is too much, and hosts grant everything.',
  remediation: 'Declare `allowed-tools`, and `permissions` with the commands, hosts and paths that are needed.',
  *find(material) {
    const { declared, observed } = material
    if (
      declared.tools !== null ||
      declared.shell !== null ||
      declared.network !== null ||
      declared.read !== null ||
      declared.write !== null
    )
      return
    const seen = observed.shell[0] ?? observed.network[0] ?? observed.write[0]
    if (seen !== undefined) yield at(seen.proof, seen.subject, { file: 'SKILL.md', line: 1, view: 'prose' })
  },
}
