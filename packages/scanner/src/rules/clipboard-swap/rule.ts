import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

const CLIPBOARD = /pbcopy|pbpaste|xclip|wl-copy|clipboard|pyperclip/i

export const rule: Rule = {
  name: 'clipboard-swap',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'The clipboard is watched or replaced where addresses are copied.',
  severity: 'critical',
  because: "The user pastes the attacker's address and pays it.",
  remediation: 'Leave the clipboard alone.',
  *find(material) {
    for (const view of material.views) {
      if (view.name === 'prose') continue
      if (!CLIPBOARD.test(view.text)) continue
      const writes =
        /pbcopy|xclip|wl-copy|set-clipboard|pyperclip\.copy|clipboard\.write|writeText|clipboard_append/i.test(
          view.text,
        )
      const reads = /pbpaste|xclip[^\n]{0,20}-o|get-clipboard|pyperclip\.paste|clipboard\.read|readText/i.test(
        view.text,
      )
      if (writes && reads && /while|setInterval|loop|watch|sleep|for \{|0x\[?[a-f0-9]|bc1|\[13\]/i.test(view.text))
        yield at({ file: view.file, line: view.line, view: view.name, role: view.role }, view.text.slice(0, 200))
    }
  },
}
