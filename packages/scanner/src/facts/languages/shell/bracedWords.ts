/** `{curl,-s,address}`: a list in braces is as many words; null for any other word. */
export function bracedWords<W extends { readonly text: string; readonly isQuoted: boolean }>(
  word: W,
): (W & { readonly isSpelled: true })[] | null {
  const inside = word.isQuoted ? undefined : /^\{([^{}\s]{1,400},[^{}\s]{0,400})\}$/.exec(word.text)?.[1]
  if (inside === undefined) return null
  return inside
    .split(',')
    .filter((text) => text !== '')
    .map((text) => ({ ...word, text, isSpelled: true as const }))
}
