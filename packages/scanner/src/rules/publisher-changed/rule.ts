import { isBy } from '../../identity/Signature.ts'
import type { Match, Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'publisher-changed',
  check: 'structure',
  ast: 'AST02',
  item: null,
  about: 'The lock names a publisher, and the skill is not signed by that publisher any more.',
  severity: 'high',
  because: 'A skill that changes hands is a new skill, whatever its name.',
  remediation: 'Ask the publisher why, then approve the new signature by writing the lock again.',
  *find({ lock, skill, signatures }) {
    const publisher = lock?.skills.find((each) => each.path === skill.path)?.publisher ?? null
    if (publisher === null || signatures.some((each) => isBy(each, publisher))) return
    const verified = signatures.filter((each) => each.status === 'verified')
    const now = verified.map((each) => each.identity).join(', ')
    const place: Match = { file: 'SKILL.md', line: 1, view: 'prose', evidence: now === '' ? 'not signed' : now }
    yield {
      ...place,
      because: `It was approved as the work of ${publisher.identity}${publisher.issuer === null ? '' : ` (${publisher.issuer})`}, and ${now === '' ? 'no valid signature is here' : `is signed by ${now}`}.`,
    }
  },
}
