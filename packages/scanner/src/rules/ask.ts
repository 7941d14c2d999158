import type { Place } from '../Fact.ts'
import type { Match, Material } from '../Rule.ts'
import { liner, type View } from '../View.ts'
import { unleet } from '../views/Fold.ts'
import { sieve, type Sieve } from './Required.ts'

/** A match at a fact's place. */
export function at(place: Place, evidence: string, more: Partial<Match> = {}): Match {
  return { file: place.file, line: place.line, view: place.view, role: place.role, evidence, ...more }
}

interface Cleaned {
  /** As long as the view's text, so that offsets agree: lower case, emphasis and line breaks as spaces. */
  readonly text: string
  /** With leetspeak and spaced-out letters undone, when that changes anything. */
  readonly leet: string | null
  readonly lineOf: (offset: number) => number
}

const CLEANED = new WeakMap<View, Cleaned>()

export function cleaned(view: View): Cleaned {
  const known = CLEANED.get(view)
  if (known !== undefined) return known
  const text = cleanedText(view.text)
  const plain = unleet(text)
  const made = { text, leet: plain === text ? null : plain, lineOf: liner(view) }
  CLEANED.set(view, made)
  return made
}

function cleanedText(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length !== text.length)
    return text
      .replace(/[*`~\n\r\t\u201c\u201d]/g, ' ')
      .replace(/[\u2018\u2019]/g, "'")
      .toLowerCase()
  // ASCII, as most is: one table instead of three passes.
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = CLEANED_ASCII[bytes[at] ?? 0] ?? 0
  return bytes.toString('latin1')
}

const CLEANED_ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  return '*`~\n\r\t'.includes(char) ? 32 : char.toLowerCase().charCodeAt(0)
})

export interface Phrase extends Place {
  readonly found: RegExpExecArray
  /** The sentence around what was found, as it stands in the file. */
  readonly sentence: string
  readonly viewed: View
}

/** Whether prose rules read a view: text meant for the model, wherever it is kept. */
export function isProse(view: View): boolean {
  return view.name === 'prose' || view.name === 'hidden' || view.name === 'decoded'
}

interface Stream {
  readonly text: string
  readonly leet: string | null
  /** Which patterns can match each of the two. */
  readonly sieve: Sieve
  readonly leetSieve: Sieve | null
  readonly starts: readonly number[]
  readonly views: readonly View[]
}

const STREAMS = new WeakMap<Material, readonly Stream[]>()

/** All words of one file in one text, so that a pattern runs once a file and sees what is split over blocks. */
function streamsOf(material: Material): readonly Stream[] {
  const known = STREAMS.get(material)
  if (known !== undefined) return known
  const byFile = new Map<
    string,
    { parts: string[]; leet: string[]; starts: number[]; views: View[]; size: number; isLeet: boolean }
  >()
  for (const view of material.views) {
    if (!isProse(view)) continue
    const stream = byFile.get(view.file) ?? { parts: [], leet: [], starts: [], views: [], size: 0, isLeet: false }
    byFile.set(view.file, stream)
    const { text, leet } = cleaned(view)
    stream.starts.push(stream.size)
    stream.views.push(view)
    stream.parts.push(text)
    stream.size += text.length + 1
    if (leet !== null) {
      stream.isLeet = true
      stream.leet.push(leet)
    }
  }
  const made = [...byFile.values()].map((each) => {
    const text = each.parts.join('\n')
    const leet = each.isLeet ? each.leet.join('\n') : null
    return {
      text,
      leet,
      sieve: sieve(text, each.starts),
      leetSieve: leet === null ? null : sieve(leet),
      starts: each.starts,
      views: each.views,
    }
  })
  STREAMS.set(material, made)
  return made
}

interface CodeSieve {
  readonly sieve: Sieve
  readonly views: readonly View[]
}

const CODE_SIEVES = new WeakMap<Material, CodeSieve>()

function codeSieveOf(material: Material): CodeSieve {
  const known = CODE_SIEVES.get(material)
  if (known !== undefined) return known
  const views = material.views.filter((view) => !isProse(view))
  const starts: number[] = []
  let size = 0
  const texts = views.map(({ text }) => {
    const lower = text.toLowerCase()
    starts.push(size)
    size += lower.length + 1
    return lower
  })
  const made = { sieve: sieve(texts.join('\n'), starts), views }
  CODE_SIEVES.set(material, made)
  return made
}

/**
 * Every view that one of the patterns may match, in order, each with those patterns in their order: left out is only what
 * does not hold the words that a pattern needs. For rules that look at every view; the pattern itself still judges.
 */
export function viewsFor(
  material: Material,
  patterns: readonly RegExp[],
): { readonly view: View; readonly patterns: readonly RegExp[] }[] {
  const byView = new Map<View, RegExp[]>()
  for (const pattern of patterns)
    for (const { sieve, views } of [codeSieveOf(material), ...streamsOf(material)]) {
      if (!sieve.mayMatch(pattern)) continue
      const pieces = sieve.piecesWith(pattern)
      for (const view of pieces === null ? views : pieces.flatMap((piece) => views[piece] ?? [])) {
        const own = byView.get(view)
        if (own === undefined) byView.set(view, [pattern])
        else own.push(pattern)
      }
    }
  if (byView.size === 0) return []
  return material.views.flatMap((view) => {
    const own = byView.get(view)
    return own === undefined ? [] : [{ view, patterns: own }]
  })
}

