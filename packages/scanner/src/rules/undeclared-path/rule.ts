import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

function isUnder(path: string, allowed: readonly string[]): boolean {
  const plain = path.replace(/^\.\//, '')
  return allowed.some((each) => {
    const prefix = each.replace(/^\.\//, '').replace(/\*.*$/s, '')
    return prefix === '' || plain === prefix || plain.startsWith(prefix)
  })
}

export const rule: Rule = {
  name: 'undeclared-path',
  check: 'behavior',
  ast: 'AST03',
  item: '3.6',
  about: 'A file is written or read outside what the declaration allows.',
  severity: 'medium',
  because: 'The declaration is what was approved; what goes beyond it was not.',
  remediation: 'Add the path to `permissions.files`, or stay inside it.',
  *find(material) {
    const { read, write } = material.declared
    if (write !== null)
      for (const { subject, proof } of material.observed.write) if (!isUnder(subject, write)) yield at(proof, subject)
    if (read !== null)
      for (const { subject, proof } of material.observed.read)
        if (/^[~/$]/.test(subject) && !isUnder(subject, [...read, ...(write ?? [])])) yield at(proof, subject)
  },
}
