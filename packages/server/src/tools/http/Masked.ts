import { MIN_LENGTH } from '../../apps/secrets/SecretName.ts'

/** Secrets by name, with their values. */
export type Secrets = ReadonlyMap<string, string>

/** How many spellings may lie over one another, such as a URL-encoded text in base64. */
const MAX_DEPTH = 2
/** Values from this length on are found whatever their case. */
const CASELESS_LENGTH = 8

/** What a tool is sent: a text with the values in the places of their handles. */
export function fill(text: string, secrets: Secrets): string {
  return text.replaceAll(/\$SECRET:([A-Z][A-Z0-9_]*)/g, (handle, name: string) => secrets.get(name) ?? handle)
}

/**
 * An answer in which no value of a secret stands, in any text, number or key: neither plain nor in base64, hex, URL encoding, escapes of
 * JSON or HTML, nor in two of these over one another. A plain value is replaced alone; otherwise the word that holds it.
 */
export function mask(value: unknown, secrets: Secrets): unknown {
  const found = [...secrets].filter(([, secret]) => secret.length >= MIN_LENGTH)
  if (found.length === 0) return value
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return maskText(each, found)
    if (typeof each === 'number') {
      const text = JSON.stringify(each)
      const masked = maskText(text, found)
      return masked === text ? each : masked
    }
    if (Array.isArray(each)) return each.map(walk)
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([key, inner]) => [maskText(key, found), walk(inner)]))
    return each
  }
  return walk(value)
}

type Named = readonly [name: string, secret: string]

function maskText(text: string, secrets: readonly Named[]): string {
  // The longest first: one value may stand in another.
  const sorted = secrets.toSorted(([, a], [, b]) => b.length - a.length)
  const plain = sorted.reduce((left, named) => replacePlain(left, named), text)
  if (held(plain, sorted) === null) return plain
  const words = plain.split(/(\s+)/).map((word) => {
    const name = held(word, sorted)
    return name === null ? word : markOf(name)
  })
  const joined = words.join('')
  const left = held(joined, sorted)
  return left === null ? joined : markOf(left)
}

const markOf = (name: string): string => `[secret ${name}]`

function replacePlain(text: string, [name, secret]: Named): string {
  if (secret.length < CASELESS_LENGTH) return text.replaceAll(secret, () => markOf(name))
  const pattern = new RegExp(secret.replaceAll(/[^\w\s]/g, String.raw`\$&`), 'gi')
  return text.replace(pattern, () => markOf(name))
}

/** The name of a secret that stands in a text in some spelling; null for none. */
function held(text: string, secrets: readonly Named[]): string | null {
  const shortest = Math.min(...secrets.map(([, secret]) => secret.length))
  if (text.length < shortest) return null
  for (const view of viewsOf(text, shortest, MAX_DEPTH)) {
    const lower = view.toLowerCase()
    for (const [name, secret] of secrets)
      if (secret.length < CASELESS_LENGTH ? view.includes(secret) : lower.includes(secret.toLowerCase())) return name
  }
  return null
}

/** A text, and what it says in other spellings. */
function* viewsOf(text: string, shortest: number, depth: number): Generator<string> {
  yield text
  if (depth === 0) return
  for (const decoded of decodings(text, shortest))
    if (decoded !== text && decoded.length >= shortest) yield* viewsOf(decoded, shortest, depth - 1)
}

function* decodings(text: string, shortest: number): Generator<string> {
  if (/%[0-9a-f]{2}/i.test(text)) {
    const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => byte(hex))
    yield decoded
    yield decoded.replaceAll('+', ' ')
  }
  if (text.includes('\\'))
    yield text
      .replaceAll(
        /\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi,
        (_, point?: string, unit?: string, narrow?: string) => byte(point ?? unit ?? narrow ?? ''),
      )
      .replaceAll(/\\(.)/g, '$1')
  if (text.includes('&'))
    yield text
      .replaceAll(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (_, hex?: string, decimal?: string) =>
        hex === undefined ? character(Number(decimal)) : byte(hex),
      )
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll(/&(?:quot|#34);/g, '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&')
  if (/\s/.test(text)) yield text.replaceAll(/\s+/g, '')
  if (text.includes('\0')) yield text.replaceAll('\0', '')
  // An odd digit may stand before the value's.
  for (const [run] of text.matchAll(/(?:[0-9a-f][:-]?)+/gi))
    if (run.length >= 2 * shortest) {
      const digits = run.replaceAll(/[:-]/g, '')
      for (const shift of [0, 1]) yield Buffer.from(digits.slice(shift), 'hex').toString('latin1')
    }
  const least = Math.floor((4 * shortest) / 3)
  // A run may begin in the middle of four: then what was before it is not the value's.
  for (const [run] of text.matchAll(/[\w+/-]+/g))
    if (run.length >= least)
      for (const shift of [0, 1, 2, 3]) yield Buffer.from(run.slice(shift), 'base64').toString('latin1')
}

const byte = (hex: string): string => character(Number.parseInt(hex, 16))

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}
