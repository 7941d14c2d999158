import type { Place } from '../../Fact.ts'
import { liner, type View } from '../../View.ts'
import { ENGLISH, LANGUAGES } from '../Languages.ts'
import type { Concept } from '../Lexicon.ts'
import { Sift, type Needs, type Sifted } from '../Sift.ts'
import { ANCHORS } from './anchors.ts'
import { en } from './en.ts'
import { OTHERS } from './others.ts'
import type { Signal, SignalWords } from './Signal.ts'

/** Signals that together, so near each other, are no longer what an honest skill says. */
export interface Pattern {
  readonly name: 'order' | 'untruth' | 'pressure'
  /** Of each list one. */
  readonly needs: readonly (readonly Signal[])[]
  /** Two of which one sentence has to hold both, where they are not to meet by chance. */
  readonly joined?: readonly (readonly [Signal, Signal])[]
  /** Sentences that they may be spread over. */
  readonly sentences: number
  readonly because: string
}

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'order',
    needs: [['outside'], ['task'], ['done'], ['unchecked', 'unsaid', 'demoted']],
    joined: [
      ['outside', 'done'],
      ['task', 'outside'],
    ],
    sentences: 3,
    because: 'What others write is carried out, and nobody is asked or told.',
  },
  {
    name: 'untruth',
    needs: [['untrue'], ['unsaid', 'traces']],
    sentences: 3,
    because: 'People are told something else than what is so, and what is so is kept from them.',
  },
  {
    name: 'untruth',
    needs: [['untrue'], ['soothed', 'traces']],
    sentences: 5,
    because: 'People are told something else than what is so, and their doubts are talked away.',
  },
  {
    name: 'pressure',
    needs: [['code'], ['soothed']],
    sentences: 6,
    because: 'Words, codes or money that open an account are asked for, and doubts are talked away.',
  },
]

export interface Heard {
  readonly pattern: Pattern
  readonly place: Place
  readonly text: string
}

/** Every signal that a pattern needs, in one order. */
const SIGNALS: readonly Signal[] = [...new Set(PATTERNS.flatMap(({ needs }) => needs.flat()))]
const conceptOf = (signal: Signal): Concept => `signal-${signal}`
/** First the patterns, then each signal alone. */
const SIFT = new Sift(ANCHORS, [
  ...PATTERNS.map(({ needs }): Needs => [needs.map((group) => group.map(conceptOf))]),
  ...SIGNALS.map((signal): Needs => [[[conceptOf(signal)]]]),
])

interface Said {
  readonly view: View
  readonly offset: number
  readonly text: string
  readonly words: SignalWords
  readonly sifted: Sifted | null
  /** What was asked of it already. */
  readonly known: Map<Signal, boolean>
}

