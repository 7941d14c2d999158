import type { Syntax } from './Language.ts'
import { unescape } from './shell/expand.ts'
import type { Token } from './tokenize.ts'

/** What stands in a text where nothing is known. */
export const GAP = '\u2026'

/** What an expression is known to be: a text, which may have gaps, or a list of such. */
export type Value = { readonly text: string } | { readonly items: readonly Value[] }

const TEXT_CHARS_MAX = 4_096
const STEPS_MAX = 60_000
const DEPTH_MAX = 12

/** Values of names: the last that was given. */
export type Constants = Map<string, Value>

/**
 * Works out what expressions of literals are: joined, concatenated, cut, decoded, looked up. One for all languages, bounded
 * in depth, length and steps; it never runs anything.
 */
export class Evaluator {
  readonly #tokens: readonly Token[]
  readonly #pair: ReadonlyMap<number, number>
  readonly #syntax: Syntax
  readonly constants: Constants
  #steps = 0

  constructor(tokens: readonly Token[], pair: ReadonlyMap<number, number>, syntax: Syntax, constants: Constants) {
    this.#tokens = tokens
    this.#pair = pair
    this.#syntax = syntax
    this.constants = constants
  }

  /** The known text of a range, or null when nothing of it is known. */
  text(from: number, to: number): string | null {
    const value = this.value(from, to)
    if (value === null || 'items' in value) return null
    return value.text.replaceAll(GAP, '') === '' ? null : value.text
  }

  /** The arguments of a call, by the commas between its brackets. */
  arguments(from: number, to: number): (readonly [number, number])[] {
    const out: (readonly [number, number])[] = []
    let start = from
    for (let at = from; at < to && out.length < 64; at += 1) {
      const close = this.#pair.get(at)
      if (close !== undefined && close <= to) at = close
      else if (this.#tokens[at]?.kind === 'mark' && this.#tokens[at]?.text === ',') {
        out.push([start, at])
        start = at + 1
      }
    }
    if (start < to) out.push([start, to])
    return out
  }

