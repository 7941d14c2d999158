import { liner, type View } from '../View.ts'
import type { Act, ActKind, Context, Scripts } from './Act.ts'
import { READERS } from './acts/index.ts'
import { Clause } from './Clause.ts'
import { ENGLISH, LANGUAGES } from './Languages.ts'
import { LEXICONS } from './languages/index.ts'
import type { Concept, Dictionary, Lexicon } from './Lexicon.ts'
import { partsOf, SENTENCES_MAX, sentencesOf, textOf, type Part, type Sentence } from './Sentence.ts'
import { Sift, type Need, type Sifted } from './Sift.ts'

const FOUND = new WeakMap<readonly View[], readonly Act[]>()

/** Every order that the words of a skill give, found once for all rules. */
export function actsIn(views: readonly View[], kind: ActKind): readonly Act[] {
  let found = FOUND.get(views)
  if (found === undefined) {
    found = readAll(views)
    FOUND.set(views, found)
  }
  return found.filter((act) => act.kind === kind)
}

const SIFT = new Sift(
  LEXICONS[0] as Lexicon,
  READERS.map((reader) => reader.needs),
)

/** The last sentence before a place, made when somebody asks: most are never leant on. */
class Behind {
  sifted: Sifted | null = null
  #parts: { view: View; dictionary: Dictionary; part: Part }[] = []
  #sentence: Sentence | null = null

  clear(): void {
    this.sifted = null
    this.#parts = []
    this.#sentence = null
  }

