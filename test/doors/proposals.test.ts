import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { Audit } from '@countersign/server'
import { batchDigest, createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, type Abi, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startHostileProvider } from '../hostileProvider.ts'

/** What an integrator's program wants signed, without a chat: the same gate, and its owner's wallet on our page. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-doors-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SINK = '0x0000000000000000000000000000000000000000'
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let mallory: PrivateKeyAccount
let key = ''
let keyId = ''
let nowOffsetMs = 0

const issue = async (
  scopes?: readonly string[],
  app = 'trader',
  at = server,
): Promise<{ id: string; text: string }> => {
  const issued = await at.issueKey({
    app,
    label: 'doors',
    ...(scopes === undefined ? {} : { scopes: scopes as never }),
  })
  return { id: issued.id, text: Redacted.reveal(issued.key) }
}

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({
    port: 0,
    dataDir,
    env: {},
    localChain: chain,
    logLevel: 'silent',
    storeClock: { nowMs: () => Date.now() + nowOffsetMs },
  })
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
  mallory = privateKeyToAccount(chain.accounts[2]?.privateKey as Hex)
  await chain.fund(alice.address, { usdc: 10_000n * 10n ** 6n })
  const made = await issue(['read', 'simulate', 'propose'])
  key = made.text
  keyId = made.id
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { id: string; state: string; code?: string; url: string; error?: string }
}
async function http(
  method: string,
  path: string,
  { body, headers = {}, at = server }: { body?: unknown; headers?: Record<string, string>; at?: Launched } = {},
): Promise<Answer> {
  const response = await fetch(at.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
const as = (text: string, more: Record<string, string> = {}) => ({ 'aomi-app-key': text, ...more })
const payment = (wei: bigint, more: Record<string, unknown> = {}) => ({
  transactions: [{ to: FRIEND, value: wei.toString(), data: '0x' }],
  from: alice.address,
  chain_id: chain.chainId,
  ...more,
})
let wei = 1_000n
/** A body that no other test sends. */
const fresh = (more: Record<string, unknown> = {}) => payment((wei += 1n), more)
const propose = (body: unknown, headers: Record<string, string> = {}, at = server) =>
  http('POST', '/api/proposals', { body, headers: { ...as(key), ...headers }, at })
const count = async (): Promise<number> => {
  const row = await server.store.read
    .selectFrom('proposals')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return row.n
}
/** A session of the page, signed in with a wallet. */
async function signedIn(account: PrivateKeyAccount): Promise<Client> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
    account.signMessage({ message }),
  )
  return client
}
/** What the wallet on the page does with the first step: sends exactly its bytes. */
async function sendStep(proposal: Proposal): Promise<Hex> {
  const [call] = proposal.calls
  if (call === undefined) throw new Error('no step')
  const nonce = Number(await chain.rpc('eth_getTransactionCount', [alice.address, 'latest']))
  const raw = await alice.signTransaction({
    chainId: proposal.chain_id,
    type: 'eip1559',
    to: call.to as Hex,
    value: BigInt(call.value),
    data: call.data as Hex,
    gas: BigInt(call.gas ?? '0'),
    maxFeePerGas: BigInt(call.max_fee_per_gas ?? '0'),
    maxPriorityFeePerGas: 0n,
    nonce,
  })
  return (await chain.rpc('eth_sendRawTransaction', [raw])) as Hex
}
async function until(client: Client, id: string, state: string): Promise<Proposal> {
  for (let i = 0; i < 600; i += 1) {
    const proposal = await client.proposal(id)
    if (proposal.state === state) return proposal
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`it never became ${state}`)
}

