/**
 * From here up an amount is "no limit", in transactions and documents alike. No token has 2^128 units: the largest
 * supplies in use are near 10^33, and 2^128 is 3.4 × 10^38.
 */
export const UNLIMITED_FROM = 2n ** 128n

/**
 * Whether an allowance lets its spender take everything, now and later: more than there is of the token and more than
 * its owner holds. A number alone does not say so, since tokens count in 96, 128, 160 or 256 bits.
 *
 * @param supply - What the token says there is of it, in its smallest unit; null where it says nothing.
 */
export function isUnlimited({
  amount,
  held,
  supply,
}: {
  readonly amount: bigint
  readonly held: bigint
  readonly supply: bigint | null
}): boolean {
  if (amount >= UNLIMITED_FROM) return true
  return supply !== null && supply > 0n && amount > supply && amount > held
}
