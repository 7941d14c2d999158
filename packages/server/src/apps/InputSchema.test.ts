import { expect, test } from 'vitest'
import * as InputSchema from './InputSchema.ts'

const misfit = (schema: InputSchema.JsonSchema, value: unknown) => InputSchema.misfit(schema, value)

test('promise: a schema of others that takes too long for a value is cut off, and is not tried again after the third time', () => {
  const pattern = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
  expect(misfit(pattern, { a: 'aaaa' })).toBe(null)
  for (let i = 0; i < 3; i += 1) {
    expect(misfit(pattern, { a: 'aaaa' })).toBe(null)
    expect(misfit(pattern, { a: `${'a'.repeat(29)}!` })).toBe('it takes too long to check')
  }
  expect(misfit(pattern, { a: 'aaaa' })).toBe('it takes too long to check')

  // A list in a list in a list: two ways to read each.
  const two = { anyOf: [{ items: { $ref: '#/$defs/list' } }, { items: { $ref: '#/$defs/list' } }, { const: 1 }] }
  const recursive = { $ref: '#/$defs/list', $defs: { list: { type: 'array', ...two } } }
  let nested: unknown = 'no list'
  for (let i = 0; i < 26; i += 1) nested = [nested]
  expect(misfit(recursive, nested)).toBe('it takes too long to check')
  expect(misfit({ type: 'object', required: ['a'] }, {})).toContain("must have required property 'a'")
})

test('a schema that cannot be compiled is named, and leaves the others usable', () => {
  expect(InputSchema.schemaFault({ type: 'string', pattern: '(' })).toContain('Invalid regular expression')
  expect(InputSchema.schemaFault({ type: 'string', pattern: 'a' })).toBe(null)
})
