import type { Facts, Path } from '../../Fact.ts'
import type { View } from '../../View.ts'
import { languageNamed } from '../languages/languageOf.ts'
import { printf } from '../languages/shell/expand.ts'
import { readCode } from '../languages/readCode.ts'
import { lastPart, ownFileText } from '../ownFile.ts'
import { storedAt, whyNotQuiet, type OwnFile, type Stored } from './whyNotQuiet.ts'
import { whyNotAlone, whyNotPlain } from './risks.ts'

/** What a step leaves where something is started from. */
export interface Judged {
  /** `quiet`: all of it is known, and starts nothing from outside. `unknown`: not all of it is known. */
  readonly is: 'quiet' | 'loud' | 'unknown'
  /** Why it is `loud`. */
  readonly why: string
}

const QUIET: Judged = { is: 'quiet', why: '' }
const UNKNOWN: Judged = { is: 'unknown', why: '' }

interface Package {
  readonly views: readonly View[]
  readonly facts: Facts
}

/**
 * Judges a write to a place that programs are started from by what is written there: a literal of the step, or a file that the
 * package brings along. Words of the package about it count for nothing.
 */
export function storedBy(path: Path, material: Package): Judged {
  const own: OwnFile = (each) => ownFileText(each, material.views, material.facts)
  if (isKeptBeside(path, material)) return QUIET
  const kind = storedAt(path.path)
  if (kind === null) return UNKNOWN
  const judge = (text: string): Judged => {
    const why = whyNotQuiet(text, kind, own)
    return why === null ? QUIET : { is: 'loud', why }
  }
  const commands = material.facts.command.filter((each) => each.file === path.file && each.line === path.line)
  const writers = commands.filter((each) => each.writes.includes(path.path))
  if (writers.length > 0) {
    // The closing mark of a group: what stands in it is looked at line by line.
    const texts = writers.filter((each) => each.program !== '').map((each) => written(each, own))
    if (texts.length === 0) return isGroupEnd(path.text) ? QUIET : UNKNOWN
    return texts.some((text) => text === null) ? UNKNOWN : judge(texts.join('\n'))
  }
  for (const { program, args, stdin } of commands) {
    const operands = args.filter((word) => !word.startsWith('-'))
    if (program === 'tee' && operands.includes(path.path)) return stdin === null ? UNKNOWN : judge(stdin)
    // Lines are taken out.
    if (program === 'sed' && operands.at(-1) === path.path)
      return operands.length === 2 && /^[^\n]{1,200}[/\d,$]d;?$/.test(operands[0] ?? '') ? QUIET : UNKNOWN
    if (!/^(?:cp|mv|install|ln)$/.test(program)) continue
    const [from = '', to = ''] = operands.slice(-2)
    if (to !== path.path && `${to}/` !== path.path) continue
    const text = own(from)
    return text === null ? UNKNOWN : judge(text)
  }
  return writtenByCode(path, material, judge, kind, own)
}

/** `cp FILE FILE.bak`, and back again: what was there stays there. */
function isKeptBeside(path: Path, { facts }: Package): boolean {
  return facts.command.some((each) => {
    if (each.file !== path.file || each.line !== path.line || !/^(?:cp|mv|copy-item|copy)$/.test(each.program))
      return false
    const [from = '', to = '', ...more] = each.args.filter((word) => !word.startsWith('-'))
    if ((more.length > 0 && each.program !== 'copy-item') || to !== path.path || from === '') return false
    // What is put back is what was there: nothing else was written to the copy.
    if (from.length > to.length && !isCopyOnly(from, facts)) return false
    const [short, long] = from.length < to.length ? [from, to] : [to, from]
    return long.startsWith(short) && BESIDE.test(long.slice(short.length))
  })
}

function isCopyOnly(path: string, facts: Facts): boolean {
  const name = lastPart(path)
  return (
    facts.path.every(
      (each) => each.access !== 'write' || each.path !== path || /^\s*(?:cp|mv|copy-item)\b/i.test(each.text),
    ) &&
    facts.command.every(
      (each) => !each.text.includes(name) || /^(?:cp|mv|copy-item|rm|ls|test|\[|diff|echo|if|stat)$/.test(each.program),
    )
  )
}

const BESIDE = /^[.~_-][\w.$(){}+% -]{0,60}$/

/** `Add-Content -Path $PROFILE -Value "…"`: what PowerShell is given to write there; null for any other command. */
export function addedToProfile(command: Facts['command'][number]): Judged | null {
  const { program, args } = command
  if (!/^(?:add-content|set-content|out-file|ac|sc)$/.test(program)) return null
  if (!args.some((word) => storedAt(word) === 'powershell')) return null
  const at = args.findIndex((word) => /^-Value$/i.test(word))
  const value = at >= 0 ? args[at + 1] : undefined
  if (value === undefined) return UNKNOWN
  const why = whyNotQuiet(value, 'powershell')
  return why === null ? QUIET : { is: 'loud', why }
}

function isGroupEnd(text: string): boolean {
  return /^\s*[})]\s*>>?/.test(text)
}

