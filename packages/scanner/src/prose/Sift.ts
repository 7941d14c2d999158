import { wordsOf, type Concept, type Lexicon } from './Lexicon.ts'

/**
 * What a sentence has to hold beside words: an address of the network, an account, a file that steers agents, words that a
 * stranger left for the agent, a shell, a list of tasks that nobody read, or one of the ways to tell people something untrue. Looked for only where the words are there.
 */
export type Mark =
  | '@url'
  | '@account'
  | '@steering'
  | '@stranger'
  | '@shell'
  | '@unread'
  | '@misleads'
  | '@yourself'
  | '@conduct'
  | '@letter'
  | '@named'

const MARKS: Readonly<Record<Mark, RegExp>> = {
  '@url': /:\/\/|@|\.(?:sh|py|[cm]?js|ts|rb|ps1)\b|\bthe script\b/i,
  '@account': /0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25}|`[1-9A-HJ-NP-Za-km-z]{43,44}`/,
  '@steering':
    /\.md\b|\.(?:claude|cursor|windsurf|mcp|codex|openclaw|clawdbot|gemini)|copilot-instructions|mcp_config|claude_desktop/i,
  '@shell': /\b(?:(?:ba|z)?sh|shell|terminal|powershell|console)\b/i,
  '@unread': /\b(?:in)?to your\b/i,
  '@misleads':
    /\bas (?:green|passed|passing|successful|clean)\b|\b(?:looks?|appears?|seems?) (?:like|as|ordinary|routine)\b|\b(?:asks?|asked|wonders?)\b/i,
  '@conduct':
    /replac|displac|outweigh|ranks?\b|senior|stronger|\bwins?\b|beats?\b|describe|label|present|disguise|so that|in a way|whether or not|(?:also|even) (?:when|if|though|where)|doubt|hesitat|worr|suspicio|believe|expire|closed|locked|suspended|banned|hacked|compromised|introduce|identify|pose\b|dialog|error\b|log-?in|one-?time|digit|2fa|two-?factor|otp\b|authenticator|sms\b|texted|card number|cvv|pin\b|affiliate|referral|tag=|ref=|quotes?\b|prices?\b|rates?\b|fees?\b|stars|assertion|telemetry|unasked|whatever|everything|<script|<iframe|<img|hard-?coded|passwords?|secrets?|credentials|vulnerabilit|backdoor|injection|exposed|unsafe|false positive|by design|intended|intentional|delete|disable|wont-?fix|won't fix|known issue|instead of|rather than|listens?\b|obeys?\b|owes?\b|accountable|responsible|green\b|passed|passing|successful|clean\b|complete|in any case|no matter|whatever|always|although|despite|authori[sz]|verification|\breview|safety|\btrust|agree|assume|presume|granted|permitted|allowed|accepted|cleared|signed off|precedence|priority|outrank|overrid|overrul|prevail|supersede|trumps?\b|comes? (?:before|first)|last say|no longer|answers? to|loyal|belongs? to|reports? to|works? for|approved|authori[sz]ed|consent|silence|permission|security|confirmation|sandbox|guard-?rail|approvals|warn|alert|red flag|findings|flagged|asks?\b|asked|wonder|wants? to know|even (?:if|when|though)|regardless|others?\b|alternatives|competitor|pull request|commit|e-?mail|messages?\b|readme|uninstall|remove|without|gone\b|in (?:the|their) name|pretend/i,
  '@letter':
    /instructions?|commands?|directives?|orders?\b|requests?|prompts?|tasks?\b|jobs?\b|assignments?|what (?:to do|you)|next (?:step|action|move)|snippet|one-liner|\bit (?:says|prints|outputs|sends|returns|asks)|replace|overwrite|update|swap/i,
  '@named':
    /0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25}|\b[1-9A-HJ-NP-Za-km-z]{43,44}\b|\.(?:eth|sol|near|bnb|lens)\b|characters|digits/i,
  '@yourself': /\bto yourself\b/i,
  '@stranger': /\b(?:(?:meant|is|are|intended) for|addressed to) you\b/i,
}

/** One of several words or marks, in the sentence itself; with `^` in front, in the sentence before it as well. */
export type Need = Concept | Mark | `^${Concept | Mark}`

/** Each need a group of which one has to be there; of several lists of groups, one whole list. */
export type Needs = readonly (readonly (readonly Need[])[])[]

interface Plan {
  /** Groups that the text itself must hold, and groups that it or the text before it must hold. */
  readonly own: number
  readonly around: number
  readonly marks: readonly { readonly mark: Mark; readonly isAround: boolean }[][]
}