describe('POST /api/proposals', () => {
  test('answers 201 with a committed proposal and where its owner finds it', async () => {
    const { status, body } = await propose(fresh({ client: { name: 'my bot', version: '1.2', door: 'page' } }))
    expect(status).toBe(201)
    expect(Object.keys(body)).toEqual(['id', 'state', 'verdict', 'digest', 'url', 'expires_at'])
    expect(body).toMatchObject({
      id: expect.stringMatching(/^prop_/),
      state: 'pending',
      verdict: 'allow',
      digest: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      url: `${server.url}/p/${body.id}`,
    })
    const { body: shown } = await http('GET', `/api/proposals/${body.id}`, { headers: as(key) })
    expect(shown).toMatchObject({
      id: body.id,
      session_id: null,
      // promise: the server says which door it was, whatever the client claims.
      door: 'guard',
      client: { name: 'my bot', version: '1.2', door: 'page' },
      state: 'pending',
      verdict: 'allow',
      url: body.url,
      expires_at: body['expires_at'],
      signable: true,
      summary: expect.stringMatching(/^Send 0\.\d+ ETH to 0x3C44/),
      calls: [{ to: FRIEND, kind: 'native_transfer', status: 'waiting' }],
    })
    expect(await batchDigest(shown as unknown as Proposal)).toBe(body['digest'])
  })

  test('promise: one that the simulation blocks is 201 with the state "blocked", and never signable', async () => {
    const blocked = await propose({ ...payment(5n), transactions: [{ to: SINK, value: '5', data: '0x' }] })
    expect([blocked.status, blocked.body.state, blocked.body['verdict']]).toEqual([201, 'blocked', 'block'])
    const owner = await signedIn(alice)
    expect(await owner.proposal(blocked.body.id)).toMatchObject({ state: 'blocked', signable: false })
    await expect(owner.recheck(blocked.body.id, alice.address, chain.chainId)).rejects.toMatchObject({
      code: 'proposals:transition:refused',
    })
  })

  test('promise: a key needs the scope "propose", which no default set and no administrator has', async () => {
    const before = await count()
    for (const scopes of [undefined, ['admin'], ['read', 'chat', 'simulate', 'audit'], ['guard']]) {
      const { text } = await issue(scopes)
      expect(await http('POST', '/api/proposals', { body: fresh(), headers: as(text) })).toMatchObject({
        status: 403,
        body: { code: 'keys:scope:refused' },
      })
    }
    expect((await http('POST', '/api/proposals', { body: fresh() })).body.code).toBe('keys:key:absent')
    expect(
      (await http('POST', '/api/proposals', { body: fresh(), headers: { 'x-session-id': randomUUID() } })).status,
    ).toBe(401)
    expect(await count()).toBe(before)
  })

  test('promise: a key under suspicion proposes and reads nothing', async () => {
    const { id, text } = await issue(['propose'])
    const made = await http('POST', '/api/proposals', { body: fresh(), headers: as(text) })
    await server.store.write((write) =>
      write.db
        .updateTable('keys')
        .set({ quarantine: JSON.stringify({ level: 'proof', sinceMs: 0, evidence: [] }) })
        .where('id', '=', id)
        .execute(),
    )
    await server.store.write((write) =>
      write.db
        .updateTable('key_epoch')
        .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
        .execute(),
    )
    expect((await http('POST', '/api/proposals', { body: fresh(), headers: as(text) })).body.code).toBe('keys:key:held')
    expect((await http('GET', `/api/proposals/${made.body.id}`, { headers: as(text) })).body.code).toBe('keys:key:held')
  })

  const without = (body: ReturnType<typeof payment>, name: string) =>
    Object.fromEntries(Object.entries(body).filter(([field]) => field !== name))
  const transaction = { to: FRIEND, value: '1', data: '0x' }
  test.each<[string, (body: ReturnType<typeof payment>) => unknown]>([
    ['nothing to sign', (body) => without(body, 'transactions')],
    ['two things to sign', (body) => ({ ...body, message: 'hi' })],
    ['a document and a message', (body) => ({ ...without(body, 'transactions'), typed_data: {}, message: 'hi' })],
    ['no transaction', (body) => ({ ...body, transactions: [] })],
    ['17 transactions', (body) => ({ ...body, transactions: Array.from({ length: 17 }, () => transaction) })],
    ['an unknown field', (body) => ({ ...body, approved: true })],
    ['an unknown field of a transaction', (body) => ({ ...body, transactions: [{ ...transaction, gasless: true }] })],
    ['a chain id as text', (body) => ({ ...body, chain_id: String(body.chain_id) })],
    ['a chain that is not configured', (body) => ({ ...body, chain_id: 5 })],
    ['no sender', (body) => without(body, 'from')],
    ['a sender with a wrong checksum', (body) => ({ ...body, from: body.from.replace('C5', 'c5') })],
    ['another sender in a transaction', (body) => ({ ...body, transactions: [{ ...transaction, from: FRIEND }] })],
    ['another chain in a transaction', (body) => ({ ...body, transactions: [{ ...transaction, chain_id: '1' }] })],
    ['a nonce', (body) => ({ ...body, transactions: [{ ...transaction, nonce: '7' }] })],
    ['an account authorization', (body) => ({ ...body, transactions: [{ ...transaction, authorization_list: [] }] })],
    ['a blob transaction', (body) => ({ ...body, transactions: [{ ...transaction, type: '0x3' }] })],
    ['a negative amount', (body) => ({ ...body, transactions: [{ ...transaction, value: '-1' }] })],
    ['an amount with a fraction', (body) => ({ ...body, transactions: [{ ...transaction, value: '1.5' }] })],
    ['odd hex', (body) => ({ ...body, transactions: [{ ...transaction, data: '0xabc' }] })],
    ['a message that is a number', (body) => ({ ...without(body, 'transactions'), message: 1 })],
    ['a document that is none', (body) => ({ ...without(body, 'transactions'), typed_data: { types: {} } })],
    ['a short idempotency key', (body) => ({ ...body, idempotency_key: 'short' })],
    ['an idempotency key with a space', (body) => ({ ...body, idempotency_key: 'with a space' })],
    ['an idempotency key that is a number', (body) => ({ ...body, idempotency_key: 123456789 })],
    ['a client with an unknown field', (body) => ({ ...body, client: { name: 'x', trusted: true } })],
    ['a client that is a text', (body) => ({ ...body, client: 'x' })],
    ['a wallet of an unknown kind', (body) => ({ ...body, wallet: { kind: 'trusted' } })],
  ])('refuses %s with 400, and makes nothing', async (_name, change) => {
    const before = await count()
    const { status, body } = await propose(change(fresh()))
    expect([status, await count()]).toEqual([400, before])
    expect(body.error).not.toMatch(/undefined|\[object/)
  })

  test('refuses fields in the query', async () => {
    const { status } = await http('POST', '/api/proposals?chain_id=1', { body: fresh(), headers: as(key) })
    expect(status).toBe(400)
  })

  test('takes amounts as decimal or hexadecimal text, a gas limit, and what the wallet can do', async () => {
    const { status, body } = await propose({
      transactions: [{ to: FRIEND, value: '0x10', data: '0x', gas: '30000', label: 'A refund for you' }],
      from: alice.address.toLowerCase(),
      chain_id: chain.chainId,
      wallet: { kind: '5792', address: alice.address, capabilities: { atomic: { status: 'supported' } } },
    })
    expect(status).toBe(201)
    const { body: shown } = await http('GET', `/api/proposals/${body.id}`, { headers: as(key) })
    expect(shown).toMatchObject({ calls: [{ value: '16', gas: '30000' }] })
    // promise: the words of whoever asks stand on no card.
    expect(JSON.stringify(shown)).not.toContain('refund')
  })
})

describe('idempotency', () => {
  test('promise: the same key and bytes are the same proposal for 24 hours, in the header or in the body', async () => {
    const name = randomUUID()
    const body = fresh()
    const first = await propose({ ...body, idempotency_key: name })
    const before = await count()
    const again = await propose({ ...body, idempotency_key: name })
    const inHeader = await propose(body, { 'idempotency-key': name })
    const inBoth = await propose({ ...body, idempotency_key: name }, { 'idempotency-key': name })
    expect([first, again, inHeader, inBoth].map(({ status }) => status)).toEqual([201, 200, 200, 200])
    expect(new Set([first, again, inHeader, inBoth].map(({ body: { id } }) => id)).size).toBe(1)
    expect(again.body).toEqual(first.body)
    expect(await count()).toBe(before)
    expect(await propose({ ...body, idempotency_key: name }, { 'idempotency-key': randomUUID() })).toMatchObject({
      status: 400,
    })
    expect(await propose(fresh({ idempotency_key: name }))).toMatchObject({
      status: 409,
      body: { code: 'proposals:idempotency:conflict' },
    })
    expect(await count()).toBe(before)
  })

  test('promise: of many concurrent requests with one key one makes the proposal', async () => {
    const body = fresh({ idempotency_key: randomUUID() })
    const answers = await Promise.all(Array.from({ length: 8 }, () => propose(body)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 201,
    ])
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1)
  })

  test('promise: the same holds between two processes on one data directory', async () => {
    const second = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
    try {
      for (let i = 0; i < 5; i += 1) {
        const body = fresh({ idempotency_key: randomUUID() })
        const answers = await Promise.all([0, 1, 2, 3].map((k) => propose(body, {}, k % 2 === 0 ? server : second)))
        expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1)
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 201])
      }
    } finally {
      await second.close()
    }
  })

  test('what the key stands for includes chain, sender, kind and gas, and not what a client says of itself', async () => {
    const name = randomUUID()
    const body = fresh({ idempotency_key: name })
    const made = await propose(body)
    expect((await propose({ ...body, client: { name: 'other' } })).body.id).toBe(made.body.id)
    const [call] = body.transactions
    for (const other of [
      { ...body, from: mallory.address },
      { ...body, transactions: [{ ...call, gas: '30000' }] },
      { ...body, transactions: undefined, message: 'hello' },
    ])
      expect((await propose(other)).body.code).toBe('proposals:idempotency:conflict')
  })

  test('a key of another API key is another key; without one each call is a new proposal', async () => {
    const other = (await issue(['propose'])).text
    const body = fresh({ idempotency_key: randomUUID() })
    const mine = await propose(body)
    const theirs = await http('POST', '/api/proposals', { body, headers: as(other) })
    expect([mine.status, theirs.status]).toEqual([201, 201])
    expect(mine.body.id).not.toBe(theirs.body.id)
    const plain = fresh()
    expect((await propose(plain)).body.id).not.toBe((await propose(plain)).body.id)
  })

  test('a blocked one stays blocked under its key; after 24 hours the key stands for nothing', async () => {
    const name = randomUUID()
    const body = { ...payment(5n), transactions: [{ to: SINK, value: '5', data: '0x' }], idempotency_key: name }
    const first = await propose(body)
    expect(await propose(body)).toMatchObject({ status: 200, body: { id: first.body.id, state: 'blocked' } })
    nowOffsetMs = 24 * 3_600_000 + 1_000
    try {
      expect(await propose(fresh({ idempotency_key: name }))).toMatchObject({ status: 201 })
    } finally {
      nowOffsetMs = 0
    }
  })
})

