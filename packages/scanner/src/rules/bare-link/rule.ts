import { hostKind, hostOf, isShady } from '../../facts/hosts.ts'
import type { Rule } from '../../Rule.ts'
import { at, cleaned } from '../ask.ts'

const BARE = /(?:^|\n)[ \t]{0,8}(?:[-=]?>|\u2192|\u23f9)?[ \t]{0,4}<?(https?:\/\/[^\s<>]{4,200})>?[ \t]{0,8}(?:\r?\n|$)/

export const rule: Rule = {
  name: 'bare-link',
  check: 'intent',
  ast: 'AST05',
  item: '5.1',
  about: 'A link to a throw-away address stands alone among the instructions, without a word about what it is for.',
  severity: 'high',
  because: 'Nothing in the skill needs it; agents and people who are told nothing open it to find out.',
  remediation: 'Say what the link is for, or take it out.',
  *find(material) {
    for (const view of material.views) {
      if (
        view.name !== 'prose' ||
        view.file.toLowerCase() !== 'skill.md' ||
        view.holder === 'frontmatter' ||
        view.holder === 'table'
      )
        continue
      if (!view.text.includes('://')) continue
      const found = BARE.exec(view.text)
      if (found === null) continue
      const kind = hostKind(hostOf(found[1] ?? ''))
      if (kind === 'free' || kind === 'cheap' || isShady(kind))
        yield at(
          {
            file: view.file,
            line: cleaned(view).lineOf(found.index + found[0].search(/http/)),
            view: view.name,
            role: view.role,
          },
          found[1] ?? '',
          // Documentation lives on free hosting as well.
          kind === 'free' ? { severity: 'medium' } : {},
        )
    }
  },
}
