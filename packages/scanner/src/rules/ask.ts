import type { Place } from '../Fact.ts'
import type { Match, Material } from '../Rule.ts'
import { liner, type View } from '../View.ts'
import { unleet } from '../views/Fold.ts'

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
  const text = view.text
    .replace(/[*`~\n\r\t\u2018\u2019\u201c\u201d]/g, (char) => (char === '\u2019' || char === '\u2018' ? "'" : ' '))
    .toLowerCase()
  const plain = unleet(text)
  const made = { text, leet: plain === text ? null : plain, lineOf: liner(view) }
  CLEANED.set(view, made)
  return made
}

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

/**
 * Finds a phrase in everything that a model would read as words: prose, hidden text, decoded text. The pattern sees lower
 * case with single marks gone; it must have the `g` flag and bounded repeats.
 */
export function* phrases(
  material: Material,
  pattern: RegExp,
  wants: (view: View) => boolean = isProse,
): Generator<Phrase> {
  for (const view of material.views) {
    if (!wants(view)) continue
    const { text, leet, lineOf } = cleaned(view)
    let isFound = false
    pattern.lastIndex = 0
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      isFound = true
      if (found[0] === '') pattern.lastIndex += 1
      yield {
        file: view.file,
        line: lineOf(found.index),
        view: view.name,
        role: view.role,
        found,
        sentence: around(view.text, found.index, found[0].length),
        viewed: view,
      }
    }
    if (isFound || leet === null) continue
    pattern.lastIndex = 0
    const found = pattern.exec(leet)
    if (found !== null)
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
  return /\b(?:never|don't|do not|must not|mustn't|should not|shouldn't|cannot|can't|won't|avoid|refuse|reject|detects?|flags?|prevents?|protect|block|warn|e\.g\.|such as|like|attempts? to|tries to|trying to|asks? (?:you|it|claude|the (?:agent|model)) to|contains?|phrases?|patterns?|without|instead of|rather than|not to|no need to|if (?:a|the|any|it|they|someone|content|text)\b[^.]{0,50}(?:says?|asks?|tells?|claims?|instructs?))\b/.test(
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