describe('who reads it', () => {
  test('promise: the key that made it, with "propose" or "read", and its successors; any other key gets 404', async () => {
    const only = await issue(['propose'])
    const { body } = await http('POST', '/api/proposals', { body: fresh(), headers: as(only.text) })
    const read = (text: string, more: Record<string, string> = {}) =>
      http('GET', `/api/proposals/${body.id}`, { headers: as(text, more) })
    expect((await read(only.text)).status).toBe(200)
    expect((await read(only.text, { 'x-session-id': randomUUID() })).status).toBe(200)
    const next = await server.keyring.rotate({ id: only.id, app: null, style: { kind: 'clock', overlapMs: 3_600_000 } })
    expect((await read(Redacted.reveal(next.key))).status).toBe(200)
    for (const scopes of [['read'], ['read', 'chat', 'simulate', 'propose'], ['admin']]) {
      const other = (await issue(scopes)).text
      expect((await read(other)).body.code).toBe('proposals:proposal:absent')
      expect((await read(other, { 'x-session-id': randomUUID() })).status).toBe(404)
    }
    expect((await read((await issue(['simulate'])).text)).body.code).toBe('keys:scope:refused')
    expect((await http('GET', `/api/proposals/${body.id}`)).status).toBe(400)
  })

  test('promise: the owner finds it after signing in; another wallet, a claim, a key and the id alone do not', async () => {
    const { body } = await propose(fresh())
    expect(await (await signedIn(alice)).proposal(body.id)).toMatchObject({ id: body.id, signable: true })
    await expect((await signedIn(mallory)).proposal(body.id)).rejects.toMatchObject({ status: 404 })
    const claiming = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await claiming.chat('help', { address: alice.address, chain_id: chain.chainId, is_connected: true })
    await expect(claiming.proposal(body.id)).rejects.toMatchObject({ status: 404 })
    for (const act of [
      () => claiming.recheck(body.id, alice.address, chain.chainId),
      () => claiming.reject(body.id),
      () => claiming.submitted(body.id, 1, `0x${'1'.repeat(64)}`),
      () => claiming.signed(body.id, `0x${'1'.repeat(130)}`),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'proposals:proposal:absent' })
    // A session of an API key, signed in with the very wallet: the key would be the owner.
    const chatKey = (await issue(['read', 'chat', 'simulate', 'propose'])).text
    const behind = createClient({ baseUrl: server.url, sessionId: randomUUID(), apiKey: chatKey, app: 'trader' })
    await behind.start()
    await behind.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
    await expect(behind.proposal(body.id)).rejects.toMatchObject({ status: 404 })
    await expect(behind.recheck(body.id, alice.address, chain.chainId)).rejects.toMatchObject({ status: 404 })
    expect(await (await signedIn(alice)).proposal(body.id)).toMatchObject({ state: 'pending' })
  })

  test('a place of a door is no session: nobody lists it, and no id opens it', async () => {
    await propose(fresh())
    const admin = (await issue(['admin'])).text
    const listed = (await http('GET', '/api/admin/sessions', { headers: as(admin) })).body as unknown as {
      owner: string
    }[]
    expect(listed.filter(({ owner }) => owner === 'door')).toEqual([])
    const places = await server.store.read.selectFrom('sessions').selectAll().where('owner', 'like', 'door:%').execute()
    const [place] = places
    expect(place).toBeDefined()
    const id = server.store.ids.open(place?.id_sealed ?? '', place?.sid ?? '')
    expect((await http('GET', `/api/sessions/${id}`, { headers: { 'x-session-id': id } })).status).toBe(404)
    expect((await http('GET', `/api/sessions/${id}`, { headers: as(key) })).status).toBe(404)
  })
})

