import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFields, doubleField } from '../../../test/doubledFields.ts'
import * as Json from './Json.ts'

const anyJson = fc.jsonValue({ maxDepth: 6, noUnicodeString: false })

test('promise: a field that any object has twice is refused, at every depth', () => {
  fc.assert(
    fc.property(anyJson, fc.nat(), (value, pick) => {
      fc.pre(countFields(value) > 0)
      expect(() => Json.parse(doubleField(value, pick))).toThrow(Json.DuplicateFieldError)
    }),
  )
})

/** Commas, colons and opening brackets that a value is written with. */
function marksOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value)
  const own = 1 + Math.max(0, inner.length - 1) + (Array.isArray(value) ? 0 : inner.length)
  return inner.reduce<number>((sum, each) => sum + marksOf(each), own)
}

test('promise: law: a text holds more than n exactly when its value is written with more than n marks, whatever its strings hold', () => {
  fc.assert(
    fc.property(
      anyJson,
      fc.string({ unit: fc.constantFrom(...Array.from(',:[{"\\}')) }),
      fc.integer({ min: -2, max: 2 }),
      (value, text, more) => {
        const all = { value, [text]: text }
        const max = Math.max(0, marksOf(all) + more)
        for (const indent of [0, 2])
          expect(Json.holdsMore(JSON.stringify(all, null, indent), max)).toBe(marksOf(all) > max)
      },
    ),
  )
})

test('promise: what is no JSON is counted to its end, and no further', () => {
  for (const text of ['"', '"\\', '{"a', '[[[[', '\\"\\']) expect(Json.holdsMore(text, 10)).toBe(false)
  expect(Json.holdsMore('[[[[', 3)).toBe(true)
})

test('promise: law: without a doubled field it reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(anyJson, fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(Json.parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

test.each([
  ['twice the same value', '{"a":1,"a":1}', 'a'],
  ['an escaped name', '{"value":"1","v\\u0061lue":"1000"}', 'value'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', '__proto__'],
  ['an empty name', '{"":1,"":2}', ''],
  ['after a nested object', '{"a":{"b":[{"c":1}]},"a":2}', 'a'],
  ['in an object in an array', '[1,[{"x":"\\"","y":0,"x":1}]]', 'x'],
  ['a name with an escaped quote', '{"a\\"b":1,"a\\"b":2}', 'a"b'],
  ['a name that ends in a backslash', '{"a\\\\":1,"a\\\\":2}', 'a\\'],
  ['a surrogate pair, raw and escaped', '{"😀":1,"\\ud83d\\ude00":2}', '😀'],
])('promise: finds %s', (_, text, field) => {
  expect(Json.findDuplicate(text)).toBe(field)
})

test.each([
  ['siblings with equal names', '[{"a":1},{"a":1}]'],
  ['a parent and a child of one name', '{"a":{"a":{"a":1}}}'],
  ['names in another case', '{"Value":1,"value":2}'],
  ['equal values', '{"a":"b","b":"a","c":["a","a"]}'],
  ['a text that looks like a field', '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"a\\":1}"}'],
  ['names that only look alike', '{"\u0061":1,"\u0430":2}'],
  ['composed and decomposed letters', '{"\u00e9":1,"e\u0301":2}'],
  ['a text alone', '"a"'],
])('promise: leaves %s alone', (_, text) => {
  expect(Json.findDuplicate(text)).toBeNull()
  expect(Json.parse(text)).toEqual(JSON.parse(text))
})

test('depth costs nothing: a hundred thousand arrays in each other', () => {
  const text = '['.repeat(100_000) + '{"a":1,"a":2}' + ']'.repeat(100_000)
  expect(Json.findDuplicate(text)).toBe('a')
})

test('promise: a name of a sender is repeated only when it is plain', () => {
  expect(() => Json.parse('{"gas limit\\u202e":1,"gas limit\\u202e":2}')).toThrow('A field is given more than once.')
  expect(() => Json.parse('{"gas":1,"gas":2}')).toThrow('"gas" is given more than once.')
})
