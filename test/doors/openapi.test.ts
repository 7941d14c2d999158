/* oxlint-disable typescript/no-explicit-any -- answers of every shape are looked at by matchers */
import { execFile, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { launch, type Launched } from 'countersign'
import { Ajv2020 } from 'ajv/dist/2020.js'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The document of the HTTP API, held against the router and against real answers. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-openapi-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const ROOT = join(import.meta.dirname, '..', '..')
interface Document {
  paths: Record<
    string,
    Record<string, { security?: unknown[]; responses: Record<string, { content?: Record<string, { schema: any }> }> }>
  >
  components: { schemas: Record<string, any>; securitySchemes: Record<string, unknown> }
}
let chain: LocalChain
let server: Launched
let document: Document
let key = ''
let admin = ''

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  const issue = async (scopes: readonly string[]) =>
    Redacted.reveal((await server.issueKey({ app: 'trader', label: 'openapi', scopes: scopes as never })).key)
  key = await issue(['read', 'chat', 'simulate', 'propose'])
  admin = await issue(['admin'])
  document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as Document
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  )
const resolve = (schema: any): any =>
  schema?.$ref === undefined
    ? schema
    : resolve(document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''])
/** Whether every object that a schema allows at its top is closed. */
function isClosed(given: any): boolean {
  const schema = resolve(given)
  const parts = schema.oneOf ?? schema.anyOf
  if (parts !== undefined) return parts.every(isClosed)
  if (schema.type === 'array') return isClosed(schema.items)
  if (schema.type === 'object' || schema.properties !== undefined) return schema.additionalProperties === false
  return schema.type !== undefined || schema.const !== undefined || schema.enum !== undefined
}

