import type { Address } from '@countersign/base'

/** How alike two addresses are to somebody who sees only their ends. */
export interface Likeness {
  /** Equal digits at the start, after 0x. */
  readonly start: number
  readonly end: number
  /**
   * `same-ends`: equal where wallets show it. `near`: enough that a quick look could miss it.
   */
  readonly kind: 'same-ends' | 'near'
}

/**
 * The shortest form in wide use shows four digits at each end (0x1234…abcd: RainbowKit, ConnectKit, Rabby); MetaMask
 * shows five, Etherscan eight or more. Poisoners grind for exactly those digits: in "Blockchain Address Poisoning"
 * (Tsuchiya et al., USENIX Security 2025, arXiv:2501.16681) 270 million such transfers were found on two chains.
 * Two addresses agree in four and four digits by chance once in 2^32.
 */
const SHOWN_DIGITS = 4
/** One digit less at each end: by chance once in 2^24, so it is a warning and not a reason to block. */
const NEAR_DIGITS = 3
/** Somebody who compares one end only: eight digits are what Etherscan shows of it. By chance once in 2^31. */
const ONE_END_DIGITS = 8
/** Ends of few different digits (0x0000…, 0x4200…) are shared by design: precompiles, predeploys, vanity addresses. */
const MIN_DISTINCT_DIGITS = 4

/** Whether one address could be taken for the other; null when it could not, or when they are the same. */
export function likenessOf(a: Address.Address, b: Address.Address): Likeness | null {
  const [x, y] = [a.slice(2).toLowerCase(), b.slice(2).toLowerCase()]
  if (x === y) return null
  let start = 0
  while (x[start] === y[start]) start += 1
  let end = 0
  while (x[39 - end] === y[39 - end]) end += 1
  if (start >= SHOWN_DIGITS && end >= SHOWN_DIGITS) return { start, end, kind: 'same-ends' }
  if (start >= NEAR_DIGITS && end >= NEAR_DIGITS) return { start, end, kind: 'near' }
  const isVaried = (digits: string): boolean => new Set(digits).size >= MIN_DISTINCT_DIGITS
  const isOneEnd =
    (start >= ONE_END_DIGITS && isVaried(x.slice(0, start))) || (end >= ONE_END_DIGITS && isVaried(x.slice(40 - end)))
  return isOneEnd ? { start, end, kind: 'near' } : null
}

/**
 * An address with the part that differs set apart: `0x7099[7970…dc79]79C8`. Nothing is left out, so that it can be
 * compared digit by digit.
 */
export function markDifference(address: Address.Address, { start, end }: Likeness): string {
  const digits = address.slice(2)
  return `0x${digits.slice(0, start)}[${digits.slice(start, 40 - end)}]${digits.slice(40 - end)}`
}
