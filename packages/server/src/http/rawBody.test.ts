import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { answerErrors } from './errors.ts'
import { MAX_VALUES, readBodies } from './rawBody.ts'

const server = Fastify()
server.decorateRequest('signer', null)
answerErrors(server)
readBodies(server)
server.post('/', async (request) => ({ read: request.body !== undefined }))
const post = async (payload: string) => {
  const answer = await server.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/json' },
    payload,
  })
  return [answer.statusCode, answer.json<{ code?: string }>().code]
}

const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, '1']))

test.each([
  ['numbers', JSON.stringify(Array.from({ length: MAX_VALUES + 1 }, () => 0))],
  ['fields', JSON.stringify(Object.fromEntries(Array.from({ length: MAX_VALUES / 2 + 1 }, (_, i) => [`k${i}`, 0])))],
  ['objects', JSON.stringify(Array.from({ length: MAX_VALUES / 2 + 1 }, () => ({})))],
  ['depth', '['.repeat(MAX_VALUES + 1) + ']'.repeat(MAX_VALUES + 1)],
  ['calls', JSON.stringify({ transactions: Array.from({ length: 11_000 }, () => ({ to: '0x', value: '0' })) })],
])('promise: a body with more %s than anybody needs is refused before it is read', async (_what, payload) => {
  expect(await post(payload)).toEqual([413, 'http:body:values'])
})

test.each([
  ['a message of nothing but commas', JSON.stringify({ message: ',:{['.repeat(8_000) })],
  ['a message of nothing but quotes', JSON.stringify({ message: '"\\'.repeat(16_000) })],
  ['call data of 900 KB', JSON.stringify({ transactions: [{ data: `0x${'00'.repeat(450_000)}` }] })],
  ['32 calls with ten fields each', JSON.stringify(Array.from({ length: 32 }, () => fields(10)))],
  ['an order of a hundred items', JSON.stringify({ items: Array.from({ length: 100 }, () => fields(20)) })],
])('%s is read', async (_what, payload) => {
  expect(await post(payload)).toEqual([200, undefined])
})
