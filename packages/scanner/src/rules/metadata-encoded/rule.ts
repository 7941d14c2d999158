import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'metadata-encoded',
  check: 'structure',
  ast: 'AST04',
  item: '4.2',
  about: 'The frontmatter holds encoded text.',
  severity: 'high',
  because:
    'Name and description are read by every agent before anybody chooses the skill; encoded text in them is meant for the agent alone.',
  remediation: 'Write it out, or remove it.',
  *find(material) {
    for (const decoded of material.facts.decoded) {
      const { line, endLine } = material.frontmatter
      if (
        decoded.file.toLowerCase() === 'skill.md' &&
        decoded.line >= line &&
        decoded.line < endLine &&
        /[a-z]{3} [a-z]{2}/i.test(decoded.text)
      )
        yield at(decoded, decoded.text)
    }
  },
}
