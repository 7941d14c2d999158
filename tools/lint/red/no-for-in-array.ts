/** Must fail `no-for-in-array`. */
export function count(values: string[]): number {
  let total = 0
  for (const at in values) total += values[at]?.length ?? 0
  return total
}
