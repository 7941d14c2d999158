/**
 * A secret of every kind, with a part of its own that is looked for afterwards in everything that the server wrote or
 * answered: the log at every level, all files of the store and of a backup, events, the audit record, metrics, errors.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createDpopProver, createMacProver } from '@countersign/sdk'
import { backUp, ROUTES } from '@countersign/server'
import { launch, type Launched } from 'countersign'
import { hexToString, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHostileProvider, type HostileProvider } from '../hostileProvider.ts'

const ALICE = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const SHOP = 'https://shop.invalid'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-secrets-'))
const dataDir = join(scratch, 'data')

/** By kind: the part that opens something, or stands for it. What is planted here must be found nowhere. */
const planted = new Map<string, string>()
const plant = (kind: string, secret: string): string => {
  planted.set(kind, secret)
  return secret
}
const fresh = (kind: string): string => plant(kind, randomBytes(24).toString('hex'))

const lines: string[] = []
const answers: { readonly path: string; readonly text: string }[] = []
let chain: LocalChain
let provider: HostileProvider
let model: Server
let server: Launched
let key: string

beforeAll(async () => {
  chain = await startLocalChain()
  await chain.fund(ALICE.address, { usdc: 10_000n * 10n ** 6n })
  provider = await startHostileProvider(chain.rpcUrl)
  plant('secret in the URL of a chain’s provider', provider.secret)
  // A model that repeats what it was sent, its key included.
  model = createServer((request, response) => {
    response.writeHead(500, {
      'content-type': 'application/json',
      'x-request-id': String(request.headers.authorization),
    })
    response.end(JSON.stringify({ error: { message: `${request.url} ${request.headers.authorization}` } }))
  })
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
  const apps = join(scratch, 'apps.json')
  writeFileSync(
    apps,
    JSON.stringify([
      { name: 'shop', origins: [SHOP], model: 'intent-grammar-1' },
      { name: 'talk', model: 'parrot' },
      { name: 'default', session_policy: 'id', model: 'intent-grammar-1' },
    ]),
  )
  server = await launch({
    port: 0,
    dataDir,
    logLevel: 'trace',
    logStream: { write: (line) => void lines.push(line) },
    env: {
      COUNTERSIGN_APPS: apps,
      [`COUNTERSIGN_RPC_${chain.chainId}`]: provider.url,
      COUNTERSIGN_MODEL: 'parrot',
      COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/${fresh('secret in the URL of a model')}/v1`,
      COUNTERSIGN_MODEL_API_KEY: `sk-${fresh('key of a model’s provider')}`,
      COUNTERSIGN_PEPPER: plant('pepper', randomBytes(32).toString('hex')),
      COUNTERSIGN_SESSION_SECRET: plant('secret of session ids', randomBytes(32).toString('hex')),
      COUNTERSIGN_METRICS_TOKEN: fresh('token of the metrics'),
      REDIS_URL: `redis://:${fresh('password of Redis')}@127.0.0.1:1`,
    },
  })
  const issued = await server.issueKey({
    app: 'shop',
    label: 'for the test',
    scopes: ['admin', 'chat', 'read', 'simulate'],
  })
  key = Redacted.reveal(issued.key)
  plant('API key', key.slice(-40))
})
afterAll(async () => {
  await server.close()
  await provider.close()
  await chain.close()
  model.closeAllConnections()
  await new Promise((resolve) => model.close(resolve))
  rmSync(scratch, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}
/** @param gives - Fields that hand the secret out, to whoever it is for: once, and here. */
async function http(
  method: string,
  path: string,
  { headers = {}, body, gives = [] }: { headers?: Record<string, string>; body?: unknown; gives?: string[] } = {},
): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const parsed = (/^[[{]/.test(text) ? JSON.parse(text) : { text }) as Record<string, unknown>
  const seen = Object.fromEntries(Object.entries(parsed).filter(([name]) => !gives.includes(name)))
  answers.push({ path: `${method} ${path}`, text: JSON.stringify(Array.isArray(parsed) ? parsed : seen) })
  return { status: response.status, headers: response.headers, body: parsed }
}
const keyed = (id: string) => ({ 'x-session-id': id, 'x-api-key': key })
async function talk(headers: Record<string, string>, message: string, more: object = {}): Promise<void> {
  expect((await http('POST', '/api/chat', { headers, body: { message, ...more } })).status).toBe(200)
  for (let i = 0; i < 400; i += 1) {
    if ((await http('GET', '/api/state', { headers })).body['is_processing'] === false) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the turn took too long')
}

/** Everything that opens something is made once, used rightly, and presented wrongly. */
async function useEverySecret(): Promise<void> {
  // A second key, which is replaced.
  const second = await http('POST', '/api/admin/keys', {
    headers: { 'x-api-key': key },
    body: { label: 'second' },
    gives: ['key'],
  })
  expect(second.status).toBe(201)
  plant('key issued over HTTP', String(second.body['key']).slice(-40))
  const rotated = await http('POST', `/api/admin/keys/${String(second.body['id'])}/rotate`, {
    headers: { 'x-api-key': key },
    body: {},
    gives: ['key'],
  })
  plant('key that replaced another', String(rotated.body['key']).slice(-40))

  // A session of the app's, whose id alone opens it; and a page's cookie.
  const open = plant('id of a session', randomUUID())
  await talk({ 'x-session-id': open }, 'help')
  const entered = await http('POST', '/api/browser/enter', {
    headers: { 'x-countersign-page': '1', origin: server.url, 'sec-fetch-site': 'same-origin' },
    body: {},
  })
  expect(entered.status).toBe(200)
  const cookie = String(entered.headers.get('set-cookie')).split(';')[0] ?? ''
  plant('cookie of a browser', cookie.split('=')[1] ?? '')
  await http('GET', '/api/browser', { headers: { cookie } })

  // A code becomes a token.
  const shop = randomUUID()
  await talk(keyed(shop), 'help', { app: 'shop' })
  const code = await http('POST', `/api/sessions/${shop}/code`, {
    headers: keyed(shop),
    body: { origin: SHOP },
    gives: ['code'],
  })
  expect(code.status).toBe(200)
  const redeemed = await http('POST', '/api/browser/redeem', {
    headers: { origin: SHOP },
    body: { code: plant('one-time code', String(code.body['code'])), publishable_id: code.body['publishable_id'] },
    gives: ['token'],
  })
  expect(redeemed.status).toBe(200)
  const token = plant('token of a page', String(redeemed.body['token']))
  const byToken = {
    'x-session-id': String(redeemed.body['session_id']),
    authorization: `Bearer ${token}`,
    origin: SHOP,
  }
  expect((await http('GET', '/api/state', { headers: byToken })).status).toBe(200)

  // Proofs by a shared key and by a key of the client's own.
  const bound = randomUUID()
  const made = await http('POST', '/api/sessions', {
    headers: keyed(bound),
    body: { proof: 'hmac' },
    gives: ['mac_key'],
  })
  const mac = plant('MAC key', String(made.body['mac_key']))
  const url = `${server.url}/api/state`
  const input = { method: 'GET', url, body: '', sessionId: bound, credential: key, nonce: null }
  const proof = await (await createMacProver(mac)).prove(input)
  plant('proof by the MAC key', /s=(\S+)/.exec(proof['X-Session-Mac'] ?? '')?.[1] ?? '')
  await http('GET', '/api/state', { headers: { ...keyed(bound), ...proof } })
  const dpop = await (await createDpopProver()).prove({ ...input, method: 'POST', url: `${server.url}/api/sessions` })
  plant('DPoP proof', String(dpop['DPoP']).split('.')[2] ?? '')
  await http('POST', '/api/sessions', { headers: { ...keyed(randomUUID()), ...dpop }, body: {} })

  // Signatures: a sign-in, and a document, which is a power.
  const nonce = await http('POST', '/api/sign-in/nonce', {
    headers: { 'x-session-id': open },
    body: { address: ALICE.address, chain_id: chain.chainId },
    gives: ['nonce', 'message'],
  })
  plant('nonce of a sign-in', String(nonce.body['nonce']))
  const message = String(nonce.body['message'])
  const signature = await ALICE.signMessage({ message })
  plant('signature of a sign-in', signature.slice(2))
  const signedIn = await http('POST', '/api/sign-in', {
    headers: { 'x-session-id': open },
    body: { message, signature },
    gives: ['session_id'],
  })
  expect(signedIn.status).toBe(200)
  const owner = plant('id that a sign-in gave', String(signedIn.body['session_id']))
  await sign(owner)

  // What belongs to somebody else, or nowhere: refused, and not repeated.
  await http('POST', '/api/secrets', {
    headers: { 'x-session-id': owner },
    body: { client_id: fresh('client id of a vault'), secrets: { NAME: fresh('secret of a vault') } },
  })
  await http('POST', '/api/control/provider-keys', {
    headers: { 'x-session-id': owner },
    body: { provider: 'openai', api_key: fresh('key of a user’s provider') },
  })
  // A model that fails, and a provider that fails.
  await talk({ ...keyed(randomUUID()) }, 'hello', { app: 'shop' })
  provider.behave = () => ({ error: { code: -32000, message: `no, see ${provider.url}`, data: provider.url } })
  await http('POST', `/api/rpc/${chain.chainId}`, {
    body: { jsonrpc: '2.0', id: 1, method: 'eth_gasPrice', params: [] },
  })
  await http('POST', '/api/simulate', {
    body: { from: ALICE.address, transactions: [{ to: ALICE.address, value: '1' }] },
  })
  provider.behave = null
}

/** A permit is proposed, looked at again and signed. */
async function sign(session: string): Promise<void> {
  const fields = (text: string) =>
    text.split(',').map((each) => ({ type: each.split(' ')[0], name: each.split(' ')[1] }))
  const permit = {
    types: {
      EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
      Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
    },
    primaryType: 'Permit',
    domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
    message: {
      owner: ALICE.address,
      spender: chain.addresses.uniswapV2Router,
      value: '1000000',
      nonce: '0',
      deadline: String(Math.floor(Date.now() / 1_000) + 7_200),
    },
  }
  const headers = { 'x-session-id': session }
  const userState = { address: ALICE.address, chain_id: chain.chainId, is_connected: true }
  await talk(headers, `sign ${JSON.stringify(permit)}`, { user_state: userState })
  const { body } = await http('GET', '/api/proposals', { headers })
  const [proposal] = (body['proposals'] ?? body) as { id: string; state: string; calls: { data: Hex }[] }[]
  if (proposal === undefined) throw new Error('nothing was proposed')
  expect(proposal.state).toBe('pending')
  const document = JSON.parse(hexToString(proposal.calls[0]?.data as Hex)) as Parameters<typeof ALICE.signTypedData>[0]
  const signature = await ALICE.signTypedData(document)
  plant('signature of a document', signature.slice(2))
  const settled = await http('POST', `/api/proposals/${proposal.id}/signed`, { headers, body: { signature } })
  expect(settled.status).toBe(200)
}

/** Each secret is shown to every route as something that it is not. */
async function showEverywhere(): Promise<void> {
  for (const name of Object.keys(ROUTES)) {
    const [method = '', path = ''] = name.split(' ')
    // Streams and what ends the session or the key that is used.
    if (path === '/api/updates' || method === 'DELETE' || path.endsWith('/revoke')) continue
    for (const secret of planted.values()) {
      const body = method === 'GET' ? undefined : { message: secret, code: secret, signature: secret, title: secret }
      // The text of a message is its sender's own, and is kept.
      if (body !== undefined && ['/api/chat', '/api/thread/chat', '/api/sessions/:id'].includes(path)) continue
      await http(method, path.replace(/:\w+/g, encodeURIComponent(secret)), {
        headers: {
          'x-session-id': randomUUID(),
          'x-api-key': `sk-shop-${secret}`,
          cookie: `__Host-countersign=${secret}`,
        },
        ...(body === undefined ? {} : { body }),
      })
    }
  }
}

const filesOf = (directory: string): { name: string; text: string }[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name), 'latin1').toLowerCase() }))

