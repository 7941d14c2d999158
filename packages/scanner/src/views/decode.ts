import { isUtf8 } from 'node:buffer'
import { zlib } from '../parsers.ts'

/** One thing that was encoded: where it stood, how, and what it says. */
export interface DecodedText {
  readonly offset: number
  readonly encoding: string
  readonly text: string
}

/** No more than this is unpacked from one place: what a person could have meant a reader to run. */
const DECODED_BYTES_MAX = 1 << 20
/** No more than this many candidates a view; the rest are counted by the caller as not analysed. */
export const CANDIDATES_MAX = 400

/**
 * Everything in a text that decodes to readable text: base64 and base64url, hex, escapes, percent-encoding, HTML
 * entities, base32, base85 and ASCII85, lists of character codes, ROT13 and reversed text where the text says so, and
 * gzip or zlib inside any of them. One step; the caller feeds the answer back in.
 */
export function decodeIn(text: string): { readonly found: DecodedText[]; readonly left: number } {
  // The shortest that any of them reads is a quotation of 14 characters.
  if (text.length < 14) return { found: [], left: 0 }
  const found: DecodedText[] = []
  let tries = 0
  let left = 0
  const isHinted = HINTS.test(text)
  const maybeRaw = isHinted && /zlib|inflate|decompress/i.test(text)
  const attempt = (offset: number, encoding: string, bytes: () => Uint8Array | null) => {
    if (tries >= CANDIDATES_MAX) {
      left += 1
      return
    }
    tries += 1
    let decoded: Uint8Array | null
    try {
      decoded = bytes()
    } catch {
      return
    }
    if (decoded === null || decoded.length < 6) return
    let via = encoding
    const unpacked = inflate(decoded, maybeRaw)
    if (unpacked !== null) {
      decoded = unpacked.bytes
      via = `${encoding}+${unpacked.how}`
    }
    const readable = readableText(decoded)
    if (readable !== null) found.push({ offset, encoding: via, text: readable })
  }

  const runs = runsIn(text)
  for (const match of runs.base64 >= 20 ? text.matchAll(BASE64) : []) {
    const run = match[0].replace(/\s+/g, '')
    // Encoded text has digits and both cases; identifiers and paths of the same length mostly do not.
    if (!/\d/.test(run) || !/[a-z]/.test(run) || !/[A-Z]/.test(run) || /^[0-9a-fA-F]+$/.test(run)) continue
    attempt(match.index, 'base64', () => Buffer.from(run, /[-_]/.test(run) ? 'base64url' : 'base64'))
  }
  for (const match of runs.hex >= 32 ? text.matchAll(HEX) : []) {
    const run = match[0].replace(/0x|\s|[,:]/g, '')
    if (run.length % 2 === 0) attempt(match.index, 'hex', () => Buffer.from(run, 'hex'))
  }
  if (text.includes('\\'))
    for (const match of text.matchAll(ESCAPES))
      attempt(match.index, 'escapes', () => Buffer.from(unescapeRun(match[0])))
  if (text.includes('%'))
    for (const match of text.matchAll(PERCENT))
      attempt(match.index, 'percent', () => Buffer.from(decodeURIComponent(match[0])))
  if (text.includes('&#'))
    for (const match of text.matchAll(ENTITIES)) attempt(match.index, 'entities', () => Buffer.from(unentity(match[0])))
  for (const match of runs.base32 >= 24 ? text.matchAll(BASE32) : [])
    attempt(match.index, 'base32', () => base32(match[0]))
  if (text.includes('<~'))
    for (const match of text.matchAll(ASCII85)) attempt(match.index, 'ascii85', () => base85(match[1] ?? '', 33, true))
  if (isHinted && /b85|base85|z85/i.test(text))
    for (const match of text.matchAll(QUOTED)) attempt(match.index, 'base85', () => base85(match[2] ?? '', 0, false))
  for (const match of runs.codes >= 12 ? text.matchAll(CODES) : []) {
    const codes = match[0].split(/[,\s]+/).map(Number)
    if (codes.every((code) => code > 8 && code < 127)) attempt(match.index, 'char-codes', () => Uint8Array.from(codes))
  }
  if (isHinted && /rot[-_ ]?13/i.test(text)) {
    for (const match of text.matchAll(QUOTED)) {
      const turned = (match[2] ?? '').replace(/[a-zA-Z]/g, (char) => {
        const base = char <= 'Z' ? 65 : 97
        return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base)
      })
      attempt(match.index, 'rot13', () => Buffer.from(turned))
    }
  }
  if (isHinted && REVERSES.test(text))
    for (const match of text.matchAll(QUOTED))
      attempt(match.index, 'reversed', () => Buffer.from([...(match[2] ?? '')].toReversed().join('')))
  if (isHinted && JOINS.test(text)) {
    for (const match of text.matchAll(CONCATENATED)) {
      const joined = [...match[0].matchAll(/(['"])([^'"\\\n]{0,200})\1/g)].map((piece) => piece[2] ?? '').join('')
      attempt(match.index, 'joined', () => Buffer.from(joined))
    }
  }
  return { found, left }
}

/**
 * The longest runs of what the four costly patterns below are made of, in one pass: base64 and base32 characters, hex
 * digits with what may part them, digits with commas and space. Without a run that is long enough nothing can match.
 */
function runsIn(text: string): { base64: number; base32: number; hex: number; codes: number } {
  const longest = { base64: 0, base32: 0, hex: 0, codes: 0 }
  let base64 = 0
  let base32 = 0
  let hex = 0
  let codes = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const kind = code < 128 ? (KINDS[code] ?? 0) : CODES_PART
    if ((kind & BASE64_CHAR) !== 0) base64 += 1
    else {
      if (base64 > longest.base64) longest.base64 = base64
      base64 = 0
    }
    if ((kind & BASE32_CHAR) !== 0) base32 += 1
    else {
      if (base32 > longest.base32) longest.base32 = base32
      base32 = 0
    }
    if ((kind & HEX_DIGIT) !== 0) hex += 1
    else if ((kind & HEX_PART) === 0) {
      if (hex > longest.hex) longest.hex = hex
      hex = 0
    }
    if ((kind & CODES_DIGIT) !== 0) codes += 1
    else if ((kind & CODES_PART) === 0) {
      if (codes > longest.codes) longest.codes = codes
      codes = 0
    }
  }
  return {
    base64: Math.max(longest.base64, base64),
    base32: Math.max(longest.base32, base32),
    hex: Math.max(longest.hex, hex),
    codes: Math.max(longest.codes, codes),
  }
}

const BASE64_CHAR = 1
const BASE32_CHAR = 2
const HEX_DIGIT = 4
const HEX_PART = 8
const CODES_DIGIT = 16
/** Characters beyond ASCII count as space here: some are. */
const CODES_PART = 32

/** What each ASCII character can be part of. */
const KINDS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  return (
    (/[A-Za-z0-9+/_-]/.test(char) ? BASE64_CHAR : 0) |
    (/[A-Z2-7]/.test(char) ? BASE32_CHAR : 0) |
    (/[0-9a-fA-F]/.test(char) ? HEX_DIGIT : 0) |
    (/[x ,:]/.test(char) ? HEX_PART : 0) |
    (/[0-9]/.test(char) ? CODES_DIGIT : 0) |
    (/[,\s]/.test(char) ? CODES_PART : 0)
  )
})

