import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const UPDATE =
  /\b(?:auto(?:matically)?[ -]?updates?|updates? (?:itself|automatically)|self[ -]updat\w+)\b[^.\n]{0,60}\b(?:skill|skills|plugin|itself|instructions)\b|\b(?:re-?fetch|re-?download|check for (?:updates|new versions?) (?:of|to) this)\b[^.\n]{0,40}\b(?:skill|file|skill\.md)\b/g

export const rule: Rule = {
  name: 'self-update',
  check: 'behavior',
  ast: 'AST07',
  item: '7.2',
  about: 'The skill updates itself or other skills from the network without asking.',
  severity: 'medium',
  because: 'What was approved is replaced by what nobody has seen.',
  remediation: 'Pin the version; let the owner update, and scan again.',
  *find(material) {
    for (const command of material.facts.command) {
      const line = command.args.join(' ')
      if (
        command.program === 'git' &&
        /^(?:-C \S+ )?pull\b/.test(line) &&
        /skill|\.claude|plugin|openclaw|baseDir|SKILL_DIR/i.test(`${line} ${command.text}`)
      )
        yield at(command, command.text)
      else if (
        /^(?:clawdhub|clawhub|openclaw|skills|npx)$/.test(command.program) &&
        /\bupdate\b.{0,20}--all|skills update|skills add .{0,80}--yes/.test(line)
      )
        yield at(command, command.text)
      else if (/cron/.test(command.text) && /\b(?:update|upgrade)\b/.test(command.text)) yield at(command, command.text)
    }
    for (const phrase of phrases(material, UPDATE)) if (!isTurned(phrase)) yield at(phrase, phrase.sentence)
  },
}
