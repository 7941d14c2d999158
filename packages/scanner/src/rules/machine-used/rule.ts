import type { Rule } from '../../Rule.ts'
import { heldForRansom } from './heldForRansom.ts'
import { at, cleaned, viewsFor } from '../ask.ts'

const USES: readonly (readonly [string, RegExp])[] = [
  [
    'mining',
    /\bstratum\+(?:tcp|ssl):\/\/|\bxmrig\b|\bminerd\b|\bcpuminer\b|--donate-level\b|\bcryptonight\b|\bnbminer\b|\bt-rex -a\b/i,
  ],
  [
    'key logging',
    /pynput\.keyboard|keyboard\.(?:Listener|on_press|hook|record)\(|GetAsyncKeyState|CGEventTapCreate|SetWindowsHookEx|xinput test\b|logkeys\b/,
  ],
  [
    'watching the screen or the room',
    /while[^]{0,200}(?:ImageGrab\.grab|pyautogui\.screenshot|screencapture -x|mss\(\))[^]{0,300}(?:post|upload|send)/i,
  ],
  ['flooding', /\b(?:hping3|slowloris|goldeneye|LOIC)\b|socket\.SOCK_RAW[^]{0,400}while True/],
  [
    'locking files for ransom',
    /(?:os\.walk|rglob)[^]{0,500}\.encrypt\([^]{0,300}(?:os\.remove|unlink|\.locked\b|os\.rename)/,
  ],
  [
    'locking files for ransom',
    /(?:os\.walk|glob|rglob|find )[^]{0,500}(?:Fernet\(|AES\.new|openssl enc)[^]{0,400}(?:os\.remove|unlink|shred|rm )/,
  ],
]

const PATTERNS = USES.map(([, pattern]) => pattern)

export const rule: Rule = {
  name: 'machine-used',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about:
    'The machine works or spies for somebody else: coin mining, key logging, screen or microphone capture in the background, spreading, flooding.',
  severity: 'high',
  because: 'It is not what the owner has the agent for.',
  remediation: 'Remove it.',
  *find(material) {
    yield* heldForRansom(material)
    for (const { view, patterns } of viewsFor(material, PATTERNS)) {
      if (view.name === 'prose' && view.holder === 'table') continue
      for (const [what, pattern] of USES) {
        if (!patterns.includes(pattern)) continue
        const found = pattern.exec(view.text)
        if (found === null) continue
        const before = view.text.slice(Math.max(0, found.index - 60), found.index).toLowerCase()
        if (view.name === 'prose' && /detect|flag|scan|avoid|never|not |against|prevent|block/.test(before)) continue
        yield at(
          { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
          view.text.slice(found.index, found.index + 160),
          { because: `This is ${what}. ${rule.because}`, ...(view.name === 'prose' ? { severity: 'medium' } : {}) },
        )
        break
      }
    }
  },
}
