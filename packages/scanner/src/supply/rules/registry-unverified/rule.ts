import { isLoopback } from '../../parse/commands.ts'
import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const registryUnverified: Rule = {
  name: 'registry-unverified',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'Packages are fetched without checking who answers: plain HTTP, trusted-host, strict-ssl=false.',
  severity: 'high',
  because: 'Anybody on the way can put their own package in its place.',
  remediation: 'Use HTTPS with a certificate that is checked.',
  *find({ supply }) {
    for (const each of supply.registries) {
      if (each.isUnverified && !isLoopback(each.url))
        yield at(each, 'high', 'Nobody checks who answers for this registry.')
    }
  },
}
