import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const lockWithoutHash: Rule = {
  name: 'lock-without-hash',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A lock entry without the hash of what is to be downloaded, or from another place than the registry.',
  severity: 'medium',
  because: 'A version without a hash is only a name: the bytes can be changed on the way or at the source.',
  mend: 'Write the lock again with the package manager, from the registry, and look at what changed.',
  *find({ supply }) {
    const byFile = Map.groupBy(
      supply.dependencies.filter((each) => each.via === 'lock'),
      (each) => each.file,
    )
    for (const [file, entries] of byFile) {
      const elsewhere = entries.filter((each) => each.source.kind === 'url')
      for (const each of elsewhere)
        yield at(
          each,
          'high',
          `${each.name} is locked to ${each.source.kind === 'url' ? each.source.url : ''}, which is not the registry.`,
        )
      const bare = entries.filter((each) => each.pin !== 'hash' && each.source.kind !== 'url')
      const [first] = bare
      if (first !== undefined)
        yield at(
          first,
          'medium',
          `${bare.length} of ${entries.length} entries in ${file} have no hash, ${first.name} the first of them.`,
        )
    }
  },
}
