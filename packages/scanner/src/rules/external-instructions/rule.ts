import { actsIn } from '../../prose/actsIn.ts'
import { patternsIn } from '../../prose/signals/signalsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'
import { unchecked } from './unchecked.ts'

export const rule: Rule = {
  name: 'external-instructions',
  check: 'intent',
  ast: 'AST05',
  item: '5.1',
  about: 'The skill tells the agent to fetch a text from the network and to do what it says.',
  severity: 'high',
  because:
    'What was reviewed is not what will be followed: whoever serves that address writes the skill anew each day.',
  remediation: 'Ship the instructions with the skill. If they must be fetched, pin them by commit and check a SHA-256.',
  *find(material) {
    for (const act of actsIn(material.views, 'obey-outside')) yield at(act, act.text, { severity: act.severity })
    yield* unchecked(material)
    for (const { pattern, place, text } of patternsIn(material.views, 'order'))
      yield at(place, text, { because: pattern.because })
    for (const command of material.facts.command) {
      if (!/^(?:curl|wget)$/.test(command.program)) continue
      // A skill that replaces itself or its neighbours.
      const target = command.text
      if (
        /(?:-o|-O|>)\s{0,2}\S{0,100}(?:SKILL|HEARTBEAT|AGENTS|CLAUDE|SOUL|MESSAGING|RULES)\.md\b/i.test(target) ||
        /\.(?:claude|openclaw|clawdbot|codex|moltbot)\/skills\//.test(target)
      )
        yield at(command, command.text, { because: "It fetches instructions into the agent's own files." })
    }
  },
}
