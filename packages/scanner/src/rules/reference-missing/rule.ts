import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'reference-missing',
  check: 'structure',
  ast: 'AST08',
  item: '8.2',
  about: 'The skill runs or reads a file of its own that is not there.',
  severity: 'low',
  because: 'What the agent will find in its place was not reviewed.',
  remediation: 'Ship the file, or take the reference out.',
  *find(material) {
    const has = new Set(material.skill.files.map((file) => file.path))
    const seen = new Set<string>()
    for (const command of material.facts.command) {
      for (const word of [command.text.trim().split(/\s/)[0] ?? '', ...command.args]) {
        const path =
          /^(?:\{baseDir\}\/|\$\{?(?:CLAUDE_PLUGIN_ROOT|SKILL_DIR|baseDir)\}?\/|\.\/)?((?:scripts|bin|tools|lib)\/[\w./-]{1,120}\.(?:py|sh|js|ts|mjs|cjs|rb|pl))$/.exec(
            word,
          )?.[1]
        if (path === undefined || has.has(path) || seen.has(path)) continue
        seen.add(path)
        yield at(command, path)
      }
    }
  },
}
