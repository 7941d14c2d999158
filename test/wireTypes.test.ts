import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { wireTypes } from '../tools/wire/wireTypes.ts'
import { typeOf, typesOf } from '../tools/wire/writeTypes.ts'

const ROOT = join(import.meta.dirname, '..')

test('promise: the types of the SDK are those of the schemas of the routes', async () => {
  const written = readFileSync(join(ROOT, 'packages', 'sdk', 'src', 'wire.ts'), 'utf8')
  expect(written === (await wireTypes(ROOT)), 'run npm run docs').toBe(true)
})

test('every word of a schema becomes a type, and one without a type is an error', () => {
  const text = { type: 'string' }
  expect(
    [
      { type: ['string', 'null'] },
      { enum: ['a', null] },
      { const: 1 },
      { anyOf: [{ $ref: '#/components/schemas/Key' }, { type: 'null' }] },
      { type: 'array', items: { type: ['string', 'null'] } },
      { type: 'array', items: text, minItems: 2, maxItems: 2 },
      { type: 'array', items: {}, maxItems: 0 },
      { type: 'object', additionalProperties: { not: {} } },
      { type: 'object' },
      {},
    ].map(typeOf),
  ).toEqual([
    'string | null',
    '"a" | null',
    '1',
    'Key | null',
    'readonly (string | null)[]',
    'readonly [string, string]',
    'readonly []',
    'Readonly<Record<string, never>>',
    'Readonly<Record<string, unknown>>',
    'unknown',
  ])
  const properties = { a: { ...text, description: 'The */ first.' }, 'b-c': { type: 'boolean' } }
  expect(
    typesOf({ paths: {}, components: { schemas: { Thing: { type: 'object', properties, required: ['a'] } } } }),
  ).toBe('export interface Thing {\n/** The *\\/ first. */\nreadonly a: string\nreadonly "b-c"?: boolean\n}')
  expect(() => typeOf({ allOf: [] })).toThrow('"allOf"')
})