const SENTENCE_END = /[.!?;:|](?:["')*_`]{0,2})\s+|[\u3002\uff01\uff1f\uff1b]|\n+/g
/** What is longer is a list of things, not a sentence. */
const SENTENCE_CHARS = { min: 6, max: 360 }
/** A lesson speaks of attacks; an attack does not. */
const LESSON =
  /\b(?:attack\w*|injection|phish\w*|scam\w*|malicious|hostile|adversar\w*|red[- ]team|exploit\w*|vulnerab\w*|untrusted|steal\w*)\b|\u6ce8\u5165|\u9493\u9c7c|\u653b\u6483|\u653b\u51fb|\uacf5\uaca9|\u0430\u0442\u0430\u043a|hame\u00e7on/i
/** What is not to be is not asked for. */
const FORBIDS =
  /\b(?:never|do not|don't|must not|nobody|no one|cannot|jamais|nunca|niemals|nie|mai)\b|\u043d\u0438\u043a\u043e\u0433\u0434\u0430|\u5207\u52ff|\u4e0d\u5f97|\ub9c8\uc138\uc694|\uc54a\uc2b5\ub2c8\ub2e4|\u306a\u3044\u3067/i
const FORBIDDEN: ReadonlySet<Signal> = new Set<Signal>(['untrue', 'code', 'soothed', 'done'])
const TURNED: ReadonlySet<Signal> = new Set<Signal>(['done', 'unchecked', 'unsaid'])

const FOUND = new WeakMap<readonly View[], readonly Heard[]>()

/** What the sections of a skill say together that honest ones do not, found once for all rules. */
export function patternsIn(views: readonly View[], name: Pattern['name']): readonly Heard[] {
  let heard = FOUND.get(views)
  if (heard === undefined) {
    heard = readAll(views)
    FOUND.set(views, heard)
  }
  return heard.filter(({ pattern }) => pattern.name === name)
}

/** Each section for itself, in order. */
function readAll(views: readonly View[]): Heard[] {
  const heard: Heard[] = []
  let section: View[] = []
  let file = ''
  const end = () => {
    if (section.length > 0) readSection(section, heard)
    section = []
  }
  for (const view of views) {
    if (view.name === 'code' || view.name === 'decoded' || view.holder === 'frontmatter') continue
    if (view.file !== file || view.holder === 'heading') end()
    file = view.file
    if (view.role === 'instruction') section.push(view)
  }
  end()
  return heard
}

function readSection(views: readonly View[], heard: Heard[]): void {
  const whole = views.map((view) => SIFT.of(view.text))
  const isForeign = whole.some((each) => each.isForeign)
  if (!isForeign && !mayHoldAny(whole)) return
  const said: Said[] = []
  for (const view of views) {
    const language = isForeign ? LANGUAGES.of(view) : ENGLISH
    const words = language === ENGLISH ? en : (OTHERS[language.lexicon.language] ?? en)
    for (const [offset, text] of sentencesIn(view.text))
      said.push({ view, offset, text, words, sifted: words === en ? SIFT.of(text) : null, known: new Map() })
  }
  for (const pattern of PATTERNS)
    for (let to = 1; to <= said.length; to += 1) {
      const from = Math.max(0, to - pattern.sentences)
      const near = said.slice(from, to)
      if (!mayHold(pattern, near) || !holds(pattern, near)) continue
      // A lesson may begin a sentence before, and say what it is a sentence after.
      if ([said[from - 1], said[to]].some((each) => each !== undefined && says(each, 'careful'))) continue
      const [first] = near
      if (first !== undefined)
        heard.push({ pattern, place: placeOf(first), text: near.map((each) => each.text).join(' ') })
      break
    }
}

function placeOf({ view, offset }: Said): Place {
  return { file: view.file, line: liner(view)(offset), view: view.name, role: view.role }
}

function* sentencesIn(text: string): Generator<readonly [number, string]> {
  let from = 0
  const ends = [...text.matchAll(SENTENCE_END)].map((end) => end.index + end[0].length)
  for (const to of [...ends, text.length]) {
    const sentence = text.slice(from, to).trim()
    if (sentence.length >= SENTENCE_CHARS.min && sentence.length <= SENTENCE_CHARS.max) yield [from, sentence]
    from = to
  }
}

function mayHoldAny(all: readonly Sifted[]): boolean {
  const bits = all.reduce((sum, each) => sum | each.bits, 0)
  return PATTERNS.some((_, at) => SIFT.mayRead(at, { text: '', bits, isForeign: false }))
}

/** By the words alone; a language that has none listed is always asked. */
function mayHold(pattern: Pattern, near: readonly Said[]): boolean {
  let bits = 0
  for (const { sifted } of near) {
    if (sifted === null) return true
    bits |= sifted.bits
  }
  return SIFT.mayRead(PATTERNS.indexOf(pattern), { text: '', bits, isForeign: false })
}

function holds(pattern: Pattern, near: readonly Said[]): boolean {
  // The last of the groups are the rarest: most windows are done with after one or two questions.
  if (!pattern.needs.toReversed().every((group) => near.some((each) => group.some((signal) => says(each, signal)))))
    return false
  const isJoined =
    pattern.joined === undefined ||
    pattern.joined.some((pair) => near.some((each) => pair.every((signal) => says(each, signal))))
  return isJoined && !near.some((each) => says(each, 'careful'))
}

/** Whether a sentence gives a signal, asked once. */
function says(said: Said, signal: Signal): boolean {
  let answer = said.known.get(signal)
  if (answer === undefined) {
    answer = read(said, signal)
    said.known.set(signal, answer)
  }
  return answer
}

function read(said: Said, signal: Signal): boolean {
  const { text, words, sifted } = said
  if (signal === 'careful') return LESSON.test(text) || words.careful?.test(text) === true
  const at = PATTERNS.length + SIGNALS.indexOf(signal)
  if (sifted !== null && !SIFT.mayRead(at, sifted)) return false
  if (words[signal]?.test(text) !== true || LESSON.test(text)) return false
  if (FORBIDDEN.has(signal) && FORBIDS.test(text)) return false
  return !TURNED.has(signal) || !says(said, 'careful')
}
