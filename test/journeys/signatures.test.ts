import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { batchDigest, createClient, type Client, type Proposal } from '@countersign/sdk'
import { Audit } from '@countersign/server'
import { launch, type Launched } from 'countersign'
import { hexToString, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Documents go through the same gate as transactions: read, simulated, receipted, shown, signed, verified. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-documents-'))
const DEADLINE = String(Math.floor(Date.now() / 1000) + 7_200)
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'

let chain: LocalChain
let server: Launched
let alice: ReturnType<typeof privateKeyToAccount>
let mallory: ReturnType<typeof privateKeyToAccount>

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
  mallory = privateKeyToAccount(chain.accounts[2]?.privateKey as Hex)
  await chain.fund(alice.address, { usdc: 10_000n * 10n ** 6n })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** The files below a directory that hold a text, in either case. */
const filesWith = (directory: string, text: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'latin1').toLowerCase().includes(text.toLowerCase()))

const fields = (text: string) =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.trim().split(' ')
    return { name, type }
  })
const permit = (value: bigint, spender: string = chain.addresses.uniswapV2Router) => ({
  types: {
    EIP712Domain: fields('string name,string version,uint256 chainId,address verifyingContract'),
    Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
  },
  primaryType: 'Permit',
  domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
  message: {
    owner: alice.address,
    spender,
    value: value.toString(),
    nonce: '0',
    deadline: DEADLINE,
  },
})
const wallet = () => ({ address: alice.address, chain_id: chain.chainId, is_connected: true })
async function propose(document: unknown): Promise<{ client: Client; proposal: Proposal }> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.chat(`sign ${JSON.stringify(document)}`, wallet())
  while ((await client.state()).is_processing) await new Promise((resolve) => setTimeout(resolve, 25))
  const [proposal] = (await client.proposals()) as readonly Proposal[]
  if (proposal === undefined) throw new Error((await client.state()).messages.at(-1)?.content)
  return { client, proposal }
}
/** What the page does: the text in the committed bytes, and no other spelling of it, goes to the wallet. */
const documentOf = (proposal: Proposal) =>
  JSON.parse(hexToString(proposal.calls[0]?.data as Hex)) as Parameters<typeof alice.signTypedData>[0]