const BASE64 = /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{20,}(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/_-]{20,}){0,2000}={0,2}/g
const HEX = /(?<![0-9a-zA-Z])(?:(?:0x)?[0-9a-fA-F]{2}[ ,:]{0,2}){16,}(?![0-9a-zA-Z])/g
const ESCAPES = /(?:\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|\\[0-3][0-7]{2}){6,}/g
const PERCENT = /(?:%[0-9a-fA-F]{2}[\w.~-]{0,3}){8,}/g
const ENTITIES = /(?:&#(?:x[0-9a-fA-F]{1,6}|\d{1,7});[ ]?){6,}/g
const BASE32 = /(?<![A-Z0-9])[A-Z2-7]{24,}={0,6}(?![A-Za-z0-9])/g
const ASCII85 = /<~([!-u\s]{10,100000})~>/g
const QUOTED = /(['"])((?:(?!\1)[^\\\n]){12,20000})\1/g
const CODES = /(?<![\d.])\d{1,3}(?:[,\s]{1,3}\d{1,3}){11,}(?![\d.])/g
const CONCATENATED = /(?:['"][^'"\\\n]{1,60}['"]\s{0,3}[+,.]\s{0,3}){3,200}['"][^'"\\\n]{1,60}['"]/g
/** Whether any of the patterns that are asked for by name can match: one look instead of five. */
const HINTS =
  /zlib|inflate|decompress|b85|base85|z85|rot[-_ ]?13|\[::-1\]|\.reverse\(|\|\s{0,3}rev\b|reversed\(|strrev\(|['"]\s{0,3}\+\s{0,3}['"]|\.join\(/i
const REVERSES = /\[::-1\]|\.reverse\(\)|\|\s{0,3}rev\b|reversed\(|strrev\(/
const JOINS = /['"]\s{0,3}\+\s{0,3}['"]|\.join\(/

/** Printable UTF-8 that looks like words or code rather than chance; null otherwise. */
function readableText(bytes: Uint8Array): string | null {
  let text: string
  if (isUtf8(bytes)) text = new TextDecoder().decode(bytes)
  else if (bytes.length >= 16 && bytes.length % 2 === 0 && bytes[1] === 0)
    text = new TextDecoder('utf-16le').decode(bytes)
  else return null
  // UTF-16, as PowerShell's -EncodedCommand wants it, is also valid UTF-8 when it is ASCII underneath.
  if (text.length >= 12 && text[1] === '\0' && text[3] === '\0') text = text.replaceAll('\0', '')
  const sample = text.slice(0, 512)
  let printable = 0
  let letters = 0
  let vowelish = 0
  for (const char of sample) {
    const code = char.codePointAt(0) ?? 0
    if ((code >= 0x20 && code !== 0x7f && code < 0xfff0) || code === 9 || code === 10 || code === 13) printable += 1
    if (/[a-zA-Z]/.test(char)) letters += 1
    if (/[aeiou \n/.]/i.test(char)) vowelish += 1
  }
  const size = [...sample].length
  if (size < 6 || printable < size * 0.97) return null
  // Encoded once more: all of it letters, digits and padding, which chance does not do.
  if (size >= 16 && /^[A-Za-z0-9+/_=\s-]+$/.test(sample)) return text
  if (letters < size * 0.4 || vowelish < size * 0.15) return null
  return text
}

function inflate(bytes: Uint8Array, maybeRaw: boolean): { bytes: Uint8Array; how: string } | null {
  const options = { maxOutputLength: DECODED_BYTES_MAX }
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { bytes: zlib().gunzipSync(bytes, options), how: 'gzip' }
    if (bytes[0] === 0x78 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0)
      return { bytes: zlib().inflateSync(bytes, options), how: 'zlib' }
    if (maybeRaw && bytes.length > 24 && readableText(bytes) === null)
      return { bytes: zlib().inflateRawSync(bytes, options), how: 'deflate' }
  } catch {
    // Not compressed after all, or too large once it is: the caller still sees that it was encoded.
  }
  return null
}

function unescapeRun(run: string): string {
  return run.replace(
    /\\x([0-9a-fA-F]{2})|\\u\{?([0-9a-fA-F]{1,6})\}?|\\([0-3][0-7]{2})/g,
    (_, hex?: string, unicode?: string, octal?: string) =>
      hex !== undefined
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : unicode !== undefined
          ? String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(unicode, 16)))
          : String.fromCharCode(Number.parseInt(octal ?? '0', 8)),
  )
}

function unentity(run: string): string {
  return run.replace(/&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));[ ]?/g, (_, hex?: string, decimal?: string) =>
    String.fromCodePoint(Math.min(0x10ffff, hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))),
  )
}

function base32(run: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const out: number[] = []
  let bits = 0
  let value = 0
  for (const char of run.replace(/={1,8}$/, '')) {
    value = ((value << 5) | alphabet.indexOf(char)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      out.push((value >> bits) & 0xff)
    }
  }
  return Uint8Array.from(out)
}

const B85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'

function base85(run: string, base: number, isAscii: boolean): Uint8Array | null {
  const digits = [...run.replace(/\s+/g, '')].map((char) => (isAscii ? char.charCodeAt(0) - base : B85.indexOf(char)))
  if (digits.length < 10 || digits.some((digit) => digit < 0 || digit > 84)) return null
  const out: number[] = []
  for (let at = 0; at < digits.length; at += 5) {
    const group = digits.slice(at, at + 5)
    const size = group.length
    while (group.length < 5) group.push(84)
    let value = 0
    for (const digit of group) value = value * 85 + digit
    for (let i = 0; i < size - 1; i += 1) out.push(Math.floor(value / 256 ** (3 - i)) % 256)
  }
  return Uint8Array.from(out)
}
