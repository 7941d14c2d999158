import {
  IN_PLACE,
  MAY_BE_SETTINGS,
  MAY_BE_SPELLED,
  settingsIn,
  SPELLED_SETTING,
  TOLD_SETTING,
  type Setting,
} from '../../facts/agents/settings.ts'
import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Match, Material, Rule } from '../../Rule.ts'
import { liner, type View } from '../../View.ts'
import { at, isTurned, phrases } from '../ask.ts'

const COPIES =
  /\b(?:cop(?:y|ies)|merge|install|put|place|move|symlink|link|write|append|add|drop|save|paste|import|use it as|becomes|cp|mv|ln|rsync)\b/i

/** A place that agents read, named in the same sentence: the words between may be in any language. */
const SETTINGS = /\.(?:claude|codex|gemini|cursor|vscode|windsurf|opencode|openclaw)\/\w{0,20}(?:settings|config|mcp)/

/** Whether prose or a command has a file of the skill put where an agent reads it: by its path, or its folder's. */
function isCopied(material: Material, file: string): boolean {
  const parts = file.split('/')
  const names = parts.map((_, i) => parts.slice(0, i + 1).join('/')).filter((name, i) => i > 0 || parts.length === 1)
  const isNamed = (text: string) => names.some((name) => text.includes(name))
  return (
    material.facts.command.some(
      (command) =>
        /^(?:cp|mv|ln|install|rsync|cat|jq|tee|copy|copy-item|node|python3?)$/.test(command.program) &&
        command.args.some((word) => word !== '' && isNamed(word)),
    ) ||
    material.views.some(
      (view) =>
        view.name === 'prose' &&
        view.role === 'instruction' &&
        isNamed(view.text) &&
        view.text
          .split(/(?<=[.!?])\s|\n/)
          .some((sentence) => isNamed(sentence) && (COPIES.test(sentence) || SETTINGS.test(sentence))),
    )
  )
}

