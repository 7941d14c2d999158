import { textOf } from '../../Frontmatter.ts'
import type { Rule } from '../../Rule.ts'

const HIJACK =
  /\b(?:always|must)\b[^.\n]{0,20}\b(?:use|load|invoke|run|activate)\b[^.\n]{0,20}\b(?:this skill|for (?:every|all|any)|first|before (?:any|all|every))|\b(?:use|run|load|invoke) (?:this|it)?\s?(?:skill )?(?:for|on|in|before) (?:every|all|any) (?:tasks?|requests?|conversations?|messages?|prompts?|sessions?|responses?|interactions?)\b|\binstead of (?:any|all|every) other skills?\b|\b(?:overrides?|replaces?|supersedes?) (?:all|any|every) other skills?\b/

export const rule: Rule = {
  name: 'trigger-hijack',
  check: 'intent',
  ast: 'AST04',
  item: '4.1',
  about: 'The description wants the skill to be used for everything, always or before any other.',
  severity: 'medium',
  because: 'A skill that is always loaded sees every task, and speaks in all of them.',
  remediation: 'Say for which tasks it is meant.',
  *find(material) {
    const description = (textOf(material.frontmatter, 'description') ?? '').toLowerCase()
    const found = HIJACK.exec(description)
    if (found !== null)
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['description'] ?? 1,
        view: 'prose',
        evidence: found[0],
      }
  },
}