  value(from: number, to: number, depth = 0): Value | null {
    this.#steps += 1
    if (depth > DEPTH_MAX || this.#steps > STEPS_MAX || to - from > 600) return null
    const terms = this.#terms(from, to)
    if (terms.length === 1) return this.#term(from, to, depth)
    let out = ''
    let known = false
    for (const { from: start, to: end, joint } of terms) {
      const value = this.#term(start, end, depth + 1)
      const text = value === null || 'items' in value ? GAP : value.text
      known ||= text !== GAP
      // `Path / "a"` joins with a slash.
      if (joint === '/') out = `${out.replace(/\/$/, '')}/${text}`
      else if (joint === '%') out = formatted(out, this.#texts(start, end, depth))
      else if (joint === '*') return null
      else out += text
      if (out.length > TEXT_CHARS_MAX) return null
    }
    return known ? { text: out } : null
  }

  #texts(from: number, to: number, depth: number): string[] {
    const inside = this.#tokens[from]?.text === '(' ? this.#pair.get(from) : undefined
    const ranges = inside === undefined ? ([[from, to]] as const) : this.arguments(from + 1, inside)
    return ranges.map(([start, end]) => {
      const value = this.value(start, end, depth + 1)
      return value === null || 'items' in value ? GAP : value.text
    })
  }

  /** Splits at marks that join texts, outside of brackets. */
  #terms(from: number, to: number): { from: number; to: number; joint: string }[] {
    const terms: { from: number; to: number; joint: string }[] = []
    let start = from
    let joint = ''
    for (let at = from; at < to; at += 1) {
      const close = this.#pair.get(at)
      if (close !== undefined && close < to) {
        at = close
        continue
      }
      const token = this.#tokens[at]
      if (token?.kind !== 'mark' || at === start) continue
      const next = this.#tokens[at + 1]
      const isJoin =
        (this.#syntax.joins.includes(token.text) &&
          // A dot between names belongs to a chain, in the languages that join with it.
          (token.text !== '.' ||
            next?.kind === 'string' ||
            next?.text.startsWith('$') === true ||
            this.#tokens[at - 1]?.kind === 'string')) ||
        token.text === '%' ||
        token.text === '*'
      if (!isJoin) continue
      terms.push({ from: start, to: at, joint })
      joint = token.text
      start = at + 1
    }
    terms.push({ from: start, to, joint })
    return terms
  }

  #term(from: number, to: number, depth: number): Value | null {
    let start = from
    while (
      start < to &&
      (this.#tokens[start]?.kind === 'newline' ||
        (this.#tokens[start]?.kind !== 'string' && SKIPPED.has(this.#tokens[start]?.text ?? '')))
    )
      start += 1
    const first = this.#tokens[start]
    if (first === undefined || start >= to) return null
    let at = start
    let value: Value | null = null
    let name = ''
    if (first.kind === 'string') {
      value = { text: this.#filled(first.text) }
      at += 1
      // Strings that stand side by side are one.
      while (at < to && this.#tokens[at]?.kind === 'string') {
        value = { text: value.text + this.#filled(this.#tokens[at]?.text ?? '') }
        at += 1
      }
    } else if (first.kind === 'number') {
      if (!/^\d/.test(first.text)) return null
      value = { text: first.text }
      at += 1
    } else if (first.text === '(' || first.text === '[' || first.text === '{') {
      const close = this.#pair.get(start)
      if (close === undefined || close > to) return null
      const ranges = this.arguments(start + 1, close)
      value =
        first.text === '(' && ranges.length === 1
          ? this.value(start + 1, close, depth + 1)
          : { items: ranges.slice(0, 400).map(([a, b]) => this.value(a, b, depth + 1) ?? { text: GAP }) }
      at = close + 1
    } else if (first.kind === 'name') {
      name = first.text
      at += 1
      value = this.constants.get(name) ?? null
    } else return null
    // What follows it: `.name`, `(arguments)`, `[index]`.
    for (let step = 0; at < to && step < 24; step += 1) {
      const token = this.#tokens[at]
      if (token?.kind === 'newline') {
        at += 1
      } else if (token?.text === '(') {
        const close = this.#pair.get(at)
        if (close === undefined || close > to) return value
        value = this.#call(name, value, at + 1, close, depth)
        name = ''
        at = close + 1
      } else if (token?.text === '[') {
        const close = this.#pair.get(at)
        if (close === undefined || close > to) return value
        value = this.#index(name, value, at + 1, close)
        at = close + 1
      } else if (token !== undefined && (token.text === '.' || this.#syntax.chains.includes(token.text))) {
        const next = this.#tokens[at + 1]
        if (next?.kind !== 'name') return value
        name = name === '' ? `.${next.text}` : `${name}.${next.text}`
        at += 2
        const isCalled = this.#tokens[at]?.text === '('
        if (!isCalled) value = this.constants.get(name) ?? this.#property(name, value)
      } else if (token?.kind === 'string' && name !== '' && value === null) {
        // `require "x"`: a call without brackets.
        value = this.#call(name, null, at, to, depth)
        return value
      } else return value
    }
    return value
  }

  #property(name: string, value: Value | null): Value | null {
    const last = name.slice(name.lastIndexOf('.') + 1)
    if (/^(?:process\.env|ENV|\$?env)\.(?:HOME|USERPROFILE)$/i.test(name)) return { text: '~' }
    if (last === 'sep') return { text: '/' }
    if (/^(?:reverse|upcase|downcase|to_s|strip|chomp)$/.test(last) && value !== null) return method(last, value, [])
    return CARRIED.test(last) ? value : null
  }

  #index(name: string, value: Value | null, from: number, to: number): Value | null {
    if (/(?:^|\.)(?:environ|env|ENV|_ENV|_SERVER)$/.test(name)) {
      const key = this.text(from, to)
      return key === 'HOME' || key === 'USERPROFILE' ? { text: '~' } : null
    }
    const inside = this.#tokens
      .slice(from, to)
      .map((token) => token.text)
      .join('')
    if (value === null) return null
    if ('items' in value) {
      const at = Number(inside)
      return Number.isInteger(at)
        ? (value.items.at(at) ?? null)
        : /^::?-1$/.test(inside)
          ? { items: value.items.toReversed() }
          : null
    }
    if (inside === '::-1') return { text: [...value.text].toReversed().join('') }
    const part = /^(-?\d{0,4}):(-?\d{0,4})(?::(\d{1,3}))?$/.exec(inside)
    if (part !== null) {
      const cut = value.text.slice(part[1] === '' ? 0 : Number(part[1]), part[2] === '' ? undefined : Number(part[2]))
      const every = Number(part[3] ?? 1)
      return { text: [...cut].filter((_, i) => i % every === 0).join('') }
    }
    return /^-?\d{1,4}$/.test(inside) ? { text: value.text.at(Number(inside)) ?? '' } : null
  }

  #call(name: string, on: Value | null, from: number, to: number, depth: number): Value | null {
    const last = name.slice(name.lastIndexOf('.') + 1)
    if (/(?:^|\.)(?:homedir|home|getHomeDir|UserHomeDir|home_dir)$/.test(name)) return { text: '~' }
    const args = this.arguments(from, to).map(([start, end]) => this.value(start, end, depth + 1))
    const text = (value: Value | null | undefined): string =>
      value === null || value === undefined || 'items' in value ? GAP : value.text
    if (/^(?:getenv|env|Getenv|get)$/.test(last) && /^(?:HOME|USERPROFILE)$/.test(text(args[0]))) return { text: '~' }
    if (PATHS.test(name) && !(last === 'join' && on !== null)) {
      const parts = args.flatMap((arg) => (arg !== null && 'items' in arg ? arg.items.map(text) : [text(arg)]))
      return { text: parts.join('/').replaceAll('//', '/') }
    }
    if (/^(?:chr|fromCharCode|fromCodePoint|char|Chr)$/.test(last)) {
      const codes = args.flatMap((arg): readonly (Value | null)[] =>
        arg !== null && 'items' in arg ? arg.items : [arg],
      )
      return { text: codes.map((code) => charOf(text(code))).join('') }
    }
    if (
      last === 'map' ||
      last === 'bytes' ||
      last === 'bytearray' ||
      last === 'list' ||
      last === 'array' ||
      last === 'pack'
    ) {
      const list = args.find((arg) => arg !== null && 'items' in arg) ?? (on !== null && 'items' in on ? on : undefined)
      const isChars = last !== 'map' || /\bchr\b|fromCharCode|fromCodePoint/.test(this.#source(from, to))
      if (list !== undefined && list !== null && 'items' in list)
        return isChars ? { items: list.items.map((item) => ({ text: charOf(text(item)) })) } : list
      return args[0] ?? null
    }
    if (/^(?:implode|strings\.Join|table\.concat|String\.join)$/.test(name)) {
      const list = args.find((arg) => arg !== null && 'items' in arg)
      const between = name === 'table.concat' || name === 'strings.Join' ? text(args[1] ?? { text: '' }) : text(args[0])
      return list !== undefined && list !== null && 'items' in list
        ? { text: list.items.map(text).join(between) }
        : null
    }
    if (last === 'join') {
      const list = on !== null && 'items' in on ? on : args[0]
      const between = on !== null && 'items' in on ? (args.length === 0 ? ',' : text(args[0])) : text(on)
      if (list !== null && list !== undefined && 'items' in list)
        return { text: list.items.map(text).join(between === GAP ? '' : between) }
      return null
    }
    if (/^(?:format|sprintf|Sprintf|printf)$/.test(last)) {
      const pattern = on === null ? text(args[0]) : text(on)
      return { text: formatted(pattern, (on === null ? args.slice(1) : args).map(text)) }
    }
    const decoded = decodedText(last, [text(args[0]), text(args[1])], on)
    if (decoded !== null) return { text: decoded }
    if (/^(?:strrev|reverse)$/.test(last) && on === null) return method('reverse', args[0] ?? { text: GAP }, [])
    if (on !== null) return method(last, on, args.map(text))
    return SAME.test(last) ? (args[0] ?? null) : null
  }

  #source(from: number, to: number): string {
    return this.#tokens
      .slice(from, Math.min(to, from + 40))
      .map((token) => token.text)
      .join(' ')
  }

  /** A string with its escapes read and what it names put in. */
  #filled(text: string): string {
    if (text.length > TEXT_CHARS_MAX) return text
    const plain = /\\[x0-9u]/.test(text) ? unescape(text) : text
    if (!/[{$]/.test(plain)) return plain
    // `f"@{os.path.expanduser('~/x')}"`
    const filled = plain.replace(/\$?\{[\w.]{0,60}expanduser\(\s{0,2}["']([^"'{}]{1,200})["']\s{0,2}\)\}/g, '$1')
    return filled.replace(
      /[#$]?\{([A-Za-z_]\w{0,60})\}|\$([A-Za-z_]\w{0,60})/g,
      (whole, braced?: string, bare?: string) => {
        const name = braced ?? bare ?? ''
        if (name === 'HOME') return '~'
        const value = this.constants.get(name) ?? this.constants.get(`$${name}`)
        return value !== undefined && 'text' in value ? value.text : whole
      },
    )
  }
}

const SKIPPED = new Set([
  'await',
  'new',
  'return',
  'not',
  'local',
  'var',
  'let',
  'const',
  'my',
  'our',
  '&',
  '@',
  '!',
  '.',
])
const PATHS =
  /(?:^|\.)(?:path\.join|join|resolve|Path|PurePath|Combine|File\.join|filepath\.Join|expanduser|expand_path|normpath|abspath|realpath|joinpath|Join-Path|catfile|URI|URL|Paths\.get|File|Pathname\.new|PathBuf\.from)$/
const SAME =
  /^(?:str|String|to_s|quote|escape|encodeURI|strip|trim|url|parse|Uri|from|raw|Buffer|b|bytes|toString|String\.from|new)$/
const CARRIED = /^(?:text|value|to_s|to_str|decode|name)$/

function charOf(text: string): string {
  const code = Number(text)
  return text !== '' && Number.isInteger(code) && code > 0 && code < 0x10000
    ? String.fromCharCode(code)
    : text.length === 1
      ? text
      : GAP
}

/** `%s`, `{}`, `{0}` filled in order. */
function formatted(pattern: string, args: readonly string[]): string {
  let next = 0
  return pattern
    .replace(/%[-0-9.]{0,6}[sdvq]|\{(\d?)\}/g, (_, index?: string) => {
      const value = index === undefined || index === '' ? args[next] : args[Number(index)]
      next += 1
      return value ?? GAP
    })
    .slice(0, TEXT_CHARS_MAX)
}

function decodedText(last: string, [first = '', second = '']: readonly string[], on: Value | null): string | null {
  const own = on !== null && 'text' in on ? on.text : ''
  if (
    /^(?:atob|b64decode|base64_decode|decode64|strict_decode64|urlsafe_b64decode|decode_base64|FromBase64String|DecodeString)$/.test(
      last,
    )
  )
    return first.includes(GAP) ? null : Buffer.from(first, 'base64').toString('utf8')
  if (last === 'from' && /^(?:base64|base64url|hex)$/.test(second))
    return Buffer.from(first, second as 'hex').toString('utf8')
  if (/^(?:fromhex|unhexlify|hex2bin)$/.test(last)) {
    const bytes = Buffer.from(first.replace(/\s/g, ''), 'hex')
    // Bytes that are no text keep their digits: `fromhex(…).hex()` is an account as often as a script.
    return bytes.toString('latin1').replace(/[\x20-\x7e\s]/g, '').length > 0
      ? first.replace(/\s/g, '')
      : bytes.toString('utf8')
  }
  if (/^(?:str_rot13|rot13)$/.test(last)) return rot13(first)
  if (last === 'decode' && /rot.?13/i.test(second)) return rot13(first)
  if (last === 'decode' && /rot.?13/i.test(first) && own !== '') return rot13(own)
  return null
}

function rot13(text: string): string {
  return text.replace(/[a-zA-Z]/g, (char) => {
    const base = char <= 'Z' ? 65 : 97
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base)
  })
}

function method(name: string, on: Value, args: readonly string[]): Value | null {
  if ('items' in on)
    return /^(?:reverse|toReversed)$/.test(name)
      ? { items: on.items.toReversed() }
      : /^(?:map|filter|flat)$/.test(name)
        ? on
        : null
  const { text } = on
  if (/^(?:replace|replaceAll|gsub|sub|tr)$/.test(name)) {
    const [from = '', to = ''] = args
    return from === '' || from === GAP || to === GAP ? null : { text: text.split(from).join(to) }
  }
  if (/^(?:reverse|toReversed|strrev)$/.test(name)) return { text: [...text].toReversed().join('') }
  if (/^(?:split|chars|split_chars)$/.test(name)) {
    const between = args[0] ?? ''
    return { items: (between === GAP ? [text] : text.split(between)).slice(0, 1_000).map((part) => ({ text: part })) }
  }
  if (/^(?:toUpperCase|upper|upcase|ToUpper)$/.test(name)) return { text: text.toUpperCase() }
  if (/^(?:toLowerCase|lower|downcase|ToLower)$/.test(name)) return { text: text.toLowerCase() }
  if (/^(?:slice|substring|Substring|substr)$/.test(name) && args.every((arg) => /^-?\d{1,4}$/.test(arg)))
    return { text: text.slice(Number(args[0] ?? 0), args[1] === undefined ? undefined : Number(args[1])) }
  if (name === 'concat') return { text: text + args.join('') }
  if (name === 'resolve' || name === 'joinpath' || name === 'join') return { text: [text, ...args].join('/') }
  return KEPT.test(name) ? on : null
}

/** Methods that hand back the text that they are called on, as far as names and paths go. */
const KEPT =
  /^(?:expanduser|toString|decode|encode|strip|trim|to_s|resolve|absolute|as_posix|chomp|freeze|unwrap|into|to_string|to_owned|GetString|format|open|read|read_text|read_bytes|get)$/
