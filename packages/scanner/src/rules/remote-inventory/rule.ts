import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'remote-inventory',
  check: 'intent',
  ast: 'AST05',
  item: '5.2',
  about: 'A reference that the agent is told to read lies on the network and is not pinned.',
  severity: 'low',
  because: 'It can change after the skill was reviewed.',
  remediation: 'Copy it into the skill, or pin it by commit.',
  *find(material) {
    const seen = new Set<string>()
    for (const url of material.facts.url) {
      if (url.use !== 'instruction' || /[0-9a-f]{40}/.test(url.url) || seen.has(url.url)) continue
      seen.add(url.url)
      yield at(url, url.url)
    }
  },
}
