import type { View } from '../View.ts'
import { fits, type Concept, type Dictionary } from './Lexicon.ts'

/** One word, address, path or piece of code of a sentence. */
export interface Token {
  readonly kind: 'word' | 'url' | 'path' | 'account' | 'code' | 'number' | 'stop'
  /** Lower case for words; as it stands for the rest. */
  readonly text: string
  /** In the view's text. */
  readonly at: number
  readonly isQuoted: boolean
  readonly concepts: ReadonlySet<Concept>
}

export interface Sentence {
  readonly view: View
  /** Where it begins in the view's text, and where it ends. */
  readonly from: number
  readonly to: number
  readonly tokens: readonly Token[]
  /** What any of its words can be. */
  readonly concepts: ReadonlySet<Concept>
  readonly dictionary: Dictionary
}

/** More sentences than this in one view are a list of data. */
export const SENTENCES_MAX = 4_000
/** Words of a sentence that are looked at; people end one sooner. */
export const TOKENS_MAX = 160

const EMPTY: ReadonlySet<Concept> = new Set()
const SHARE: ReadonlySet<Concept> = new Set(['share'])

/** One pass: what is one thing to a reader (an address, a path, a code span) is one token. By their place in a match. */
const PIECES = [
  /(https?:\/\/[^\s)>\]"'`<|\u3001\u3002\uff0c\u4e00-\u9fff\u3040-\u30ff]{3,300})/u,
  /`([^`\n]{1,400})`/u,
  /([\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,8})/u,
  /(0x[0-9a-fA-F]{40}(?![0-9a-fA-F])|bc1[a-z0-9]{25,60})/u,
  /((?:~|\.{1,2})?\/[\w.@*-][\w./@*-]{1,200}|(?<![\w.])\.(?:env|ssh|aws|netrc|npmrc)\b[\w./-]{0,80}|\b[A-Z]{4,12}\.md\b|\b[\w-]{1,60}\.(?:md|json|ya?ml|toml|pem|key|dat|txt)\b)/u,
  /(\d[\d.,]{0,30}%?|%)/u,
  /([\p{L}\p{M}][\p{L}\p{M}\d'\u2019]{0,60})/u,
  /([.!?;:,|()\u3002\uff01\uff1f\uff1b\uff1a\uff0c\u3001\u2014"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f\n])/u,
] as const

/** What a text must hold before the piece of the same place can be in it; null: looked for in every text. */
const NEEDS: readonly (RegExp | null)[] = [
  /:\/\//,
  /`/,
  /@/,
  /0x|bc1/,
  /\/|\.(?:env|ssh|aws|netrc|npmrc|md|json|ya?ml|toml|pem|key|dat|txt)/,
  null,
  null,
  null,
]

const PATTERNS = new Map<number, RegExp>()

/** One pattern of all pieces that can be in a text; the others are left out, so that they are not tried at every place. */
function patternFor(text: string): RegExp {
  const present = NEEDS.reduce((bits, need, i) => (need === null || need.test(text) ? bits | (1 << i) : bits), 0)
  let pattern = PATTERNS.get(present)
  if (pattern === undefined) {
    const sources = PIECES.map(({ source }, i) => ((present & (1 << i)) === 0 ? '([])' : source))
    pattern = new RegExp(sources.join('|'), 'gu')
    PATTERNS.set(present, pattern)
  }
  return pattern
}

const OPENS = '\u201c\u201e\u00ab\u300c\u300e'
const CLOSES = '\u201d\u00bb\u300d\u300f'

/** A line that a sentence never runs on into: an item, a row, an empty one. */
const NEW_LINE = /^(?:\s{0,12}(?:[-*+]|\d{1,3}[.)])\s|\s*\n|\||\s*$)/
const isNewLine = (text: string, at: number) => NEW_LINE.test(text.slice(at + 1, at + 24))

/** A part of a view's text that no sentence runs out of. */
export interface Part {
  readonly from: number
  readonly to: number
}

