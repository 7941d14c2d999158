import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, run, type Launched } from 'countersign'
import { encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

/** A mandate over HTTP: its owner grants it by a signature, an agent acts inside it, and one call freezes it. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-mandates-'))
const RENT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const OTHER = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
let chain: LocalChain
let server: Launched
let usdc: Hex
let alice: PrivateKeyAccount
let agent = ''
let admin = ''
let owner: Client
let app = ''
let count = 0

beforeAll(async () => {
  chain = await startLocalChain()
  usdc = chain.addresses.usdc as Hex
  server = await launch({ port: 0, dataDir: join(scratch, 'data'), env: {}, localChain: chain, logLevel: 'silent' })
})
afterAll(async () => {
  await server?.close()
  await chain?.close()
  rmSync(scratch, { recursive: true, force: true })
})
beforeEach(async () => {
  alice = privateKeyToAccount(generatePrivateKey())
  await chain.fund(alice.address as never, { wei: 10n ** 19n, usdc: 10_000n * 10n ** 6n })
  app = `shop${(count += 1)}`
  agent = await keyOf(['read', 'propose', 'guard'])
  admin = await keyOf(['read', 'chat', 'admin'])
  const key = await keyOf(['read', 'chat'])
  owner = createClient({ baseUrl: server.url, sessionId: randomUUID(), apiKey: key, app })
  await owner.start()
  await owner.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  ownerKey = key
})
let ownerKey = ''
const keyOf = async (scopes: readonly string[]): Promise<string> =>
  Redacted.reveal((await server.issueKey({ app, label: 'x', scopes: scopes as never })).key)

type Body = Record<string, unknown> & { id: string; state: string; code?: string | null; digest: string }
async function http(
  method: string,
  path: string,
  { key, sid, body, headers = {} }: { key: string; sid?: string; body?: unknown; headers?: Record<string, string> },
) {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      'x-api-key': key,
      ...(sid === undefined ? {} : { 'x-session-id': sid }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Body }
}
const asOwner = (method: string, path: string, body?: unknown) =>
  http(method, path, { key: ownerKey, sid: owner.sessionId, ...(body === undefined ? {} : { body }) })
const policy = (more: object = {}) => ({
  mandate: 'rent',
  owner: 'session',
  chains: [chain.chainId],
  valid: { until: new Date(Date.now() + 30 * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z') },
  rules: [{ id: 'rent', answer: 'allow', when: { recipients: [RENT], tokens: ['USDC'] } }],
  limits: [{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '1000', over: 'ask' }],
  ...more,
})
const sign = (document: unknown, account = alice): Promise<Hex> =>
  account.signTypedData(document as Parameters<PrivateKeyAccount['signTypedData']>[0])
/** Grants a policy: a draft, and the owner's signature. */
async function grant(of: object = policy()): Promise<Body> {
  const drafted = await asOwner('PUT', '/api/mandates', { policy: of })
  expect(drafted.status, JSON.stringify(drafted.body)).toBe(202)
  const granted = await asOwner('PUT', '/api/mandates', {
    draft: drafted.body['draft'],
    signature: await sign(drafted.body['typed_data']),
  })
  expect(granted.status, JSON.stringify(granted.body)).toBe(200)
  return granted.body
}
const transfer = (to: string, units: bigint) => ({
  to: usdc,
  value: '0',
  data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to as Hex, units * 10n ** 6n] }),
})
const propose = (...transactions: object[]) =>
  http('POST', '/api/proposals', { key: agent, body: { transactions, from: alice.address, chain_id: chain.chainId } })
const grantOf = (id: string) =>
  http('POST', `/api/proposals/${id}/grant`, { key: agent, body: { from: alice.address, chain_id: chain.chainId } })
