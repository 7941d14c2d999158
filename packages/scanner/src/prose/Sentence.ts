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

/** All of them. */
export const ANY_PIECE = new RegExp(PIECES.map(({ source }) => source).join('|'), 'gu')
/** Places in {@link PIECES}, from 1 as in a match. */
const URL = 1
const CODE = 2
const MAIL = 3
const ACCOUNT = 4
const PATH = 5
const NUMBER = 6
const WORD = 7
const STOP = 8

const WORD_CHARS_MAX = 61
const NUMBER_CHARS_MAX = 31
/** What a character below 128 is to the walk below. */
const OTHER = 0
const LETTER = 1
const DIGIT = 2
const PERCENT = 3
const MARK = 4
const BLANK = 5
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  if (/[a-z]/i.test(char)) return LETTER
  if (/\d/.test(char)) return DIGIT
  if (char === '%') return PERCENT
  if ('.!?;:,|()"\n'.includes(char)) return MARK
  return char === ' ' || char === '\t' ? BLANK : OTHER
})

/**
 * Tells every piece of a text in order, as the one pattern of all of them finds it. Most words of a text hold no mark that
 * an address, a path, an account or a piece of code needs: those are walked over by their characters, and the pattern is
 * asked for the others.
 */
export function eachPiece(
  text: string,
  from: number,
  to: number,
  tell: (piece: number, value: string, at: number) => boolean,
): void {
  let at = from
  /** Up to here nothing needs the pattern; and from here on something does, which is looked for once. */
  let plainTo = from
  let markedAt = -1
  while (at < to) {
    const code = text.charCodeAt(at)
    const kind = code < 128 ? (CLASSES[code] ?? OTHER) : OTHER
    if (kind === BLANK) {
      at += 1
      continue
    }
    if (at >= plainTo && at > markedAt && code !== 10) {
      const stop = plainUpTo(text, at)
      if (stop < 0) markedAt = -1 - stop
      else plainTo = stop
    }
    let end = at
    let piece = 0
    if (at < plainTo || code === 10) {
      if (kind === LETTER) {
        end = wordEnd(text, at)
        piece = end < 0 ? 0 : WORD
      } else if (kind === DIGIT || kind === PERCENT) {
        end = numberEnd(text, at)
        piece = NUMBER
      } else if (kind === MARK) {
        end = at + 1
        piece = STOP
      } else if (code < 128) {
        at += 1
        continue
      }
    }
    if (piece === 0) {
      ANY_PIECE.lastIndex = at
      const found = ANY_PIECE.exec(text)
      if (found === null) return
      piece = 1
      while (found[piece] === undefined) piece += 1
      at = found.index
      end = at + found[0].length
      if (at >= to) return
    }
    if (!tell(piece, text.slice(piece === CODE ? at + 1 : at, piece === CODE ? end - 1 : end), at)) return
    at = end
  }
}

/** Where a run without blanks ends, when nothing in it needs the pattern; else where the mark stands that does, as `-1 - at`. */
function plainUpTo(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 10 || code === 9) break
    const next = text.charCodeAt(at + 1)
    // Every address, path and account holds a slash or a dot before a letter, or begins with `0x` or `bc1`.
    if (code === 96 || code === 47) return -1 - at
    if (code === 46 && next < 128 && CLASSES[next] === LETTER) return -1 - at
    if ((code === 48 && next === 120) || (code === 98 && next === 99)) return -1 - at
  }
  return at
}

/** Where a word ends; negative when a letter beyond ASCII is in it. */
function wordEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + WORD_CHARS_MAX)
  let at = from + 1
  for (; at < limit; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 39 || code === 0x2019) continue
    if (code >= 128) return -1
    const kind = CLASSES[code]
    if (kind !== LETTER && kind !== DIGIT) break
  }
  return at
}

function numberEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === 37) return from + 1
  const limit = Math.min(text.length, from + NUMBER_CHARS_MAX)
  let at = from + 1
  for (; at < limit; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 46 && code !== 44 && (code < 48 || code > 57)) break
  }
  return text.charCodeAt(at) === 37 ? at + 1 : at
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
  const stop = (mark: string, at: number) => {
    if (OPENS.includes(mark)) isQuoted = true
    else if (CLOSES.includes(mark)) isQuoted = false
    else if (mark === '"') isQuoted = !isQuoted
    else if (mark === '\n') {
      if (isNewLine(text, at)) end(at)
    } else if ('\u3002\uff01\uff1f'.includes(mark)) end(at + 1)
    else if ('.!?'.includes(mark)) {
      if (/^(?:["'\u201d\u00bb)*_`]{0,3}(?:\s|$))/.test(text.slice(at + 1, at + 6)) && !isAbbreviation(tokens)) {
        // The mark that closes a quotation belongs to the sentence that it closes.
        const closing = isQuoted ? /^["\u201d\u00bb]/.exec(text.slice(at + 1, at + 2)) : null
        end(at + 1)
        if (closing !== null) from = at + 2
      }
    } else if (mark === '|') end(at)
    else push('stop', mark, at)
  }
  eachPiece(text, part?.from ?? 0, to, (piece, value, at) => {
    if (sentences.length >= SENTENCES_MAX) return false
    if (at < from) return true
    if (piece === WORD) pushWord(value, at, dictionary, push)
    else if (piece === URL) {
      const plain = value.replace(/[.,;:!?*_]{1,4}$/, '')
      push('url', plain, at)
      if (/[.!?]$/.test(value)) end(at + value.length)
    } else if (piece === MAIL) push('url', value, at)
    else if (piece === ACCOUNT) push('account', value, at)
    else if (piece === CODE) pushCode(value, at, push)
    else if (piece === PATH) {
      push('path', value, at)
      if (value.endsWith('.') && /^(?:\s|$)/.test(text.charAt(at + value.length))) end(at + value.length)
    } else if (piece === NUMBER) {
      push('number', value.replace(/[.,]$/, ''), at, value.endsWith('%') ? SHARE : dictionary.of(value))
      if (value.endsWith('.') && /^\s/.test(text.charAt(at + value.length))) end(at + value.length)
    } else if (piece === STOP) stop(value, at)
    return true
  })
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
function withSequences(tokens: Token[], dictionary: Dictionary): Token[] {
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    const candidates = token?.kind === 'word' ? dictionary.sequences.get(token.text) : undefined
    if (token === undefined || candidates === undefined) continue
    const more = candidates.filter(({ rest }) => rest.every((word, k) => fits(word, tokens[i + k + 1]?.text ?? '')))
    if (more.length > 0)
      tokens[i] = { ...token, concepts: new Set([...token.concepts, ...more.map((each) => each.concept)]) }
  }
  return tokens
}

/** The sentence as it stands. */
export function textOf(sentence: Sentence): string {
  const text = sentence.view.text.slice(sentence.from, sentence.to)
  // Most have one plain space between words, and need no copy.
  return (/\s\s|[^\S ]/.test(text) ? text.replace(/\s+/g, ' ') : text).trim()
}
