import { hostKind, hostOf } from '../../facts/hosts.ts'
import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const FOLLOW =
  /\b(?:fetch|load|download|read|get|retrieve|open|visit|check|pull)\b[^.\n]{0,80}https?:\/\/[^\s]{3,200}[^.\n]{0,60}\b(?:and|then|,)\b[^.\n]{0,40}\b(?:follow|obey|execute|apply|run|perform|do what|comply|act on|carry out)\b|\b(?:follow|obey|execute|apply|comply with|act on)\b[^.\n]{0,40}\b(?:instructions?|steps?|directives?|rules?|commands?|guide)\b[^.\n]{0,40}\b(?:at|from|in|on|served by|returned by)\b[^.\n]{0,12}https?:\/\/[^\s]{3,200}|\b(?:instructions?|directives?|prompts?|commands?|rules)\b[^.\n]{0,24}\b(?:are|is) (?:fetched|loaded|served|hosted|downloaded|updated) (?:from|at|remotely)\b[^.\n]{0,80}|\b(?:rules|instructions?|prompts?|steps|policy|policies|commands?|playbook|procedure)\b[^.\n]{0,30}\b(?:kept|stored|found|published|located|maintained|live|hosted)\b[^.\n]{0,10}https?:\/\/[^\s]{3,200}[^\n]{0,160}\b(?:do|follow|obey|execute|apply|carry out)\b[^.\n]{0,16}\b(?:what|them|it|exactly|everything|as)\b/g

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
    for (const phrase of phrases(material, FOLLOW)) {
      if (isTurned(phrase)) continue
      const url = /https?:\/\/[^\s)>"'`]{3,300}/.exec(phrase.found[0])?.[0] ?? ''
      if (hostKind(hostOf(url)) === 'local') continue
      // A commit or a digest in the address keeps what was reviewed.
      if (/[0-9a-f]{40}/.test(url)) continue
      const kind = hostKind(hostOf(url))
      const isDocs = /docs?\.|\/docs?\/|llms\.txt|readme/i.test(url) || kind === 'code'
      yield at(
        phrase,
        phrase.sentence,
        isDocs && !/follow|obey|execute|instructions/.test(phrase.found[0])
          ? { severity: 'low' }
          : isDocs
            ? { severity: 'medium' }
            : {},
      )
    }
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
