/** `guard()` against a real server: grants, the owner's page, and a policy program of the Open Wallet Standard. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { guard, type WaitingProposal } from '@countersign/guard'
import { createClient } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { createPublicClient, createWalletClient, http, parseEther, serializeTransaction, toHex, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spentByServer } from '../../packages/guard/src/gate/AskSpent.ts'
import { creation, FIXTURES } from '../../packages/simulator/catalogue/variant.ts'

const FRIEND: Hex = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const SINK = '0x0000000000000000000000000000000000000000'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-guard-'))
let chain: LocalChain
let server: Launched
let trusted = ''
let asking = ''
let n = 0

const issue = async (scopes: readonly string[]): Promise<string> =>
  Redacted.reveal((await server.issueKey({ app: 'trader', label: 'guard', scopes: scopes as never })).key)
/** An account of its own for each test. */
async function newAccount(): Promise<{ key: Hex; account: PrivateKeyAccount }> {
  n += 1
  const key = toHex(BigInt(`0x${'7c'.repeat(30)}`) + BigInt(n), { size: 32 })
  const account = privateKeyToAccount(key)
  await chain.fund(account.address, { wei: parseEther('10') })
  return { key, account }
}
const viemChain = () => ({ ...foundry, id: chain.chainId, rpcUrls: { default: { http: [chain.rpcUrl] } } })
const walletOf = (account: object) =>
  createWalletClient({
    account: account as PrivateKeyAccount,
    chain: viemChain(),
    transport: http(chain.rpcUrl),
  })
const balance = () =>
  createPublicClient({ chain: viemChain(), transport: http(chain.rpcUrl) }).getBalance({ address: FRIEND })
async function api(method: string, path: string, { key, body }: { key: string; body?: unknown }) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const fault = async (work: () => Promise<unknown>) =>
  work().then(
    () => null,
    (error: { walk?: (fn: (each: unknown) => boolean) => unknown }) =>
      (error.walk?.((each) => (each as Error).name === 'GuardRefusedError') ?? error) as Error & {
        code: number
        data: { url: string; proposal: string; verdict: string }
      },
  )

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
  trusted = await issue(['propose', 'guard'])
  asking = await issue(['propose'])
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('a key with the scope guard', () => {
  test('promise: what is allowed is signed once it has a grant, one after the other', async () => {
    const { account } = await newAccount()
    const wallet = walletOf(guard(account, { server: server.url, key: trusted, waitMs: 30_000 }))
    const before = await balance()
    await wallet.sendTransaction({ to: FRIEND, value: 1n })
    await wallet.sendTransaction({ to: FRIEND, value: 2n })
    await expect.poll(balance).toBe(before + 3n)
    expect(await guard(account, { server: server.url, key: trusted }).signMessage({ message: 'hi' })).toBe(
      await account.signMessage({ message: 'hi' }),
    )
  })
  test('promise: what is blocked is refused with the reason, and nobody is asked', async () => {
    const { account } = await newAccount()
    const waiting: WaitingProposal[] = []
    const wallet = walletOf(
      guard(account, { server: server.url, key: trusted, onWaiting: (proposal) => waiting.push(proposal) }),
    )
    const error = await fault(() => wallet.sendTransaction({ to: SINK, value: 5n, gas: 21_000n }))
    expect(error).toMatchObject({ code: 4001, data: { verdict: 'block', url: expect.stringContaining('/p/prop_') } })
    expect(error?.message).toMatch(/^user denied: Countersign refused: /)
    expect(waiting).toEqual([])
  })
  test('promise: a grant is given once, to the key that proposed it, for the account it was made for', async () => {
    const { account } = await newAccount()
    const body = {
      transactions: [{ to: FRIEND, value: '7', data: '0x' }],
      ...{ from: account.address, chain_id: chain.chainId },
    }
    const { body: made } = await api('POST', '/api/proposals', { key: trusted, body })
    const path = `/api/proposals/${String(made['id'])}/grant`
    const asked = { from: account.address, chain_id: chain.chainId }
    expect(await api('POST', path, { key: asking, body: asked })).toMatchObject({ status: 404 })
    expect(await api('POST', path, { key: trusted, body: { ...asked, from: FRIEND } })).toMatchObject({ status: 409 })
    expect(await api('POST', path, { key: trusted, body: { ...asked, chain_id: 1 } })).toMatchObject({ status: 409 })
    expect(await api('POST', path, { key: trusted, body: { ...asked, more: 1 } })).toMatchObject({ status: 400 })
    const [first, second] = await Promise.all([
      api('POST', path, { key: trusted, body: asked }),
      api('POST', path, { key: trusted, body: asked }),
    ])
    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([200, 409])
    const { grant, nonce } = (first.status === 200 ? first : second).body as { grant: string; nonce: number }
    const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as object
    expect(claims).toMatchObject({ account: account.address, chain_id: chain.chainId, nonce, digest: made['digest'] })
    expect(await api('POST', path, { key: trusted, body: asked })).toMatchObject({
      ...{ status: 409, body: { code: 'proposals:grant:used' } },
    })
    // While it is open, nothing else of the account is judged.
    expect(await api('POST', '/api/proposals', { key: trusted, body })).toMatchObject({
      ...{ status: 503, body: { code: 'proposals:account:busy' } },
    })
  })
})