describe('the owner answers', () => {
  test('promise: what is signed is what was proposed, and it settles by the chain alone', async () => {
    const { body } = await propose(fresh())
    const owner = await signedIn(alice)
    const checked = await owner.recheck(body.id, alice.address, chain.chainId)
    expect(checked).toMatchObject({ recheck: 'fresh', signable: true, digest: body['digest'] })
    const hash = await sendStep(checked)
    await owner.submitted(body.id, 1, hash)
    const settled = await until(owner, body.id, 'settled')
    expect(settled.calls[0]).toMatchObject({ tx_hash: hash, status: 'confirmed' })
    const { body: read } = await http('GET', `/api/proposals/${body.id}`, { headers: as(key) })
    expect(read.state).toBe('settled')
    // The record holds every step, the door, and neither id in clear.
    const record = (await server.audit('trader')).filter((entry) => entry.body['proposal'] === Audit.handle(body.id))
    const events = record.map(({ event }) => event.split('.').at(-1))
    // Between these two the watcher may have seen the transaction by itself.
    expect([events.slice(0, 4), events.at(-1)]).toEqual([['staged', 'receipted', 'pending', 'rechecked'], 'settled'])
    expect(record[0]?.body).toMatchObject({ door: 'guard', key: Audit.handle(keyId) })
    expect(JSON.stringify(record)).not.toContain(keyId)
  })

  test('the owner rejects it, and the key reads why', async () => {
    const { body } = await propose(fresh())
    await (await signedIn(alice)).reject(body.id)
    const { body: read } = await http('GET', `/api/proposals/${body.id}`, { headers: as(key) })
    expect(read).toMatchObject({ state: 'rejected', reason: 'Rejected by the owner.' })
  })

  test('a text is judged as a message, signed by its owner, and verified', async () => {
    const { status, body } = await propose({ message: 'hi', from: alice.address, chain_id: chain.chainId })
    expect([status, body.state, body['verdict']]).toEqual([201, 'pending', 'allow'])
    const owner = await signedIn(alice)
    const card = await owner.proposal(body.id)
    expect(card).toMatchObject({
      calls: [{ kind: 'personal_sign', data: '0x6869', to: null }],
      report: { signature: { kind: 'message' } },
    })
    expect((await owner.recheck(body.id, alice.address, chain.chainId)).signable).toBe(true)
    await expect(owner.signed(body.id, await mallory.signMessage({ message: 'hi' }))).rejects.toMatchObject({
      code: 'proposals:signature:mismatch',
    })
    await expect(owner.signed(body.id, await alice.signMessage({ message: 'ho' }))).rejects.toMatchObject({
      code: 'proposals:signature:mismatch',
    })
    expect(await owner.signed(body.id, await alice.signMessage({ message: 'hi' }))).toMatchObject({ state: 'settled' })
  })

  test.each([
    ['a hash in hexadecimal', `0x${'ab'.repeat(32)}`],
    ['a typed document written as text', '{"primaryType":"Permit","domain":{}}'],
    ['nothing', ' '],
    [
      'a sign-in for another account',
      `shop.invalid wants you to sign in with your Ethereum account:\n${FRIEND}\n\nURI: https://shop.invalid\nVersion: 1\nChain ID: 31337\nNonce: 12345678\nIssued At: 2026-01-01T00:00:00Z`,
    ],
  ])('promise: blocks a message that is %s', async (_name, message) => {
    const { status, body } = await propose({ message, from: alice.address, chain_id: chain.chainId })
    expect([status, body.state]).toEqual([201, 'blocked'])
  })

  test.each([
    ['a line of prose', 'I agree to the terms of 1 January.'],
    [
      'a proper sign-in',
      () =>
        `shop.invalid wants you to sign in with your Ethereum account:\n${alice.address}\n\nURI: https://shop.invalid\nVersion: 1\nChain ID: 31337\nNonce: 12345678\nIssued At: 2026-01-01T00:00:00Z`,
    ],
    ['words in another script', 'Ich bestätige, dass ich das Konto besitze. 私のアカウントです。'],
  ])('lets the owner sign %s', async (_name, message) => {
    const text = typeof message === 'string' ? message : message()
    const { body } = await propose({ message: text, from: alice.address, chain_id: chain.chainId })
    expect(body).toMatchObject({ state: 'pending', verdict: 'allow' })
  })

  test('a permit is proposed as a document', async () => {
    const fields = (text: string) =>
      text.split(',').map((field) => {
        const [type = '', name = ''] = field.trim().split(' ')
        return { name, type }
      })
    const permit = {
      types: {
        EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
        Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
      },
      primaryType: 'Permit' as const,
      domain: {
        name: 'USD Coin',
        version: '2',
        chainId: chain.chainId,
        verifyingContract: chain.addresses.usdc as Hex,
      },
      message: {
        owner: alice.address,
        spender: chain.addresses.uniswapV2Router,
        value: '1000000',
        nonce: '0',
        deadline: String(Math.floor(Date.now() / 1000) + 7_200),
      },
    }
    const { body } = await propose({ typed_data: permit, from: alice.address, chain_id: chain.chainId })
    expect(body).toMatchObject({ state: 'pending', verdict: 'allow' })
    const owner = await signedIn(alice)
    await owner.recheck(body.id, alice.address, chain.chainId)
    const signature = await alice.signTypedData(permit as unknown as Parameters<typeof alice.signTypedData>[0])
    expect(await owner.signed(body.id, signature)).toMatchObject({ state: 'settled' })
  })
})