/** A text with what it holds of the words that any reader needs. */
export interface Sifted {
  readonly text: string
  readonly bits: number
  /** It has letters or words of another language than English. */
  readonly isForeign: boolean
  /** The marks that were looked for already, and those of them that are there: a bit each. */
  asked?: number
  held?: number
}

/** Marks by their bits. */
const MARK_NAMES = Object.keys(MARKS) as readonly Mark[]
const MARK_BITS = Object.fromEntries(MARK_NAMES.map((mark, i) => [mark, 1 << i])) as Readonly<Record<Mark, number>>

/** Whether a text has a mark, looked for once. */
function hasMark(sifted: Sifted, mark: Mark): boolean {
  const bit = MARK_BITS[mark]
  if (((sifted.asked ?? 0) & bit) === 0) {
    sifted.asked = (sifted.asked ?? 0) | bit
    if (MARKS[mark].test(sifted.text)) sifted.held = (sifted.held ?? 0) | bit
  }
  return ((sifted.held ?? 0) & bit) !== 0
}

const APOSTROPHE = 39
const HASH_SEED = 0x811c9dc5
const HASH_PRIME = 0x01000193
/** So long is a word at most for the reader of sentences. */
const WORD_CHARS_MAX = 61
const CLASS = { other: 0, letter: 1, digit: 2, apostrophe: 3 } as const
/** What each character below 128 is to a word, and its lower case. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  return /[a-z]/i.test(char)
    ? CLASS.letter
    : /\d/.test(char)
      ? CLASS.digit
      : code === APOSTROPHE
        ? CLASS.apostrophe
        : CLASS.other
})
const LOWER = Uint8Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0))

function hashOf(word: string, from = HASH_SEED): number {
  let hash = from
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), HASH_PRIME)
  return hash
}

/** Words that tell another language, as a flag beside the groups. */
const FOREIGN_BIT = 1 << 31
const FOREIGN_WORDS =
  'der die und nicht les des est pas los las para que uma gli che non una con del della questa questo le la et vers il ve bir bu ein eine auf'
/** What follows an apostrophe in English. */
const ENGLISH_ENDINGS = /^(?:s|t|re|ve|ll|d|m|)$/

/**
 * Looks over a text once, without taking it apart, for the words that readers need. It may take other words for them, since it
 * compares by hash and by beginnings, and never misses one: what it lets through is read properly.
 */
export class Sift {
  readonly #words = new Map<number, number>()
  /** Beginnings that stand for all words that begin so, by hash; and a small table that answers first. */
  readonly #beginnings = new Map<number, number>()
  readonly #mayBegin = new Uint8Array(1 << 12)
  /** Two words that follow each other. */
  readonly #pairs = new Map<number, number>()
  readonly #plans: readonly (readonly Plan[])[]
  readonly #percent: number

  constructor(lexicon: Lexicon, readers: readonly Needs[]) {
    const groups: Concept[][] = []
    const bitOf = (concepts: readonly Concept[]): number => {
      const key = concepts.toSorted().join()
      let at = groups.findIndex((group) => group.toSorted().join() === key)
      if (at < 0) at = groups.push([...concepts]) - 1
      if (at >= 31) throw new RangeError('more groups of words than bits')
      return 1 << at
    }
    this.#plans = readers.map((needs) => needs.map((groupsOf) => planOf(groupsOf, bitOf)))
    const bitsOf = (concept: Concept) =>
      groups.reduce((bits, group, i) => (group.includes(concept) ? bits | (1 << i) : bits), 0)
    for (const [concept, list] of Object.entries(lexicon.words) as [Concept, string][]) {
      const bits = bitsOf(concept)
      if (bits === 0) continue
      for (const entry of list.split(/\s+/).filter((word) => word !== '')) this.#put(entry, bits)
    }
    for (const word of FOREIGN_WORDS.split(' ')) this.#put(word, FOREIGN_BIT)
    this.#percent = bitsOf('share')
  }

