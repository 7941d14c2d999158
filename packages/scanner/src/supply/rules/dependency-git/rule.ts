import type { Rule } from '../../../Rule.ts'
import { at, firsts, inFile, nameOf } from '../shared.ts'

export const dependencyGit: Rule = {
  name: 'dependency-git',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A dependency from a git repository without a full commit hash.',
  severity: 'medium',
  because: 'A branch or a tag can be moved to other code at any time.',
  remediation: 'Name the full commit: `git+https://…@<40 hex digits>`, `rev = "<40 hex digits>"`.',
  *find({ supply }) {
    for (const each of firsts(supply.dependencies, inFile)) {
      if (each.source.kind === 'git' && !each.source.isCommit)
        yield at(each, 'medium', `${nameOf(each)} comes from a branch or tag that can be moved.`)
    }
  },
}
