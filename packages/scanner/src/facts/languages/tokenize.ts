import { PLAIN, type Syntax } from './Language.ts'

type TokenKind = 'name' | 'string' | 'number' | 'mark' | 'newline'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
  readonly end: number
  /** Text that is itself a command of the shell: backticks, `%x(…)`. */
  readonly isCommand?: boolean
}

const TOKENS_MAX = 200_000

/** What is read when nobody says which language it is: strings and comments of all of them. */
export const ANY: Syntax = {
  ...PLAIN,
  longQuotes: [
    ['"""', '"""'],
    ["'''", "'''"],
  ],
}

/** Parts a text into names, strings, numbers and marks. It never fails; `problem` is what a strict reader would stop at. */
export function tokenize(text: string, syntax: Syntax) {
  const tokens: Token[] = []
  const comments: { offset: number; text: string }[] = []
  let problem: string | null = null
  let at = 0
  const size = text.length
  const lineStarts = new Set(syntax.lineComments.map((each) => each[0]))
  const blockStarts = new Set(syntax.blockComments.map(([open]) => open[0]))
  const longStarts = new Set(syntax.longQuotes.map(([open]) => open[0]))
  const name = syntax.hasDashes ? DASHED_NAME : NAME
  /** Marks that nothing closes from here on: looked for once. */
  const unclosed = new Set<string>()
  const closing = (mark: string, from: number): number => {
    if (unclosed.has(mark)) return -1
    const end = text.indexOf(mark, from)
    if (end < 0) unclosed.add(mark)
    return end
  }
  const push = (kind: TokenKind, value: string, end: number, isCommand = false) => {
    tokens.push(isCommand ? { kind, text: value, offset: at, end, isCommand } : { kind, text: value, offset: at, end })
    at = end
  }
  while (at < size && tokens.length < TOKENS_MAX) {
    const char = text[at] ?? ''
    if (char === ' ' || char === '\t' || char === '\r') {
      at += 1
      continue
    }
    if (char === '\n') {
      push('newline', '\n', at + 1)
      continue
    }
    if (blockStarts.has(char)) {
      const block = syntax.blockComments.find(
        ([open]) => text.startsWith(open, at) && (!open.startsWith('=') || at === 0 || text[at - 1] === '\n'),
      )
      if (block !== undefined) {
        const end = closing(block[1], at + block[0].length)
        if (end < 0) {
          // Left open: what follows is read, not swallowed.
          problem ??= 'a comment is not closed'
          push('mark', block[0], at + block[0].length)
          continue
        }
        comments.push({ offset: at, text: text.slice(at + block[0].length, end) })
        at = end + block[1].length
        continue
      }
    }
    if (lineStarts.has(char)) {
      const open = syntax.lineComments.find((each) => text.startsWith(each, at))
      if (open !== undefined) {
        let end = text.indexOf('\n', at)
        if (end < 0) end = size
        comments.push({ offset: at, text: text.slice(at + open.length, end) })
        at = end
        continue
      }
    }
    if (longStarts.has(char)) {
      const long = syntax.longQuotes.find(([open]) => text.startsWith(open, at))
      if (long !== undefined) {
        const end = unclosed.has(long[1]) ? -1 : endOf(text, at + long[0].length, long[1])
        if (end < 0) {
          unclosed.add(long[1])
          problem ??= 'a string is not closed'
          push('mark', long[0], at + long[0].length)
          continue
        }
        dropPrefix(tokens, at)
        push('string', text.slice(at + long[0].length, end < 0 ? size : end), end < 0 ? size : end + long[1].length)
        continue
      }
    }
    if (syntax.quotes.includes(char) || (char === '`' && syntax.backtick !== 'none')) {
      const isMulti = char === '`' && !unclosed.has(char)
      let end = at + 1
      let isClosed = false
      while (end < size) {
        const next = text[end]
        if (next === '\\') end += 2
        else if (next === '\n' && !isMulti) break
        else if (next === char) {
          isClosed = true
          break
        } else end += 1
      }
      end = Math.min(end, size)
      if (!isClosed) problem ??= 'a string is not closed'
      if (!isClosed && isMulti) {
        unclosed.add(char)
        push('mark', char, at + 1)
        continue
      }
      dropPrefix(tokens, at)
      push('string', text.slice(at + 1, end), isClosed ? end + 1 : end, char === '`' && syntax.backtick === 'command')
      continue
    }
    if (syntax.percentQuotes !== 'none' && (char === '%' || char === 'q')) {
      const quoted = percentQuote(text, at, syntax.percentQuotes, tokens.at(-1))
      if (quoted !== null) {
        push('string', quoted.text, quoted.end, quoted.isCommand)
        continue
      }
    }
    if (char === '/' && syntax.hasPatterns && startsPattern(tokens)) {
      const end = patternEnd(text, at)
      if (end > at) {
        push('number', '/', end)
        continue
      }
    }
    if (isNameStart(text.charCodeAt(at))) {
      name.lastIndex = at
      const word = name.exec(text)?.[0] ?? char
      push('name', word, at + word.length)
    } else if (char >= '0' && char <= '9') {
      NUMBER.lastIndex = at
      const number = NUMBER.exec(text)?.[0] ?? char
      push('number', number, at + number.length)
    } else {
      const two = text.slice(at, at + 2)
      const mark = two === '..' && syntax.joins.includes('..') ? two : MARKS.has(two) ? two : char
      push('mark', mark, at + mark.length)
    }
  }
  return { tokens, comments, problem: tokens.length >= TOKENS_MAX ? 'it has more tokens than are read' : problem }
}

