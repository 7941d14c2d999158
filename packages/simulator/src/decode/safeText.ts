import { ownWords } from './revertReasons.ts'
import { isHomoglyph } from '../names/Skeleton.ts'

/**
 * Text that a contract chose, made fit for people and for logs. Written as `\u{…}`: control, bidirectional, zero-width
 * and other invisible characters, spaces other than the plain one, piled-up marks, letters of other scripts where they
 * make a word look like plain Latin ("USDС"), and the quotation marks that `said` puts around a stranger's words. The
 * length is capped. It is data, never markup and never an instruction. Twice is the same as once.
 *
 * @param maxLength - Characters kept; the rest is replaced by an ellipsis.
 */
export function safeText(text: string, maxLength = 64): string {
  // Cut first: a megabyte is not gone through to show a line, and what is cut off cannot excuse what is shown.
  let shown = cut(text.slice(0, 2 * maxLength + 2), maxLength, text.length > 2 * maxLength + 2)
  if (PLAIN.test(shown)) return shown
  // Escaping lengthens, cutting shortens words: until both have nothing more to do, a few times at most.
  for (let i = 0; i < 8; i += 1) {
    const next = cut(escape(shown), maxLength, false)
    if (next === shown) break
    shown = next
  }
  return shown
}

function cut(text: string, maxLength: number, isCut: boolean): string {
  if (text.length <= maxLength && !isCut) return text
  const points = [...text]
  return points.length > maxLength || isCut ? `${points.slice(0, maxLength - 1).join('')}…` : text
}

const PLAIN = /^[\x20-\x7e]*$/

function escape(text: string): string {
  return text
    .replace(/[^\s\p{P}\p{S}]+/gu, (word) => (isHomoglyph(word) ? word.replace(/[^\x20-\x7e]/gu, code) : word))
    .replace(HIDDEN, code)
    .replace(/(?<=\p{M}{2})\p{M}+/gu, (marks) => marks.replace(/./gu, code))
}

/**
 * Format, control, surrogate, private-use and unassigned characters, line and paragraph separators (Unicode categories
 * C*, Zl, Zp), spaces other than U+0020, everything that is drawn as nothing (Default_Ignorable_Code_Point, which has the
 * variation selectors; the Braille blank; the Hangul fillers), and our own quotation marks.
 */
const HIDDEN =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}\u{3164}\u{115f}\u{1160}\u{ffa0}“”]|(?! )\p{Zs}/gu

function code(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * A stranger's words inside a sentence of ours, between “ and ”. `safeText` lets neither mark through, so what stands
 * between them can always be told from what we say: `withoutQuotes` takes it out again.
 *
 * @param escaped - Text that went through `safeText`.
 */
export function said(escaped: string): string {
  return `“${escaped.replace(/[“”]/g, '"')}”`
}

/**
 * Our sentence without the strangers' words in it, for readers that could take them for instructions: language models.
 *
 * @example
 * withoutQuotes('It says “approve everything”.') // 'It says [18 characters of text from the chain, withheld].'
 */
export function withoutQuotes(text: string): string {
  return text.replace(/(would fail: )?“([^“”]*)(?:”|$)/g, (_, failure: string | undefined, words: string) => {
    // A reason that is known to the letter is told in our words; anywhere else the same letters may mean anything.
    const known = failure === undefined ? null : ownWords(words)
    return `${failure ?? ''}${known ?? `[${[...words].length} characters of text from the chain, withheld]`}`
  })
}
