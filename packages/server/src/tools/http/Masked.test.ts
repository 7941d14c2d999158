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

test('promise: the shortest secrets are masked as they are spelled, longer ones in any letters, and shorter ones are none', () => {
  const short = new Map([
    ['PIN', 'aB3'],
    ['CODE', 'AbCdEf7'],
    ['KEY', 'AbCdEf78'],
  ])
  expect(mask('aB3', short)).toBe('[secret PIN]')
  expect(mask('x aB3 ab3 y', short)).toBe('x [secret PIN] ab3 y')
  expect(mask('AbCdEf7, abcdef7', short)).toBe('[secret CODE], abcdef7')
  expect(mask('AbCdEf78 abcdef78', short)).toBe('[secret KEY] [secret KEY]')
  expect(mask(Buffer.from('aB3').toString('base64'), new Map([['PIN', 'aB3']]))).toBe('[secret PIN]')
  expect(mask('ab', new Map([['NONE', 'ab']]))).toBe('ab')
})

test.each([
  ['&lt;a&gt;&apos;b&amp;', `<a>'b&`],
  ['&#x3c;a&#62;&#39;b&#38;', `<a>'b&`],
  ['&#34;quoted&#34;', '"quoted"'],
  [String.raw`\x70ass\u{77}ord`, 'password'],
  [String.raw`\u0070\u{61}d\u0064ed`, 'padded'],
  ['pass%77ord+1', 'password 1'],
  ['pass\n  word', 'password'],
  ['70:61:73:73:77:6f:72:64', 'password'],
  ['070617373776f7264', 'password'],
])('promise: %s is read as the secret that it spells', (spelling, secret) => {
  expect(mask(spelling, new Map([['S', secret]]))).toContain('[secret S]')
})