/** Prefixes of strings (`f`, `r`, `b`) were read as a name just before. */
function dropPrefix(tokens: Token[], at: number): void {
  const previous = tokens.at(-1)
  if (previous?.kind === 'name' && previous.end === at && /^(?:f|r|b|u|fr|rf|br|rb|c|cr)$/i.test(previous.text))
    tokens.pop()
}

function endOf(text: string, from: number, close: string): number {
  let at = from
  while (at < text.length) {
    if (text[at] === '\\') at += 2
    else if (text.startsWith(close, at)) return at
    else at += 1
  }
  return -1
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** `%w[…]`, `%x(…)`, `q{…}`, `qx(…)`. */
function percentQuote(text: string, at: number, kind: 'ruby' | 'perl', before: Token | undefined) {
  const match = (kind === 'ruby' ? RUBY_QUOTE : PERL_QUOTE).exec(text.slice(at, at + 8))
  if (match === null) return null
  // `a % (b)` divides.
  if (kind === 'ruby' && (before?.kind === 'number' || (before?.kind === 'name' && match[1] === ''))) return null
  if (kind === 'perl' && (before?.text === '$' || before?.text === '->' || before?.text === '{')) return null
  const open = match[2] ?? '('
  const from = at + match[0].length
  const close = CLOSING[open] ?? open
  const end = quoteEnd(text, from, open, close)
  if (end < 0) return null
  const letter = match[1] ?? ''
  return { text: text.slice(from, end), end: end + 1, isCommand: letter === 'x' }
}
/** A text in such quotes is no longer; brackets of the same kind nest in it. */
const QUOTE_CHARS_MAX = 20_000

function quoteEnd(text: string, from: number, open: string, close: string): number {
  if (open === close) return text.indexOf(close, from)
  let depth = 1
  const last = Math.min(text.length, from + QUOTE_CHARS_MAX)
  for (let at = from; at < last; at += 1) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === open) depth += 1
    else if (char === close) depth -= 1
    if (depth === 0) return at
  }
  return -1
}

const RUBY_QUOTE = /^%([wWiIqQxsr]?)([([{<|!/])/
const PERL_QUOTE = /^q([qxwr]?)\s?([([{<|!/#])/

/** Whether a slash here begins a pattern: a value may stand, so it does not divide. */
function startsPattern(tokens: readonly Token[]): boolean {
  const before = tokens.at(-1)
  if (before === undefined || before.kind === 'newline') return true
  if (before.kind === 'mark') return before.text !== ')' && before.text !== ']' && before.text !== '}'
  return (
    before.kind === 'name' &&
    /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|when|if|unless|while|until|and|or|not|yield|await|split)$/.test(
      before.text,
    )
  )
}

/** Where a pattern that begins at a slash ends, or the same place when it is none. */
function patternEnd(text: string, from: number): number {
  let isClass = false
  for (let at = from + 1; at < text.length && at < from + 4_000; at += 1) {
    const char = text[at]
    if (char === '\n') return from
    if (char === '\\') at += 1
    else if (char === '[') isClass = true
    else if (char === ']') isClass = false
    else if (char === '/' && !isClass) {
      let end = at + 1
      while (/[a-z]/.test(text[end] ?? '')) end += 1
      return end
    }
  }
  return from
}

const MARKS = new Set(['+=', ':=', '==', '=>', '!=', '<=', '>=', '?.', '->', '&&', '||', '::', '<<', '.=', '=~'])

/** A to Z, a to z, `_` and `$`. */
function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36
}

const NAME = /[A-Za-z_$][\w$]*/y
const DASHED_NAME = /[A-Za-z_$][\w$]*(?:-[A-Za-z]\w*)*/y
const NUMBER = /[\w.]+/y

export function brackets(tokens: readonly Token[]): Map<number, number> {
  const pair = new Map<number, number>()
  const open: number[] = []
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'mark') continue
    if (token.text === '(' || token.text === '[' || token.text === '{') open.push(i)
    else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const from = open.pop()
      if (from !== undefined) pair.set(from, i)
    }
  }
  return pair
}