  #put(entry: string, bits: number): void {
    const [first = '', second] = wordsOf(entry)
    if (second !== undefined && !second.endsWith('*')) add(this.#pairs, hashOf(second, hashOf(first)), bits)
    else if (first.endsWith('*')) {
      const hash = hashOf(first.slice(0, -1))
      add(this.#beginnings, hash, bits)
      this.#mayBegin[hash & 0xfff] = 1
    } else add(this.#words, hashOf(first), bits)
  }

  /** What a text holds. */
  of(text: string): Sifted {
    let bits = 0
    let isForeign = false
    let before = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code >= 128) {
        if (isLetterBeyond(code)) isForeign = true
        continue
      }
      const kind = CLASSES[code] ?? 0
      if (code === 37) bits |= this.#percent
      if (kind === CLASS.digit) {
        let hash = HASH_SEED
        const from = at
        for (; at < text.length && CLASSES[text.charCodeAt(at)] === CLASS.digit; at += 1)
          hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME)
        bits |= this.#words.get(hash) ?? 0
        if (before !== 0) bits |= this.#pairs.get(rehash(before, text, from, at)) ?? 0
        before = hash
        at -= 1
        continue
      }
      if (kind !== CLASS.letter) continue
      let hash = HASH_SEED
      let bare = 0
      let cut = -1
      const from = at
      for (; at < text.length && at - from < WORD_CHARS_MAX; at += 1) {
        const next = text.charCodeAt(at)
        const isMark = next === APOSTROPHE || next === 0x2019
        if (!isMark && (next >= 128 || (CLASSES[next] ?? 0) === CLASS.other)) break
        if (isMark) {
          bare = hash
          cut = at
        }
        hash = Math.imul(hash ^ (isMark ? APOSTROPHE : (LOWER[next] ?? 0)), HASH_PRIME)
        if (this.#mayBegin[hash & 0xfff] === 1) bits |= this.#beginnings.get(hash) ?? 0
      }
      if (cut >= 0) {
        const ending = text.slice(cut + 1, at).toLowerCase()
        if (!ENGLISH_ENDINGS.test(ending)) isForeign = true
        bits |= this.#words.get(hash) ?? 0
        if (ending === 's' || ending === '') hash = bare
      }
      bits |= this.#words.get(hash) ?? 0
      if (before !== 0) bits |= this.#pairs.get(rehash(before, text, from, cut >= 0 && hash === bare ? cut : at)) ?? 0
      before = hash
      at -= 1
    }
    return { text, bits: bits & ~FOREIGN_BIT, isForeign: isForeign || (bits & FOREIGN_BIT) !== 0 }
  }

  /** Which readers may find something in a text, by their places in the list; the text before it lends what they may lean on. */
  readersFor(sifted: Sifted, before: Sifted | null): boolean[] {
    return this.#plans.map((plans) => plans.some((plan) => mayHold(plan, sifted, before)))
  }

  /** Whether one reader may, by its place in the list. */
  mayRead(at: number, sifted: Sifted): boolean {
    return this.#plans[at]?.some((plan) => mayHold(plan, sifted, null)) === true
  }

  /** Whether any reader may. */
  isEmpty(sifted: Sifted, before: Sifted | null): boolean {
    return !this.#plans.some((plans) => plans.some((plan) => mayHold(plan, sifted, before)))
  }
}

function planOf(groups: readonly (readonly Need[])[], bitOf: (concepts: readonly Concept[]) => number): Plan {
  let own = 0
  let around = 0
  const marks: { mark: Mark; isAround: boolean }[][] = []
  for (const group of groups) {
    const plain = group.map((each) => each.replace('^', ''))
    if (plain.some((each) => each.startsWith('@')))
      marks.push(plain.map((each, i) => ({ mark: each as Mark, isAround: group[i]?.startsWith('^') === true })))
    else if (group.some((each) => each.startsWith('^'))) around |= bitOf(plain as Concept[])
    else own |= bitOf(plain as Concept[])
  }
  return { own, around, marks }
}

function mayHold(plan: Plan, sifted: Sifted, before: Sifted | null): boolean {
  return (
    (plan.own & ~sifted.bits) === 0 &&
    (plan.around & ~(sifted.bits | (before?.bits ?? 0))) === 0 &&
    plan.marks.every((group) =>
      group.some(
        ({ mark, isAround }) => hasMark(sifted, mark) || (isAround && before !== null && hasMark(before, mark)),
      ),
    )
  )
}

function add(map: Map<number, number>, hash: number, bits: number): void {
  map.set(hash, (map.get(hash) ?? 0) | bits)
}

/** The hash of a word that goes on from another's. */
function rehash(hash: number, text: string, from: number, to: number): number {
  let next = hash
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at)
    next = Math.imul(next ^ (code === 0x2019 ? APOSTROPHE : code < 128 ? (LOWER[code] ?? 0) : code), HASH_PRIME)
  }
  return next
}

/** Letters of other scripts, and Latin ones with marks: not dashes, arrows, boxes and pictures. */
function isLetterBeyond(code: number): boolean {
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return false
  return (
    !(code >= 0x2000 && code <= 0x2bff) && !(code >= 0xd800 && code <= 0xdfff) && !(code >= 0xfe00 && code <= 0xfe0f)
  )
}