type Command = Facts['command'][number]

/** What a command puts out, where that is known. */
function written(command: Command, own: OwnFile): string | null {
  const { program, args, stdin } = command
  if (program === 'cat') {
    if (stdin !== null) return stdin
    const texts = args.filter((word) => !word.startsWith('-')).map(own)
    return texts.length > 0 && texts.every((text) => text !== null) ? texts.join('\n') : null
  }
  if (args.some((word) => word.includes('$()') || /^\$\{?[\w@*]+\}?$/.test(word))) return null
  if (program === 'echo')
    return args
      .filter((word, i) => i > 0 || !/^-[neE]+$/.test(word))
      .join(' ')
      .replaceAll('\\n', '\n')
  if (program === 'printf' && args[0] !== undefined) return printf(args[0], args.slice(1))
  return null
}

/** Lines of a profile, as a program holds them. */
const PROFILE_LINE =
  /^[ \t]*(?:(?:alias|abbr|export|function|source|setopt|eval|if|complete|\.)\s|[A-Z_]{3,40}=|# ?[>~=-]{2,}|[\w-]{1,40}\s?\(\)\s*\{)/m
/** Ways of a program to come by text that nobody has read. */
const COMES_FROM_ELSEWHERE =
  /\b(?:urllib|requests|httpx|aiohttp|http\.client|socket|node:https?|axios|undici)\b|\bfetch\(|require\(["']https?["']\)|\bcurl\b|\bwget\b|\bb\d{2}decode\b|\batob\(|\bfromhex\b|\bunhexlify\b|["']base64["']|\bzlib\b|\bmarshal\b|\bcodecs\b|\bchr\(|fromCharCode|\beval\(|\bexec\(|__import__|\[::-1\]|\.reverse\(\)|\breversed\(/

/** A program that writes a profile: all that it could write is among its literals. */
function writtenByCode(
  path: Path,
  { views }: Package,
  judge: (text: string) => Judged,
  kind: Stored,
  own: OwnFile,
): Judged {
  const view = views.find((each) => each.file === path.file && each.name === 'code' && each.language !== 'shell')
  if (view === undefined || view.language === null || view.language === 'unknown') return UNKNOWN
  if (COMES_FROM_ELSEWHERE.test(view.text)) return UNKNOWN
  let isKnown = false
  if (kind === 'agent' || kind === 'unit' || kind === 'desktop') return startedByCode(view, own)
  for (const { text, offset } of readCode(view.text, languageNamed(view.language)).strings) {
    // A text with places to fill in is not known.
    const isFilled =
      /[fF][rR]?["']{0,2}$/.test(view.text.slice(Math.max(0, offset - 3), offset + 1)) || /\$\{/.test(text)
    if (!(kind === 'program' ? /^#!/ : PROFILE_LINE).test(text)) {
      if (whyNotPlain(text) !== null || /\b(?:PROMPT_COMMAND|LD_PRELOAD|BASH_ENV)\b/.test(text)) return UNKNOWN
      continue
    }
    if (isFilled && /\{[^{}]/.test(text)) return UNKNOWN
    const judged = judge(text)
    if (judged.is !== 'quiet') return judged
    isKnown = true
  }
  return isKnown ? QUIET : UNKNOWN
}

/** A program that writes a job: each text in it is tame, and what is started is a file of the package or a program of the system. */
function startedByCode(view: View, own: OwnFile): Judged {
  let isKnown = false
  for (const { text } of readCode(view.text, languageNamed(view.language ?? 'unknown')).strings) {
    if (
      /^-\w*c$|^(?:\/bin\/)?(?:ba|z|da)?sh$|<string>\s*-c\s*<\/string>|EnvironmentVariables|\bEnvironment=/.test(text)
    )
      return UNKNOWN
    const words = text
      .split(/[\s"'<>=]+/)
      .filter((word) => /\.\w{1,4}$/.test(word) && !/\.(?:plist|service|timer|desktop)$/.test(word))
    for (const word of words) {
      const other = /^[~/$%]/.test(word) ? null : own(word)
      if (other === null || other === view.text) continue
      const why = whyNotAlone(other)
      if (why !== null) return { is: 'loud', why }
      isKnown = true
    }
    const why = whyNotAlone(text.replaceAll(/http:\/\/www\.apple\.com\S{0,60}/g, ''))
    if (why !== null) return UNKNOWN
  }
  return isKnown ? QUIET : UNKNOWN
}
