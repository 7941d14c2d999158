import type { Rule } from '../../Rule.ts'

/** Slash commands and tools that agent hosts bring along. */
const BUILT_IN = new Set(
  'bash read write edit grep glob task agent help clear compact init login logout config permissions memory model mcp hooks cost doctor exit quit resume status webfetch websearch todowrite'.split(
    ' ',
  ),
)

export const rule: Rule = {
  name: 'name-taken',
  check: 'structure',
  ast: 'AST06',
  item: '6.7',
  about: "The skill's name is a built-in command's or another skill's of the same tree.",
  severity: 'medium',
  because: 'Which one the agent gets depends on the order of loading.',
  remediation: 'Rename it.',
  *find(material) {
    const name = material.skill.name.toLowerCase()
    if (BUILT_IN.has(name))
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['name'] ?? 1,
        view: 'prose',
        evidence: name,
        because: 'Hosts have a command of that name built in.',
      }
    const twin = material.neighbours.find(
      (each) =>
        each.path !== material.skill.path &&
        each.name.toLowerCase() === name &&
        each.contentDigest !== material.skill.contentDigest &&
        each.directory !== material.skill.directory,
    )
    if (twin !== undefined)
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['name'] ?? 1,
        view: 'prose',
        evidence: name,
        because: `${twin.path} has the same name and another content.`,
        severity: 'low',
      }
  },
}
