/** What the policy of CHANGELOG.md says of the fields of the HTTP API: none goes that was not marked before, or named there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openApi } from '../packages/server/src/http/openapi.ts'
import { breaksOf, type Description, type Schema } from '../tools/wire/breaksOf.ts'

const ROOT = join(import.meta.dirname, '..')
const now = (): Description => structuredClone(openApi({ version: '0' })) as unknown as Description
type Open<T> = { -readonly [K in keyof T]: Open<T[K]> }

/** The earlier descriptions, made at each release (`test/upgrade/README.md`). */
const EARLIER = readdirSync(join(ROOT, 'test', 'upgrade')).filter((name) => name.endsWith('.openapi.json.gz'))
/** `Changed` and `Removed` of every version: before 1.0 a break is allowed that stands there by its place. */
const named = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')

test.each(EARLIER)(
  'promise: a program written for %s finds what it was told, or the changelog names what it does not',
  (file) => {
    const text = gunzipSync(readFileSync(join(ROOT, 'test', 'upgrade', file))).toString('utf8')
    const breaks = breaksOf(JSON.parse(text) as Description, now())
    expect(breaks.filter((each) => !named.includes(`\`${each}\``))).toEqual([])
  },
)

test('there is an earlier description to compare with', () => expect(EARLIER.length).toBeGreaterThan(0))

/** Every object of the description that describes a value, with the way there. */
function* schemasIn(schemas: Open<Record<string, Schema>>, at: string): Generator<[string, Open<Schema>]> {
  for (const [name, schema] of Object.entries(schemas)) {
    yield [`${at} ${name}`, schema]
    if (schema.properties !== undefined) yield* schemasIn(schema.properties, `${at} ${name}`)
    if (schema.items !== undefined) yield* schemasIn({ '[]': schema.items }, `${at} ${name}`)
  }
}

/** Names of the types that an answer of status 200 reaches, and those that a body reaches. */
function reached(description: Description, side: 'answers' | 'bodies'): Set<string> {
  const seen = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, each] of Object.entries(value)) {
      if (key !== '$ref') walk(each)
      else if (!seen.has(String(each).split('/').at(-1) ?? '')) {
        const name = String(each).split('/').at(-1) ?? ''
        seen.add(name)
        walk(description.components.schemas[name])
      }
    }
  }
  for (const operation of Object.values(description.paths).flatMap(Object.values))
    walk(side === 'answers' ? operation.responses['200'] : operation.requestBody)
  return seen
}

/** A change to one type of the description; false where it does not apply there. */
type Change = (schema: Open<Schema>) => boolean
const firstOf = (schema: Open<Schema>): string | undefined => Object.keys(schema.properties ?? {})[0]
const BREAKING: Readonly<Record<string, { readonly side: 'answers' | 'bodies'; readonly change: Change }>> = {
  'a field of an answer goes': {
    side: 'answers',
    change(schema) {
      const name = firstOf(schema)
      if (name === undefined) return false
      delete schema.properties?.[name]
      return true
    },
  },
  'a field of an answer may be missing': {
    side: 'answers',
    change(schema) {
      const name = schema.required?.find((each) => schema.properties?.[each] !== undefined)
      if (name === undefined) return false
      schema.required = schema.required?.filter((each) => each !== name) ?? []
      return true
    },
  },
  'a field of an answer becomes another type': {
    side: 'answers',
    change(schema) {
      const name = firstOf(schema)
      if (name === undefined || schema.properties?.[name]?.type !== 'string') return false
      schema.properties[name] = { type: 'integer' }
      return true
    },
  },
  'a field of an answer may be null': {
    side: 'answers',
    change(schema) {
      const name = firstOf(schema)
      if (name === undefined || schema.properties?.[name]?.type !== 'string') return false
      schema.properties[name] = { ...schema.properties[name], type: ['string', 'null'] }
      return true
    },
  },
  'a field of a body is demanded': {
    side: 'bodies',
    change(schema) {
      if (schema.properties === undefined) return false
      schema.properties['newly'] = { type: 'string' }
      schema.required = [...(schema.required ?? []), 'newly']
      return true
    },
  },
  'a value of a body is not taken': {
    side: 'bodies',
    change(schema) {
      const field = Object.values(schema.properties ?? {}).find((each) => (each.enum?.length ?? 0) > 1)
      if (field?.enum === undefined) return false
      field.enum = field.enum.slice(1)
      return true
    },
  },
  'a body may be less': {
    side: 'bodies',
    change(schema) {
      const field = Object.values(schema.properties ?? {}).find((each) => each.type === 'string')
      if (field === undefined) return false
      field.maxLength = 1
      return true
    },
  },
}

test.each(Object.entries(BREAKING))(
  'promise: it is a break, in every type of the API, when %s',
  (_, { side, change }) => {
    const names = [...reached(now(), side)]
    let tried = 0
    for (const name of names) {
      const after = now() as Open<Description>
      const schema = after.components.schemas[name]
      if (schema === undefined || !change(schema)) continue
      tried += 1
      expect([name, breaksOf(now(), after).length > 0]).toEqual([name, true])
    }
    expect(tried).toBeGreaterThan(0)
  },
)

test('promise: it is a break when a route, a status, a way to sign in or a scope changes', () => {
  const changed = (change: (operation: Open<Description['paths'][string][string]>) => void): string[] => {
    const after = now() as Open<Description>
    const operation = after.paths['/api/state']?.['get']
    if (operation === undefined) throw new TypeError('GET /api/state is not described.')
    change(operation)
    return breaksOf(now(), after)
  }
  const gone = now() as Open<Description>
  delete gone.paths['/api/state']
  expect(breaksOf(now(), gone)).toEqual(['GET /api/state: the route is gone'])
  expect(changed((each) => delete each.responses['200'])).toEqual(['GET /api/state: it never answers 200 now'])
  expect(changed((each) => (each.security = each.security?.slice(1) ?? []))).toEqual([
    'GET /api/state: aomiAppKey may not ask it now',
  ])
  expect(changed((each) => (each['x-scope'] = 'admin'))).toEqual(['GET /api/state: it asks for the scope admin now'])
  expect(
    changed((each) => (each.parameters = [...(each.parameters ?? []), { name: 'x', in: 'query', required: true }])),
  ).toEqual(['GET /api/state: query x is demanded now'])
})

test('promise: new routes, fields and values, and the end of what was marked, are no break', () => {
  const after = now() as Open<Description>
  after.paths['/api/new'] = { get: { responses: { 200: {} } } }
  for (const [, schema] of schemasIn(after.components.schemas, ''))
    if (schema.properties !== undefined && schema.additionalProperties !== true)
      schema.properties['new'] = { type: 'string' }
  expect(breaksOf(now(), after)).toEqual([])

  const marked = now() as Open<Description>
  const [state, session] = [marked.paths['/api/state']?.['get'], marked.components.schemas['Snapshot']]
  const title = session?.properties?.['title']
  if (state === undefined || title === undefined) throw new TypeError('The description has no snapshot with a title.')
  state.deprecated = true
  title.deprecated = true
  const later = structuredClone(marked)
  delete later.paths['/api/state']
  delete later.components.schemas['Snapshot']?.properties?.['title']
  expect(breaksOf(marked, later)).toEqual([])
})
