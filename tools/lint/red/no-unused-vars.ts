/** Must fail `no-unused-vars`. */
export function length(text: string): number {
  const unused = 5
  return text.length
}
