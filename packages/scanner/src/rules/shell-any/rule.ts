import type { Rule } from '../../Rule.ts'

/** Programs that run whatever they are given. */
const RUNNERS =
  /^Bash\((?:npx|bunx|uvx|pipx|dlx|sudo|bash|sh|zsh|python\d?|node|eval|env|xargs|docker run|ssh)(?::\*|\s\*|\*)\)$/i

export const rule: Rule = {
  name: 'shell-any',
  check: 'behavior',
  ast: 'AST03',
  item: '3.3',
  about:
    'The declaration allows any command: `Bash` without a pattern, `Bash(*)`, `shell: true`, or a runner such as `Bash(npx:*)` that runs anything.',
  severity: 'medium',
  because: 'A permission for everything is no permission; one injected sentence then has the whole machine.',
  remediation: 'List the commands that are needed: `Bash(git status:*)`, `shell: [git, jq]`.',
  *find(material) {
    const { frontmatter, declared } = material
    const line = frontmatter.lines['allowed-tools'] ?? frontmatter.lines['permissions'] ?? 1
    for (const tool of declared.tools ?? []) {
      if (/^(?:\*|(?:Bash|Shell|Terminal)(?:\((?:\*|:\*)\))?)$/i.test(tool))
        yield { file: 'SKILL.md', line, view: 'prose', evidence: tool }
      else if (RUNNERS.test(tool))
        yield {
          file: 'SKILL.md',
          line,
          view: 'prose',
          evidence: tool,
          because: 'What this runner starts can be any program.',
        }
    }
    const permissions = frontmatter.data?.['permissions']
    if (typeof permissions === 'object' && permissions !== null && 'shell' in permissions && permissions.shell === true)
      yield { file: 'SKILL.md', line: frontmatter.lines['permissions'] ?? line, view: 'prose', evidence: 'shell: true' }
  },
}
