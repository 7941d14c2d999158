/**
 * Recognises JSON that already is its own canonical form (RFC 8785), byte by byte and without making any value of it.
 * Only the plain part of that form is recognised: printable ASCII without escapes, integers of at most 15 digits, keys
 * in order and each once, nothing between the tokens. Every function answers where what begins at `at` ends, or
 * `UNRECOGNISED`. That never means that something is not canonical: who gets it parses, spells anew and compares.
 *
 * What is recognised is canonical because §3.2.2.2 leaves such characters as they are, §3.2.2.3 writes such integers
 * as their digits, and the order of §3.2.3, by UTF-16 units, is for ASCII that of the bytes.
 */
export const UNRECOGNISED = -1

/** Deeper values are left to a parser that does not recurse. */
const DEPTH_MAX = 32
/** Every integer of so many digits is a double of its own, and ECMAScript writes it without an exponent. */
const DIGITS_MAX = 15

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const BACKSLASH = 0x5c
const WORDS = [Buffer.from('null'), Buffer.from('true'), Buffer.from('false')]

/** Just these bytes. */
export function literalEnd(bytes: Uint8Array, at: number, literal: Uint8Array): number {
  if (at < 0 || at + literal.length > bytes.length) return UNRECOGNISED
  for (let index = 0; index < literal.length; index += 1) {
    if (bytes[at + index] !== literal[index]) return UNRECOGNISED
  }
  return at + literal.length
}

/** A string, quotes included. */
export function stringEnd(bytes: Uint8Array, at: number): number {
  if (at < 0 || bytes[at] !== QUOTE) return UNRECOGNISED
  for (let index = at + 1; index < bytes.length; index += 1) {
    const byte = bytes[index] as number
    if (byte === QUOTE) return index + 1
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return UNRECOGNISED
  }
  return UNRECOGNISED
}

/** An integer. What follows it is for the caller to look at. */
export function integerEnd(bytes: Uint8Array, at: number): number {
  if (at < 0) return UNRECOGNISED
  const from = bytes[at] === MINUS ? at + 1 : at
  let end = from
  while (end < bytes.length && isDigit(bytes[end] as number)) end += 1
  const digits = end - from
  if (digits === 0 || digits > DIGITS_MAX) return UNRECOGNISED
  // A zero stands alone: neither `01` nor `-0` is canonical.
  if (bytes[from] === ZERO && (digits > 1 || from > at)) return UNRECOGNISED
  return end
}

/** An object with everything in it. */
export function objectEnd(bytes: Uint8Array, at: number, depth = 0): number {
  if (at < 0 || bytes[at] !== 0x7b || depth > DEPTH_MAX) return UNRECOGNISED
  let next = at + 1
  if (bytes[next] === 0x7d) return next + 1
  for (let before = 0, beforeEnd = 0; ; next += 1) {
    const key = next
    const keyEnd = stringEnd(bytes, key)
    if (keyEnd === UNRECOGNISED || bytes[keyEnd] !== COLON) return UNRECOGNISED
    if (before > 0 && !isAscending(bytes, { before, beforeEnd, key, keyEnd })) return UNRECOGNISED
    before = key
    beforeEnd = keyEnd
    next = valueEnd(bytes, keyEnd + 1, depth)
    if (next === UNRECOGNISED) return UNRECOGNISED
    if (bytes[next] === 0x7d) return next + 1
    if (bytes[next] !== COMMA) return UNRECOGNISED
  }
}

function arrayEnd(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > DEPTH_MAX) return UNRECOGNISED
  let next = at + 1
  if (bytes[next] === 0x5d) return next + 1
  for (; ; next += 1) {
    next = valueEnd(bytes, next, depth)
    if (next === UNRECOGNISED) return UNRECOGNISED
    if (bytes[next] === 0x5d) return next + 1
    if (bytes[next] !== COMMA) return UNRECOGNISED
  }
}

function valueEnd(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at] as number
  if (first === QUOTE) return stringEnd(bytes, at)
  if (first === 0x7b) return objectEnd(bytes, at, depth + 1)
  if (first === 0x5b) return arrayEnd(bytes, at, depth + 1)
  if (first === MINUS || isDigit(first)) return integerEnd(bytes, at)
  for (const word of WORDS) if (first === word[0]) return literalEnd(bytes, at, word)
  return UNRECOGNISED
}

/** Whether a key stands after the one before it, and is another. Both are given with their quotes. */
function isAscending(
  bytes: Uint8Array,
  { before, beforeEnd, key, keyEnd }: { before: number; beforeEnd: number; key: number; keyEnd: number },
): boolean {
  const length = Math.min(beforeEnd - before, keyEnd - key) - 2
  for (let index = 1; index <= length; index += 1) {
    const difference = (bytes[key + index] as number) - (bytes[before + index] as number)
    if (difference !== 0) return difference > 0
  }
  return keyEnd - key > beforeEnd - before
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
