import type { Rule } from '../../Rule.ts'
import { at, cleaned, viewsFor } from '../ask.ts'

/** Lines of shell that are kept as text, where no reader sees them run: all else is a fact, in any language. */
const KEPT_AS_TEXT = [
  /(?:ba|z|k|da)?sh\s{1,4}-i\s{0,4}(?:>&|<|&>|2>&1)[^\n]{0,80}\/dev\/(?:tcp|udp)\//g,
  /\b(?:nc|ncat|netcat)\b[^\n|]{0,80}\s-(?:[a-z]{0,6}e|c)\s{1,4}(?:\/bin\/|cmd|powershell)?(?:ba|z)?sh?\b/g,
]

export const rule: Rule = {
  name: 'reverse-shell',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'A shell is connected to a remote address, or waits for one to connect.',
  severity: 'critical',
  because: 'It hands the machine to whoever answers at that address.',
  remediation: 'Remove it; no skill needs it.',
  *find(material) {
    for (const flow of material.facts.flow) if (flow.sink === 'shell') yield at(flow, flow.text)
    for (const command of material.facts.command)
      // Its own port 22 (or a shell's) is handed to the other side.
      if (
        /^(?:ssh|autossh)$/.test(command.program) &&
        /(?:^|\s)-\w{0,6}R\s{0,2}(?:[\w.*]{1,60}:)?\d{1,5}:(?:localhost|127\.0\.0\.1):(?:22|3389|5900)\b/.test(
          command.args.join(' '),
        )
      )
        yield at(command, command.text, { severity: 'high' })
    for (const { view, patterns } of viewsFor(material, KEPT_AS_TEXT)) {
      if (view.name === 'prose' && view.holder !== 'paragraph' && view.holder !== 'item') continue
      for (const pattern of patterns) {
        pattern.lastIndex = 0
        const found = pattern.exec(view.text)
        if (found === null) continue
        const line = cleaned(view).lineOf(found.index)
        yield at({ ...view, view: view.name, line }, view.text.slice(found.index, found.index + 200))
        break
      }
    }
  },
}
