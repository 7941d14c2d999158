/** Names of the Ethereum Name Service as people type them, and what of them can mislead. */

/** Letters, digits and hyphens of any script, in parts with points between them, under `.eth`. Nothing here backtracks. */
const NAME =
  /(?<![\p{L}\p{N}\p{M}_.@/-])[\p{L}\p{N}\p{M}\p{Emoji_Presentation}_-]{1,63}(?:\.[\p{L}\p{N}\p{M}\p{Emoji_Presentation}_-]{1,63}){0,4}\.eth(?![\p{L}\p{N}_-])/giu

/** The names in a sentence, each once, as they stand there. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.slice(0, 2_000).matchAll(NAME)].map(([name]) => name))]
}

/** A sentence with an address in the place of a name. */
export function withAddress(text: string, name: string, address: string): string {
  return text.replace(NAME, (found) => (found === name ? address : found))
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