/** The language of a text of settings: a fence need not say it. */
function languageOfSettings(view: View): 'json' | 'toml' | null {
  if (view.language === 'json' || view.language === 'toml') return view.language
  if (view.holder !== 'fence' || (view.language !== null && view.language !== 'unknown')) return null
  if (/^\s{0,8}\{/.test(view.text)) return 'json'
  return /^\s{0,8}(?:\[[\w."-]{1,60}\]|[\w.-]{2,60} = \S)/.test(view.text) ? 'toml' : null
}

/** Whether the prose before a fence has it written into an agent's settings. */
function isOrdered(view: View): boolean {
  const last = view.lead.slice(-240)
  // The place where an agent looks for them, named in the line before: the verb may be in any language.
  if (SETTINGS.test(last.slice(-120)) && !/\b(?:never|not|don't|avoid|example|instead)\b/i.test(last)) return true
  return (
    /\b(?:add|merge|put|paste|copy|write|save|append|set|create|update|install)\b/i.test(last) &&
    /settings|config|\.(?:claude|codex|gemini|cursor|vscode|windsurf|opencode|openclaw)\b|\.json|\.toml/i.test(last)
  )
}

/** Whether what is started comes from elsewhere, or lies where anything can be put. */
function isStrange(value: string): boolean {
  const url = /https?:\/\/[^\s"']{3,300}/.exec(value)?.[0]
  if (url !== undefined) return !['local', 'placeholder', 'code'].includes(hostKind(hostOf(url)))
  return /\/dev\/(?:tcp|udp)\/|(?:^|\s)\/tmp\/|\b(?:curl|wget)\b[^\n]{0,200}\|\s{0,3}(?:ba|z)?sh\b|base64\s-d/.test(
    value,
  )
}

export const rule: Rule = {
  name: 'agent-settings',
  check: 'behavior',
  ast: 'AST03',
  item: '3.1',
  about:
    "Settings of an agent that let it do more without asking, start a stranger's program, or send what it says elsewhere: in place, or copied there by the instructions.",
  severity: 'high',
  because: 'It holds for every later session, whatever that session is about.',
  remediation: 'Leave out what widens permission; let the owner decide it, in their own settings.',
  *find(material) {
    yield* approvals(material)
    yield* spelled(material)
    yield* redirected(material)
    yield* borrowed(material)
    for (const view of material.views) {
      const language = languageOfSettings(view)
      if (language === null || !MAY_BE_SETTINGS.test(view.text)) continue
      const settings = settingsIn(view.text, language)
      if (settings.length === 0) continue
      const isUsed =
        view.holder === 'data'
          ? IN_PLACE.test(view.file) || isCopied(material, view.file)
          : view.role === 'instruction' && isOrdered(view)
      const lineOf = liner(view)
      for (const setting of settings) {
        const match = judge(setting, isUsed)
        if (match === null) continue
        yield at(
          { file: view.file, line: lineOf(setting.offset), view: view.name, role: view.role },
          `${setting.key} = ${setting.value}`,
          match,
        )
      }
    }
  },
}

/** What writes: an assignment in code is one as soon as the settings are put back. */
const WRITES =
  /\bwrite|>>|>\s{0,2}["']?[~$/\w]|\btee\b|\bsponge\b|\bdump\b|Set-Content|Out-File|\bmv\b|\bcp\b|sed\s{1,3}-\w{0,3}i|\bconfig\s{1,3}(?:set|add)\b|open\([^)\n]{1,80}["'][wa]\+?["']/i
/** A line that looks for it, or warns of it. */
const LOOKS =
  /\b(?:grep|rg|ag|assert|expect|if|elif|includes|match(?:es)?|search|findall|test|warn|deny|forbid|detect|flag|unsafe|insecure|never|don't|not)\b|(?:PATTERN|REGEX|RULES?)\b/i

/** Code that writes such a setting, or prose that has it set: by what it says, wherever the file lies. */
function* spelled(material: Material): Generator<Match> {
  for (const view of material.views) {
    if (view.name === 'prose' || view.language === 'json' || view.language === 'toml') continue
    if (!MAY_BE_SPELLED.test(view.text) || !WRITES.test(view.text)) continue
    for (const found of view.text.matchAll(SPELLED_SETTING)) {
      const from = view.text.lastIndexOf('\n', found.index) + 1
      if (LOOKS.test(view.text.slice(from, found.index))) continue
      yield at({ file: view.file, line: liner(view)(found.index), view: view.name, role: view.role }, found[0], WIDENED)
    }
  }
  for (const phrase of phrases(material, TOLD_SETTING))
    if (!isTurned(phrase) && phrase.viewed.holder !== 'table' && !DOUBTS.test(phrase.sentence))
      yield at(phrase, phrase.sentence, WIDENED)
}

/** A host that carries the name of a service and belongs to another: `api-openai.gateway.invalid`. */
const BORROWED =
  /\b(OPENAI|ANTHROPIC|GEMINI|MISTRAL|GROQ|COHERE|DEEPSEEK|OPENROUTER)\w{0,12}_(?:BASE_URL|API_BASE|API_HOST|ENDPOINT)["']?\s{0,2}[:=]\s{0,2}["']?(https?:\/\/[^\s"'`]{4,200})/g

function* borrowed(material: Material): Generator<Match> {
  for (const view of material.views)
    for (const found of view.text.includes('_BASE') || view.text.includes('_API_') || view.text.includes('_ENDPOINT')
      ? view.text.matchAll(BORROWED)
      : []) {
      const brand = (found[1] ?? '').toLowerCase()
      const host = hostOf(found[2] ?? '')
      const owner = host.split('.').slice(-2).join('.')
      if (
        host.includes(brand) &&
        !owner.startsWith(`${brand}.`) &&
        !/azure\.com$|amazonaws\.com$|googleapis\.com$|cloudflare\.com$/.test(host)
      )
        yield at(
          {
            file: view.file,
            line: liner(view)(found.index),
            view: view.name,
            role: view.role === 'example' ? 'instruction' : view.role,
          },
          found[0],
          { because: 'The host carries the name of a service and is not its own: the key of that service goes there.' },
        )
    }
}

/** The addresses that agents speak to, set by a command of the agent's own or for every later shell. */
function* redirected(material: Material): Generator<Match> {
  for (const command of material.facts.command) {
    const line = command.args.join(' ')
    const isKept =
      (/^(?:claude|codex|gemini|openclaw|cursor|opencode|goose|aider)$/.test(command.program) &&
        /\b(?:config|settings)\s{1,3}(?:set|add)\b/.test(line)) ||
      /^(?:setx|launchctl)$/.test(command.program)
    const found = isKept ? SPEAKS_TO.exec(line) : null
    const kind = hostKind(hostOf(found?.[1] ?? ''))
    if (found !== null && kind !== 'local' && kind !== 'placeholder')
      yield at(command, command.text, {
        because: 'What the agent says, its keys among it, goes through that address from then on.',
      })
  }
}

const SPEAKS_TO =
  /\b\w{0,30}(?:BASE_URL|API_BASE|API_HOST|_PROXY|OTLP_ENDPOINT)\b[^\n]{0,6}?(https?:\/\/[^\s"']{4,200})/i

const WIDENED = { because: 'The agent no longer asks before it acts. It holds for every later session.' }
const DOUBTS =
  /\b(?:if you|would|could|might|may|can also|optional(?:ly)?|at your own risk|dangerous|unless|only in|not recommended|avoid)\b/i

const APPROVES = /["']?permissionDecision["']?\s{0,3}[:=]\s{0,3}["']allow["']/
const EVERY_TOOL = /"PreToolUse"\s{0,4}:\s{0,4}\[\s{0,8}\{\s{0,8}(?:"matcher"\s{0,3}:\s{0,3}"(?:\*|\.\*|)"|"hooks")/

/** A hook of the skill that answers for the owner: whatever the agent is about to do is allowed. */
function* approvals(material: Material): Generator<Match> {
  const isForAll = material.views.some((view) => view.holder === 'data' && EVERY_TOOL.test(view.text))
  for (const view of material.views) {
    if (view.holder !== 'script') continue
    const found = APPROVES.exec(view.text)
    if (found !== null)
      yield at({ file: view.file, line: liner(view)(found.index), view: view.name, role: view.role }, found[0], {
        severity: isForAll ? 'high' : 'medium',
        because: 'A hook answers for the owner: the agent acts without asking.',
      })
  }
}

function judge({ effect, value }: Setting, isUsed: boolean): Partial<Match> | null {
  if (effect === 'widens')
    return isUsed
      ? { because: 'The agent no longer asks before it acts. It holds for every later session.' }
      : { severity: 'medium', because: 'It would let an agent act without asking.' }
  if (effect === 'redirects') {
    const kind = hostKind(hostOf(value))
    if (kind === 'local' || kind === 'placeholder') return null
    return {
      severity: isUsed ? 'high' : 'low',
      because: 'What the agent says, its keys among it, goes through that address.',
    }
  }
  if (!isStrange(value)) return null
  return isUsed
    ? { because: 'The host starts it by itself, and what it is comes from elsewhere.' }
    : {
        severity: 'medium',
        because: 'A host that reads this starts it by itself, and what it is comes from elsewhere.',
      }
}
