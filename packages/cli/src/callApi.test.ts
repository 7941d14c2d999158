import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminApiOf, apiOf } from './callApi.ts'

const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/json': [200, '{"a":1}'],
  '/nothing': [204, ''],
  '/page': [200, '<html>Sign in</html>'],
  '/busy': [409, '{"error":"Something is open.","hint":"Try again."}'],
  '/none': [404, '{"error":"There is none."}'],
  '/broken': [503, 'upstream'],
  '/moved': [302, ''],
  '/cursor': [400, JSON.stringify({ error: 'red \u001b[31m text' })],
}
let url = ''
const keys: (string | undefined)[] = []
const server = createServer((request, response) => {
  keys.push(request.headers['x-api-key'] as string | undefined)
  const [status, body] = ANSWERS[request.url ?? ''] ?? [500, '']
  response.writeHead(status, { 'content-type': 'application/json', location: '/json' }).end(body)
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const env = { COUNTERSIGN_API_KEY: 'a key', COUNTERSIGN_ADMIN_KEY: 'an admin key' }

test('what the server answers is read, and every other answer is one kind of error', async () => {
  const call = apiOf(env, url)
  expect((await call('GET', '/json')).body).toEqual({ a: 1 })
  expect((await call('GET', '/nothing')).body).toBeNull()
  for (const [path, kind, message] of [
    ['/page', 'upstream', 'The server answered HTTP 200 and no JSON.'],
    ['/busy', 'conflict', 'Something is open.'],
    ['/none', 'absent', 'There is none.'],
    ['/broken', 'upstream', 'The server answered HTTP 503 and no JSON.'],
    ['/moved', 'upstream', 'The server cannot be reached.'],
    ['/cursor', 'invalid', 'red  [31m text'],
  ] as const)
    await expect(call('GET', path), path).rejects.toMatchObject({ code: 'cli:server:refused', kind, message })
  await expect(apiOf(env, 'http://127.0.0.1:1')('GET', '/json')).rejects.toMatchObject({ kind: 'upstream' })
})

test('an operator’s command takes the admin key and no other, and says which one is missing', async () => {
  keys.length = 0
  await adminApiOf(env, url)('GET', '/json')
  expect(keys).toEqual(['an admin key'])
  expect(() => adminApiOf({ COUNTERSIGN_API_KEY: 'a key' }, url)).toThrow('There is no API key.')
  expect(() => apiOf({ COUNTERSIGN_ADMIN_KEY: 'an admin key' }, url)).toThrow('There is no API key.')
  expect(() => adminApiOf(env, 'ftp://host.invalid')).toThrow('--server is not an http or https URL.')
  expect(() => adminApiOf(env, 'https://name:secret@host.invalid')).toThrow('--server holds more than an address.')
})
