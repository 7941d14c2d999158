/** A share with its 95 % interval by Wilson (1927), which stays honest for few cases and for none or all of them. */
export interface Share {
  readonly hits: number
  readonly n: number
  readonly rate: number
  readonly low: number
  readonly high: number
}

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959964

/** @throws never; of no cases the share is not a number. */
export function share(hits: number, n: number): Share {
  const rate = hits / n
  const z2 = Z * Z
  const middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z / (1 + z2 / n)) * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n * n))
  const round = (value: number) => Math.round(value * 10_000) / 10_000
  return { hits, n, rate: round(rate), low: round(Math.max(0, middle - half)), high: round(Math.min(1, middle + half)) }
}
