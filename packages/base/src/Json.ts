import { BaseError } from './BaseError.ts'

/**
 * Reads JSON text in which every field stands once. `JSON.parse` keeps the last of two equal fields and other readers
 * the first (RFC 8259, section 4, leaves it open), so what is given twice means two things.
 *
 * @throws {SyntaxError} as `JSON.parse` does.
 * @throws {DuplicateFieldError} `base:json:duplicate`, at any depth, also for equal values.
 * @example
 * Json.parse('{"value": "1"}') // { value: '1' }
 */
export function parse(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const field = findDuplicate(text)
  if (field !== null) throw new DuplicateFieldError(field)
  return value
}

/** Why a text could not be read, to stand after the name of a file and a colon. */
export function faultOf(error: unknown): string {
  return error instanceof DuplicateFieldError
    ? error.message.replace(/^A field/, 'a field').replace(/\.$/, '')
    : 'it is not JSON'
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * The first field that an object has twice; null when there is none. Names are compared as they are read, so `"a"` and
 * `"\u0061"` are one name. One pass, and no recursion: depth costs nothing.
 *
 * @param text - JSON that `JSON.parse` accepts.
 */
export function findDuplicate(text: string): string | null {
  /** The names of each open object so far; null for an array. */
  const open: (Set<string> | null)[] = []
  let isName = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPEN_OBJECT:
        open.push(new Set())
        isName = true
        break
      case OPEN_ARRAY:
        open.push(null)
        isName = false
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop()
        isName = false
        break
      case COMMA:
        isName = open.at(-1) !== null
        break
      case QUOTE: {
        const end = endOfString(text, at)
        const names = open.at(-1)
        if (isName && names != null) {
          const token = text.slice(at, end + 1)
          const name = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
          if (names.has(name)) return name
          names.add(name)
        }
        isName = false
        at = end
      }
    }
  }
  return null
}

/**
 * Whether a text holds more values than so many, by its commas, colons and opening brackets outside of strings. A million
 * characters of small values take a hundred times as long to read as one long string: what a text costs is asked before
 * it is read.
 *
 * @param text - JSON, or anything else: what is no JSON is refused by whoever reads it.
 */
export function holdsMore(text: string, max: number): boolean {
  if (text.length <= max) return false
  let left = max
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case COMMA:
      case COLON:
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        left -= 1
        if (left < 0) return true
        break
      case QUOTE:
        at = endOfString(text, at)
    }
  }
  return false
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  for (let code = text.charCodeAt(at); code !== QUOTE && at < text.length; code = text.charCodeAt(at))
    at += code === BACKSLASH ? 2 : 1
  return at
}

export class DuplicateFieldError extends BaseError {
  override readonly name = 'base.DuplicateFieldError'
  constructor(field: string) {
    // A field's name is the sender's own text: only a plain one is repeated.
    super(`${/^[\w.$-]{1,40}$/.test(field) ? `"${field}"` : 'A field'} is given more than once.`, {
      code: 'base:json:duplicate',
      kind: 'invalid',
      hint: 'Send each field once.',
    })
  }
}