/** What the agent's own signer does with a grant. */
async function send(id: string, nonce: number): Promise<Hex> {
  const { body } = await http('GET', `/api/proposals/${id}`, { key: agent })
  const [call] = (body as unknown as Proposal).calls
  const raw = await alice.signTransaction({
    ...{ chainId: chain.chainId, type: 'eip1559', nonce, maxPriorityFeePerGas: 0n },
    ...{ to: call?.to as Hex, value: BigInt(call?.value ?? '0'), data: call?.data as Hex },
    ...{ gas: BigInt(call?.gas ?? '0'), maxFeePerGas: BigInt(call?.max_fee_per_gas ?? '0') },
  })
  return (await chain.rpc('eth_sendRawTransaction', [raw])) as Hex
}
const reservations = () =>
  server.store
    .prepare<{ state: string }>('select state from reservations where account = ? order by opened_ms, id')
    .all(alice.address)
    .map(({ state }) => state)
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000; i += 1) {
    if (await what()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It did not come to pass.')
}

test('an owner grants by a signature; an agent pays inside without a question; the chain settles it', async () => {
  const mandate = await grant()
  expect(mandate).toMatchObject({
    state: 'active',
    version: 1,
    owner: alice.address,
    signed: true,
    limits: [{ cap: '500' }, { cap: '1000', used: '0', free: '1000' }],
  })
  const proposed = await propose(transfer(RENT, 400n))
  expect(proposed.body).toMatchObject({
    state: 'pending',
    decision: { answer: 'allow', mandate: 'rent@1', reservation: expect.stringMatching(/^res_/) },
  })
  expect(reservations()).toEqual(['held'])
  const granted = await grantOf(proposed.body.id)
  expect(granted.status).toBe(200)
  expect(reservations()).toEqual(['open'])
  expect((await grantOf(proposed.body.id)).body).toMatchObject({ code: 'proposals:grant:used' })
  await send(proposed.body.id, granted.body['nonce'] as number)
  // Two blocks more: what may still be reorganised is not believed.
  await until(
    async () => (await http('GET', `/api/proposals/${proposed.body.id}`, { key: agent })).body.state === 'settled',
  )
  expect(reservations()).toEqual(['open'])
  for (let i = 0; i < 3; i += 1) await chain.rpc('evm_mine', [])
  await until(() => reservations()[0] === 'settled')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
    limits: [{}, { used: '400', open: '0', free: '600' }],
  })
})

