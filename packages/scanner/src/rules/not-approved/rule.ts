import type { Match, Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'not-approved',
  check: 'structure',
  ast: 'AST09',
  item: '9.3',
  about: 'The skill is not in the lock: nobody has approved it, or the approval has run out.',
  severity: 'medium',
  because: 'An inventory with holes is none.',
  remediation: 'Have it looked at, then write it into skills.lock.json.',
  *find(material) {
    if (material.lock === null) return
    const entry = material.lock.skills.find((each) => each.path === material.skill.path)
    const place: Match = { file: 'SKILL.md', line: 1, view: 'prose', evidence: material.skill.path }
    if (entry === undefined) yield place
    else if (Date.parse(entry.expires) < material.nowMs)
      yield { ...place, because: `The approval by ${entry.approved_by} ran out on ${entry.expires}.` }
  },
}
