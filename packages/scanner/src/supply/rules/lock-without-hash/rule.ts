import { hostOf } from '../../parse/node.ts'
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
  remediation: 'Write the lock again with the package manager, from the registry, and look at what changed.',
  *find({ supply }) {
    const byFile = Map.groupBy(
      supply.dependencies.filter((each) => each.via === 'lock'),
      (each) => each.file,
    )
    for (const [file, entries] of byFile) {
      const elsewhere = Map.groupBy(
        entries.filter((each) => each.source.kind === 'url'),
        (each) => hostOf(each.source.kind === 'url' ? each.source.url : ''),
      )
      for (const [host, served] of elsewhere) {
        const [one] = served
        if (one === undefined) continue
        // A hash that was committed still says which bytes; without one the host decides.
        const isHashed = served.every((each) => each.pin === 'hash')
        const many = `${served.length} of ${entries.length} entries in ${file} come from ${host}, which is not the registry`
        yield at(
          one,
          isHashed ? 'medium' : 'high',
          `${many}${isHashed ? '' : ', and not all have a hash'}; ${one.name} is the first.`,
        )
      }
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
