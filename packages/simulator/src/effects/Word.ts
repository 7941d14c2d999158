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
 * that stay are cut out first. A guess about layouts, which decides what is compared and never what is safe.
 */
export function changedFields(before: Hex.Hex, after: Hex.Hex, accounts: readonly string[]): Field[] {
  let [was, is] = [before.slice(2), after.slice(2)]
  for (const account of accounts) {
    const at = positionOf(is, account)
    if (at < 0 || was.slice(at, at + ADDRESS_DIGITS) !== account.slice(2)) continue
    const blank = '.'.repeat(ADDRESS_DIGITS)
    was = was.slice(0, at) + blank + was.slice(at + ADDRESS_DIGITS)
    is = is.slice(0, at) + blank + is.slice(at + ADDRESS_DIGITS)
  }
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
