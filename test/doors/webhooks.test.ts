import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, signWebhook, verifyWebhook, WEBHOOK_HEADER, type WebhookMessage } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import type { Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Changes of proposals as signed messages to an app's webhook: a real server, a real receiver, a server killed between. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-webhooks-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SECRET = 'whsec-of-this-test'
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let receiver: Server
let status = 204
let nowOffsetMs = 0
const received: WebhookMessage[] = []
const refused: unknown[] = []

const start = () =>
  launch({
    port: 0,
    dataDir: join(scratch, 'data'),
    env: { COUNTERSIGN_APPS_DIR: join(scratch, 'apps'), COUNTERSIGN_SECRET_OPS_HOOK: SECRET },
    localChain: chain,
    logLevel: 'silent',
    storeClock: { nowMs: () => Date.now() + nowOffsetMs },
  })
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      const signature = request.headers['countersign-signature'] as string | undefined
      verifyWebhook({ body, signature, secrets: SECRET, nowMs: Date.now() + nowOffsetMs })
        .then(
          (message) => received.push(message),
          (error: unknown) => refused.push(error),
        )
        .finally(() => response.writeHead(status).end())
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const notify = (target: string, more: string) =>
    `  ${target}: { webhook: 'http://127.0.0.1:${port}/${target}', secret: OPS_HOOK, allow_private: true${more} }\n`
  for (const [name, targets] of [
    ['shop', notify('ops', '')],
    ['narrow', notify('ops', ', events: [proposals.proposal.rejected]')],
    ['quiet', ''],
  ] as const) {
    mkdirSync(join(scratch, 'apps', name), { recursive: true })
    const text = `name: ${name}\n${targets === '' ? '' : `notify:\n${targets}`}`
    writeFileSync(join(scratch, 'apps', name, 'app.yaml'), text)
  }
  chain = await startLocalChain()
  server = await start()
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
})
afterAll(async () => {
  await server.close()
  await chain.close()
  receiver.closeAllConnections()
  receiver.close()
  rmSync(scratch, { recursive: true, force: true })
})

let wei = 1_000
async function propose(app: string): Promise<string> {
  const { key } = await server.issueKey({ app, label: 'hooks', scopes: ['propose'] })
  const response = await fetch(`${server.url}/api/proposals`, {
    method: 'POST',
    headers: { 'X-API-Key': Redacted.reveal(key), 'Content-Type': 'application/json' },
    body: JSON.stringify({
      transactions: [{ to: FRIEND, value: String((wei += 1)), data: '0x' }],
      from: alice.address,
      chain_id: chain.chainId,
    }),
  })
  expect(response.status).toBe(201)
  return ((await response.json()) as { id: string }).id
}
async function reject(id: string): Promise<void> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  await client.reject(id)
}
const of = (id: string) => received.filter(({ proposal }) => proposal === id)

test('tells the webhook of an app what became of a proposal, with the amounts and a link to the card', async () => {
  const id = await propose('shop')
  await reject(id)
  await expect
    .poll(() =>
      of(id)
        .map(({ state }) => state ?? '')
        .toSorted((a, b) => a.localeCompare(b)),
    )
    .toEqual(['pending', 'rejected'])
  const pending = of(id).find(({ state }) => state === 'pending')
  expect(pending).toMatchObject({
    event: 'proposals.proposal.pending',
    app: 'shop',
    mandate: null,
    sentence: `A transaction of ${alice.address} on chain ${chain.chainId} waits for its owner.`,
    amounts: [{ direction: 'out', amount: String(wei), token: null }],
    url: `${server.url}/p/${id}`,
  })
  expect(new Set(Object.keys(pending ?? {}))).toEqual(
    new Set('amounts app at event id mandate proposal sentence state url'.split(' ')),
  )
  expect(refused).toEqual([])
})

test('sends the events that a target names, and nothing for an app without targets', async () => {
  const [narrow, quiet] = [await propose('narrow'), await propose('quiet')]
  await reject(quiet)
  await reject(narrow)
  await expect.poll(() => of(narrow).map(({ state }) => state)).toEqual(['rejected'])
  expect(of(quiet)).toEqual([])
})

test('promise: a message that nobody took outlives the server and is sent again with its id', async () => {
  status = 503
  const id = await propose('shop')
  await expect.poll(() => of(id).length).toBe(1)
  await server.close()
  server = await start()
  status = 204
  nowOffsetMs += 11_000
  await expect.poll(() => of(id).length).toBe(2)
  const [first, second] = of(id)
  expect(second?.id).toBe(first?.id)
  expect(refused).toEqual([])
})

test('promise: an alarm that is signed with the secret of a webhook freezes inside of its app, and nothing else does', async () => {
  const { key } = await server.issueKey({ app: 'shop', label: 'hooks', scopes: ['read', 'propose', 'guard'] })
  const ask = async (path: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(server.url + path, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/json', ...headers },
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const alarm = async (
    body: object,
    { secret = SECRET, atS = Math.floor((Date.now() + nowOffsetMs) / 1_000) } = {},
  ) => {
    const text = JSON.stringify(body)
    return ask('/api/hooks/freeze', text, { [WEBHOOK_HEADER]: await signWebhook(text, { secrets: [secret], atS }) })
  }
  const grantOf = async (id: string) =>
    ask(`/api/proposals/${id}/grant`, JSON.stringify({ from: alice.address, chain_id: chain.chainId }), {
      'x-api-key': Redacted.reveal(key),
    })
  const at = Math.floor((Date.now() + nowOffsetMs) / 1_000)
  expect(await ask('/api/hooks/freeze', JSON.stringify({ app: 'shop' }), {})).toMatchObject({ status: 401 })
  for (const wrong of [
    await alarm({ app: 'shop' }, { secret: 'another' }),
    await alarm({ app: 'shop' }, { atS: at - 301 }),
    await alarm({ app: 'quiet' }),
    await alarm({ app: 'nowhere' }),
  ])
    expect(wrong).toMatchObject({ status: 401, body: { code: 'http:hook:unsigned' } })
  expect(await alarm({ app: 'shop', mandate: 'mandate_x' })).toMatchObject({ status: 404 })
  expect(await alarm({ app: 'shop', wallet: alice.address, session: 'x' })).toMatchObject({ status: 400 })
  const frozen = await alarm({ app: 'shop', wallet: alice.address })
  expect(frozen, JSON.stringify(frozen)).toMatchObject({ status: 200, body: { confirmed: 1, live: 1, mandates: [] } })
  const made = await ask(
    '/api/proposals',
    JSON.stringify({
      transactions: [{ to: FRIEND, value: '7', data: '0x' }],
      ...{ from: alice.address, chain_id: chain.chainId },
    }),
    { 'x-api-key': Redacted.reveal(key) },
  )
  expect(await grantOf(made.body['id'] as string)).toMatchObject({ body: { code: 'proposals:grant:waiting' } })
})
