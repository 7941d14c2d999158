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
  mend: 'Write it in one script.',
  *find(material) {
    for (const file of allFiles(material.skill)) {
      const text = file.text
      if (text === null || !/[\u0370-\u04ff]/.test(text)) continue
      for (const match of text.matchAll(WORD)) {
        if (!isMixedScript(match[0])) continue
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
