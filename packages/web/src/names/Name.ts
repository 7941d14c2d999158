/** Names of the Ethereum Name Service as people type them, and what of them can mislead. */

/** What words stand between: spaces that people see, and what separates parts of a sentence but never letters of a name. */
const BETWEEN = /[ \t\r\n\u00a0\u3000,;()[\]{}<>"“”«»„]+/u
/** Only these are taken off a word: they end a sentence, or quote. What else stands in a word belongs to it. */
const BEFORE = /^['‘]/u
const AFTER = /[.!?:'’]{1,5}$/u
/** Parts with points between them, under `.eth`. No web address, no mail address, no path. */
const NAME = /^[^.@/\\:]+(?:\.[^.@/\\:]+){0,9}\.eth$/iu

/**
 * The name that a whole word is; null where it is none. Never a piece of a word: `bob’s.eth` and `lik.eth` behind a letter
 * that nobody sees are names of their own, and whoever has the shorter name would be paid.
 */
function nameOfWord(word: string): string | null {
  const name = word.replace(BEFORE, '').replace(AFTER, '')
  return name.length <= 255 && NAME.test(name) ? name : null
}

/** The names in a sentence, each once, as they stand there. */
export function namesIn(text: string): readonly string[] {
  const names = text.split(BETWEEN).map(nameOfWord)
  return [...new Set(names.filter((name) => name !== null))]
}

/** A sentence with an address in the place of a name. */
export function withAddress(text: string, name: string, address: string): string {
  const words = text.split(BETWEEN)
  let whole = ''
  let at = 0
  for (const word of words) {
    const start = text.indexOf(word, at)
    whole += text.slice(at, start) + (nameOfWord(word) === name ? word.replace(name, () => address) : word)
    at = start + word.length
  }
  return whole + text.slice(at)
}

/**
 * What of a name can be taken for something else. `letters`: it has others than a to z, and many of those look like one.
 * `digits`: a 0 or a 1 stands in a word, where an o or an l is read. `joined`: two letters that together look like one.
 */
export type Confusable = 'letters' | 'digits' | 'joined'

/** Null for a name that reads one way only. */
export function confusableIn(name: string): Confusable | null {
  const lower = name.toLowerCase()
  if (/[^a-z0-9.-]/.test(lower)) return 'letters'
  if (/[a-z][01]|[01][a-z]/.test(lower)) return 'digits'
  return /rn|vv|cl/.test(lower) ? 'joined' : null
}
