import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'contract-undeclared',
  check: 'behavior',
  ast: 'AST03',
  item: null,
  about: 'The skill uses a contract or account that its declaration does not name.',
  severity: 'medium',
  because: 'The declaration of contracts is the list that was checked.',
  remediation: 'Add the address to `permissions.chain.contracts`, or do without it.',
  *find(material) {
    const declared = material.declared.contracts
    if (declared === null) return
    for (const { subject, proof } of material.observed.contracts)
      if (!declared.includes(subject) && !/^0x(?:0{38}|0{40}|e{40})/.test(subject)) yield at(proof, subject)
  },
}
