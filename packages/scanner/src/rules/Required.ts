/**
 * What a text in lower case must hold before a pattern can match what it was made from: any of the branches, of a branch
 * every clause, of a clause any of the words. No branches: anything may match.
 */
export type Required = readonly (readonly (readonly string[])[])[]

/** Marks that the text of prose is cleaned of before it is looked through. */
const CLEANED_AWAY = '*`~\n\r\t'

/** Shorter ones are in every text. */
const WORD_LENGTH_MIN = 3

/**
 * Reads off a pattern which words no match can do without. It leaves out what it is not sure of, so that it only ever
 * asks for less: what it lets through, the pattern itself still judges.
 */
export function requiredBy(pattern: RegExp): Required {
  // With both, letters beyond ASCII match letters within it.
  if (pattern.ignoreCase && (pattern.unicode || pattern.unicodeSets)) return []
  const reader = new PatternReader(pattern.source)
  const branches = reader.alternatives()
  return reader.at < pattern.source.length || branches.some((clauses) => clauses.length === 0) ? [] : branches
}

class PatternReader {
  at = 0
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  /** Reads up to the end of a group; one list of clauses for each alternative. */
  alternatives(): string[][][] {
    const all: string[][][] = []
    for (;;) {
      all.push(this.#sequence())
      if (this.#source[this.at] !== '|') return all
      this.at += 1
    }
  }

  #sequence(): string[][] {
    const clauses: string[][] = []
    let run = ''
    const endRun = () => {
      if (run.length >= WORD_LENGTH_MIN) clauses.push([run])
      run = ''
    }
    while (this.at < this.#source.length && this.#source[this.at] !== '|' && this.#source[this.at] !== ')') {
      const atom = this.#atom()
      if (atom === 'nothing') continue
      const times = this.#times()
      if (typeof atom === 'string' && atom.length === 1) {
        if (times.min === 0) endRun()
        else {
          run += atom.toLowerCase()
          if (!times.isOnce) endRun()
        }
        continue
      }
      endRun()
      if (Array.isArray(atom) && times.min > 0) {
        if (atom.length === 1) clauses.push(...(atom[0] ?? []))
        else if (atom.every((each) => each.length > 0)) clauses.push(atom.flatMap(rarest))
      }
    }
    endRun()
    return clauses
  }

  /** One character, a group's alternatives, `nothing` for what has no width, `some` for a character that is not told. */
  #atom(): string | string[][][] {
    const source = this.#source
    const char = source[this.at] ?? ''
    if (char === '(') {
      const opening = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(source.slice(this.at, this.at + 40))?.[0] ?? '('
      this.at += opening.length
      const inside = this.alternatives()
      this.at += 1
      if (opening === '(?:' || opening === '(' || /^\(\?<\w/.test(opening)) return inside
      // What looks ahead or behind stands beside the match; a count after it is not written here.
      return 'some'
    }
    if (char === '[') {
      this.at += 1
      while (this.at < source.length && source[this.at] !== ']') this.at += source[this.at] === '\\' ? 2 : 1
      this.at += 1
      return 'some'
    }
    if (char === '\\') {
      const next = source[this.at + 1] ?? ''
      this.at += 2
      if (next === 'b' || next === 'B') return 'nothing'
      if (!/[A-Za-z0-9]/.test(next)) return CLEANED_AWAY.includes(next) ? 'some' : next
      const rest = /^(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pPk](?:\{[^}]*\}|<[^>]*>)|c[A-Za-z]|\d+)/.exec(
        source.slice(this.at - 1, this.at + 80),
      )?.[0]
      if (rest !== undefined) this.at += rest.length - 1
      return 'some'
    }
    this.at += 1
    if (char === '^' || char === '$') return 'nothing'
    // A pair of surrogates is one character to some patterns and two to others.
    return char === '.' || char > '\u007f' || CLEANED_AWAY.includes(char) ? 'some' : char
  }

  #times(): { min: number; isOnce: boolean } {
    const found = /^(?:[?*+]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.at, this.at + 24))
    if (found === null) return { min: 1, isOnce: true }
    this.at += found[0].length
    return { min: found[0].startsWith('+') ? 1 : Number(found[1] ?? 0), isOnce: false }
  }
}

