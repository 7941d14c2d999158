import { isHomoglyph } from './Skeleton.ts'

/** What is wrong with a name, in words that follow "it"; null for an ordinary one. Takes `safeText`'s spelling too. */
export function hostilityOf(text: string): string | null {
  const raw = unescaped(text)
  if (BIDI.test(raw)) return 'turns the direction of reading around'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(raw)) return 'holds control characters'
  if (/[\p{Default_Ignorable_Code_Point}\p{Cf}\u{2800}]/u.test(raw)) return 'holds invisible characters'
  if (raw.split(/[^\p{L}\p{N}]+/u).some(isHomoglyph)) return 'uses letters that look like others'
  if (/\p{M}{3,}/u.test(raw)) return 'piles marks on letters'
  if (ADDRESS_OF_A_PAGE.test(raw)) return 'names a page to visit'
  if (INSTRUCTION.test(raw) || raw.trim().split(/\s+/).length > 5) return 'reads like an instruction'
  return null
}

/** UAX 9: embeddings, overrides, isolates and marks. */
const BIDI = /[\u{061c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u
const ADDRESS_OF_A_PAGE =
  /https?:|www\.|\b[a-z0-9-]{2,}\s?\.\s?(?:com|org|net|io|xyz|app|finance|fi|gift|site|link|top|claims?|invalid)\b|t\.me\//i
/** A symbol names a thing. A speaker's mark, or a verb of command beside other words, speaks to somebody. */
const INSTRUCTION =
  /\b(?:system|assistant|user|developer|human|important|note)\s*[:>\]]|\b(?:ignore|disregard|forget|approve|transfer|send|sign|claim|visit|confirm|execute|reveal|call)\b.*\s\S|\s(?:ignore|disregard|forget|approve|transfer|send|sign|claim|visit|confirm|execute|reveal)\b|\b(?:previous|prior) (?:instructions?|messages?)\b/i

/** What `safeText` escaped, as it was. What was cut off stays cut. */
export function unescaped(text: string): string {
  return text
    .replace(/(?:\\u\{[0-9a-f]*)?…$/, '')
    .replace(/\\u\{([0-9a-f]{1,6})\}/g, (whole, code: string) =>
      Number.parseInt(code, 16) <= 0x10ffff ? String.fromCodePoint(Number.parseInt(code, 16)) : whole,
    )
}