test('a permit is read, simulated as its holder could use it, signed by its owner, and verified', async () => {
  const { client, proposal } = await propose(permit(1_000_000n))
  expect(proposal).toMatchObject({
    state: 'pending',
    signable: true,
    summary: expect.stringMatching(/^Sign: Permission to spend USD Coin/),
    calls: [{ kind: 'sign_typed_data', to: chain.addresses.usdc, gas: null, status: 'waiting' }],
    report: {
      verdict: 'allow',
      signature: { kind: 'eip2612', primary_type: 'Permit' },
      steps: [{ label: 'Present the permit', status: 'success' }],
      authority_changes: [{ kind: 'erc20_allowance', subject: chain.addresses.uniswapV2Router, after: '1000000' }],
      gas_estimate: { max_fee_wei: '0' },
    },
  })
  expect(documentOf(proposal)).toEqual(permit(1_000_000n))
  expect(await batchDigest(proposal)).toBe(proposal.digest)
  const checked = await client.recheck(proposal.id, alice.address, chain.chainId)
  expect(checked.signable).toBe(true)
  const signature = await alice.signTypedData(documentOf(checked))
  const settled = await client.signed(proposal.id, signature)
  expect(settled).toMatchObject({
    state: 'settled',
    signable: false,
    settlement: { block_number: null, differences: [], signature_digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
  })
  // The same again changes nothing; the record names what was signed, and not the signature.
  expect((await client.signed(proposal.id, signature)).state).toBe('settled')
  const record = (await server.audit('default')).filter((entry) => entry.body['proposal'] === Audit.handle(proposal.id))
  expect(record.map(({ event }) => event.split('.').at(-1))).toEqual([
    'staged',
    'receipted',
    'pending',
    'rechecked',
    'submitted',
    'settled',
  ])
  expect(JSON.stringify(record)).not.toContain(signature)
  // promise: nothing else of the store holds it either, neither a proposal nor an event.
  expect(filesWith(dataDir, signature.slice(2))).toEqual([])
})

test('promise: a document never stands among transactions, and what drains is never signable', async () => {
  const { client, proposal } = await propose(permit(2_000_000n))
  const { user_state: state } = await client.state()
  expect(state?.pending_txs).toEqual({})
  const id = String(proposal.calls[0]?.tx_id)
  expect(state?.pending_eip712s).toEqual({
    [id]: expect.objectContaining({ typed_data: permit(2_000_000n), chain_id: chain.chainId }),
  })
  expect(state?.pending.evm_sigs).toEqual(state?.pending_eip712s)

  for (const [document, reason] of [
    [permit(2n ** 256n - 1n, BOB), /could take/],
    [{ ...permit(1n), domain: { ...permit(1n).domain, chainId: 1 } }, /chain/],
  ] as const) {
    const drain = await propose(document)
    expect(drain.proposal).toMatchObject({ state: 'blocked', signable: false, reason: expect.stringMatching(reason) })
    expect((await drain.client.state()).user_state?.pending_eip712s).toEqual({})
    await expect(
      drain.client.signed(drain.proposal.id, await alice.signTypedData(documentOf(drain.proposal))),
    ).rejects.toMatchObject({ code: 'proposals:transition:refused' })
  }
  await expect(propose({ ...permit(1n), primaryType: 'Other' })).rejects.toThrow(/primary type/)
})

test('promise: only the owner’s signature of exactly this document is taken', async () => {
  const { client, proposal } = await propose(permit(3_000_000n))
  const good = await alice.signTypedData(documentOf(proposal))
  for (const signature of [
    await mallory.signTypedData(documentOf(proposal)),
    await alice.signTypedData(permit(4_000_000n) as never),
    `${good.slice(0, -4)}${good.at(-4) === '0' ? '1' : '0'}${good.slice(-3)}`,
    '0x1234',
  ]) {
    await expect(client.signed(proposal.id, signature)).rejects.toMatchObject({ code: 'proposals:signature:mismatch' })
  }
  await expect(client.signed(proposal.id, '')).rejects.toMatchObject({ status: 400 })
  expect((await client.proposal(proposal.id)).state).toBe('pending')
  expect((await client.signed(proposal.id, good)).state).toBe('settled')
})

test('promise: a signature of a card that is over is verified and kept as a fact, and its bytes are not', async () => {
  const { client, proposal } = await propose(permit(5_000_000n))
  expect((await client.recheck(proposal.id, alice.address, chain.chainId)).signable).toBe(true)
  await client.reject(proposal.id)
  const good = await alice.signTypedData(documentOf(proposal))
  await expect(client.signed(proposal.id, await mallory.signTypedData(documentOf(proposal)))).rejects.toMatchObject({
    code: 'proposals:signature:mismatch',
  })
  const kept = await client.signed(proposal.id, good)
  expect(kept).toMatchObject({ state: 'settled', reason: expect.stringMatching(/although it was rejected/) })
  expect(JSON.stringify(kept)).not.toContain(good)
})

test('published clients answer with wallet_eip712_response; the API simulates documents', async () => {
  const { client, proposal } = await propose(permit(5_000_000n))
  const signature = await alice.signTypedData(documentOf(proposal))
  const system = (payload: Record<string, unknown>) =>
    fetch(
      `${server.url}/api/system?message=${encodeURIComponent(JSON.stringify({ type: 'wallet_eip712_response', payload }))}`,
      { method: 'POST', headers: { 'x-session-id': client.sessionId } },
    )
  const id = proposal.calls[0]?.tx_id
  expect((await system({ status: 'success', signature: '0x12', pending_eip712_id: id })).status).toBe(409)
  expect((await system({ status: 'success', signature, pending_eip712_id: String(id) })).status).toBe(200)
  expect((await client.proposal(proposal.id)).state).toBe('settled')
  expect(JSON.stringify((await client.state()).messages)).not.toContain(signature)

  const simulate = async (body: Record<string, unknown>) => {
    const response = await fetch(`${server.url}/api/simulate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: alice.address, chain_id: chain.chainId, ...body }),
    })
    return { status: response.status, body: (await response.json()) as { result?: Record<string, unknown> } }
  }
  expect((await simulate({ typed_data: permit(1n) })).body.result).toMatchObject({
    batch_success: true,
    signature: { kind: 'eip2612' },
  })
  expect((await simulate({ typed_data: permit(2n ** 256n - 1n, BOB) })).body.result).toMatchObject({
    batch_success: false,
    verdict: 'block',
    fee: { amount_wei: '-1' },
  })
  expect((await simulate({ typed_data: { nonsense: true } })).status).toBe(400)
})
