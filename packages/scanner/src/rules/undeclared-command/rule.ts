import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'undeclared-command',
  check: 'behavior',
  ast: 'AST03',
  item: '3.3',
  about: 'A command is run that the declaration does not allow.',
  severity: 'medium',
  because: 'The declaration is what was approved; what goes beyond it was not.',
  remediation: 'Add the command to `allowed-tools` or `permissions.shell`, or do without it.',
  *find(material) {
    const allowed = material.declared.shell
    if (allowed === null || allowed.includes('*') || material.declared.tools?.includes('*') === true) return
    const programs = allowed.map((each) => each.split(/[\s:]/)[0]?.toLowerCase() ?? '')
    for (const { subject, proof } of material.observed.shell) if (!programs.includes(subject)) yield at(proof, subject)
  },
}
