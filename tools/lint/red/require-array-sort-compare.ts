/** Must fail `require-array-sort-compare`. */
export function inOrder(amounts: number[]): number[] {
  return amounts.toSorted()
}
