import type { Signal } from './signals/Signal.ts'

/** What a word can be in a sentence: who acts, what is done, to what, for whom, and how it is meant. */
export type Concept =
  // Whom a sentence speaks of.
  | 'you'
  | 'user'
  | 'third'
  | 'this-page'
  // What is acted on.
  | 'rules'
  | 'rules-weak'
  | 'prior'
  | 'orders'
  | 'step'
  | 'summary'
  | 'it'
  | 'words'
  | 'words-noun'
  | 'words-kind'
  | 'count-12'
  | 'wallet'
  | 'key'
  | 'form'
  | 'share'
  | 'money'
  | 'allowance'
  | 'simulation'
  | 'memory'
  | 'talk'
  | 'power'
  | 'payee'
  // Where somebody else's words stand.
  | 'letter'
  | 'channel'
  | 'outside'
  | 'stranger'
  | 'content'
  // What is done.
  | 'set-aside'
  | 'void'
  | 'outrank'
  | 'told'
  | 'open'
  | 'obey'
  | 'lives-at'
  | 'treat-as'
  | 'takes-place'
  | 'tell'
  | 'hide'
  | 'unaware'
  | 'quietly'
  | 'give'
  | 'receive'
  | 'want'
  | 'ask'
  | 'type'
  | 'keep'
  | 'sign'
  | 'spend'
  | 'write'
  | 'trust'
  | 'fail'
  | 'skip'
  | 'check-in'
  | 'confirm'
  | 'commands'
  | 'carry-out'
  | 'contradict'
  | 'takes-effect'
  | 'authority'
  /** What makes a text part of another, binding or somebody's task. */
  | 'joins'
  | 'as-user'
  | 'replace'
  | 'appoint'
  | 'start'
  | 'program'
  | 'checked'
  // How it is meant.
  | 'not'
  | 'double'
  | 'until'
  | 'instead'
  | 'without'
  | 'but'
  | 'whatever'
  | 'says'
  | 'there'
  | 'exactly'
  | 'anyway'
  | 'no-need'
  | 'alone'
  | 'each'
  | 'ahead'
  | 'standing'
  | 'unlimited'
  | 'whole'
  | 'reported'
  | 'attack'
  | 'may'
  | 'to'
  | 'from'
  // Words by which what a sentence says beside the act is looked for first.
  | `signal-${Signal}`

/** The words of one language, as data. */
export interface Lexicon {
  /** ISO 639-1. */
  readonly language: string
  /** Where the word that negates stands, seen from the verb. */
  readonly negation: 'before' | 'around' | 'after'
  /** Words that only this language has often: a text with several of them is in it. */
  readonly marks: RegExp
  /** What another language has that shares the marks. */
  readonly excludedBy?: RegExp
  /** Whether words are parted by spaces. */
  readonly isSpaced: boolean
  /**
   * By concept: words parted by spaces. `word*` stands for all that begin so, `a_b` and `a-b` for words that follow each other. Lower
   * case, as {@link sentencesOf} gives them.
   */
  readonly words: Partial<Readonly<Record<Concept, string>>>
}

type Concepts = ReadonlySet<Concept>
const NONE: Concepts = new Set()

/** One word list, ready to be asked. */
export interface Dictionary {
  readonly lexicon: Lexicon
  /** What a word alone can be. */
  readonly of: (word: string) => Concepts
  /** Sequences that begin with a word: the words after it, and what the whole is. */
  readonly sequences: ReadonlyMap<string, readonly { readonly rest: readonly string[]; readonly concept: Concept }[]>
  /** For languages without spaces: the longest entry that begins at a place. */
  readonly longestAt: (text: string, at: number) => { readonly length: number; readonly concepts: Concepts } | null
}

/** Words that were asked for are kept up to this number; the answer is the same with and without. */
const MEMORY_MAX = 40_000
const PREFIX_LENGTH_MIN = 2

export function dictionaryOf(lexicon: Lexicon): Dictionary {
  const exact = new Map<string, Concept[]>()
  const prefixes = new Map<string, Concept[]>()
  const sequences = new Map<string, { rest: string[]; concept: Concept }[]>()
  /** How the entries that stand for several words begin: most words begin like none of them. */
  const beginnings = new Set<string>()
  let longest = 0
  const put = (map: Map<string, Concept[]>, word: string, concept: Concept) =>
    map.set(word, [...(map.get(word) ?? []), concept])
  for (const [concept, list] of Object.entries(lexicon.words) as [Concept, string][])
    for (const entry of list.split(/\s+/).filter((word) => word !== '')) {
      const [first = '', ...rest] = wordsOf(entry)
      if (rest.length > 0) sequences.set(first, [...(sequences.get(first) ?? []), { rest, concept }])
      else if (entry.endsWith('*')) {
        put(prefixes, entry.slice(0, -1), concept)
        beginnings.add(entry.slice(0, PREFIX_LENGTH_MIN))
      } else put(exact, entry, concept)
      longest = Math.max(longest, entry.length)
    }
  const lookUp = (word: string): Concepts => {
    const found = [...(exact.get(word) ?? [])]
    const end = beginnings.has(word.slice(0, PREFIX_LENGTH_MIN)) ? Math.min(word.length, longest) : 0
    for (let length = PREFIX_LENGTH_MIN; length <= end; length += 1)
      for (const concept of prefixes.get(word.slice(0, length)) ?? []) if (!found.includes(concept)) found.push(concept)
    return found.length === 0 ? NONE : new Set(found)
  }
  const memory = new Map<string, Concepts>()
  return {
    lexicon,
    sequences,
    of(word) {
      const known = memory.get(word)
      if (known !== undefined) return known
      const found = lookUp(word)
      if (memory.size >= MEMORY_MAX) memory.clear()
      memory.set(word, found)
      return found
    },
    longestAt(text, at) {
      for (let length = Math.min(longest, text.length - at); length > 0; length -= 1) {
        const piece = text.slice(at, at + length)
        const concepts = [...(exact.get(piece) ?? []), ...(prefixes.get(piece) ?? [])]
        if (concepts.length > 0) return { length, concepts: new Set(concepts) }
      }
      return null
    },
  }
}

/** The words of an entry: a hyphen parts words in a sentence, and so it does here. */
export function wordsOf(entry: string): string[] {
  return entry.split(/[_-]/)
}

/** Whether a word of a sequence fits: `word*` stands for all that begin so. */
export function fits(pattern: string, word: string): boolean {
  return pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : pattern === word
}
