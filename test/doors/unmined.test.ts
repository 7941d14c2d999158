import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { parseEther, toHex, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

/** Transactions that are signed and not mined: the next request of the account stands on what they leave behind. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-unmined-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const OTHER = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
/** A contract that does nothing, until it fails. */
const TARGET = '0x00000000000000000000000000000000000A11cE'
const STOP = '0x00'
const INVALID = '0xfe'
let chain: LocalChain
let server: Launched
let key = ''
let account: PrivateKeyAccount

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  const issued = await server.issueKey({ app: 'trader', label: 'doors', scopes: ['propose', 'guard'] })
  key = Redacted.reveal(issued.key)
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(async () => {
  // Each test has an account of its own that holds ten ether.
  account = privateKeyToAccount(generatePrivateKey())
  await chain.rpc('anvil_setBalance', [account.address, toHex(parseEther('10'))])
  await chain.rpc('anvil_setCode', [TARGET, STOP])
  await chain.rpc('evm_setAutomine', [false])
})
afterEach(async () => {
  await chain.rpc('anvil_dropAllTransactions', [])
  await chain.rpc('evm_setAutomine', [true])
})

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly id: string; readonly nonce?: number; readonly grant?: string }
}
async function http(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'aomi-app-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
const propose = (ether: string, to = OTHER): Promise<Answer> =>
  http('POST', '/api/proposals', {
    transactions: [{ to, value: parseEther(ether).toString(), data: '0x' }],
    from: account.address,
    chain_id: chain.chainId,
  })
const grant = (id: string): Promise<Answer> =>
  http('POST', `/api/proposals/${id}/grant`, { from: account.address, chain_id: chain.chainId })
/** Signs with the account's own key and hands it to the chain, which does not mine it. */
async function send(nonce: number, ether: string, { to = FRIEND, fee = 10n ** 10n } = {}): Promise<Hex> {
  const raw = await account.signTransaction({
    ...{ chainId: chain.chainId, type: 'eip1559', nonce, to: to as Hex, value: parseEther(ether) },
    ...{ gas: 50_000n, maxFeePerGas: fee, maxPriorityFeePerGas: 1n },
  })
  return (await chain.rpc('eth_sendRawTransaction', [raw])) as Hex
}
const mine = () => chain.rpc('evm_mine', [])
/** What a receipt says that the batch stands on. */
async function boundOf(id: string): Promise<{ nonce: string; stands_on?: readonly object[] }> {
  const row = await server.store.read
    .selectFrom('receipts')
    .select('bound')
    .where('proposal_id', '=', id)
    .orderBy('issued_ms', 'desc')
    .executeTakeFirstOrThrow()
  return JSON.parse(row.bound) as Awaited<ReturnType<typeof boundOf>>
}
async function owner(): Promise<Client> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
    account.signMessage({ message }),
  )
  return client
}

test('promise: a request stands on two transactions that are signed and not mined, and its report and receipt say so', async () => {
  const [first, second] = [await send(0, '4'), await send(1, '4', { to: TARGET })]
  const tooMuch = await propose('3')
  expect(tooMuch, JSON.stringify(tooMuch.body)).toMatchObject({
    ...{ status: 201, body: { state: 'blocked', verdict: 'block' } },
  })
  const { status, body } = await propose('1')
  expect([status, body['verdict']]).toEqual([201, 'allow'])
  const stood = [
    { hash: first, nonce: '0', to: FRIEND, value: parseEther('4').toString(), status: 'success' },
    { hash: second, nonce: '1', to: TARGET, value: parseEther('4').toString(), status: 'success' },
  ]
  const shown = await http('GET', `/api/proposals/${body.id}`)
  expect(shown.body['report']).toMatchObject({
    stands_on: stood,
    not_checked: expect.arrayContaining([
      { what: 'an earlier transaction', why: `it is signed and not mined yet: ${first}` },
    ]),
  })
  expect(await boundOf(body.id)).toMatchObject({
    nonce: '2',
    stands_on: [
      { hash: first, nonce: '0', succeeds: true },
      { hash: second, nonce: '1', succeeds: true },
    ],
  })
  expect(await grant(body.id)).toMatchObject({ status: 200, body: { nonce: 2 } })
})

test('promise: it is granted as well when the earlier ones are mined as expected', async () => {
  await send(0, '4')
  await send(1, '4')
  const { body } = await propose('1')
  await mine()
  expect(await grant(body.id)).toMatchObject({ status: 200, body: { nonce: 2 } })
})

test('promise: nothing is handed out on an earlier transaction that failed, unlike expected', async () => {
  await send(0, '1', { to: TARGET })
  const page = await owner()
  const { body } = await propose('1')
  await chain.rpc('anvil_setCode', [TARGET, INVALID])
  await mine()
  const looked = await page.recheck(body.id, account.address, chain.chainId, 'window')
  expect(looked).toMatchObject({ recheck: 'drifted', signable: false })
  expect(looked.reason).toMatch(/the earlier transaction 0x[0-9a-f]{64} failed, unlike expected/)
  // It was judged again on what is there, and the new card stands on nothing.
  expect((await boundOf(body.id)).stands_on).toBeUndefined()
})

test('promise: nothing is handed out on an earlier transaction that was replaced', async () => {
  await send(0, '1')
  const page = await owner()
  const { body } = await propose('1')
  await send(0, '8', { fee: 10n ** 11n })
  const waiting = await page.recheck(body.id, account.address, chain.chainId, 'window')
  expect(waiting).toMatchObject({ recheck: 'drifted', signable: false })
  expect(waiting.reason).toMatch(/has signed another transaction, which is not mined yet: 0x/)
  const after = await propose('1')
  await send(0, '9.5', { fee: 10n ** 12n })
  await mine()
  const mined = await page.recheck(after.body.id, account.address, chain.chainId, 'window')
  expect(mined).toMatchObject({ recheck: 'blocked', signable: false })
})

test('promise: nothing is handed out on an earlier transaction that was dropped', async () => {
  const hash = await send(0, '1')
  const page = await owner()
  const { body } = await propose('1')
  await chain.rpc('anvil_dropTransaction', [hash])
  const looked = await page.recheck(body.id, account.address, chain.chainId, 'window')
  expect(looked).toMatchObject({ recheck: 'drifted', signable: false })
  expect(looked.reason).toMatch(/is not waiting any more/)
  expect(await boundOf(body.id)).toMatchObject({ nonce: '0' })
})

test('promise: a card that was judged before something was signed is judged again on top of it', async () => {
  const page = await owner()
  const { body } = await propose('1')
  await send(0, '9.5')
  expect(await page.recheck(body.id, account.address, chain.chainId, 'window')).toMatchObject({
    ...{ recheck: 'blocked', signable: false },
  })
})

test('promise: what cannot be verified by its signature is never stood on', async () => {
  await chain.rpc('anvil_impersonateAccount', [account.address])
  await chain.rpc('eth_sendTransaction', [{ from: account.address, to: FRIEND, value: toHex(1n), gas: toHex(21_000n) }])
  expect(await propose('1')).toMatchObject({ status: 503, body: { code: 'proposals:account:busy' } })
  await chain.rpc('anvil_stopImpersonatingAccount', [account.address])
})
