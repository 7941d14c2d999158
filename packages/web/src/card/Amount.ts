/**
 * Amounts as people read them. Amounts arrive as whole numbers of a token's smallest unit, in decimal text, with the
 * number of decimals beside them.
 */

import { t } from '../text/text.ts'

/** Towards which side a figure may be rounded: what leaves is never shown smaller, what arrives never larger. */
export type Rounding = 'up' | 'down'

/** Significant digits of a rounded figure. */
const SIGNIFICANT = 6
/** From here on a figure has two decimals, as money has. */
const MONEY_FROM = 1_000n
/** Figures with at least this many digits before the point have none after it. */
const WHOLE_DIGITS = 6
/** Below a millionth the figure itself decides nothing; the exact value is one press away. */
const SMALLEST_DECIMALS = 6

/** A joiner that allows no line break, so that digits, sign and unit stay together. */
export const NO_BREAK = '\u00a0'
const MINUS = '\u2212'

/**
 * The exact decimal, digits in groups of three, as the language of the page writes them. It is what a person gets on demand, and what is shown for
 * allowances, token ids and nonces, which are never rounded.
 *
 * @param amount - Whole number of the smallest unit, in decimal text; a leading minus is kept.
 * @param decimals - Of the token; null where unknown: then the smallest unit is shown as it is.
 */
export function exact(amount: string, decimals: number | null): string {
  const { isNegative, whole, fraction } = partsOf(amount, decimals)
  const kept = fraction.replace(/0+$/, '')
  return `${isNegative ? MINUS : ''}${grouped(whole)}${kept === '' ? '' : `${t().number.decimal}${kept}`}`
}

/**
 * A figure short enough to be read at a glance: six significant digits, two decimals from 1,000 on, none from 100,000 on,
 * `< 0.000001` below a millionth. Digits before the point are never cut. The sign is left out.
 *
 * @param rounding - `up` for what leaves, `down` for what arrives: rounding never flatters.
 */
export function rounded(amount: string, decimals: number | null, rounding: Rounding): string {
  const { whole, fraction } = partsOf(amount, decimals)
  const digits = decimalsShown(whole, fraction)
  if (whole === '0' && /^0*$/.test(fraction.slice(0, SMALLEST_DECIMALS)) && /[1-9]/.test(fraction))
    return `< 0${t().number.decimal}000001`
  const scaled = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  const hasRest = /[1-9]/.test(fraction.slice(digits))
  const shown = (scaled + (rounding === 'up' && hasRest ? 1n : 0n)).toString().padStart(digits + 1, '0')
  const before = shown.slice(0, shown.length - digits)
  const after = shown.slice(shown.length - digits)
  // Money keeps both decimals (2,478.80), everything else drops the zeros at its end.
  const isMoney = BigInt(before) >= MONEY_FROM && digits === 2 && /[1-9]/.test(after)
  const tail = isMoney ? after : after.replace(/0+$/, '')
  return `${grouped(before)}${tail === '' ? '' : `${t().number.decimal}${tail}`}`
}

/** Whether the rounded figure is another one than the exact value. */
export function isRounded(amount: string, decimals: number | null, rounding: Rounding): boolean {
  return exact(amount, decimals).replace(MINUS, '') !== rounded(amount, decimals, rounding)
}

/** The figure with its sign, for a column of what leaves and what arrives. */
export function signed(amount: string, decimals: number | null): string {
  const isNegative = amount.startsWith('-')
  return `${isNegative ? MINUS : '+'}${rounded(amount, decimals, isNegative ? 'up' : 'down')}`
}

/**
 * What one unit of `a` is in `b`, as a rounded decimal; null where nothing of `a` moves.
 *
 * @param a - Amount and decimals of what is priced.
 * @param b - Amount and decimals of what it is priced in.
 */
export function price(
  a: { readonly amount: string; readonly decimals: number },
  b: { readonly amount: string; readonly decimals: number },
): string | null {
  const [given, got] = [absolute(a.amount), absolute(b.amount)]
  if (given === 0n || got === 0n) return null
  const precision = 18
  const scaled = (got * 10n ** BigInt(a.decimals + precision)) / (given * 10n ** BigInt(b.decimals))
  return rounded(scaled.toString(), precision, 'down')
}

/**
 * A sentence of the server with its figures as the page writes its own: on one card a point never means two things. The server
 * writes `1,234.5`; what is part of a word, a date, an address of a machine or a version of three parts is left alone.
 */
export function asSpoken(text: string): string {
  const { group, decimal } = t().number
  return text.replace(/(?<![\w.,:#-])(?:\d+(?:,\d{3})*\.\d+|\d{1,3}(?:,\d{3})+)(?![\w:-]|[.,]\d)/g, (figure) =>
    figure.replace(/[.,]/g, (sign) => (sign === ',' ? group : decimal)),
  )
}

/** Parts per million as a percentage with two decimals at most: `9.34 %`. */
export function percent(ppm: bigint): string {
  const hundredths = (ppm + 50n) / 100n
  const text = exact(hundredths.toString(), 2)
  return `${text}${NO_BREAK}%`
}

/** An address in groups of four digits, to be compared with its source by eye. */
export function grouping(address: string): readonly string[] {
  return [address.slice(0, 6), ...(address.slice(6).match(/.{1,4}/g) ?? [])]
}

/** The first and last digits of an address. It names an address that stands in full elsewhere on the card. */
export function short(address: string): string {
  return address.length < 16 ? address : `${address.slice(0, 6)}…${address.slice(-4)}`
}

function partsOf(amount: string, decimals: number | null) {
  const isNegative = amount.startsWith('-')
  const count = decimals ?? 0
  const digits = (isNegative ? amount.slice(1) : amount).replace(/^0+(?=\d)/, '').padStart(count + 1, '0')
  return { isNegative, whole: digits.slice(0, digits.length - count), fraction: digits.slice(digits.length - count) }
}

function decimalsShown(whole: string, fraction: string): number {
  if (whole.length >= WHOLE_DIGITS) return 0
  if (BigInt(whole) >= MONEY_FROM) return 2
  if (whole !== '0') return SIGNIFICANT - whole.length
  const zeros = /^0*/.exec(fraction)?.[0].length ?? 0
  return Math.max(SMALLEST_DECIMALS, zeros + 3)
}

function absolute(amount: string): bigint {
  return BigInt(amount.startsWith('-') ? amount.slice(1) : amount)
}

function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, t().number.group)
}
