import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'tier-unapproved',
  check: 'structure',
  ast: 'AST09',
  item: '9.2',
  about: 'The skill reaches a higher risk tier than the one that was approved.',
  severity: 'high',
  because: 'Approval was given for less.',
  remediation: 'Have it approved for what it reaches now.',
  *find(material) {
    const entry = material.lock?.skills.find((each) => each.path === material.skill.path)
    if (entry !== undefined && entry.risk_tier < material.observed.riskTier)
      yield { file: 'SKILL.md', line: 1, view: 'prose', evidence: `${entry.risk_tier} → ${material.observed.riskTier}` }
  },
}
