import type { Rule } from '../../../Rule.ts'
import { hostKind, hostOf, isShady } from '../../../facts/hosts.ts'
import { namesOf } from '../../popular/names.ts'
import { at, firsts, inFile } from '../shared.ts'

export const dependencyUrl: Rule = {
  name: 'dependency-url',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A dependency from a plain URL, without a hash.',
  severity: 'high',
  because: 'A URL serves what its owner likes, to whom its owner likes; no registry keeps what was served.',
  remediation: 'Take the package from a registry, or pin the hash of the file (`#sha256=…`).',
  *find({ supply }) {
    for (const each of firsts(supply.dependencies, inFile)) {
      if (each.source.kind !== 'url' || each.pin === 'hash' || each.via === 'lock') continue
      const isPlain = each.source.url.startsWith('http://')
      const isRelease =
        /^https:\/\/(?:github\.com\/[\w.-]{1,60}\/[\w.-]{1,60}\/releases\/|files\.pythonhosted\.org\/|jsr\.io\/|deno\.land\/)/.test(
          each.source.url,
        )
      // A host that only throws up what somebody dropped there.
      const isDropped = isShady(hostKind(hostOf(each.source.url)))
      // What takes the place of a package that others need is asked for by none of them.
      const names = namesOf(each.ecosystem)
      const isStrange = names !== null && !names.known.has(each.name) && hostKind(hostOf(each.source.url)) !== 'code'
      const isReplacing = (each.via === 'config' && hostKind(hostOf(each.source.url)) !== 'code') || isStrange
      yield at(
        each,
        isPlain || isDropped || isReplacing ? 'high' : isRelease ? 'low' : 'medium',
        `${each.name} is fetched from ${each.source.url}${isPlain ? ' without encryption' : ''}.`,
      )
    }
  },
}
