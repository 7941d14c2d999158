/**
 * Makes one spelling of text that looks the same to people: NFKC, without characters that show nothing, with Cyrillic
 * and Greek look-alikes put back into Latin where a word mixes scripts. Line breaks stay, so lines keep their numbers.
 */
export function fold(text: string): string {
  // Most files are ASCII; nothing below can change them.
  if (!NON_ASCII.test(text)) return text
  const shown = text.replace(INVISIBLE, '').normalize('NFKC')
  return CYRILLIC_OR_GREEK.test(shown) ? shown.replace(MIXED_WORD, latinize) : shown
}

// oxlint-disable-next-line no-control-regex
const NON_ASCII = /[^\u0000-\u007f]/

/** Format characters, variation selectors, fillers, tags: nothing that a reader would see (Unicode 16, category Cf and the default ignorables). */
export const INVISIBLE =
  // oxlint-disable-next-line no-misleading-character-class
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu

const CYRILLIC_OR_GREEK = /[\u0370-\u03ff\u0400-\u04ff]/
const MIXED_WORD = /(?=\p{L}{0,40}[a-zA-Z])(?=\p{L}{0,40}[\u0370-\u03ff\u0400-\u04ff])\p{L}{2,40}/gu

/** Letters drawn like Latin ones (Unicode confusables.txt, the pairs that occur in attacks). */
const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...'аa еe оo рp сc уy хx іi јj ѕs ԁd ԛq ԝw һh ӏl ɡg АA ВB ЕE КK МM НH ОO РP СC ТT ХX ІI ЈJ ЅS ҮY'.split(' '),
    ...'αa οo ρp υu νv ιi κk τt ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX'.split(' '),
  ].map((pair) => [pair.charAt(0), pair.charAt(1)]),
)

function latinize(word: string): string {
  let out = ''
  for (const char of word) out += LATIN[char] ?? char
  return out
}

/** Whether a word mixes Latin with look-alikes of another script, such as a package name that is not what it seems. */
export function isMixedScript(word: string): boolean {
  return /[a-zA-Z]/.test(word) && /[\u0370-\u03ff\u0400-\u04ff]/.test(word)
}

/** Lower case, one space between words, without Markdown's emphasis marks and quotes around words. */
export function plain(text: string): string {
  return text
    .replace(/[*_~`]{1,3}(?=\S)|(?<=\S)[*_~`]{1,3}/g, '')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Digits and marks that stand for letters. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

/** Undoes `1gn0re` and `i g n o r e`, only for the matching of phrases. */
export function unleet(text: string): string {
  const joined = text.replace(/\b(?:[a-z0-9][ .\-_*]){4,40}[a-z0-9]\b/g, (run) => run.replace(/[ .\-_*]/g, ''))
  // Only runs with such a digit or mark are looked at: in most text there are few.
  let out = ''
  let copied = 0
  LEET_MARK.lastIndex = 0
  for (let found = LEET_MARK.exec(joined); found !== null; found = LEET_MARK.exec(joined)) {
    let start = found.index
    let end = start + 1
    while (start > copied && isLeetChar(joined.charCodeAt(start - 1))) start -= 1
    while (end < joined.length && isLeetChar(joined.charCodeAt(end))) end += 1
    LEET_MARK.lastIndex = end
    if (end - start < 4) continue
    const plainly = unleetWord(joined, start, end)
    if (plainly !== null) {
      if (plainly === '') continue
      out += joined.slice(copied, start) + plainly
      copied = end
      continue
    }
    // With a neighbour on each side, so that the ends of words are the same ends.
    const from = Math.max(copied, start - 1)
    const run = joined.slice(from, end + 1)
    const turned = run.replace(LEET_WORD, (word) => word.replace(LEET_MARK_IN, (char) => LEET[char] ?? char))
    if (turned === run) continue
    out += joined.slice(copied, from) + turned.slice(0, end - from)
    copied = end
  }
  return copied === 0 ? joined : out + joined.slice(copied)
}

const LEET_MARK = /[013457@$]/g
const LEET_MARK_IN = /[013457@$]/g
const LEET_WORD = /\b(?=[a-z0-9@$]*[a-z])(?=[a-z0-9@$]*[0134570@$])[a-z0-9@$]{4,24}\b/g

/**
 * A run that is one word of letters and digits, turned; empty when it is none that is turned. Null when marks in it or
 * beside it leave to the pattern where its words end.
 */
function unleetWord(text: string, start: number, end: number): string | null {
  if (text[start - 1] === '_' || text[end] === '_') return null
  let hasLetter = false
  let turned = ''
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 64 || code === 36) return null
    const isLetter = code >= 97
    hasLetter ||= isLetter
    const char = text[at] ?? ''
    turned += isLetter ? char : (LEET[char] ?? char)
  }
  return hasLetter && end - start <= 24 ? turned : ''
}

/** a to z, 0 to 9, `@` and `$`. */
function isLeetChar(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 64 || code === 36
}