test('promise: whether an authorization was spent is asked of the server by a route that keys may use', async () => {
  const key = await issue(['read'])
  const { account } = await newAccount()
  const settings = { kind: 'server', server: server.url, key, allow: new Set<string>(), waitMs: 0 } as const
  const ask = spentByServer({ ...settings, paymasters: new Set(), onWaiting: () => undefined })
  const data = creation(FIXTURES, 'Authorized', [])
  const hash = await chain.rpc('eth_sendTransaction', [{ from: chain.accounts[0]?.address, gas: '0x4c4b40', data }])
  let mined: unknown = null
  while (mined === null) mined = await chain.rpc('eth_getTransactionReceipt', [hash])
  const { contractAddress: asset } = mined as { readonly contractAddress: string }
  const of = { chainId: chain.chainId, asset, from: account.address as never }
  const answer = await ask({ ...of, nonce: toHex(1n, { size: 32 }) })
  expect(answer?.isUsed).toBe(false)
  expect(answer?.atS).toBeGreaterThan(1_600_000_000)
})

test('promise: a server’s grant is not used for a fee that nobody judged', async () => {
  const { account } = await newAccount()
  const guarded = guard(account, { server: server.url, key: trusted, waitMs: 30_000 })
  const request = {
    ...{ to: FRIEND, value: 3n, chainId: chain.chainId, type: 'eip1559' as const, nonce: 0 },
    ...{ gas: 21_000n, maxPriorityFeePerGas: 1n },
  } as const
  const error = await fault(() => guarded.signTransaction({ ...request, maxFeePerGas: 10n ** 14n }))
  expect(error?.message).toMatch(/more than ten times what it needs/)
})

describe('any other key', () => {
  test('promise: nothing is signed until the owner released it; the same call is the same proposal', async () => {
    const { account } = await newAccount()
    const waiting: WaitingProposal[] = []
    const guarded = guard(account, {
      ...{
        server: server.url,
        key: asking,
        waitMs: 500,
        onWaiting: (proposal: WaitingProposal) => waiting.push(proposal),
      },
    })
    const request = {
      ...{ to: FRIEND, value: 9n, chainId: chain.chainId, type: 'eip1559' as const, nonce: 0 },
      ...{ gas: 21_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1n },
    } as const
    const first = await fault(() => guarded.signTransaction(request))
    const again = await fault(() => guarded.signTransaction(request))
    expect(first).toMatchObject({ code: -32002, message: `Waiting for the owner: ${first?.data.url ?? ''}` })
    expect(again?.data.proposal).toBe(first?.data.proposal)
    expect(waiting[0]).toMatchObject({ id: first?.data.proposal, url: first?.data.url })

    const owner = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await owner.start()
    await owner.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
      account.signMessage({ message }),
    )
    const proposal = await owner.proposal(first?.data.proposal ?? '')
    await owner.confirm(proposal.id, proposal.digest)
    expect(await guarded.signTransaction(request)).toBe(await account.signTransaction(request))
    // Released once, signed once: an equal call is a new proposal.
    const later = await fault(() => guarded.signTransaction({ ...request, nonce: 1 }))
    expect(later?.code === -32002 || later?.code === -32003).toBe(true)
  })
  test('promise: no server, a wrong key or a strange answer sign nothing', async () => {
    const { account } = await newAccount()
    for (const options of [
      { server: 'http://127.0.0.1:1', key: asking },
      { server: server.url, key: `sk-trader-${'0'.repeat(48)}` },
      { server: `${server.url}/p`, key: asking },
    ])
      expect(await fault(() => guard(account, options).signMessage({ message: 'hi' }))).toMatchObject({
        name: 'GuardRefusedError',
      })
  })
})

