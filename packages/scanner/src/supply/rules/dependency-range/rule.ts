import type { Rule } from '../../../Rule.ts'
import { at, firsts, inFile, isRunAtOnce, nameOf } from '../shared.ts'

export const dependencyRange: Rule = {
  name: 'dependency-range',
  check: 'supply',
  ast: 'AST02',
  item: '2.3',
  about: 'A range of versions (`^1.2`, `~=1.2`, `>=1`) that no lock narrows to one.',
  severity: 'low',
  because: 'A range accepts versions that nobody has seen yet; a stolen account publishes one of them.',
  remediation: 'Write the exact version, or commit a lock with hashes beside the manifest.',
  *find({ supply }) {
    const ranges = supply.dependencies.filter((each) => each.pin === 'range' && each.source.kind === 'registry')
    for (const each of firsts(ranges, inFile)) {
      const isLocked = supply.manifests.some((manifest) => manifest.file === each.file && manifest.lock !== null)
      if (isLocked) continue
      yield at(each, isRunAtOnce(each) ? 'medium' : 'low', `${nameOf(each)} takes any version in its range.`)
    }
  },
}
