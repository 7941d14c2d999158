import { expect, test } from 'vitest'
import { fill, mask } from './Masked.ts'

const VALUE = 'orders&canary "4711"/x'
const secrets = new Map([['TOKEN', VALUE]])
const b64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding)
const hex = (text: string) => Buffer.from(text).toString('hex')
const everyByte = (text: string, prefix: string) => hex(text).replaceAll(/../g, (two) => `${prefix}${two}`)

test.each<[string, string]>([
  ['plain', `Bearer ${VALUE}.`],
  ['in other letters', VALUE.toUpperCase()],
  ['in base64', b64(VALUE)],
  ['in base64 without padding', b64(VALUE).replaceAll('=', '')],
  ['in base64url', b64(VALUE, 'base64url')],
  ['in base64, one byte in', b64(`u:${VALUE}`)],
  ['in base64, two bytes in', b64(`ab${VALUE}z`)],
  ['in base64 behind a letter', `x${b64(VALUE)}`],
  ['in base64 of wrapped lines', b64(VALUE).replaceAll(/.{10}/g, (line) => `${line}\r\n`)],
  ['in hex', hex(VALUE)],
  ['in capital hex', hex(VALUE).toUpperCase()],
  ['in hex with colons', everyByte(VALUE, ':').slice(1)],
  ['in hex behind 0x', `0x${hex(VALUE)}`],
  ['URL-encoded', `https://x.invalid/?t=${encodeURIComponent(VALUE)}`],
  ['as a form', new URLSearchParams({ t: VALUE }).toString()],
  ['URL-encoded in every byte', everyByte(VALUE, '%')],
  ['URL-encoded twice', encodeURIComponent(encodeURIComponent(VALUE))],
  ['in JSON within a text', JSON.stringify({ echo: VALUE })],
  ['in JSON within JSON', JSON.stringify(JSON.stringify({ echo: VALUE }))],
  ['in JSON escapes', everyByte(VALUE, '\\u00')],
  [
    'in HTML entities',
    VALUE.split('')
      .map((each) => `&#${each.charCodeAt(0)};`)
      .join(''),
  ],
  ['in HTML', VALUE.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
  ['in base64 of JSON', b64(JSON.stringify({ echo: VALUE }))],
  ['in hex of base64', hex(b64(VALUE))],
  ['in UTF-16', b64(VALUE.split('').join('\0'))],
])('promise: a secret that comes back %s is masked, as a text and as a key', (_, spelling) => {
  expect(JSON.stringify(mask({ deep: [{ echo: spelling }] }, secrets))).toMatch(
    /^\{"deep":\[\{"echo":".*\[secret TOKEN\]/,
  )
  expect(Object.keys(mask({ [spelling]: 1 }, secrets) as object)[0]).toContain('[secret TOKEN]')
})

test('promise: a number that is a secret is masked, and all else stays as it is', () => {
  expect(mask({ pin: 4711234 }, new Map([['PIN', '4711234']]))).toEqual({ pin: '[secret PIN]' })
  const other = {
    usd: '3012.55',
    list: [1, 2.5, true, null],
    note: 'a%20b \\n &amp; deadbeefdeadbeefdeadbeefdeadbeef',
    $1: '$&',
  }
  expect(mask(other, secrets)).toEqual(other)
})

test('promise: of a text that holds a plain value nothing else goes', () => {
  expect(mask(`at ${VALUE}, twice: ${VALUE}`, secrets)).toBe('at [secret TOKEN], twice: [secret TOKEN]')
})

test('promise: a handle is replaced where it stands, and a handle in a value is not read again', () => {
  expect(
    fill(
      'Bearer $SECRET:A',
      new Map([
        ['A', '$SECRET:B'],
        ['B', 'x'],
      ]),
    ),
  ).toBe('Bearer $SECRET:B')
})
