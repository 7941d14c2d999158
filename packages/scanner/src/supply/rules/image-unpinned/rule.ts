import type { Rule } from '../../../Rule.ts'
import { at, firsts, inFile, nameOf } from '../shared.ts'

export const imageUnpinned: Rule = {
  name: 'image-unpinned',
  check: 'supply',
  ast: 'AST07',
  item: '7.1',
  about: 'A container image by `latest`, without a tag, or without a digest.',
  severity: 'medium',
  because: 'A tag is moved with every release; only a digest names the bytes that were looked at.',
  remediation: 'Write the digest: `image:tag@sha256:…` (docker buildx imagetools inspect).',
  *find({ supply }) {
    for (const each of firsts(supply.dependencies, inFile)) {
      if (each.ecosystem !== 'docker' || each.pin === 'hash') continue
      const isLatest = each.pin === 'none'
      const isCommand = each.via === 'command' && !/\brun\b/.test(each.evidence)
      yield at(
        each,
        isLatest && !isCommand ? 'medium' : 'low',
        isLatest ? `${nameOf(each)} is whatever was pushed last.` : `${nameOf(each)} is a tag, which can be moved.`,
      )
    }
  },
}