describe('the document', () => {
  test('names every route of the router, and no other', () => {
    // Files of the page have no schema.
    const routed = server.routes().filter((name) => !/ \/(?:\*|)$/.test(name))
    const named = operations().map(({ name }) => name.replaceAll(/\{(\w+)\}/g, ':$1'))
    expect(
      routed.filter(
        (name) =>
          !named.includes(name) && / \/(?:api|admin|p|mcp|rpc|docs|health|ready|metrics|\.well-known)/.test(name),
      ),
    ).toEqual([])
  })

  test('every JSON answer is closed, every route says what opens it, and every reference leads somewhere', () => {
    for (const { name, operation } of operations()) {
      expect(Array.isArray(operation.security), name).toBe(true)
      for (const [status, { content }] of Object.entries(operation.responses))
        for (const [type, { schema }] of Object.entries(content ?? {}))
          if (status.startsWith('2') && type === 'application/json')
            expect(isClosed(schema), `${name} ${status}`).toBe(true)
    }
    expect(Object.keys(document.components.securitySchemes)).toEqual([
      'aomiAppKey',
      'xApiKey',
      'bearer',
      'dpop',
      'operator',
      'session',
    ])
    for (const [, name = ''] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(document.components.schemas, name).toHaveProperty(name)
  })

  test('openapi-typescript makes types of it that compile strictly, and that the SDK takes', async () => {
    const folder = mkdtempSync(join(dataDir, 'types-'))
    writeFileSync(join(folder, 'api.ts'), astToString(await openapiTS(document as never)))
    cpSync(join(ROOT, 'packages', 'sdk', 'src', 'wire.ts'), join(folder, 'wire.ts'))
    const shared = ['Proposal', 'Rechecked', 'SessionInfo', 'PublicConfig', 'ReportWire']
    writeFileSync(
      join(folder, 'fits.ts'),
      `import type { components } from './api.ts'\nimport type * as Wire from './wire.ts'\n${shared
        .map((name) => `export const to${name} = (it: components['schemas']['${name}']): Wire.${name} => it`)
        .join('\n')}\n`,
    )
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
    const flags = [
      '--noEmit',
      '--strict',
      '--noUncheckedIndexedAccess',
      '--target',
      'es2023',
      '--types',
      '',
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
    ]
    const { status, stdout } = spawnSync(tsc, [...flags, 'fits.ts'], { cwd: folder, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test('the page is whole without anything from elsewhere', async () => {
    const response = await fetch(`${server.url}/docs`)
    const html = await response.text()
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(html).not.toMatch(/<script|src=|https?:\/\/(?!json-schema)/i)
    for (const { name } of operations()) expect(html).toContain(name)
  })
})

const python = spawnSync('python3', ['--version']).status === 0
test.skipIf(!python)('a Python client that knows the document alone proposes and reads', async () => {
  const script = join(import.meta.dirname, 'client.py')
  const from = String(chain.accounts[1]?.address)
  const { stdout } = await promisify(execFile)('python3', [script, server.url, key, from, String(chain.chainId)])
  expect(JSON.parse(stdout)).toMatchObject({
    config: [200, { chains: [{ chain_id: chain.chainId }] }],
    made: [201, { state: 'pending', verdict: 'allow' }],
    shown: [200, { state: 'pending', door: 'guard' }],
    absent: [404, { code: 'proposals:proposal:absent' }],
    key: [200, { app: 'trader' }],
  })
})

describe('real answers', () => {
  async function held(
    method: string,
    path: string,
    {
      body,
      by = key,
      headers = {},
      as = path,
    }: { body?: unknown; by?: string; headers?: Record<string, string>; as?: string } = {},
  ): Promise<any> {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        ...(by === '' ? {} : { 'aomi-app-key': by }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    const operation = document.paths[as.split('?')[0] ?? '']?.[method.toLowerCase()]
    const schema = operation?.responses[String(response.status)]?.content?.['application/json']?.schema
    expect(schema, `${method} ${as} ${response.status} ${JSON.stringify(answer).slice(0, 300)}`).toBeDefined()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const validate = ajv.compile({ ...schema, components: document.components })
    expect(validate(answer), `${method} ${as}: ${JSON.stringify(validate.errors)}`).toBe(true)
    return answer
  }
  const session = randomUUID()
  const inSession = { headers: { 'x-session-id': session } }
  const payment = () => ({
    from: chain.accounts[1]?.address,
    transactions: [{ to: FRIEND, value: '1000', data: '0x' }],
    chain_id: chain.chainId,
  })

  test('those of a conversation', async () => {
    await held('POST', '/api/sessions', { body: {}, ...inSession })
    await held('POST', '/api/chat', { body: { message: 'hello' }, ...inSession })
    await held('GET', '/api/state', inSession)
    await held('GET', '/api/events', inSession)
    await held('GET', '/api/sessions')
    await held('GET', `/api/sessions/${session}`, { ...inSession, as: '/api/sessions/{id}' })
    await held('GET', '/api/control/models')
    await held('GET', '/api/control/apps')
    await held('GET', '/api/session/apps')
    await held('POST', '/api/interrupt', inSession)
    await held('GET', '/api/proposals', inSession)
  })

  test('those of proposals and simulations', async () => {
    const made = await held('POST', '/api/proposals', { body: payment() })
    await held('GET', `/api/proposals/${made.id}`, { as: '/api/proposals/{id}' })
    const blocked = { ...payment(), transactions: [{ to: `0x${'0'.repeat(40)}`, value: '5', data: '0x' }] }
    await held('POST', '/api/proposals', { body: blocked })
    await held('POST', '/api/simulate', { body: payment() })
    await held('POST', '/api/simulate', { body: blocked })
    const usdc = chain.tokens.find(({ symbol }) => symbol === 'USDC')?.address
    const approve = `0x095ea7b3${FRIEND.slice(2).toLowerCase().padStart(64, '0')}${'f'.repeat(64)}`
    await held('POST', '/api/simulate', { body: { ...payment(), transactions: [{ to: usdc, data: approve }] } })
    await held('GET', `/api/approvals?address=${FRIEND}&chain_id=${chain.chainId}`)
    const { body } = { body: { message: 'hi', from: chain.accounts[1]?.address, chain_id: chain.chainId } }
    const text = await held('POST', '/api/proposals', { body })
    await held('GET', `/api/proposals/${text.id}`, { as: '/api/proposals/{id}' })
  })

  test('those of keys, machines and refusals', async () => {
    await held('GET', '/api/key')
    const { id } = await held('POST', '/api/admin/keys', { by: admin, body: { label: 'x', scopes: ['read'] } })
    await held('GET', '/api/admin/keys', { by: admin })
    await held('GET', `/api/admin/keys/${id}`, { by: admin, as: '/api/admin/keys/{id}' })
    await held('PATCH', `/api/admin/keys/${id}`, { by: admin, body: { label: 'y' }, as: '/api/admin/keys/{id}' })
    await held('POST', `/api/admin/keys/${id}/rotate`, { by: admin, body: {}, as: '/api/admin/keys/{id}/rotate' })
    await held('POST', `/api/admin/keys/${id}/revoke`, { by: admin, body: {}, as: '/api/admin/keys/{id}/revoke' })
    await held('POST', `/api/admin/keys/${id}/undo`, { by: admin, body: {}, as: '/api/admin/keys/{id}/undo' })
    await held('GET', '/api/admin/sessions', { by: admin })
    await held('GET', '/api/config', { by: '' })
    await held('GET', '/ready', { by: '' })
    await held('GET', '/.well-known/countersign-receipt-keys.json', { by: '' })
    await held('GET', '/api/openapi.json', { by: '' })
    await held('GET', '/api/browser', { by: '' })
    await held('GET', '/api/secrets')
    await held('GET', '/api/leaks/range/abcde', { by: '', as: '/api/leaks/range/{prefix}' })
    const call = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }
    await held('POST', `/rpc/${chain.chainId}`, { body: call, as: '/rpc/{chainId}' })
    await held('POST', `/rpc/${chain.chainId}`, { body: [call, { ...call, method: 'eth_sign' }], as: '/rpc/{chainId}' })
    await held('POST', '/mcp', { body: { jsonrpc: '2.0', id: 1, method: 'nope' }, by: '' })
    await held('GET', '/api/proposals/prop_none', { as: '/api/proposals/{id}' })
    await held('POST', '/api/proposals', { body: { ...payment(), approved: true } })
  })
})
