import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { send, startLocalChain, type LocalChain } from '@countersign/chain'
import { attempt, createApi, createClient, type Api } from '@countersign/sdk'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { launch, run, type Launched } from 'countersign'
import { encodeFunctionData, parseAbi, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Approvals are listed and taken back over HTTP, MCP and the command line; what takes them back is a proposal like any other. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-approvals-'))
const ABI = parseAbi([
  'function approve(address,uint256)',
  'function approve(address,address,uint160,uint48)',
  'function setApprovalForAll(address,bool)',
])
const SPENDER = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let api: Api
let key = ''

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
  const issued = await server.issueKey({ app: 'trader', label: 'approvals', scopes: ['read', 'propose'] })
  key = Redacted.reveal(issued.key)
  api = createApi({ baseUrl: server.url, apiKey: key })
  const { usdc, nft, permit2 } = chain.addresses
  for (const [to, data] of [
    [usdc, encodeFunctionData({ abi: ABI, functionName: 'approve', args: [SPENDER, 5_000n] })],
    [nft, encodeFunctionData({ abi: ABI, functionName: 'setApprovalForAll', args: [SPENDER, true] })],
    [permit2, encodeFunctionData({ abi: ABI, functionName: 'approve', args: [usdc as Hex, SPENDER, 7n, 2 ** 40] })],
  ] as const)
    await send(chain.rpc, { from: alice.address, to: to as Hex, data })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const list = async () => (await api.approvals(alice.address, chain.chainId)).approvals
const asked = () => ({ address: alice.address, chain_id: chain.chainId })
async function countersign(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { code: 0, out: '', err: '' }
  await run(['approvals', alice.address, '--chain-id', String(chain.chainId), ...args], {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    exit: (code) => (said.code = code),
    env: { COUNTERSIGN_SERVER: server.url, COUNTERSIGN_API_KEY: key },
    stdin: (async function* () {})(),
    columns: 100,
    color: false,
  })
  return said
}

test('promise: each kind of approval is taken back by a proposal that its owner signs', async () => {
  const approvals = await list()
  expect(new Set(approvals.map(({ kind }) => kind))).toEqual(
    new Set(['erc20_allowance', 'operator', 'permit2_allowance']),
  )
  const made = await api.revokeApprovals({ ...asked(), approvals, idempotency_key: 'revoke-all-1' })
  expect(made).toMatchObject({ state: 'pending', verdict: 'allow' })
  expect((await api.revokeApprovals({ ...asked(), approvals, idempotency_key: 'revoke-all-1' })).id).toBe(made.id)
  expect(await list(), 'a proposal changes nothing').toEqual(approvals)

  const owner = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await owner.start()
  await owner.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  const { calls, signable } = await owner.recheck(made.id, alice.address, chain.chainId)
  expect(signable).toBe(true)
  for (const call of calls) {
    const sent = await send(chain.rpc, { from: alice.address, to: call.to as Hex, data: call.data as Hex })
    await owner.submitted(made.id, call.step, sent.transactionHash)
  }
  expect(await list()).toEqual([])
})

test('lists over MCP, with the transaction that takes each back', async () => {
  const data = encodeFunctionData({ abi: ABI, functionName: 'approve', args: [SPENDER, 9n] })
  await send(chain.rpc, { from: alice.address, to: chain.addresses.usdc as Hex, data })
  const client = new Client({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }))
  const listed = await client.callTool({ name: 'approvals', arguments: asked() })
  const { approvals } = listed.structuredContent as { approvals: { revoke: object }[] }
  expect(approvals).toHaveLength(1)
  const revoked = await client.callTool({
    name: 'propose',
    arguments: { from: alice.address, chain_id: chain.chainId, transactions: approvals.map(({ revoke }) => revoke) },
  })
  expect(revoked.structuredContent).toMatchObject({ state: 'pending', verdict: 'allow' })
  await client.close()
})

test('lists and revokes on the command line', async () => {
  expect((await countersign()).out).toContain(`${SPENDER}  erc20_allowance of ${chain.addresses.usdc}  9`)
  expect(JSON.parse((await countersign('--json')).out)).toMatchObject({ approvals: [{ spender: SPENDER }] })
  expect((await countersign('--revoke', SPENDER)).out).toMatch(
    /^Proposed to take back 1 approvals: pending, verdict allow\.\nThe owner answers at http.*\/p\/prop_/,
  )
  expect(await countersign('--revoke', alice.address)).toMatchObject({ code: 2, out: '' })
  expect(await countersign('--revoke', 'everything')).toMatchObject({ code: 2, out: '' })
})

test.each([
  [[]],
  ['all'],
  [[{ kind: 'erc20_allowance', contract: SPENDER }]],
  [[{ kind: 'nft', contract: SPENDER, spender: SPENDER }]],
  [[{ kind: 'permit2_allowance', contract: SPENDER, spender: SPENDER }]],
  [[{ kind: 'erc20_allowance', contract: SPENDER, spender: SPENDER, to: SPENDER }]],
  [Array.from({ length: 17 }, () => ({ kind: 'erc20_allowance', contract: SPENDER, spender: SPENDER }))],
])('promise: %j is no list of approvals, and nothing is proposed', async (approvals) => {
  const outcome = await attempt(api.revokeApprovals({ ...asked(), approvals: approvals as never }))
  expect(outcome).toMatchObject({ ok: false, error: { status: 400, code: 'chains:revocation:unreadable' } })
})
