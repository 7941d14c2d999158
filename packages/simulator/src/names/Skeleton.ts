import confusables from './data/confusables.json' with { type: 'json' }

/** What a character can pass for, in ASCII. UTS 39, "Unicode Security Mechanisms", section 4: confusable detection. */
const LOOKS_LIKE: ReadonlyMap<string, string> = new Map(
  Object.entries(confusables.looksLike).flatMap(([ascii, characters]) =>
    [...characters].map((character) => [character, ascii] as const),
  ),
)

/** Invisible characters, marks above and below letters, and every kind of space. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{C}\p{M}\p{Z}\u{2800}]/gu

/**
 * What a name looks like to somebody who glances at it: two names with one skeleton can be taken for each other. Case,
 * invisible and bidirectional characters, marks and spaces do not count; letters of other scripts count as the Latin
 * ones they look like (UTS 39), and so do 0 and o, and 1, l and i, which change places with case.
 *
 * Only compared, never shown. Linear in the text; a name longer than 256 characters is cut.
 *
 * @example
 * skeletonOf('USDС') === skeletonOf('usdc') // true: the last letter is Cyrillic
 */
export function skeletonOf(text: string): string {
  const known = skeletons.get(text)
  if (known !== undefined) return known
  const cut = text.slice(0, 256)
  // Twice: what a small letter looks like may differ from what its capital does.
  const skeleton = /^[\x21-\x7e]*$/.test(cut) ? foldAscii(cut) : fold(fold(cut))
  // Bounded, and only for names of ordinary length.
  if (skeletons.size >= 5_000) skeletons.clear()
  skeletons.set(text, skeleton)
  return skeleton
}

const skeletons = new Map<string, string>()

function fold(text: string): string {
  const plain = text.normalize('NFKD').replace(IGNORED, '')
  const latin = [...plain]
    .map((character) => (character <= '\u{7f}' ? character : (LOOKS_LIKE.get(character) ?? character)))
    .join('')
  return foldAscii(latin)
}

function foldAscii(text: string): string {
  return text.toLowerCase().replaceAll('0', 'o').replace(/[1i|]/g, 'l').replaceAll('rn', 'm').replaceAll('vv', 'w')
}

/**
 * Whether a word reads as plain ASCII and is not: some of its letters are of another script and look like Latin ones,
 * beside real ones or throughout.
 */
export function isHomoglyph(word: string): boolean {
  if (/^[\x20-\x7e]*$/.test(word)) return false
  const plain = [...word.normalize('NFC').replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')]
  // Up to U+017F are letters that European languages write words with, such as the Turkish dotless i.
  const isForeign = (character: string): boolean => character > '\u{17f}' && LOOKS_LIKE.has(character)
  return plain.some((character) => /[a-z]/i.test(character))
    ? plain.some(isForeign)
    : plain.some(isForeign) && plain.every((character) => character <= '\u{7f}' || LOOKS_LIKE.has(character))
}
