/** Every door that reads JSON over HTTP, with one field doubled at a random depth. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { Redacted } from '@countersign/base'
import { ROUTES, startServer, type RunningServer } from '@countersign/server'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doubleField } from '../doubledFields.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-twice-'))
let server: RunningServer
let key = ''
beforeAll(async () => {
  server = await startServer({
    port: 0,
    dataDir: scratch,
    chains: [],
    env: {},
    webRoot: null,
    logLevel: 'silent',
    limits: { flood: [], ip: [], failures: [], key: [], poll: [] },
  })
  const issued = await server.issueKey({
    app: 'trader',
    label: 'all',
    scopes: ['admin', 'chat', 'propose', 'read', 'simulate'],
  })
  key = Redacted.reveal(issued.key)
})
afterAll(async () => {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
})

async function send(
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; code: string | number | undefined }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'aomi-app-key': key, 'content-type': 'application/json' },
    body,
  })
  const { code, error } = (await response.json().catch(() => ({}))) as {
    code?: string
    error?: { code?: number; message?: string }
  }
  return {
    status: response.status,
    code: code ?? (/more than once/.test(error?.message ?? '') ? error?.code : error?.message),
  }
}

/** JSON-RPC says with 200 and a code of its own that a body cannot be read. */
const refusal = (path: string) =>
  path.startsWith('/rpc/') ? { status: 200, code: -32600 } : { status: 400, code: 'base:json:duplicate' }

const BODIES = {
  call: { chain_id: 1, from: '0x00', transactions: [{ to: '0x00', value: '1', data: '0x' }] },
  wallet: { app: 'trader', message: 'help', user_state: { address: null, ext: { client_type: 'ts_cli' } } },
  document: {
    typed_data: { types: { Permit: [{ name: 'owner', type: 'address' }] }, message: { owner: '0x00', value: '1' } },
  },
  key: { label: 'a', scopes: ['read'], limits: [], networks: [] },
}

const doors = Object.keys(ROUTES)
  .map((name) => name.split(' ') as [string, string])
  .filter(([method]) => method !== 'GET')
  .map(([method, path]) => [method, path.replace(/:\w+/g, randomUUID())] as const)

test('promise: a field given twice is refused by every route, at whatever depth it stands', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...doors),
      fc.constantFrom(...Object.values(BODIES)),
      fc.nat(),
      async ([method, path], body, pick) => {
        const answer = await send(method, path, doubleField(body, pick))
        expect(answer, `${method} ${path}`).toEqual(refusal(path))
      },
    ),
    { numRuns: 400 },
  )
  for (const [method, path] of doors)
    expect(await send(method, path, '{"a":1,"\\u0061":1}'), path).toEqual(refusal(path))
})

test('promise: JSON text inside a parameter is held to the same', async () => {
  const headers = { 'x-session-id': randomUUID(), 'content-type': 'application/json' }
  const enter = { method: 'POST', headers, body: JSON.stringify({ message: 'help' }) }
  expect((await fetch(`${server.url}/api/chat`, enter)).status).toBe(200)
  const state = encodeURIComponent('{"address":null,"chain_id":1,"chain_id":10}')
  const polled = await fetch(`${server.url}/api/state?user_state=${state}`, { headers })
  expect([polled.status, ((await polled.json()) as { code: string }).code]).toEqual([400, 'base:json:duplicate'])
  const message = '{"type":"wallet:tx_complete","type":"wallet:state_changed","payload":{}}'
  const told = await fetch(`${server.url}/api/system`, { method: 'POST', headers, body: JSON.stringify({ message }) })
  expect(told.status).toBe(400)
})

test('what only looks like it is taken: equal names in siblings, in texts, in another case', async () => {
  for (const body of [
    '{"message":"{\\"a\\":1,\\"a\\":2}"}',
    '{"message":"help","user_state":{"ext":{"message":"x","ext":{"message":"y"}}}}',
    '{"message":"help","Message":"other"}',
    ' { "message" : "a \\" \\"message\\" : 1" } ',
  ]) {
    const headers = { 'x-session-id': randomUUID(), 'content-type': 'application/json' }
    expect((await fetch(`${server.url}/api/chat`, { method: 'POST', headers, body })).status, body).toBe(200)
  }
})
