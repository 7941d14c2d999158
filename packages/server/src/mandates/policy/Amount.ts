/** Amounts on every surface of mandates: plain decimal text in units of the asset. Inside: `bigint` in the smallest unit. */

/** Digits with at most so many after the point: no sign, no exponent, no spaces. The same rule as for guards. */
const PLAIN = /^(\d{1,60})(?:\.(\d{1,18}))?$/

/** Dollars are counted in millionths. */
export const USD_DECIMALS = 6

/**
 * Reads decimal text as the smallest unit. `null` where the text is not plain, or finer than the unit: an amount is never
 * rounded.
 *
 * @example
 * Amount.parse('1.5', 6) // 1500000n
 */
export function parse(text: string, decimals: number): bigint | null {
  const [, whole, fraction = ''] = PLAIN.exec(text) ?? []
  if (whole === undefined) return null
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > decimals) return null
  return BigInt(whole + significant.padEnd(decimals, '0'))
}

/** Decimal text in units of the asset, without trailing zeros. */
export function format(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The one spelling of plain decimal text: no leading zeros, none at the end of a fraction. `null` where it is not plain. */
export function canonical(text: string): string | null {
  const [, whole, fraction = ''] = PLAIN.exec(text) ?? []
  if (whole === undefined) return null
  const kept = fraction.replace(/0+$/, '')
  return `${whole.replace(/^0+(?=\d)/, '')}${kept === '' ? '' : `.${kept}`}`
}

/** An amount in the unit of another count of decimals; up is exact, down rounds up, so that no cap is loosened. */
export function rescale(amount: bigint, source: number, target: number): bigint {
  if (target >= source) return amount * 10n ** BigInt(target - source)
  const factor = 10n ** BigInt(source - target)
  return (amount + factor - 1n) / factor
}

/** Compares two plain decimal texts by value. */
export function compare(left: string, right: string): number {
  const a = parse(left, 18) ?? 0n
  const b = parse(right, 18) ?? 0n
  return a < b ? -1 : a > b ? 1 : 0
}