/** The clause that is least likely to be met by chance: the one whose shortest word is longest. */
function rarest(clauses: readonly string[][]): string[] {
  const shortest = (clause: readonly string[]) => Math.min(...clause.map((word) => word.length))
  return clauses.reduce((best, each) => (shortest(each) > shortest(best) ? each : best), clauses[0] ?? [])
}

/** Tells which patterns can match a text, having looked at it once. */
export interface Sieve {
  mayMatch(pattern: RegExp): boolean
  /** The pieces of the text, in order, in one of which any match has to begin and end; null when it may lie anywhere. */
  piecesFor(pattern: RegExp): readonly number[] | null
  /** The pieces, in order, that hold what a match inside one of them needs; null when that may be any. */
  piecesWith(pattern: RegExp): readonly number[] | null
}

/** A pattern with what it requires, as numbers of words. */
interface Known {
  readonly branches: readonly (readonly (readonly number[])[])[]
  /** Whether a match can not run over a line break, so that it lies in one piece. */
  readonly isInLine: boolean
}

const KNOWN = new Map<RegExp, Known>()
const WORDS = new Map<string, number>()
/** The words by their numbers. */
const SPELLED: string[] = []

function knownOf(pattern: RegExp): Known {
  let known = KNOWN.get(pattern)
  if (known === undefined) {
    const idOf = (word: string): number => {
      const id = WORDS.get(word) ?? WORDS.size
      if (!WORDS.has(word)) SPELLED.push(word)
      WORDS.set(word, id)
      return id
    }
    const branches = requiredBy(pattern).map((clauses) => clauses.map((clause) => clause.map(idOf)))
    known = { branches, isInLine: isInLine(pattern) }
    KNOWN.set(pattern, known)
  }
  return known
}

/** Whether nothing in a pattern can match a line break or tells the end of the text from the end of a line. */
export function isInLine(pattern: RegExp): boolean {
  if (pattern.dotAll) return false
  const { source } = pattern
  let at = 0
  while (at < source.length) {
    const char = source[at] ?? ''
    if (char === '^' || char === '$') return false
    if (char === '\\') {
      const next = source[at + 1] ?? ''
      if ('snrvfWDPcxup'.includes(next) || /\d/.test(next)) return false
      at += 2
      continue
    }
    if (char !== '[') {
      at += 1
      continue
    }
    const isNegated = source[at + 1] === '^'
    let end = at + 1
    while (end < source.length && source[end] !== ']') end += source[end] === '\\' ? 2 : 1
    const inside = source.slice(at + 1, end)
    const hasBreak = /\\[sn]/.test(inside)
    if (isNegated ? !hasBreak || /[=!]$/.test(source.slice(0, at)) : hasBreak || /\\[WDSPcxup\dvfr]/.test(inside))
      return false
    at = end + 1
  }
  return true
}

/**
 * Looks through a text in lower case once for the words of all patterns that were asked for so far; of others it says that they
 * may match. The text may be told in pieces, each ended by a line break: where they begin.
 */
export function sieve(text: string, starts: readonly number[] = [0]): Sieve {
  // One table for all words costs as much as looking for each of them in many texts.
  searched += text.length
  if (automaton.words < WORDS.size && searched > CHARS_UNTIL_TABLE) {
    automaton = automatonFor([...WORDS.keys()])
    searched = 0
  }
  const { words } = automaton
  const pieces = automaton.wordsIn(text, starts)
  /** Words that the table does not know yet, looked for when they are asked for. */
  const others = new Map<number, boolean>()
  const isPresent = (id: number) => {
    if (id < words) return pieces.has(id)
    let found = others.get(id)
    if (found === undefined) {
      found = text.includes(SPELLED[id] ?? '')
      others.set(id, found)
    }
    return found
  }
  const isMet = (clauses: readonly (readonly number[])[]) => clauses.every((clause) => clause.some(isPresent))
  return {
    mayMatch(pattern) {
      const { branches } = knownOf(pattern)
      return branches.length === 0 || branches.some(isMet)
    },
    piecesFor(pattern) {
      return knownOf(pattern).isInLine ? this.piecesWith(pattern) : null
    },
    piecesWith(pattern) {
      const known = knownOf(pattern)
      if (known.branches.length === 0) return null
      const found = new Set<number>()
      for (const clauses of known.branches) {
        if (!isMet(clauses)) continue
        let rarest: readonly number[] | null = null
        for (const clause of clauses) {
          if (clause.some((id) => id >= words)) continue
          const own =
            clause.length === 1 ? (pieces.get(clause[0] ?? 0) ?? []) : clause.flatMap((id) => pieces.get(id) ?? [])
          if (rarest === null || own.length < rarest.length) rarest = own
        }
        if (rarest === null) return null
        for (const piece of rarest) found.add(piece)
      }
      return [...found].toSorted((x, y) => x - y)
    },
  }
}

