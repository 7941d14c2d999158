import { allFiles } from '../../Skill.ts'
import { isMixedScript } from '../../views/Fold.ts'
import type { Rule } from '../../Rule.ts'

/** Units such as µs and formulas are not words. */
const WORD = /(?<![\p{L}])(?=[\p{L}\w@./-]{0,60}[a-zA-Z]{2})[a-zA-Z@][\p{L}\w@./-]{2,60}/gu

export const rule: Rule = {
  name: 'lookalike-letters',
  check: 'structure',
  ast: 'AST04',
  item: '4.6',
  about: "A name mixes letters of two scripts that look alike: a package, a command, a host or the skill's own name.",
  severity: 'high',
  because: 'It is not the name that it seems to be.',
  remediation: 'Write it in one script.',
  *find(material) {
    // Package names have no capitals: an I between small letters is there to be read as an l.
    const named = /[a-z-]I[a-z]/.exec(material.skill.name)
    if (named !== null)
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['name'] ?? 1,
        view: 'prose',
        evidence: material.skill.name,
      }
    for (const command of material.facts.command) {
      if (!/^(?:npm|npx|pnpm|yarn|bun|pip3?|uv|pipx|cargo)$/.test(command.program)) continue
      const word = command.args.find((each) => /^@?[a-z][a-z0-9/._-]*[a-z-]I[a-z][\w./-]*$/.test(each))
      if (word !== undefined)
        yield { file: command.file, line: command.line, view: command.view, role: command.role, evidence: command.text }
    }
    for (const file of allFiles(material.skill)) {
      const text = file.text
      if (text === null || !/[\u0370-\u04ff]/.test(text)) continue
      for (const match of text.matchAll(WORD)) {
        // A single Greek letter between marks is a formula's.
        const word = match[0]
          .replace(/(?<=^|[./@_-])[\u0370-\u03ff](?=$|[./@_-])/g, '')
          // A word of another script behind a hyphen, with letters that look like none of ours, is a word.
          .replace(
            /(?<=^|-)(?=[\u0400-\u04ff]{0,40}[\u0431\u0433-\u0434\u0436-\u0439\u043b\u0444\u0446-\u044f])[\u0400-\u04ff]{1,60}(?=$|-)/g,
            '',
          )
        if (!isMixedScript(word)) continue
        const before = text.slice(Math.max(0, match.index - 40), match.index)
        const isName =
          /(?:install|add|require|import|from|npx|pip|cargo|https?:\/\/\S{0,30}|name:)\W{0,4}$/i.test(before) ||
          /[./@_-]/.test(match[0])
        yield {
          file: file.path,
          line: text.slice(0, match.index).split('\n').length,
          view: 'hidden',
          evidence: match[0],
          severity: isName ? 'high' : 'medium',
        }
        break
      }
    }
  },
}
