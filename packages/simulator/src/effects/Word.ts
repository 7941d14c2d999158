import type { Hex } from '@countersign/base'

/** Storage words as what stands in them: accounts at any byte, numbers beside them, and what a getter said of them. */

const WORD_DIGITS = 64
const ADDRESS_DIGITS = 40
/** A random address has fewer than eight zero bytes; two amounts in one word have more than that in any window. */
const MIN_NONZERO_BYTES = 13

/** The twenty bytes of an address, at an even digit of a text; -1 when they do not stand there. */
export function positionOf(text: string, account: string): number {
  const digits = account.slice(2)
  for (let at = text.indexOf(digits); at >= 0; at = text.indexOf(digits, at + 1)) if (at % 2 === 0) return at
  return -1
}

/** Every even digit at which an address stands. */
export function positionsOf(text: string, account: string): number[] {
  const digits = account.slice(2)
  const found: number[] = []
  for (let at = text.indexOf(digits); at >= 0; at = text.indexOf(digits, at + 1)) if (at % 2 === 0) found.push(at)
  return found
}

/** Whether an address stands in a text at any byte. */
export function holds(text: string, account: string): boolean {
  return positionOf(text, account) >= 0
}

/**
 * Every window of twenty bytes that could be an account and was not one before at that place. `at` counts digits behind 0x.
 */
export function newWindows(before: Hex.Hex, after: Hex.Hex): { readonly at: number; readonly account: string }[] {
  const found: { at: number; account: string }[] = []
  for (let at = 2; at + ADDRESS_DIGITS <= after.length; at += 2) {
    const digits = after.slice(at, at + ADDRESS_DIGITS)
    if (digits !== before.slice(at, at + ADDRESS_DIGITS)) found.push({ at, account: `0x${digits}` })
  }
  return found
}

/** Whether twenty bytes look like an address that was hashed, rather than like numbers beside each other. */
export function isPlausible(account: string): boolean {
  let nonzero = 0
  for (let at = 2; at < account.length; at += 2) if (account.slice(at, at + 2) !== '00') nonzero += 1
  return nonzero >= MIN_NONZERO_BYTES
}

/** Whether a word is full of bytes as a hash is: neither small numbers nor the largest of any size stand in it. */
export function isHash(value: Hex.Hex): boolean {
  let plain = 0
  for (let at = 2; at < value.length; at += 2) if (/^(00|ff)$/.test(value.slice(at, at + 2))) plain += 1
  return plain <= MAX_PLAIN_BYTES
}

/** Of 32 random bytes, three are 00 or ff in one word of six hundred. */
const MAX_PLAIN_BYTES = 3

/** A number inside a word, before and after. */
export interface Field {
  readonly before: bigint
  readonly after: bigint
}

/**
 * The numbers of a word that differ. What stands between two zero bytes of both words is a number of its own; accounts
 * that stay or newly stand where nothing stood are cut out first, and so is the time of the block, which is a number of its
 * own whatever stands beside it. A guess about layouts, which decides what is compared and never what is safe.
 */
export function changedFields(
  before: Hex.Hex,
  after: Hex.Hex,
  accounts: readonly string[],
  { timestampS }: { readonly timestampS: bigint },
): Field[] {
  const words = { was: before.slice(2), is: after.slice(2) }
  for (const account of accounts) {
    const at = positionOf(words.is, account)
    if (at < 0) continue
    const stood = words.was.slice(at, at + ADDRESS_DIGITS)
    if (stood === account.slice(2) || /^0+$/.test(stood)) blank(words, at, at + ADDRESS_DIGITS)
  }
  return [...cutTime(words, timestampS), ...numbersIn(words)]
}

/** Two words of one slot; a dot is a digit that was cut out. */
interface Words {
  was: string
  is: string
}
function blank(words: Words, start: number, end: number): void {
  const dots = '.'.repeat(end - start)
  words.was = words.was.slice(0, start) + dots + words.was.slice(end)
  words.is = words.is.slice(0, start) + dots + words.is.slice(end)
}

/** Digits of a time until 2106, and how far from the block's an earlier one can be. */
const TIME_DIGITS = 8
const YEAR_S = 31_536_000n
/** Zero bytes in front of it: as a number of 40 bits it has one, of 64 bits four. */
const LEADING_DIGITS = [8, 2, 0] as const

