import { expect, test } from 'vitest'
import { format } from './AppFault.ts'
import { readApp, type AppSource, type Offered } from './readApp.ts'

const offered: Offered = { models: ['intent-grammar-1'], hasSecret: () => true }
const operation = (more: object = {}) => ({ operationId: 'op', summary: 'Do it.', responses: {}, ...more })
const document = (paths: object, more: object = {}) =>
  JSON.stringify({ openapi: '3.1.0', info: { title: 'x', version: '1' }, paths, ...more })
const read = (text: string, operations = '[op]', { by = 'operator' as AppSource['by'], more = '' } = {}) =>
  readApp(
    {
      name: 'shop',
      by,
      files: new Map([
        [
          'app.yaml',
          `name: shop\ntools:\n  openapi:\n    - { file: a.json, origin: 'https://orders.example', operations: ${operations}${more} }\n`,
        ],
        ['a.json', text],
      ]),
    },
    offered,
  )
const faultsOf = (...given: Parameters<typeof read>) => {
  const found = read(...given)
  return 'faults' in found ? found.faults.map(format) : []
}
const specOf = (...given: Parameters<typeof read>) => {
  const found = read(...given)
  if ('faults' in found) throw new Error(found.faults.map(format).join('\n'))
  return found.app.declared?.[0]
}
const post = (schema: object, more: object = {}) => ({
  '/a': { post: operation({ requestBody: { content: { 'application/json': { schema } } }, ...more }) },
})

test.each<[string, Parameters<typeof read>, RegExp]>([
  ['an operation that is not there', [document({}), '[op]'], /app\.yaml:4:\d+: a\.json has no operation "op"/],
  [
    'a long name of an operation that is not there, cut',
    [document({}), `[${'x'.repeat(61)}]`],
    new RegExp(`has no operation "${'x'.repeat(60)}"`),
  ],
  [
    'an operation that occurs twice',
    [document({ '/a': { get: operation() }, '/b': { get: operation() } })],
    /has two operations "op"/,
  ],
  [
    'a document of version 2',
    [JSON.stringify({ swagger: '2.0', paths: {} })],
    /a\.json:1:\d+: The document is not OpenAPI 3/,
  ],
  [
    'a DELETE that does not say how it is confirmed',
    [document({ '/a': { delete: operation() } })],
    /DELETE must say how it is confirmed/,
  ],
  ['a PUT as a read', [document({ '/a': { put: operation() } }), '{ op: { kind: read } }'], /A read cannot use PUT/],
  ['an unknown key', [document({ '/a': { get: operation() } }), '{ op: { trust: data } }'], /Unknown key "trust"/],
  ['a HEAD', [document({ '/a': { head: operation() } })], /cannot use HEAD/],
  [
    'a header that must be sent',
    [document({ '/a': { get: operation({ parameters: [{ name: 'X-A', in: 'header', required: true }] }) } })],
    /needs the header "X-A"/,
  ],
  [
    'a part of a segment',
    [document({ '/a/{id}.json': { get: operation({ parameters: [{ name: 'id', in: 'path', required: true }] }) } })],
    /one whole segment/,
  ],
  ['a path parameter that is not declared', [document({ '/a/{id}': { get: operation() } })], /does not declare/],
  ['a body that is a list', [document(post({ type: 'array', items: {} }))], /body is not an object/],
  [
    'a name in two places',
    [document(post({ type: 'object', properties: { a: {} } }, { parameters: [{ name: 'a', in: 'query' }] }))],
    /a parameter and a member of the body/,
  ],
  [
    'a reference to itself',
    [
      document(post({ $ref: '#/components/schemas/A' }), {
        components: { schemas: { A: { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } } } },
      }),
    ],
    /refers to itself/,
  ],
  [
    'a reference to another document',
    [document(post({ $ref: 'https://x.invalid/a.json' }))],
    /leads nowhere in this document/,
  ],
  [
    'an open body with "critical"',
    [
      document(post({ type: 'object', properties: { a: {} }, additionalProperties: true })),
      '{ op: { critical: [a] } }',
    ],
    /takes properties that nobody declared/,
  ],
  [
    'a role of what is not declared',
    [document(post({ type: 'object', properties: { a: {} } })), '{ op: { roles: { b: amount } } }'],
    /does not declare/,
  ],
  [
    'a private origin from a key',
    [document({ '/a': { get: operation() } }), '[op]', { by: 'key', more: ', allow_private: true' }],
    /cannot be pushed with a key/,
  ],
  ['no origin', [document({ '/a': { get: operation() } }), "[op], origin: ''"], /origin/],
])('promise: %s is an error', (_, given, says) => {
  expect(faultsOf(...given).join('\n')).toMatch(says)
})

test('promise: a document that grows without end is an error, in a moment', () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [
      `A${i}`,
      {
        type: 'object',
        properties: { a: { $ref: `#/components/schemas/A${i + 1}` }, b: { $ref: `#/components/schemas/A${i + 1}` } },
      },
    ]),
  )
  expect(
    faultsOf(
      document(post({ $ref: '#/components/schemas/A0' }), { components: { schemas: { ...schemas, A30: {} } } }),
    ).join('\n'),
  ).toMatch(/too large/)
})

test('promise: what an operation takes is closed, with its places and its bounds', () => {
  const spec = specOf(
    JSON.stringify({
      openapi: '3.0.3',
      paths: post(
        {
          allOf: [
            { type: 'object', properties: { a: { type: 'number', minimum: 0, exclusiveMinimum: true } } },
            { type: 'object', properties: { b: { type: 'string', nullable: true } } },
          ],
        },
        { parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }], description: 'More.\nAnd more.' },
      ),
    }),
    '{ op: { kind: transaction, critical: [a], result: { trust: data, max_bytes: 10 } } }',
  )
  expect(spec).toMatchObject({
    kind: 'transaction',
    description: 'Do it. More. And more.',
    critical: ['a'],
    result: { trust: 'data', maxBytes: 10 },
    call: {
      method: 'POST',
      origin: 'https://orders.example',
      path: ['a'],
      places: { q: 'query', a: 'body', b: 'body' },
    },
    input: {
      unevaluatedProperties: false,
      allOf: [
        {
          allOf: [{ properties: { a: { exclusiveMinimum: 0 } } }, { properties: { b: { type: ['string', 'null'] } } }],
        },
      ],
    },
  })
})
