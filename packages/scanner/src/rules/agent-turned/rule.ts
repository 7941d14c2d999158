import { actsIn } from '../../prose/actsIn.ts'
import { patternsIn } from '../../prose/signals/signalsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'agent-turned',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about:
    'The agent is turned against the person whose agent it is: the skill outranks them, consents for them, waves warnings through, misleads them, or keeps itself in place.',
  severity: 'high',
  because: 'An agent that answers to the author of a skill does not answer to its owner.',
  remediation: 'Let the owner decide, approve and hear what happened; a skill says how a task is done, no more.',
  *find(material) {
    for (const { pattern, place, text } of patternsIn(material.views, 'untruth'))
      yield at(place, text, { because: pattern.because })
    for (const act of actsIn(material.views, 'disloyal')) yield at(act, act.text, { severity: act.severity })
  },
}
