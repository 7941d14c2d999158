import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'risk-tier-low',
  check: 'behavior',
  ast: 'AST04',
  item: '4.5',
  about: 'The declared risk tier is lower than what the skill can reach.',
  severity: 'medium',
  because: 'Approval follows the tier; a tier that is too low buys less scrutiny than the skill needs.',
  remediation: 'Declare the tier that was derived, or remove what raises it.',
  *find(material) {
    const { declared, observed, frontmatter } = material
    if (declared.riskTier === null || declared.riskTier >= observed.riskTier) return
    yield {
      file: 'SKILL.md',
      line: frontmatter.lines['risk_tier'] ?? 1,
      view: 'prose',
      evidence: `risk_tier: ${declared.riskTier}`,
      because: `It was declared as ${declared.riskTier}, and what is reachable makes it ${observed.riskTier}.`,
    }
  },
}