test('promise: no secret of any kind stands in a log, a file, an event, the record, an answer or an error', async () => {
  // What is no secret is found: otherwise the search proves nothing.
  const control = `control-${randomUUID()}`
  await talk({ 'x-session-id': randomUUID() }, control)
  await useEverySecret()
  await showEverywhere()
  answers.push({ path: 'metrics', text: await (await fetch(`${server.url}/metrics`)).text() })
  const copy = join(scratch, 'copy')
  backUp({ dataDir, target: copy })
  const rows = await Promise.all(
    (['events', 'audit'] as const).map((table) => server.store.read.selectFrom(table).selectAll().execute()),
  )
  const places: readonly { name: string; text: string }[] = [
    { name: 'the log', text: lines.join('') },
    ...filesOf(dataDir).map(({ name, text }) => ({ name: `file ${name}`, text })),
    ...filesOf(copy).map(({ name, text }) => ({ name: `backup ${name}`, text })),
    { name: 'events', text: JSON.stringify(rows[0]) },
    { name: 'the audit record', text: JSON.stringify(rows[1]) },
    ...answers.map(({ path, text }) => ({ name: `answer of ${path.slice(0, 60)}`, text })),
  ].map(({ name, text }) => ({ name, text: text.toLowerCase() }))
  const foundIn = places.filter(({ text }) => text.includes(control)).map(({ name }) => name.split(' ')[0])
  expect([...new Set(foundIn)].toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
    'answer',
    'backup',
    'events',
    'file',
  ])
  expect(places[0]?.text).toContain(`"app":"shop"`)
  expect(planted.size).toBeGreaterThan(20)
  const found = [...planted].flatMap(([kind, secret]) => {
    expect(secret.length, kind).toBeGreaterThan(7)
    const isOwn = kind.startsWith('id ')
    return places
      .filter(({ name, text }) => text.includes(secret.toLowerCase()) && !(isOwn && name.startsWith('answer')))
      .map(({ name }) => `${kind}: ${name}`)
  })
  expect(found).toEqual([])
})
