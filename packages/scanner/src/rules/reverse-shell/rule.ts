import type { Rule } from '../../Rule.ts'
import { at, cleaned, isPossible } from '../ask.ts'

const HINT = /\/dev\/(?:tcp|udp)\/|dup2|\bnc(?:at)?\b|socat|mkfifo|TCPSocket|TCPClient|fsockopen|pty\.spawn|meterpreter/
const PATTERNS = [
  /(?:ba|z|k|da)?sh\s{1,4}-i\s{0,4}(?:>&|<|&>|2>&1)[^\n]{0,80}\/dev\/(?:tcp|udp)\//g,
  /exec\s{1,4}\d{1,3}<>\s{0,4}\/dev\/(?:tcp|udp)\//g,
  /\b(?:nc|ncat|netcat)\b[^\n|]{0,80}\s-(?:[a-z]{0,6}e|c)\s{1,4}(?:\/bin\/|cmd|powershell)?(?:ba|z)?sh?\b/g,
  /mkfifo[^\n]{0,120}\|\s{0,3}(?:nc|ncat|openssl)\b/g,
  /socat\b[^\n]{0,120}exec:[^\n]{0,60}(?:ba)?sh/gi,
  /dup2\s{0,2}\([^\n]{0,80}fileno[^]{0,400}?(?:\/bin\/(?:ba)?sh|pty\.spawn|subprocess)/g,
  /new\s{1,4}(?:net\.Socket|System\.Net\.Sockets\.TCPClient)[^]{0,600}?(?:\/bin\/(?:ba)?sh|cmd\.exe|powershell|iex\b)/gi,
  /TCPSocket\.(?:new|open)[^]{0,300}?(?:exec|IO\.popen|\/bin\/sh)/g,
  /fsockopen\([^]{0,300}?(?:proc_open|shell_exec|exec\()/g,
]

export const rule: Rule = {
  name: 'reverse-shell',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'A shell is connected to a remote address, or waits for one to connect.',
  severity: 'critical',
  because: 'It hands the machine to whoever answers at that address.',
  mend: 'Remove it; no skill needs it.',
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
    const patterns = PATTERNS.filter((pattern) => isPossible(material, pattern))
    if (patterns.length === 0) return
    for (const view of material.views) {
      if (view.name === 'prose' && view.holder !== 'paragraph' && view.holder !== 'item') continue
      const text = view.text
      if (!HINT.test(text)) continue
      for (const pattern of patterns) {
        pattern.lastIndex = 0
        const found = pattern.exec(text)
        if (found !== null) {
          yield at(
            { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
            text.slice(found.index, found.index + 200),
          )
          break
        }
      }
    }
  },
}
