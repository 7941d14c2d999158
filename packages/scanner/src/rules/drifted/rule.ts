import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'drifted',
  check: 'structure',
  ast: 'AST07',
  item: '7.1',
  about: 'The skill is not the one that was approved: its content differs from the lock.',
  severity: 'high',
  because: 'Approval was for other bytes.',
  remediation: 'Look at what changed, scan, and write the lock again.',
  *find(material) {
    const entry = material.lock?.skills.find((each) => each.path === material.skill.path)
    if (entry !== undefined && entry.content_digest !== material.skill.contentDigest)
      yield {
        file: 'SKILL.md',
        line: 1,
        view: 'prose',
        evidence: material.skill.contentDigest,
        because: `${entry.approved_by} approved ${entry.content_digest.slice(0, 19)}… on ${entry.approved_on}; this is ${material.skill.contentDigest.slice(0, 19)}….`,
      }
  },
}
