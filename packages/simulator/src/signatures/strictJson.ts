import { SignatureError } from './SignatureRequest.ts'

/** A bulk order of 128 orders has about a tenth of this. */
const MAX_CHARACTERS = 2_000_000
const MAX_DEPTH = 48

/**
 * Reads JSON text that can be read in one way only: no field twice, no numbers that JavaScript would round, no
 * fractions or exponents, no `__proto__`. `JSON.parse` keeps the last of two equal fields and rounds from 2^53 up, and
 * wallets differ in both (RFC 8259, sections 4 and 6, leaves it open).
 *
 * @throws {SignatureError} `simulation:signature:unreadable`.
 */
export function parseStrictJson(text: string): unknown {
  if (text.length > MAX_CHARACTERS) throw new SignatureError('The document', 'it is too long')
  let at = text.startsWith('\ufeff') ? 1 : 0

  const fail = (reason: string): never => {
    throw new SignatureError('The document', `${reason} (character ${at + 1})`)
  }
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return null
    at += found[0].length
    return found[0]
  }
  const take = (char: string): boolean => {
    match(SPACE)
    if (text[at] !== char) return false
    at++
    return true
  }
  const readString = (): string => {
    const token = match(STRING)
    if (token === null) return fail('a text was expected')
    return JSON.parse(token) as string
  }
  const readValue = (depth: number): unknown => {
    if (depth > MAX_DEPTH) return fail('it is nested too deeply')
    match(SPACE)
    if (text[at] === '"') return readString()
    if (take('{')) {
      const object: Record<string, unknown> = {}
      if (take('}')) return object
      do {
        match(SPACE)
        const key = readString()
        if (key === '__proto__') return fail('the field "__proto__" is not allowed')
        if (Object.hasOwn(object, key)) return fail(`the field "${key.slice(0, 40)}" stands there twice`)
        if (!take(':')) return fail('a colon was expected')
        object[key] = readValue(depth + 1)
      } while (take(','))
      return take('}') ? object : fail('a closing brace was expected')
    }
    if (take('[')) {
      const array: unknown[] = []
      if (take(']')) return array
      do array.push(readValue(depth + 1))
      while (take(','))
      return take(']') ? array : fail('a closing bracket was expected')
    }
    const literal = match(LITERAL)
    if (literal !== null) return JSON.parse(literal) as unknown
    const digits = match(INTEGER)
    if (digits === null) return fail('a value was expected')
    if (/[.eE\d]/.test(text[at] ?? '')) return fail('a number is not a plain integer')
    const number = Number(digits)
    if (!Number.isSafeInteger(number) || Object.is(number, -0)) {
      return fail('a number is too large for JSON; write it as text')
    }
    return number
  }

  const value = readValue(0)
  match(SPACE)
  return at === text.length ? value : fail('something follows the document')
}

const SPACE = /[ \t\r\n]*/y
// Control characters must be escaped (RFC 8259, section 7).
// eslint-disable-next-line no-control-regex
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const LITERAL = /true|false|null/y
const INTEGER = /-?(?:0|[1-9]\d*)/y
