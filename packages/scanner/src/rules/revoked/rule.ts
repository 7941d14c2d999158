import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'revoked',
  check: 'structure',
  ast: 'AST09',
  item: '9.6',
  about: 'The approval of the skill was taken back.',
  severity: 'critical',
  because: 'Somebody found a reason.',
  remediation: 'Remove the skill.',
  *find(material) {
    const entry = material.lock?.skills.find(
      (each) =>
        (each.path === material.skill.path || each.content_digest === material.skill.contentDigest) &&
        each.revoked_on !== null,
    )
    if (entry !== undefined)
      yield {
        file: 'SKILL.md',
        line: 1,
        view: 'prose',
        evidence: entry.path,
        because: `${entry.approved_by} took the approval back on ${entry.revoked_on ?? ''}.`,
      }
  },
}