interface Automaton {
  readonly words: number
  /** By a word's place in the list: the pieces of the text that hold it, where any does. */
  wordsIn(text: string, starts: readonly number[]): ReadonlyMap<number, readonly number[]>
}

/** Finds many words in one pass (A. V. Aho and M. J. Corasick, 1975), with every step in one table. */
function automatonFor(words: readonly string[]): Automaton {
  const classes = new Uint8Array(128)
  let width = 1
  for (const word of words) {
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i)
      if (classes[code] === 0) classes[code] = width++
    }
  }
  const states = words.reduce((sum, word) => sum + word.length, 1)
  // Half as wide where it can be: what is asked for at every character should lie near.
  const next = states < 1 << 16 ? new Uint16Array(states * width) : new Int32Array(states * width)
  const ends: (number[] | undefined)[] = [undefined]
  let count = 1
  for (const [id, word] of words.entries()) {
    let state = 0
    for (let i = 0; i < word.length; i += 1) {
      const step = state * width + (classes[word.charCodeAt(i)] ?? 0)
      if (next[step] === 0) {
        next[step] = count
        ends[count] = undefined
        count += 1
      }
      state = next[step] ?? 0
    }
    ends[state] = [...(ends[state] ?? []), id]
  }
  const fallback = new Int32Array(count)
  const queue: number[] = []
  for (let kind = 1; kind < width; kind += 1) if (next[kind] !== 0) queue.push(next[kind] ?? 0)
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] ?? 0
    const behind = fallback[state] ?? 0
    if (ends[behind] !== undefined) ends[state] = [...(ends[state] ?? []), ...ends[behind]]
    for (let kind = 1; kind < width; kind += 1) {
      const step = state * width + kind
      const to = next[step] ?? 0
      const other = next[behind * width + kind] ?? 0
      if (to === 0) next[step] = other
      else {
        fallback[to] = other
        queue.push(to)
      }
    }
  }
  const isEnd = Uint8Array.from({ length: count }, (_, state) => (ends[state] === undefined ? 0 : 1))
  // Kept from text to text, because most are a sentence and the table is large: each piece has a number of its own.
  const seen = new Int32Array(count)
  let numbered = 0
  return {
    words: words.length,
    wordsIn(text, starts) {
      const pieces = new Map<number, number[]>()
      if (numbered > PIECES_MAX - starts.length) {
        seen.fill(0)
        numbered = 0
      }
      let state = 0
      for (let piece = 0; piece < starts.length; piece += 1) {
        const end = starts[piece + 1] ?? text.length
        numbered += 1
        for (let at = starts[piece] ?? 0; at < end; at += 1) {
          const code = text.charCodeAt(at)
          state = code < 128 ? (next[state * width + (classes[code] ?? 0)] ?? 0) : 0
          if (isEnd[state] === 1 && seen[state] !== numbered) {
            seen[state] = numbered
            for (const id of ends[state] ?? []) {
              const own = pieces.get(id)
              if (own === undefined) pieces.set(id, [piece])
              else if (own[own.length - 1] !== piece) own.push(piece)
            }
          }
        }
      }
      return pieces
    },
  }
}

let automaton = automatonFor([])
let searched = 0
const CHARS_UNTIL_TABLE = 60_000
const PIECES_MAX = 2 ** 31 - 1
