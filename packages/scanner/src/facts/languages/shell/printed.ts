import type { Pipeline, SimpleCommand } from './Script.ts'
import { printf, unescape, VALUE_CHARS_MAX } from './expand.ts'

/** What a substitution puts in its place, where its commands only write out literals. */
export interface Printed {
  readonly text: string
  /** It was decoded, unescaped, cut or turned around on the way: spelled so that readers do not see it. */
  readonly isSpelled: boolean
}

/** The text that pipelines of `echo`, `printf` and plain filters print, or null. Computes on literals only; never runs anything. */
export function printed(pipelines: readonly Pipeline[]): Printed | null {
  const [pipeline] = pipelines
  if (pipelines.length !== 1 || pipeline === undefined || pipeline.commands.length > 6) return null
  let now = null as Printed | null
  for (const [at, command] of pipeline.commands.entries()) {
    now = at === 0 && command.stdin === null ? said(command) : filtered(command, now?.text ?? command.stdin ?? '', now)
    if (now === null || now.text.length > VALUE_CHARS_MAX) return null
  }
  return now === null ? null : { ...now, text: now.text.trimEnd() }
}

function plain(command: SimpleCommand): string[] | null {
  if (command.words.some((word) => word.inner.length > 0 && /\$\(\)|<\(\)/.test(word.text))) return null
  const texts = command.words.map((word) => word.text)
  return texts.some((text, i) => i > 0 && /\$[\w{(@*#]/.test(text)) ? null : texts
}

function said(command: SimpleCommand): Printed | null {
  const words = plain(command)
  if (words === null) return null
  const [program, ...args] = words
  if (program === 'printf' && args[0] !== undefined) {
    const text = printf(args[0], args.slice(1))
    return { text, isSpelled: /\\[0-9xuU]/.test(args.join(' ')) }
  }
  if (program !== 'echo') return null
  const flags = args.findIndex((each) => !/^-[neE]+$/.test(each))
  const text = (flags < 0 ? [] : args.slice(flags)).join(' ')
  const isEscaped = args.slice(0, Math.max(flags, 0)).some((each) => each.includes('e'))
  return isEscaped ? { text: unescape(text), isSpelled: /\\[0-9xuU]/.test(text) } : { text, isSpelled: false }
}

function filtered(command: SimpleCommand, text: string, before: Printed | null): Printed | null {
  const words = plain(command)
  if (words === null || (before === null && command.stdin === null)) return null
  const [program = '', ...args] = words
  const line = args.join(' ')
  const spelled = (out: string): Printed => ({ text: out, isSpelled: true })
  if (program === 'cat' && args.length === 0) return { text, isSpelled: before?.isSpelled ?? false }
  if (program === 'rev') return spelled([...text.replace(/\n$/, '')].toReversed().join(''))
  if (/^(?:base64|openssl)$/.test(program) && /(?:^|\s)-(?:d|D|-decode)\b/.test(line))
    return spelled(Buffer.from(text.trim(), 'base64').toString('utf8'))
  if (program === 'xxd' && /-r/.test(line) && /p/.test(line))
    return spelled(Buffer.from(text.replace(/[^0-9a-fA-F]/g, ''), 'hex').toString('utf8'))
  if (program === 'tr') {
    const [first = '', second = ''] = args
    if (first === '-d') return spelled([...text].filter((char) => !range(second).includes(char)).join(''))
    if (first.startsWith('-')) return null
    const from = range(first)
    const to = range(second)
    return spelled(
      [...text]
        .map((char) => {
          const at = from.indexOf(char)
          return at < 0 ? char : (to[Math.min(at, to.length - 1)] ?? '')
        })
        .join(''),
    )
  }
  if (program === 'sed') {
    const swap = /^(?:-e )?s([/|,#])([^/|,#[\].*\\^$]{1,40})\1([^/|,#&\\]{0,40})\1(g?)$/.exec(line)
    if (swap === null) return null
    const [, , from = '', to = '', all] = swap
    return spelled(all === 'g' ? text.replaceAll(from, to) : text.replace(from, () => to))
  }
  if (program === 'cut') {
    const part = /^-c\s?(\d{1,4})(?:(-)(\d{0,4}))?$/.exec(line)
    if (part === null) return null
    const from = Number(part[1])
    const end = part[2] === undefined ? from : part[3] === '' ? undefined : Number(part[3])
    return spelled(text.slice(from - 1, end))
  }
  return null
}

/** `a-zA-Z` as its characters. */
function range(text: string): string {
  return text
    .replace(/\[:lower:\]/, 'a-z')
    .replace(/\[:upper:\]/, 'A-Z')
    .replace(/(\w)-(\w)/g, (whole, from: string, to: string) => {
      const first = from.charCodeAt(0)
      const last = to.charCodeAt(0)
      if (last < first) return whole
      return Array.from({ length: last - first + 1 }, (_, i) => String.fromCharCode(first + i)).join('')
    })
}