  /** A part that was not taken apart. */
  addPart(view: View, dictionary: Dictionary, part: Part, sifted: Sifted): void {
    if (!/[\p{L}\d]/u.test(sifted.text)) return
    if (this.#parts.length > 3) this.#parts.shift()
    this.#parts.push({ view, dictionary, part })
    this.sifted = sifted
  }

  setSentence(sentence: Sentence, sifted: Sifted | null): void {
    this.#parts = []
    this.#sentence = sentence
    if (sifted !== null) this.sifted = sifted
  }

  get sentence(): Sentence | null {
    for (let own = this.#parts.pop(); own !== undefined; own = this.#parts.pop()) {
      const last = sentencesOf(own.view, own.dictionary, own.part).at(-1)
      if (last === undefined) continue
      this.#sentence = last
      this.#parts = []
    }
    return this.#sentence
  }
}

function readAll(views: readonly View[]): Act[] {
  const acts: Act[] = []
  const behind = new Behind()
  const scripts = scriptsThatFetch(views)
  let file = ''
  for (const view of views) {
    if (view.name === 'code') {
      // A fence that only fetches is what "this text" speaks of in the sentence after it.
      if (view.holder === 'fence' && /^\s*(?:\$\s*)?(?:curl|wget)\b[^|>\n]{0,300}$/.test(view.text.trim())) {
        behind.setSentence(sentenceOfFence(view), { text: view.text, bits: 0, isForeign: false })
        file = view.file
      }
      continue
    }
    if (view.file !== file) behind.clear()
    file = view.file
    if (view.holder === 'table') continue
    readView(view, behind, scripts, acts)
  }
  return acts
}

function readView(view: View, behind: Behind, scripts: Scripts, acts: Act[]): void {
  const { text } = view
  const parts = text.includes('\n') ? partsOf(text) : [{ from: 0, to: text.length }]
  const sifted = parts.map((part) => SIFT.of(parts.length === 1 ? text : text.slice(part.from, part.to)))
  const dictionary = sifted.some((each) => each.isForeign) ? LANGUAGES.of(view) : ENGLISH
  const lineOf = liner(view)
  let count = 0
  for (const [i, part] of parts.entries()) {
    const own = sifted[i] ?? NOTHING
    // Most of what skills say holds none of the words that an order needs: it is not taken apart.
    const readers = dictionary === ENGLISH ? SIFT.readersFor(own, behind.sifted) : null
    if (readers !== null && !readers.includes(true)) {
      behind.addPart(view, dictionary, part, own)
      continue
    }
    if (count > SENTENCES_MAX) return
    // An address stays in mind for the sentences right after it.
    let address = ''
    let age = 0
    for (const sentence of sentencesOf(view, dictionary, part)) {
      count += 1
      const last = behind.sentence
      const named = last === null ? '' : urlOf(last, scripts)
      age = named === '' ? age + 1 : 0
      if (named !== '' || age > ADDRESS_SENTENCES_MAX) address = named
      // In English "it" and "that" mean the sentence before; other languages leave such words out.
      const urlBefore = dictionary === ENGLISH ? named : address
      readSentence(sentence, last, { urlBefore, scripts }, readers, lineOf, acts)
      behind.setSentence(sentence, null)
    }
    behind.sifted = own
  }
}

/** Sentences after the one that names an address in which "there" still means it. */
const ADDRESS_SENTENCES_MAX = 1

function readSentence(
  sentence: Sentence,
  last: Sentence | null,
  context: Context,
  /** Those that may find something, by their places in the list; null for all. */
  readers: readonly boolean[] | null,
  lineOf: (offset: number) => number,
  acts: Act[],
): void {
  const clause = new Clause(sentence, last)
  const { view } = sentence
  for (const [i, { kind, read, needs }] of READERS.entries()) {
    if (readers?.[i] === false) continue
    if (!needs.some((groups) => groups.every((group) => group.some((need) => isMet(need, sentence, last))))) continue
    const found = read(clause, context)
    if (found === null) continue
    acts.push({
      kind,
      file: view.file,
      line: lineOf(sentence.from),
      view: view.name,
      role: view.role,
      text: clause.text.slice(0, 400),
      severity: found.severity,
      target: found.target ?? '',
    })
  }
}

const NOTHING: Sifted = { text: '', bits: 0, isForeign: false }

/** Whether a sentence holds a word that a reader needs; its marks are looked for by the reader itself. */
function isMet(need: Need, sentence: Sentence, last: Sentence | null): boolean {
  if (need.includes('@')) return true
  if (!need.startsWith('^')) return sentence.concepts.has(need as Concept)
  const concept = need.slice(1) as Concept
  return sentence.concepts.has(concept) || last?.concepts.has(concept) === true
}

/** The package's own scripts that print what they fetch, by their names: what they print is somebody else's text. */
function scriptsThatFetch(views: readonly View[]): Scripts {
  const scripts = new Map<string, string>()
  for (const { holder, file, text } of views) {
    if (holder !== 'script' || text.length > SCRIPT_CHARS_MAX) continue
    const url = FETCHES.exec(text)
    if (url !== null) scripts.set(file.slice(file.lastIndexOf('/') + 1), url[1] ?? `dns://${url[2] ?? ''}`)
  }
  return scripts
}

const SCRIPT_CHARS_MAX = 20_000
const FETCHES =
  /\b(?:curl|wget|fetch|urlopen|requests\.get|iwr|irm|Invoke-\w{1,20})\b[^\n]{0,120}?(https?:\/\/[^\s"'`)]{3,300})|\bdig\b[^\n]{0,40}\bTXT\s+(?:"|')?([\w.-]{4,200})/

function urlOf(sentence: Sentence, scripts: Scripts): string {
  for (const token of sentence.tokens) {
    if (token.kind === 'path' || token.kind === 'code')
      for (const word of scripts.size === 0 ? [] : token.text.split(/\s+/)) {
        const script = scripts.get(/[\w.-]{3,60}$/.exec(word)?.[0] ?? '')
        if (script !== undefined) return script
      }
    const url = token.text.includes('://') ? /https?:\/\/[^\s"'`|)]{3,300}/.exec(token.text)?.[0] : undefined
    if (url !== undefined) return url
  }
  // "The last block that the script prints": of a package whose only script fetches.
  const [only] = scripts.values()
  return scripts.size === 1 && only !== undefined && PRINTS.test(textOf(sentence)) ? only : ''
}

const PRINTS =
  /\bthe script\b[^.]{0,30}\b(?:prints?|outputs?|returns?|writes?|shows?|lists?)\b|\b(?:prints?|output|printed|returned) (?:by|of) the script\b/i

function sentenceOfFence(view: View): Sentence {
  const token = { kind: 'code' as const, text: view.text.trim(), at: 0, isQuoted: false, concepts: new Set<never>() }
  return {
    view,
    from: 0,
    to: view.text.length,
    tokens: [token],
    concepts: token.concepts,
    dictionary: ENGLISH,
  }
}
