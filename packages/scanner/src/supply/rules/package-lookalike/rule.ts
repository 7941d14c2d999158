import { lookalikeOf, type Lookalike } from '../../Lookalike.ts'
import { namesOf } from '../../popular/names.ts'
import type { Rule } from '../../../Rule.ts'
import type { Severity } from '../../../Severity.ts'
import { at, firsts } from '../shared.ts'

const HOW: Readonly<Record<Lookalike['how'], readonly [Severity, string]>> = {
  homoglyph: ['critical', 'is drawn like'],
  edit: ['high', 'is one letter away from'],
  separator: ['high', 'is, but for a dash, dot or underscore,'],
  scope: ['high', 'has a scope that looks like that of'],
  unscoped: ['medium', 'drops the scope of'],
}

export const packageLookalike: Rule = {
  name: 'package-lookalike',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A package whose name looks like a popular one: typosquat, homoglyph, scope confusion.',
  severity: 'high',
  because: 'Such names are registered to be mistaken for the real ones, and run at install.',
  remediation:
    'Check which package was meant, and write its name. If this one is meant, waive the finding with the reason.',
  *find({ supply }) {
    for (const each of firsts(supply.dependencies, ({ ecosystem, name }) => `${ecosystem}\0${name}`)) {
      if (each.source.kind !== 'registry') continue
      const names = namesOf(each.ecosystem)
      const found = names === null ? null : lookalikeOf(names, each.name)
      if (found === null) continue
      const [severity, words] = HOW[found.how]
      yield at(each, severity, `"${each.name}" ${words} the popular "${found.of}" (${each.ecosystem}).`)
    }
  },
}