/** The parts of a text, in order: where one line ends and no sentence can go on. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (!isNewLine(text, at)) continue
    if (at > from) parts.push({ from, to: at })
    from = at + 1
  }
  if (from < text.length) parts.push({ from, to: text.length })
  return parts
}

/** Splits what a view says, or a part of it, into sentences: at their ends, not at the dots of paths and addresses; at items and empty lines. */
export function sentencesOf(view: View, dictionary: Dictionary, part?: Part): Sentence[] {
  const { text } = view
  const to = part?.to ?? text.length
  const pattern = patternFor(part === undefined ? text : text.slice(part.from, part.to))
  pattern.lastIndex = part?.from ?? 0
  const sentences: Sentence[] = []
  let tokens: Token[] = []
  let isQuoted = false
  let from = 0
  const end = (at: number) => {
    if (tokens.length > 0) {
      const from = tokens[0]?.at ?? at
      const read = withSequences(tokens, dictionary)
      sentences.push({ view, from, to: at, tokens: read, concepts: unionOf(read), dictionary })
    }
    tokens = []
    isQuoted = false
  }
  const push = (kind: Token['kind'], piece: string, at: number, concepts: ReadonlySet<Concept> = EMPTY) => {
    if (tokens.length < TOKENS_MAX) tokens.push({ kind, text: piece, at, isQuoted, concepts })
  }
  for (const found of text.matchAll(pattern)) {
    const at = found.index
    if (at >= to || sentences.length >= SENTENCES_MAX) break
    if (at < from) continue
    // Positions, not names: an object of names for every word costs as much as the match.
    const [, url, code, mail, account, path, number, word, stop] = found as (string | undefined)[]
    if (word !== undefined) pushWord(word, at, dictionary, push)
    else if (url !== undefined) {
      const plain = url.replace(/[.,;:!?*_]{1,4}$/, '')
      push('url', plain, at)
      if (/[.!?]$/.test(url)) end(at + url.length)
    } else if (mail !== undefined) push('url', mail, at)
    else if (account !== undefined) push('account', account, at)
    else if (code !== undefined) pushCode(code, at, push)
    else if (path !== undefined) push('path', path, at)
    else if (number !== undefined)
      push('number', number.replace(/[.,]$/, ''), at, number.endsWith('%') ? SHARE : dictionary.of(number))
    if (number?.endsWith('.') === true && /^\s/.test(text.charAt(at + number.length))) end(at + number.length)
    if (path?.endsWith('.') === true && /^(?:\s|$)/.test(text.charAt(at + path.length))) end(at + path.length)
    if (stop === undefined) continue
    if (OPENS.includes(stop)) isQuoted = true
    else if (CLOSES.includes(stop)) isQuoted = false
    else if (stop === '"') isQuoted = !isQuoted
    else if (stop === '\n') {
      if (isNewLine(text, at)) end(at)
    } else if ('\u3002\uff01\uff1f'.includes(stop)) end(at + 1)
    else if ('.!?'.includes(stop)) {
      if (/^(?:["'\u201d\u00bb)*_`]{0,3}(?:\s|$))/.test(text.slice(at + 1, at + 6)) && !isAbbreviation(tokens)) {
        // The mark that closes a quotation belongs to the sentence that it closes.
        const closing = isQuoted ? /^["\u201d\u00bb]/.exec(text.slice(at + 1, at + 2)) : null
        end(at + 1)
        if (closing !== null) from = at + 2
      }
    } else if (stop === '|') end(at)
    else push('stop', stop, at)
  }
  end(to)
  return sentences
}

function isAbbreviation(tokens: readonly Token[]): boolean {
  return /^(?:e|g|i|eg|ie|etc|vs|cf|approx|no)$/.test(tokens.at(-1)?.text ?? '')
}

type Push = (kind: Token['kind'], piece: string, at: number, concepts?: ReadonlySet<Concept>) => void

function pushCode(code: string, at: number, push: Push): void {
  const account = /^(?:0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{43,44})$/.exec(code)
  const url = /^https?:\/\/\S+$/.exec(code)
  if (account !== null) push('account', code, at)
  else if (url !== null) push('url', code, at)
  else if (/^[~./\w-]{2,200}$/.test(code) && /[./~]/.test(code)) push('path', code, at)
  else push('code', code, at)
}

function pushWord(word: string, at: number, dictionary: Dictionary, push: Push): void {
  const plain = word.toLowerCase().replaceAll('\u2019', "'")
  if (!dictionary.lexicon.isSpaced) {
    for (let from = 0; from < plain.length;) {
      const found = dictionary.longestAt(plain, from)
      if (found === null) from += 1
      else {
        push('word', plain.slice(from, from + found.length), at + from, found.concepts)
        from += found.length
      }
    }
    return
  }
  const bare = plain.endsWith("'s") ? plain.slice(0, -2) : plain.endsWith("'") ? plain.slice(0, -1) : plain
  push('word', bare, at, dictionary.of(bare))
}

function unionOf(tokens: readonly Token[]): ReadonlySet<Concept> {
  const all = new Set<Concept>()
  for (const token of tokens) if (token.concepts.size > 0) for (const each of token.concepts) all.add(each)
  return all
}

/** Adds what several words are together to the first of them. */
function withSequences(tokens: readonly Token[], dictionary: Dictionary): Token[] {
  return tokens.map((token, i) => {
    const candidates = token.kind === 'word' ? dictionary.sequences.get(token.text) : undefined
    if (candidates === undefined) return token
    const more = candidates.filter(({ rest }) => rest.every((word, k) => fits(word, tokens[i + k + 1]?.text ?? '')))
    return more.length === 0
      ? token
      : { ...token, concepts: new Set([...token.concepts, ...more.map((each) => each.concept)]) }
  })
}

/** The sentence as it stands. */
export function textOf(sentence: Sentence): string {
  return sentence.view.text.slice(sentence.from, sentence.to).replace(/\s+/g, ' ').trim()
}