/** Cuts the time of the block out where it newly stands, with an earlier time or nothing before. */
function cutTime(words: Words, timestampS: bigint): Field[] {
  const time = timestampS.toString(16).padStart(TIME_DIGITS, '0')
  const at = positionOf(words.is, `0x${time}`)
  const stood = words.was.slice(at, at + TIME_DIGITS)
  if (at < 0 || time.length !== TIME_DIGITS || stood === time || stood.includes('.')) return []
  const earlier = BigInt(`0x${stood}`)
  if (earlier !== 0n && (earlier > timestampS + YEAR_S || earlier < timestampS - YEAR_S)) return []
  const isZero = (start: number) => start >= 0 && /^0*$/.test(words.was.slice(start, at) + words.is.slice(start, at))
  const leading = LEADING_DIGITS.find((digits) => isZero(at - digits)) ?? 0
  blank(words, at - leading, at + TIME_DIGITS)
  return [{ before: earlier, after: timestampS }]
}

function numbersIn({ was, is }: Words): Field[] {
  const isGap = (at: number) =>
    is[at] === '.' || (was.slice(at, at + 4) === '0000' && is.slice(at, at + 4) === '0000' && is.length - at > 4)
  const fields: Field[] = []
  let start = -1
  for (let at = 0; at <= WORD_DIGITS; at += 2) {
    if (at < WORD_DIGITS && !isGap(at)) {
      if (start < 0) start = at
      continue
    }
    if (start < 0) continue
    // The last number of a word keeps its own zeros; one before it those up to where the next could begin.
    const rest = was.slice(at) + is.slice(at)
    const end = /^0*$/.test(rest) ? WORD_DIGITS : alignedEnd(was, is, at)
    const field = { before: BigInt(`0x${was.slice(start, end)}`), after: BigInt(`0x${is.slice(start, end)}`) }
    if (field.before !== field.after) fields.push(field)
    start = -1
    if (end === WORD_DIGITS) break
  }
  return fields
}

/** Flags that turn on: ones and nothing else, side by side if they are several. */
export function isFlag({ before, after }: Field): boolean {
  return before === 0n && /^1(01)*$/.test(after.toString(16))
}

/** Numbers that share a word begin and end at four bytes, most of them: so far zero bytes are a number's own last ones. */
const ALIGNED_DIGITS = 8
function alignedEnd(was: string, is: string, at: number): number {
  const end = Math.ceil(at / ALIGNED_DIGITS) * ALIGNED_DIGITS
  return /^0*$/.test(was.slice(at, end) + is.slice(at, end)) ? end : at
}

/**
 * Whether what differs between two words is what a getter answered with: each changed byte belongs to a number that was
 * said, in whatever place of the word it stands.
 */
export function isTold(before: Hex.Hex, after: Hex.Hex, said: readonly bigint[]): boolean {
  let rest = after.slice(2)
  for (const value of [...said].sort((a, b) => (a < b ? 1 : -1))) {
    if (value === 0n) continue
    const digits = value.toString(16)
    const even = digits.length % 2 === 0 ? digits : `0${digits}`
    const at = positionOf(rest, `0x${even}`)
    if (at >= 0) rest = rest.slice(0, at) + '.'.repeat(even.length) + rest.slice(at + even.length)
  }
  const was = before.slice(2)
  for (let at = 0; at < WORD_DIGITS; at += 2) {
    const byte = rest.slice(at, at + 2)
    if (byte !== '..' && byte !== '00' && byte !== was.slice(at, at + 2)) return false
  }
  return true
}

/**
 * What differs beside a number that a getter told: the number's place is cut out of both words. Null where it does not stand
 * there.
 */
export function besideTold(
  before: Hex.Hex,
  after: Hex.Hex,
  told: { readonly before: readonly bigint[]; readonly after: readonly bigint[] },
  time: { readonly timestampS: bigint },
): Field[] | null {
  const words = { was: before.slice(2), is: after.slice(2) }
  const rangeOf = (text: string, value: bigint): readonly [number, number] | null => {
    const digits = value.toString(16)
    const even = digits.length % 2 === 0 ? digits : `0${digits}`
    const at = value === 0n ? -1 : positionOf(text, `0x${even}`)
    return at < 0 ? null : [at, at + even.length]
  }
  const ranges = [
    ...told.after.flatMap((value) => [rangeOf(words.is, value)]),
    ...told.before.flatMap((value) => [rangeOf(words.was, value)]),
  ].filter((range) => range !== null)
  if (ranges.length === 0) return null
  const times = cutTime(words, time.timestampS)
  for (const [start, end] of ranges) blank(words, start, end)
  return [...times, ...numbersIn(words)]
}