describe('one account, several doors', () => {
  test('promise: no proposal replaces another, least of all one whose wallet is open', async () => {
    const owner = await signedIn(alice)
    const first = await propose(fresh())
    const opened = await owner.recheck(first.body.id, alice.address, chain.chainId, 'window a')
    expect(opened.signable).toBe(true)
    const other = (await issue(['propose'], 'other')).text
    const second = await http('POST', '/api/proposals', { body: fresh(), headers: as(other) })
    expect(second.status).toBe(201)
    expect((await owner.proposal(first.body.id)).state).toBe('pending')
    expect((await owner.proposal(second.body.id)).state).toBe('pending')
    await owner.reject(first.body.id, undefined, 'window a')
  })

  test('promise: the same bytes through two doors open one wallet at a time', async () => {
    const owner = await signedIn(alice)
    const other = (await issue(['propose'], 'other')).text
    const body = fresh()
    const first = await propose(body)
    const second = await http('POST', '/api/proposals', { body, headers: as(other) })
    expect((await owner.recheck(first.body.id, alice.address, chain.chainId, 'window a')).signable).toBe(true)
    await expect(owner.recheck(second.body.id, alice.address, chain.chainId, 'window b')).rejects.toMatchObject({
      code: 'proposals:wallet:open',
    })
    await owner.reject(first.body.id, undefined, 'window a')
    expect((await owner.recheck(second.body.id, alice.address, chain.chainId, 'window b')).signable).toBe(true)
    await owner.reject(second.body.id, undefined, 'window b')
  })

  test('promise: what a disabled key proposed is signed no more; its owner may reject it', async () => {
    const gone = await issue(['propose'])
    const { body } = await http('POST', '/api/proposals', { body: fresh(), headers: as(gone.text) })
    await server.keyring.revoke({ id: gone.id, app: null, reason: 'stolen' })
    const owner = await signedIn(alice)
    await expect(owner.recheck(body.id, alice.address, chain.chainId)).rejects.toMatchObject({
      code: 'proposals:key:disabled',
    })
    expect((await owner.reject(body.id)).state).toBe('rejected')
  })
})