test('outside of the mandate it is refused; beyond a limit the owner is asked, and a key alone is no owner', async () => {
  await grant()
  expect((await propose(transfer(OTHER, 1n))).body).toMatchObject({
    state: 'blocked',
    code: 'mandates:effect:unnamed',
    decision: { answer: 'deny' },
  })
  const beyond = (await propose(transfer(RENT, 501n))).body
  expect(beyond).toMatchObject({ state: 'pending', decision: { answer: 'ask', free: '500' } })
  expect((await grantOf(beyond.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
  const path = `/api/proposals/${beyond.id}/confirm`
  expect((await http('POST', path, { key: admin, sid: randomUUID(), body: { digest: beyond.digest } })).status).toBe(
    404,
  )
  expect((await grantOf(beyond.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
  const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await page.start()
  await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  const confirmed = await page.confirm(beyond.id, beyond.digest)
  expect(confirmed).toMatchObject({ state: 'pending', level_given: true })
  expect((await grantOf(beyond.id)).status).toBe(200)
})

test('promise: nothing is handed out after a freeze, and only the owner’s signature unfreezes', async () => {
  const mandate = await grant()
  const before = (await propose(transfer(RENT, 10n))).body
  const shown = (await propose(transfer(RENT, 20n))).body
  const out = await grantOf(shown.id)
  expect(out.status).toBe(200)
  const frozen = await http('POST', `/api/mandates/${mandate.id}/freeze`, { key: admin, body: {} })
  expect(frozen).toMatchObject({
    status: 200,
    body: {
      confirmed: 1,
      live: 1,
      lapsed: 0,
      mandates: [{ state: 'frozen' }],
      outstanding: [{ proposal: shown.id, could_still_move: [{ symbol: 'USDC', amount: '20' }] }],
    },
  })
  expect((await grantOf(before.id)).body.code).toMatch(/^(mandates:state:frozen|proposals:)/)
  await until(async () => await send(shown.id, out.body['nonce'] as number).then(() => true))
  await until(async () => (await http('GET', `/api/proposals/${shown.id}`, { key: agent })).body.state === 'settled')
  // Its nonce has moved, so it is decided again, and refused.
  expect((await grantOf(before.id)).status).toBe(409)
  expect((await http('GET', `/api/proposals/${before.id}`, { key: agent })).body).toMatchObject({
    state: 'blocked',
    code: 'mandates:state:frozen',
  })
  expect((await propose(transfer(RENT, 30n))).body).toMatchObject({ state: 'blocked', code: 'mandates:state:frozen' })
  expect((await asOwner('POST', `/api/mandates/${mandate.id}/end`, {})).body).toMatchObject({
    code: 'mandates:state:frozen',
  })
  const asked = await asOwner('POST', `/api/mandates/${mandate.id}/unfreeze`, {})
  expect(asked.status).toBe(202)
  const { draft, typed_data: document } = asked.body as Record<string, unknown>
  const stranger = privateKeyToAccount(generatePrivateKey())
  expect(
    (
      await asOwner('POST', `/api/mandates/${mandate.id}/unfreeze`, {
        draft,
        signature: await sign(document, stranger),
      })
    ).body,
  ).toMatchObject({ code: 'mandates:signature:wrong' })
  expect(
    (await asOwner('POST', `/api/mandates/${mandate.id}/unfreeze`, { draft, signature: await sign(document) })).body,
  ).toMatchObject({ state: 'active' })
  const after = (await propose(transfer(RENT, 40n))).body
  expect((await grantOf(after.id)).status).toBe(200)
})

test('narrowing needs no signature, widening does; another version is stale; another name waits', async () => {
  const mandate = await grant()
  const narrow = policy({
    limits: [{ id: 'usdc', token: 'USDC', per_call: '300', per_day: '1000', over: 'ask' }],
    valid: { until: mandate['valid_until'] },
  })
  expect((await asOwner('PUT', '/api/mandates', { policy: narrow, previous: 'sha256:no' })).body).toMatchObject({
    code: 'mandates:version:stale',
  })
  const narrowed = await http('PUT', '/api/mandates', {
    key: admin,
    body: { policy: { ...narrow, owner: alice.address }, previous: mandate.digest },
  })
  expect(narrowed).toMatchObject({ status: 200, body: { version: 2, signed: false } })
  const wide = await asOwner('PUT', '/api/mandates', {
    policy: policy({ rules: [{ id: 'rent', answer: 'allow', when: { tokens: ['USDC'] } }] }),
  })
  expect(wide.status).toBe(202)
  const { draft, typed_data: document } = wide.body as Record<string, unknown>
  expect(
    (
      await asOwner('PUT', '/api/mandates', {
        draft,
        signature: await sign(document, privateKeyToAccount(generatePrivateKey())),
      })
    ).body,
  ).toMatchObject({ code: 'mandates:signature:wrong' })
  // The version in force changed since the document was made.
  const narrower = policy({
    limits: [{ id: 'usdc', token: 'USDC', per_call: '200', per_day: '1000', over: 'ask' }],
    valid: { until: mandate['valid_until'] },
  })
  expect((await asOwner('PUT', '/api/mandates', { policy: narrower })).status).toBe(200)
  expect((await asOwner('PUT', '/api/mandates', { draft, signature: await sign(document) })).body).toMatchObject({
    code: 'mandates:version:stale',
  })
  expect((await asOwner('PUT', '/api/mandates', { policy: policy({ mandate: 'other' }) })).body).toMatchObject({
    code: 'mandates:name:other',
  })
  expect((await asOwner('POST', `/api/mandates/${mandate.id}/end`, {})).body).toMatchObject({ state: 'ended' })
})

test('what was held counts on under the next version, and after an end', async () => {
  const mandate = await grant()
  expect((await propose(transfer(RENT, 400n))).body.state).toBe('pending')
  expect((await propose(transfer(RENT, 450n))).body.state).toBe('pending')
  expect((await asOwner('POST', `/api/mandates/${mandate.id}/end`, {})).body).toMatchObject({ state: 'ended' })
  await grant(policy({ mandate: 'again', limits: [{ id: 'usdc', token: 'USDC', per_day: '1000', per_week: '1000' }] }))
  expect((await propose(transfer(RENT, 200n))).body).toMatchObject({ state: 'blocked', code: 'mandates:limit:full' })
  expect((await propose(transfer(RENT, 150n))).body.state).toBe('pending')
})

test('others see no mandate, and cannot change one', async () => {
  const mandate = await grant()
  const stranger = await keyOf(['read', 'chat'])
  for (const [method, path, body] of [
    ['GET', `/api/mandates/${mandate.id}`, undefined],
    ['POST', `/api/mandates/${mandate.id}/freeze`, {}],
    ['POST', `/api/mandates/${mandate.id}/end`, {}],
  ] as const)
    expect(await http(method, path, { key: stranger, ...(body === undefined ? {} : { body }) })).toMatchObject({
      status: 404,
    })
  expect(
    (await http('PUT', '/api/mandates', { key: stranger, body: { policy: { ...policy(), owner: alice.address } } }))
      .body,
  ).toMatchObject({ code: 'mandates:owner:required' })
  expect((await http('POST', '/api/freeze', { key: stranger, body: { wallet: alice.address } })).body).toMatchObject({
    code: 'mandates:owner:required',
  })
  expect((await http('PUT', '/api/mandates', { key: admin, body: { policy: { mandate: 'x' } } })).body).toMatchObject({
    code: 'mandates:policy:unreadable',
  })
  expect((await http('POST', '/api/freeze', { key: admin, body: { all: true } })).body).toMatchObject({
    mandates: [{ id: mandate.id, state: 'frozen' }],
  })
})

/** What the account's own wallet sends, outside of every grant. */
async function sendOther(nonce: number): Promise<void> {
  const raw = await alice.signTransaction({
    ...{ chainId: chain.chainId, type: 'eip1559', nonce, to: alice.address, value: 0n, data: '0x' },
    ...{ gas: 21_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n },
  })
  await chain.rpc('eth_sendRawTransaction', [raw])
}

test('promise: what was granted at a nonce is given back when another transaction has it, at depth', async () => {
  const mandate = await grant()
  const made = (await propose(transfer(RENT, 400n))).body
  const granted = await grantOf(made.id)
  expect(reservations()).toEqual(['open'])
  await chain.rpc('evm_mine', [])
  await sendOther(granted.body['nonce'] as number)
  await until(async () => BigInt((await chain.rpc('eth_getTransactionCount', [alice.address, 'latest'])) as Hex) > 0n)
  expect(reservations()).toEqual(['open'])
  for (let i = 0; i < 3; i += 1) await chain.rpc('evm_mine', [])
  await until(() => reservations()[0] === 'released')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
    limits: [{}, { used: '0', free: '1000' }],
  })
})

test('promise: what a signer signed in place of its grant counts, and freezes the mandate', async () => {
  const mandate = await grant()
  const made = (await propose(transfer(RENT, 400n))).body
  const nonce = (await grantOf(made.id)).body['nonce'] as number
  const call = transfer(OTHER, 700n)
  const raw = await alice.signTransaction({
    ...{ chainId: chain.chainId, type: 'eip1559', nonce, maxPriorityFeePerGas: 0n, maxFeePerGas: 3_000_000_000n },
    ...{ to: call.to, value: 0n, data: call.data, gas: 120_000n },
  })
  await chain.rpc('eth_sendRawTransaction', [raw])
  await mine()
  await until(async () => (await asOwner('GET', `/api/mandates/${mandate.id}`)).body.state === 'frozen')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
    frozen_because: 'outside',
    limits: [{}, { used: '700', open: '0', free: '300' }],
  })
  expect(reservations().toSorted()).toEqual(['released', 'settled'])
})

test('promise: a freeze of a wallet, its session, the app or everything stops grants where no mandate is', async () => {
  const freezes: readonly (() => Promise<{ status: number }>)[] = [
    () => http('POST', '/api/freeze', { key: admin, body: { wallet: alice.address } }),
    () => asOwner('POST', '/api/freeze', { session: owner.sessionId }),
    () => http('POST', '/api/freeze', { key: admin, body: { app } }),
    () => http('POST', '/api/freeze', { key: admin, body: { all: true } }),
  ]
  const pay = { to: OTHER, value: '5', data: '0x' }
  for (const freeze of freezes) {
    const before = (await propose(pay)).body
    expect((await freeze()).status).toBe(200)
    expect((await grantOf(before.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
    // Somebody else's wallet is frozen with the whole app alone.
    app = `${app}x`
    ;[agent, admin, ownerKey] = [
      await keyOf(['read', 'propose', 'guard']),
      await keyOf(['read', 'admin']),
      await keyOf(['read', 'chat']),
    ]
    owner = createClient({ baseUrl: server.url, sessionId: randomUUID(), apiKey: ownerKey, app })
    await owner.start()
    await owner.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  }
  const free = (await propose(pay)).body
  expect((await grantOf(free.id)).status).toBe(200)
})

test('promise: after a freeze without a mandate the owner still releases one by one', async () => {
  const made = (await propose({ to: OTHER, value: '5', data: '0x' })).body
  await http('POST', '/api/freeze', { key: admin, body: { wallet: alice.address } })
  expect((await grantOf(made.id)).status).toBe(409)
  const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await page.start()
  await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  await page.confirm(made.id, made.digest)
  expect((await grantOf(made.id)).status).toBe(200)
})

test('promise: what a wallet was shown is given back by its owner’s signature, and by nobody else’s word', async () => {
  const mandate = await grant()
  const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await page.start()
  await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  const made = (await propose(transfer(RENT, 400n))).body
  await page.recheck(made.id, alice.address, chain.chainId, 'w')
  const [open] = (await asOwner('GET', '/api/reservations?state=open')).body as unknown as Body[]
  expect(open).toMatchObject({
    ...{ state: 'open', kind: 'tx', nonce: null, proposal: made.id, mandate: mandate.id },
    ...{ account: alice.address, chain_id: chain.chainId, waits_for: 'transaction or not-signed', deadline: null },
    lines: [{ amount: '400', symbol: 'USDC', decimals: 6, beyond: false, settled: null }],
  })
  const path = `/api/reservations/${open?.id ?? ''}/not-signed`
  // The wallet is open: it may be signed at any moment.
  expect((await asOwner('POST', path, {})).body).toMatchObject({ code: 'mandates:reservation:live' })
  await page.reject(made.id, 'no', 'w')
  expect(reservations()).toEqual(['open'])
  const stranger = await keyOf(['read', 'chat'])
  expect((await http('POST', path, { key: stranger, body: {} })).status).toBe(403)
  const drafted = await asOwner('POST', path, {})
  expect(drafted).toMatchObject({
    status: 202,
    body: { typed_data: { primaryType: 'NotSigned', message: { reservation: open?.id } } },
  })
  const { draft, typed_data: document } = drafted.body as Record<string, unknown>
  const foreign = await sign(document, privateKeyToAccount(generatePrivateKey()))
  // An admin key may ask, and its own word is nothing.
  expect((await http('POST', path, { key: admin, body: { draft, signature: foreign } })).body).toMatchObject({
    code: 'mandates:signature:wrong',
  })
  expect(reservations()).toEqual(['open'])
  expect((await asOwner('POST', path, { draft, signature: await sign(document) })).body).toMatchObject({
    state: 'released',
    waits_for: null,
  })
  expect((await asOwner('POST', path, { draft, signature: await sign(document) })).status).toBe(404)
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({ limits: [{}, { used: '0' }] })
  expect((await asOwner('GET', '/api/reservations?state=open')).body).toEqual([])
  expect((await asOwner('GET', '/api/reservations?state=gone')).status).toBe(400)
})

/** Bytes that the agent signs itself, with no grant. */
async function signed(call: { to: string; value: string; data: string }): Promise<Hex> {
  const nonce = Number(await chain.rpc('eth_getTransactionCount', [alice.address, 'latest']))
  return alice.signTransaction({
    ...{ chainId: chain.chainId, type: 'eip1559', nonce, maxPriorityFeePerGas: 0n, maxFeePerGas: 3_000_000_000n },
    ...{ to: call.to as Hex, value: BigInt(call.value), data: call.data as Hex, gas: 120_000n },
  })
}
const rpc = (raw: Hex) =>
  http('POST', `/rpc/${chain.chainId}`, {
    key: agent,
    body: { jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] },
  })
const pay = (value: string) => ({ to: RENT, value, data: '0x' })
const mine = async (): Promise<void> => {
  for (let i = 0; i < 3; i += 1) await chain.rpc('evm_mine', [])
}

describe('bytes that a program signed itself', () => {
  test('promise: are held for the owner after a freeze, also when the wallet was open before it', async () => {
    expect((await rpc(await signed(pay('5')))).body['result']).toMatch(/^0x/)
    await http('POST', '/api/freeze', { key: admin, body: { wallet: alice.address } })
    const raw = await signed(pay('6'))
    const waiting = (await rpc(raw)).body['error'] as { code: number; data: { proposal: string } }
    expect(waiting).toMatchObject({ code: -32_002, data: { verdict: 'allow' } })
    const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await page.start()
    await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
    await page.recheck(waiting.data.proposal, alice.address, chain.chainId)
    await http('POST', '/api/freeze', { key: admin, body: { app } })
    expect((await rpc(raw)).body['error']).toMatchObject({ code: -32_002 })
    await page.recheck(waiting.data.proposal, alice.address, chain.chainId)
    expect((await rpc(raw)).body['result']).toMatch(/^0x/)
  })

  test('promise: go out by no other door of the server either, where a freeze came after the last look', async () => {
    await http('POST', '/api/freeze', { key: admin, body: { wallet: alice.address } })
    const raw = await signed(pay('7'))
    const waiting = (await rpc(raw)).body['error'] as { data: { proposal: string } }
    const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await page.start()
    await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
    await page.recheck(waiting.data.proposal, alice.address, chain.chainId)
    await http('POST', '/api/freeze', { key: admin, body: { app } })
    // As a wallet does that was given the URL of a node.
    const plain = async (): Promise<Body> => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${server.url}/api/rpc/${chain.chainId}`, { method: 'POST', headers, body })
      return (await answer.json()) as Body
    }
    expect(await plain()).toMatchObject({ error: { message: expect.stringContaining('frozen') } })
    await page.recheck(waiting.data.proposal, alice.address, chain.chainId)
    expect((await plain())['result']).toMatch(/^0x/)
  })

  test('promise: are decided by the mandate, held for its owner, and counted when they go out', async () => {
    const mandate = await grant()
    expect((await rpc(await signed(transfer(OTHER, 1n)))).body['error']).toMatchObject({ code: 4001 })
    const raw = await signed(transfer(RENT, 400n))
    const waiting = (await rpc(raw)).body['error'] as { code: number; data: { proposal: string } }
    expect(waiting).toMatchObject({ code: -32_002 })
    expect(reservations()).toEqual(['held'])
    const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await page.start()
    await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
    await page.recheck(waiting.data.proposal, alice.address, chain.chainId)
    expect((await rpc(raw)).body['result']).toMatch(/^0x/)
    expect(reservations()).toEqual(['open'])
    await mine()
    await until(() => reservations()[0] === 'settled')
    expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
      limits: [{}, { used: '400', free: '600' }],
    })
  })
})

test('promise: what a signer sent without a grant counts all the same, and freezes where its owner was not asked', async () => {
  const mandate = await grant()
  const made = (await propose(transfer(RENT, 400n))).body
  await chain.rpc('eth_sendRawTransaction', [await signed(transfer(RENT, 400n))])
  await until(async () => (await http('GET', `/api/proposals/${made.id}`, { key: agent })).body.state === 'settled')
  expect(reservations()).toEqual(['open'])
  await mine()
  await until(() => reservations()[0] === 'settled')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
    state: 'active',
    limits: [{}, { used: '400', open: '0', free: '600' }],
  })
  const beyond = (await propose(transfer(RENT, 700n))).body
  expect(beyond).toMatchObject({ decision: { answer: 'ask' } })
  await chain.rpc('eth_sendRawTransaction', [await signed(transfer(RENT, 700n))])
  await until(async () => (await http('GET', `/api/proposals/${beyond.id}`, { key: agent })).body.state === 'settled')
  await mine()
  await until(() => reservations()[1] === 'settled')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
    state: 'frozen',
    limits: [{}, { used: '1100', free: '0' }],
  })
})

test('promise: bytes that are mined after their owner signed "not signed" count again, and freeze the mandate', async () => {
  const mandate = await grant()
  const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await page.start()
  await page.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  const made = (await propose(transfer(RENT, 400n))).body
  await page.recheck(made.id, alice.address, chain.chainId, 'w')
  await page.reject(made.id, 'no', 'w')
  const [open] = (await asOwner('GET', '/api/reservations?state=open')).body as unknown as Body[]
  const path = `/api/reservations/${open?.id ?? ''}/not-signed`
  const { draft, typed_data: document } = (await asOwner('POST', path, {})).body as Record<string, unknown>
  expect((await asOwner('POST', path, { draft, signature: await sign(document) })).status).toBe(200)
  expect(reservations()).toEqual(['released'])
  const narrow = policy({
    limits: [
      ...[{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '1000', over: 'ask' }],
      { id: 'week', token: 'USDC', per_week: '300' },
    ],
    valid: { until: mandate['valid_until'] },
  })
  expect((await asOwner('PUT', '/api/mandates', { policy: narrow })).status).toBe(200)
  await chain.rpc('eth_sendRawTransaction', [await signed(transfer(RENT, 400n))])
  await until(() => reservations()[0] === 'open')
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({ state: 'frozen' })
  await mine()
  await until(() => reservations()[0] === 'settled')
  const { limits } = (await asOwner('GET', `/api/mandates/${mandate.id}`)).body as { limits?: Body[] }
  expect(limits?.map(({ used }) => used)).toEqual(expect.arrayContaining(['400', '400']))
})

test('from what an owner did, the narrowest mandate is proposed; another policy is tried on it and changes nothing', async () => {
  for (const [to, units] of [
    [RENT, 400n],
    [RENT, 300n],
    [OTHER, 50n],
  ] as const) {
    const made = (await propose(transfer(to, units))).body
    const granted = await grantOf(made.id)
    await send(made.id, granted.body['nonce'] as number)
    await until(async () => (await http('GET', `/api/proposals/${made.id}`, { key: agent })).body.state === 'settled')
  }
  const proposed = await asOwner('POST', '/api/mandates/propose', { ask_share: 0.05 })
  expect(proposed.body, JSON.stringify(proposed.body)).toMatchObject({
    policy: {
      rules: [{ answer: 'allow', when: { recipients: [RENT], tokens: ['USDC'] } }],
      limits: expect.arrayContaining([expect.objectContaining({ token: 'USDC', per_call: '500', per_day: '880' })]),
    },
    ...{ actions: 3, asked: 1, denied: 0, sentence: '1 of 3 would have asked, and 0 would have been refused.' },
    worst: { limits: expect.arrayContaining([expect.objectContaining({ symbol: 'USDC', most: '880', gain: null })]) },
  })
  const stranger = await keyOf(['read', 'chat'])
  const foreign = { key: stranger, body: { owner: alice.address } }
  expect((await http('POST', '/api/mandates/propose', foreign)).body).toMatchObject({ code: 'mandates:owner:required' })
  const mandate = await grant(proposed.body['policy'] as object)
  const before = (await asOwner('GET', `/api/mandates/${mandate.id}`)).body
  const narrow = policy({
    limits: [{ id: 'usdc', token: 'USDC', per_call: '350', over: 'ask' }],
    ...{ mandate: 'proposed', otherwise: 'deny' },
  })
  expect((await asOwner('POST', `/api/mandates/${mandate.id}/backtest`, { policy: narrow })).body).toMatchObject({
    ...{ actions: 3, asked: 1, denied: 1 },
    changed: [
      { was: 'ask', would: 'allow' },
      { was: 'ask', would: 'deny', spoke: expect.arrayContaining([expect.objectContaining({ rule: 'otherwise' })]) },
    ],
  })
  expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toEqual(before)
  expect(reservations()).toEqual([])
})

/** The command line, with the key of an admin. */
async function command(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { code: 0, out: '', err: '' }
  await run(args, {
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    exit: (code) => void (said.code = code),
    env: { HOME: scratch, COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: admin },
    ...{ columns: 100, color: false, stdin: Readable.from(['']) },
  })
  return said
}
const json = async (...args: readonly string[]) => {
  const { code, out, err } = await command(...args, '--json')
  expect(code, `${out}${err}`).toBe(0)
  return JSON.parse(out) as Record<string, unknown>
}

test('the command line drafts, narrows, tries, exports, freezes and ends a mandate', async () => {
  const wide = join(scratch, 'wide.yaml')
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z')
  const file = (cap: string): string => `
mandate: rent
owner: ${alice.address}
chains: [${chain.chainId}]
valid: { until: ${until} }
rules: [ { id: rent, answer: allow, when: { recipients: ['${RENT}'], tokens: [USDC] } } ]
limits: [ { id: usdc, token: USDC, per_day: '${cap}' } ]
`
  writeFileSync(wide, file('1000'))
  const drafted = await json('mandates', 'grant', wide)
  const signature = await sign(drafted['typed_data'])
  const granted = await json('mandates', 'grant', wide, '--draft', String(drafted['draft']), '--signature', signature)
  expect(granted).toMatchObject({ state: 'active', version: 1, signed: true })
  const narrow = join(scratch, 'narrow.yaml')
  writeFileSync(narrow, file('800'))
  expect(await json('mandates', 'narrow', narrow)).toMatchObject({ version: 2, signed: false })
  expect(await command('mandates', 'narrow', wide)).toMatchObject({
    code: 2,
    err: expect.stringContaining('owner sign'),
  })
  expect((await command('mandates', 'list')).out).toContain(`rent@2  ${alice.address}  active`)
  expect((await command('mandates', 'show', 'rent')).out).toContain('0 of 800 used (0 open), 800 free')
  expect((await command('mandates', 'explain', 'rent')).out).toContain(RENT)
  expect(await json('mandates', 'backtest', 'rent', wide)).toMatchObject({ actions: 0, asked: 0 })
  expect(await json('mandates', 'propose', '--owner', alice.address)).toMatchObject({ policy: null })
  const exported = JSON.parse((await command('mandates', 'export', 'rent', '--as', 'roles')).out) as { terms: object }
  expect(exported).toMatchObject({
    terms: { functions: [{ rules: ['rent'], target: usdc }], allowances: [{ balance: '800000000' }] },
    not_expressed: expect.arrayContaining([expect.stringContaining('Standing allowances')]),
  })
  expect((await command('mandates', 'export', 'rent', '--as', 'other')).code).toBe(2)
  expect((await command('mandates', 'show', 'nothing')).err).toContain('No mandate has the name "nothing"')
  expect(await json('freeze', '--wallet', alice.address)).toMatchObject({ confirmed: 1, live: 1 })
  expect((await command('mandates', 'list')).out).toContain('frozen (by hand)')
  expect((await command('mandates', 'end', 'rent')).code).not.toBe(0)
  expect((await command('freeze')).code).toBe(2)
})