/** Its binary is published for some platforms only. */
const hasWallet = canLoad('@open-wallet-standard/core')
function canLoad(name: string): boolean {
  try {
    createRequire(import.meta.url)(name)
    return true
  } catch {
    return false
  }
}

describe('Open Wallet Standard', () => {
  const program = join(import.meta.dirname, '..', '..', 'packages', 'guard', 'src', 'owsPolicy.ts')
  /** A process of its own: the server runs in this one. */
  const run = (args: readonly string[], input: string, key = trusted): Promise<{ code: number | null; out: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], COUNTERSIGN_API_KEY: key }
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { env })
      let out = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (out += bytes.toString()))
      child.once('close', (code) => resolve({ code, out }))
      child.stdin.end(input)
    })
  const decide = async (request: object, key = trusted) => {
    const { code, out } = await run([program], JSON.stringify(request), key)
    expect(code).toBe(0)
    return JSON.parse(out) as { allow: boolean; reason: string }
  }
  /** The program has four seconds, which a busy machine may need to start it: each try has an account of its own. */
  const inTime = async (work: (made: { key: Hex; account: PrivateKeyAccount }) => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 8; i += 1) if (await work(await newAccount())) return
    throw new Error('it was never in time')
  }
  const requestFor = (from: string, hex: string, more: object = {}) => ({
    ...{
      api_key_id: 'k',
      chain_id: `eip155:${chain.chainId}`,
      policy_config: { server: server.url, from },
      wallet_id: 'w',
    },
    transaction: { raw_hex: hex },
    ...more,
  })
  const bytesOf = (more: object = {}) =>
    serializeTransaction({
      ...{ chainId: chain.chainId, nonce: 0, to: FRIEND, value: 3n, gas: 21_000n, type: 'eip1559' },
      ...{ maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1n, ...more },
    } as never).slice(2)

  test('promise: the program allows what has a grant, and answers no to everything else', async () => {
    await inTime(async ({ account }) => (await decide(requestFor(account.address, bytesOf()))).allow)
    const { account } = await newAccount()
    const from = account.address
    const no = [
      requestFor(from, '6869'),
      requestFor(from, 'ab'.repeat(32)),
      requestFor(from, bytesOf({ to: SINK })),
      requestFor(from, bytesOf({ chainId: 1 })),
      requestFor(from, bytesOf(), { chain_id: 'eip155:1' }),
      requestFor(from, `${bytesOf()}00`),
      requestFor('nobody', bytesOf()),
      requestFor(from, bytesOf(), { policy_config: { server: 'http://127.0.0.1:1', from } }),
      requestFor(from, bytesOf(), { policy_config: {} }),
      {},
    ]
    const answers = await Promise.all(no.map((request) => decide(request)))
    expect(answers.map(({ allow }) => allow)).toEqual(no.map(() => false))
    await inTime(async ({ account: other }) => {
      const waiting = await decide(requestFor(other.address, bytesOf({ value: 4n })), asking)
      expect(waiting.allow).toBe(false)
      return waiting.reason.includes('/p/prop_')
    })
  })

  test.skipIf(!hasWallet)('promise: the wallet itself signs only with a yes of the program', async () => {
    const keyFile = join(dataDir, 'ows-key')
    writeFileSync(keyFile, trusted, { mode: 0o600 })
    const executable = join(dataDir, 'ows-policy.sh')
    const command = `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${program}'`
    writeFileSync(executable, `#!/bin/sh\n${command}\n`, { mode: 0o755 })
    await inTime(async ({ key, account }) => {
      const config = { server: server.url, from: account.address, key_file: keyFile }
      const input = {
        ...{
          key: key.slice(2),
          vault: join(dataDir, account.address),
          chain: `eip155:${chain.chainId}`,
          executable,
          config,
        },
        ...{ good: bytesOf(), bad: [bytesOf({ to: SINK, nonce: 1 }), 'ab'.repeat(32)] },
      }
      const { code, out } = await run([join(import.meta.dirname, 'owsWallet.mjs')], JSON.stringify(input))
      expect({ code, out }).toMatchObject({ code: 0 })
      const { good, bad, message } = JSON.parse(out) as { good: string | null; bad: unknown[]; message: unknown }
      expect({ bad, message }).toEqual({ bad: [null, null], message: null })
      return good !== null
    })
  })
})