test('promise: 503 when it cannot be judged, and no proposal is made', async () => {
  const provider = await startHostileProvider(chain.rpcUrl)
  const own = mkdtempSync(join(tmpdir(), 'countersign-doors-away-'))
  const at = await launch({
    port: 0,
    dataDir: own,
    env: { [`COUNTERSIGN_RPC_${chain.chainId}`]: provider.url },
    logLevel: 'silent',
  })
  try {
    const { text } = await issue(['propose'], 'trader', at)
    const ask = () =>
      http('POST', '/api/proposals', { body: fresh({ idempotency_key: 'the-same-key' }), headers: as(text), at })
    const body = fresh({ idempotency_key: 'one-and-the-same' })
    provider.behave = () => ({ error: { code: -32_000, message: 'no' } })
    const away = await http('POST', '/api/proposals', { body, headers: as(text), at })
    expect(away).toMatchObject({ status: 503, body: { code: 'proposals:judgement:absent' } })
    // promise: what a provider says, and where it is, stays inside.
    expect(JSON.stringify(away.body)).not.toContain(provider.secret)
    const rows = await at.store.read.selectFrom('proposals').select('id').execute()
    const places = await at.store.read.selectFrom('sessions').select('sid').where('owner', 'like', 'door:%').execute()
    expect([rows, places]).toEqual([[], []])
    provider.behave = null
    expect((await http('POST', '/api/proposals', { body, headers: as(text), at })).status).toBe(201)
    expect((await ask()).status).toBe(201)
  } finally {
    await at.close()
    await provider.close()
    rmSync(own, { recursive: true, force: true })
  }
})

test('the page of a proposal is the page, whatever the id', async () => {
  const response = await fetch(`${server.url}/p/prop_00000000-0000-4000-8000-000000000000`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('a contract call, an approval and a batch are named by their bytes', async () => {
  const abi = loadArtifact('Usdc').abi as Abi
  const data = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi, functionName, args })
  const { body } = await propose({
    transactions: [
      { to: chain.addresses.usdc, value: '0', data: data('approve', [chain.addresses.uniswapV2Router, 2_500_000n]) },
      { to: chain.addresses.usdc, value: '0', data: data('transfer', [FRIEND, 1_000_000n]) },
    ],
    from: alice.address,
    chain_id: chain.chainId,
  })
  const { body: shown } = await http('GET', `/api/proposals/${body.id}`, { headers: as(key) })
  expect((shown as unknown as Proposal).calls.map(({ kind, label }) => [kind, label])).toMatchInlineSnapshot(`
    [
      [
        "erc20_approve",
        "Let Uniswap V2 router (0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0) spend 2.5 USDC",
      ],
      [
        "erc20_transfer",
        "Send 1 USDC to 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
      ],
    ]
  `)
})
