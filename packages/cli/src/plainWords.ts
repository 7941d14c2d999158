/** What a server says, on one line: letters, digits, punctuation and symbols, without what moves a terminal's cursor. */
export function plainWords(text: string, maxLength: number): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ').slice(0, maxLength)
}
