import { allFiles } from '../../Skill.ts'
import { readFrontmatter } from '../../views/readFrontmatter.ts'
import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'copies-differ',
  check: 'structure',
  ast: 'AST10',
  item: '10.2',
  about:
    'Copies of the skill, or its manifests for several hosts, disagree about name, version, permissions or risk tier.',
  severity: 'medium',
  because: 'The strictest copy is reviewed and the loosest one runs.',
  remediation: 'Generate the copies from one source.',
  *find(material) {
    const mine = material.frontmatter.data ?? {}
    for (const file of allFiles(material.skill)) {
      if (
        !/(?:^|\/)(?:\.(?:claude|codex)-plugin\/)?(?:plugin|openai|gemini-extension)\.(?:json|ya?ml)$/.test(
          file.path,
        ) ||
        file.text === null
      )
        continue
      for (const key of ['risk_tier', 'permissions', 'allowed-tools', 'version'] as const) {
        const theirs = new RegExp(`["']?${key}["']?\\s{0,3}:\\s{0,3}["']?([\\w.-]{1,40})`).exec(file.text)?.[1]
        const own = mine[key]
        if (theirs === undefined || own === undefined || typeof own === 'object') continue
        // A plugin that holds several skills has a version of its own.
        if (key === 'version' && file.path.startsWith('../')) continue
        if (String(own) !== theirs)
          yield {
            file: file.path,
            line: 1,
            view: 'code',
            evidence: `${key}: ${theirs}`,
            because: `SKILL.md says ${key}: ${String(own).slice(0, 60)}. ${rule.because}`,
            severity: key === 'version' ? 'low' : 'medium',
          }
      }
    }
    for (const twin of material.neighbours) {
      if (
        twin.path === material.skill.path ||
        twin.name !== material.skill.name ||
        twin.directory !== material.skill.directory ||
        twin.contentDigest === material.skill.contentDigest
      )
        continue
      const other = readFrontmatter(twin).data ?? {}
      for (const key of ['permissions', 'risk_tier', 'allowed-tools', 'version', 'description']) {
        if (JSON.stringify(other[key]) === JSON.stringify(mine[key])) continue
        yield {
          file: 'SKILL.md',
          line: material.frontmatter.lines[key] ?? 1,
          view: 'prose',
          evidence: `${key}: ${JSON.stringify(mine[key]) ?? 'nothing'}`,
          because: `The copy in ${twin.path} says ${JSON.stringify(other[key])?.slice(0, 80) ?? 'nothing'}. ${rule.because}`,
          severity: key === 'version' || key === 'description' ? 'low' : 'medium',
        }
      }
    }
  },
}