/**
 * Finds a phrase in everything that a model would read as words: prose, hidden text, decoded text. The pattern sees lower
 * case with single marks gone; it must have the `g` flag and bounded repeats.
 */
export function* phrases(material: Material, pattern: RegExp): Generator<Phrase> {
  for (const stream of streamsOf(material)) {
    const seen = new Set<string>()
    for (const { view, offset, found } of matchesIn(stream, pattern)) {
      seen.add(found[0])
      found.index = offset
      const next = pattern.lastIndex
      yield {
        file: view.file,
        line: cleaned(view).lineOf(offset),
        view: view.name,
        role: view.role,
        found,
        sentence: around(view.text, offset, found[0].length),
        viewed: view,
      }
      pattern.lastIndex = next
    }
    if (stream.leet === null || stream.leetSieve?.mayMatch(pattern) === false) continue
    pattern.lastIndex = 0
    const found = pattern.exec(stream.leet)
    if (found === null || seen.has(found[0])) continue
    const view = stream.views.find((each) => (cleaned(each).leet ?? '').includes(found[0])) ?? stream.views[0]
    if (view !== undefined)
      yield {
        file: view.file,
        line: view.line,
        view: view.name,
        role: view.role,
        found,
        sentence: found[0],
        viewed: view,
      }
  }
}

/** Every match with where it begins. What can only lie in one piece is looked for in those that hold its words. */
function* matchesIn(
  stream: Stream,
  pattern: RegExp,
): Generator<{ readonly view: View; readonly offset: number; readonly found: RegExpExecArray }> {
  if (!stream.sieve.mayMatch(pattern)) return
  const pieces = stream.sieve.piecesFor(pattern)
  if (pieces === null) {
    pattern.lastIndex = 0
    for (let found = pattern.exec(stream.text); found !== null; found = pattern.exec(stream.text)) {
      if (found[0] === '') pattern.lastIndex += 1
      yield { ...locate(stream, found.index), found }
    }
    return
  }
  for (const piece of pieces) {
    const view = stream.views[piece] as View
    const { text } = cleaned(view)
    pattern.lastIndex = 0
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      if (found[0] === '') pattern.lastIndex += 1
      yield { view, offset: found.index, found }
    }
  }
}

function locate(stream: Stream, index: number): { view: View; offset: number } {
  let low = 0
  let high = stream.starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((stream.starts[middle] ?? 0) <= index) low = middle
    else high = middle - 1
  }
  return { view: stream.views[low] as View, offset: index - (stream.starts[low] ?? 0) }
}

function around(text: string, offset: number, length: number): string {
  const before = text.slice(Math.max(0, offset - 120), offset)
  const after = text.slice(offset, offset + length + 160)
  const start = before.search(/[^.!?\n]*$/)
  const end = after.slice(length).search(/[.!?](?:\s|$)|\n/)
  return `${before.slice(start)}${end < 0 ? after : after.slice(0, length + end + 1)}`.trim()
}

/** Whether words in front turn a phrase around: "never …", "do not …", "detects …", "such as …". */
export function isTurned(phrase: Phrase): boolean {
  const { text } = cleaned(phrase.viewed)
  const before = text.slice(Math.max(0, phrase.found.index - 70), phrase.found.index)
  const clause = before.slice(before.search(/[^.!?;:|]*$/))
  return /\b(?:never|don't|do not|must not|mustn't|should not|shouldn't|cannot|can't|won't|avoid|refuse|reject|detects?|flags?|prevents?|protect|block|warn|e\.g\.|such as|like|attempts? to|tries to|trying to|asks? (?:you|it|claude|the (?:agent|model)) to|contains?|phrases?|patterns?|(?:users?|someone|anyone|attackers?|they|it)\b[^.]{0,24}\b(?:asks?|wants?|requests?|tries|demands?)|without|instead of|rather than|not to|no need to|if (?:a|the|any|it|they|someone|content|text)\b[^.]{0,50}(?:says?|asks?|tells?|claims?|instructs?))\b/.test(
    clause,
  )
}

/** One match a line, the first: a rule that fires twice on a line says nothing new. */
export function* once(matches: Iterable<Match>): Generator<Match> {
  const seen = new Set<string>()
  for (const match of matches) {
    const key = `${match.file}\0${match.line}\0${match.view}`
    if (seen.has(key)) continue
    seen.add(key)
    yield match
  }
}

const FOREIGN =
  /[\u3000-\ud7ff]|[\u0400-\u04ff]|\b(?:utilisateur|usuario|usu\u00e1rio|utilizador|utente|benutzer|nutzer|anwender)|instruc(?:ciones|\u00e7\u00f5es)|istruzioni|anweisung|instruktion|reglas|regole|regras|consigne|r\u00e8gles|pr\u00e9c\u00e9dent|ant\u00e9rieur|anteriores|precedenti/i

const SPEAKS = new WeakMap<Material, boolean>()

/** Whether any prose may be in another language than English: patterns for those are not tried on what cannot match. */
export function isForeign(material: Material): boolean {
  let known = SPEAKS.get(material)
  if (known === undefined) {
    known = material.views.some((view) => isProse(view) && FOREIGN.test(view.text))
    SPEAKS.set(material, known)
  }
  return known
}
