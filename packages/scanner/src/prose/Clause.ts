import type { Concept } from './Lexicon.ts'
import { textOf, type Sentence, type Token } from './Sentence.ts'

/** How far apart, in words, a verb and what it governs may stand. */
const REACH = 14

/** Words that may stand between a sentence's start and its imperative. */
const LEADING =
  /^(?:then|please|always|first|also|now|simply|just|silently|secretly|quietly|immediately|next|finally|only|and|or|but|so|afterwards|there|once|again|instead|directly|still|do|it|step|important|note|to|not|never|don't|dont)$/
const SUBJECTS =
  /^(?:you|agent|assistant|model|claude|must|should|shall|will|to|let|please|have|need|needs|you'll|i|we)$/
const OWN_SUBJECTS = /^(?:skill|agent|assistant|script|step|it|workflow|claude|model)$/

/** A sentence with the one before it, and the questions that every act asks. */
export class Clause {
  readonly sentence: Sentence
  readonly before: Sentence | null
  readonly tokens: readonly Token[]

  constructor(sentence: Sentence, before: Sentence | null) {
    this.sentence = sentence
    this.before = before
    this.tokens = sentence.tokens
  }

  #text: string | undefined
  #plain: string | undefined

  get text(): string {
    this.#text ??= textOf(this.sentence)
    return this.#text
  }

  /** The text in which the dots of addresses and of names of files end no sentence. */
  get plain(): string {
    if (this.#plain === undefined) {
      let plain = this.text
      if (plain.includes('://')) plain = plain.replaceAll(/https?:\/\/[^\s)"'`]+/g, 'https:ADDRESS')
      if (plain.includes('.md')) plain = plain.replaceAll(/\b([A-Z]{3,12})\.md\b/g, '$1-md')
      this.#plain = plain
    }
    return this.#plain
  }

  get isEnglish(): boolean {
    return this.sentence.dictionary.lexicon.language === 'en'
  }

  /** Whether the word at a place can be one of these. */
  is(i: number, ...concepts: readonly Concept[]): boolean {
    const own = this.tokens[i]?.concepts
    return own !== undefined && concepts.some((each) => own.has(each))
  }

  /** Places of words that can be one of these, quoted ones left out. */
  all(...concepts: readonly Concept[]): number[] {
    const found: number[] = []
    if (!this.has(...concepts)) return found
    for (let i = 0; i < this.tokens.length; i += 1)
      if (this.is(i, ...concepts) && this.tokens[i]?.isQuoted === false) found.push(i)
    return found
  }

  has(...concepts: readonly Concept[]): boolean {
    return concepts.some((each) => this.sentence.concepts.has(each))
  }

  /** The first place near `i` with one of these: after it, then before it where the language puts objects first. */
  near(i: number, concepts: readonly Concept[], reach = REACH): number {
    for (let k = i + 1; k < Math.min(this.tokens.length, i + reach); k += 1) if (this.is(k, ...concepts)) return k
    return this.#isObjectFirst() ? this.ahead(i, concepts, reach) : -1
  }

  /** The nearest place before `i` with one of these. */
  ahead(i: number, concepts: readonly Concept[], reach = REACH): number {
    for (let k = i - 1; k >= Math.max(0, i - reach); k -= 1) if (this.is(k, ...concepts)) return k
    return -1
  }

  isNear(i: number, concepts: readonly Concept[], reach = REACH): boolean {
    return this.near(i, concepts, reach) >= 0
  }

  /** On either side. */
  isAround(i: number, concepts: readonly Concept[], reach = REACH): boolean {
    return this.is(i, ...concepts) || this.near(i, concepts, reach) >= 0 || this.ahead(i, concepts, reach) >= 0
  }

  #isObjectFirst(): boolean {
    return this.sentence.dictionary.lexicon.negation !== 'before'
  }

  /** Where the clause of `i` begins: after a semicolon, a colon or a dash. */
  startOf(i: number): number {
    for (let k = i - 1; k >= 0; k -= 1) {
      const token = this.tokens[k]
      if (token?.kind === 'stop' && ';:(\u2014\uff1b\uff1a'.includes(token.text)) return k + 1
    }
    return 0
  }

  /**
   * Whether what `i` says is forbidden. A second negation undoes the first: `never fail to`, `do not forget to`, `do not
   * start before you have`.
   */
  isNegated(i: number): boolean {
    const { negation } = this.sentence.dictionary.lexicon
    let isNot = false
    let isCopula = false
    for (let k = this.startOf(i); k < i; k += 1) {
      const token = this.tokens[k]
      if (token === undefined) continue
      // "If it is not done, tell …": a condition, not a prohibition.
      if (this.isEnglish && token.text === 'not' && this.#isCondition(k)) continue
      if (token.concepts.has('not') || token.concepts.has('without')) {
        isNot = true
        isCopula = this.#isOfState(k)
      } else if (isNot && isCopula && token.kind === 'stop') isNot = false
      else if (token.concepts.has('instead') && this.tokens[k + 1]?.text.match(/^(?:of|than)$/) !== null) isNot = true
      else if (isNot && (token.concepts.has('double') || token.concepts.has('until') || token.text === 'but'))
        isNot = false
      else if (isNot && token.kind === 'stop' && this.#isNewStart(k + 1)) isNot = false
    }
    if (isNot || negation === 'before') return isNot
    for (let k = i; k < Math.min(this.tokens.length, i + (negation === 'after' ? 4 : 5)); k += 1) {
      const token = this.tokens[k]
      if (token === undefined) break
      if (token.kind === 'stop' && ';:\u2014,\uff0c\u3001'.includes(token.text)) break
      if (token.concepts.has('double')) return false
      if (k > i && token.concepts.has('not')) return true
      if (k === i && negation === 'after' && token.concepts.has('not')) return true
    }
    return false
  }

  #isCondition(k: number): boolean {
    return this.tokens.slice(Math.max(0, k - 3), k).some((token) => /^(?:if|when|unless)$/.test(token.text))
  }

  /** "It is not installed, tell …": a negation that says how something is ends with its clause. */
  #isOfState(k: number): boolean {
    if (!this.isEnglish) return false
    const own = this.tokens[k]?.text ?? ''
    const last = this.tokens[k - 1]?.text ?? ''
    if (/^(?:cannot|can't|isn't|aren't|doesn't|no|none|nobody|won't)$/.test(own)) return true
    return /^(?:is|are|was|were|be|has|have|had|could|does|did|would|can|may|will)$/.test(last)
  }

  #isNewStart(k: number): boolean {
    const token = this.tokens[k]
    return token !== undefined && /^(?:just|then|simply|instead|go|but|rather|puis|sondern|luego|poi)$/.test(token.text)
  }

  /** Whether the words are somebody else's: quoted, or said by a third party that the sentence only speaks of. */
  isTold(i: number): boolean {
    if (this.tokens[i]?.isQuoted === true) return true
    if (this.has('attack') && this.tokens.some((token, k) => k !== i && token.concepts.has('attack'))) return true
    const third = this.ahead(i, ['third', 'user'], 12)
    if (third < 0) return false
    const speech = this.after(third, ['reported'], 4)
    return speech > third && speech < i && !this.is(speech, 'obey')
  }

  /** The first place after `i` only. */
  after(i: number, concepts: readonly Concept[], reach: number): number {
    for (let k = i + 1; k < Math.min(this.tokens.length, i + reach); k += 1) if (this.is(k, ...concepts)) return k
    return -1
  }

  /** Whether the verb at `i` is something that the reader is to do, or that the skill says it does. */
  isOrder(i: number): boolean {
    const token = this.tokens[i]
    if (token === undefined || token.kind !== 'word') return false
    if (!this.isEnglish) return true
    const { text } = token
    const from = this.startOf(i)
    let k = i - 1
    while (k >= from && LEADING.test(this.tokens[k]?.text ?? '') && !SUBJECTS.test(this.tokens[k]?.text ?? '')) k -= 1
    const last = this.tokens[k]
    if (text.endsWith('ing')) return last?.text === 'by' || last?.text === 'start'
    if (/(?:ed|ent|aid|ut)$/.test(text) && /^(?:is|are|be|been|gets|get|being)$/.test(last?.text ?? '')) return true
    if (/[^s]s$/.test(text)) {
      for (let j = i - 1; j >= Math.max(from, i - 4); j -= 1)
        if (OWN_SUBJECTS.test(this.tokens[j]?.text ?? '')) return true
      return false
    }
    if (k < from) return true
    if (this.tokens.slice(Math.max(from, i - 4), i).some((each) => /^(?:let|have|make)$/.test(each.text))) return true
    return (
      last === undefined ||
      SUBJECTS.test(last.text) ||
      (last.kind === 'stop' && !'("'.includes(last.text)) ||
      /^(?:and|or|then)$/.test(this.tokens[i - 1]?.text ?? '')
    )
  }

  /** "Ask the user before you …": what comes after is done with a yes only. */
  isAskedFirst(i: number): boolean {
    const until = this.ahead(i, ['until'], 4)
    return until >= 0 && this.ahead(until, ['check-in', 'ask'], 6) >= 0 && this.ahead(until, ['user'], 5) >= 0
  }

  /** An order that is neither forbidden nor somebody else's. */
  isOrdered(i: number): boolean {
    return this.isOrder(i) && !this.isNegated(i) && !this.isTold(i)
  }
}
