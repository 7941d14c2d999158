import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, verifyWebhook, type Client, type WebhookMessage } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'

export const RENT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const OTHER = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const SECRET = 'whsec-of-this-test'
/** As many apps as there are tests in a file: each has its own mandates. */
const APPS = 40

export type Body = Record<string, unknown> & { id: string; state: string; code?: string | null; digest: string }

/** A real server with a chain, a webhook that listens, and a clock that a test may set forward. */
export interface Desk {
  readonly server: Launched
  readonly chain: LocalChain
  readonly received: WebhookMessage[]
  /** Sets the store's clock forward. Milliseconds. */
  pass(ms: number): void
  open(): Promise<Seat>
  close(): Promise<void>
}

/** @param more - Further lines of each app.yaml. */
export async function openDesk(name: string, more = ''): Promise<Desk> {
  const scratch = mkdtempSync(join(tmpdir(), `countersign-${name}-`))
  const received: WebhookMessage[] = []
  let offsetMs = 0
  const receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      const signature = request.headers['countersign-signature'] as string | undefined
      void verifyWebhook({ body, signature, secrets: SECRET, nowMs: Date.now() + offsetMs })
        .then((message) => received.push(message))
        .finally(() => response.writeHead(204).end())
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  for (let i = 1; i <= APPS; i += 1) {
    mkdirSync(join(scratch, 'apps', `shop${i}`), { recursive: true })
    writeFileSync(
      join(scratch, 'apps', `shop${i}`, 'app.yaml'),
      `name: shop${i}\nnotify:\n  ops: { webhook: 'http://127.0.0.1:${port}/', secret: OPS_HOOK, allow_private: true, events: [proposals.proposal.done] }\n${more}`,
    )
  }
  const chain = await startLocalChain()
  const server = await launch({
    ...{ port: 0, dataDir: join(scratch, 'data'), localChain: chain, logLevel: 'silent' },
    env: { COUNTERSIGN_APPS_DIR: join(scratch, 'apps'), COUNTERSIGN_SECRET_OPS_HOOK: SECRET },
    storeClock: { nowMs: () => Date.now() + offsetMs },
  })
  let count = 0
  return {
    ...{ server, chain, received },
    pass(ms) {
      offsetMs += ms
    },
    open: () => openSeat({ server, chain }, `shop${(count += 1)}`),
    async close() {
      await server.close()
      await chain.close()
      receiver.closeAllConnections()
      receiver.close()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

/** An owner with money and a session, and an agent with a key, in an app of their own. */
export type Seat = Awaited<ReturnType<typeof openSeat>>

async function openSeat({ server, chain }: Pick<Desk, 'server' | 'chain'>, app: string) {
  const alice = privateKeyToAccount(generatePrivateKey())
  await chain.fund(alice.address as never, { wei: 10n ** 19n, usdc: 10_000n * 10n ** 6n })
  const keyOf = async (scopes: readonly string[]): Promise<string> =>
    Redacted.reveal((await server.issueKey({ app, label: 'x', scopes: scopes as never })).key)
  const agent = await keyOf(['read', 'propose', 'guard'])
  const admin = await keyOf(['read', 'chat', 'admin'])
  const usdc = chain.addresses.usdc as Hex

  async function sessionOf(account: PrivateKeyAccount): Promise<{ client: Client; key: string }> {
    const key = await keyOf(['read', 'chat'])
    const client = createClient({ baseUrl: server.url, sessionId: randomUUID(), apiKey: key, app })
    await client.start()
    await client.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
      account.signMessage({ message }),
    )
    return { client, key }
  }
  async function http(
    method: string,
    path: string,
    { key, sid, body }: { key: string; sid?: string; body?: unknown },
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        'x-api-key': key,
        ...(sid === undefined ? {} : { 'x-session-id': sid }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body }
  }
  const own = await sessionOf(alice)
  const asOwner = (method: string, path: string, body?: unknown) =>
    http(method, path, { key: own.key, sid: own.client.sessionId, ...(body === undefined ? {} : { body }) })
  const sign = (document: unknown, account = alice): Promise<Hex> =>
    account.signTypedData(document as Parameters<PrivateKeyAccount['signTypedData']>[0])
  const policy = (more: object = {}) => ({
    ...{ mandate: 'rent', owner: 'session', chains: [chain.chainId] },
    valid: { until: new Date(Date.now() + 300 * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z') },
    rules: [{ id: 'rent', answer: 'allow', when: { recipients: [RENT], tokens: ['USDC'] } }],
    limits: [{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '1000', over: 'ask' }],
    ...more,
  })
  /** The page of the owner: a browser's session in which the wallet is proven. */
  async function pageOf(account: PrivateKeyAccount): Promise<Client> {
    const page = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    await page.start()
    await page.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
      account.signMessage({ message }),
    )
    return page
  }
  return {
    ...{ alice, app, agent, admin, usdc, keyOf, sessionOf, http, asOwner, sign, policy, pageOf },
    owner: own.client,
    async grant(of: object = policy()): Promise<Body> {
      const drafted = await asOwner('PUT', '/api/mandates', { policy: of })
      if (drafted.status !== 202) throw new Error(JSON.stringify(drafted.body))
      const { draft, typed_data: document } = drafted.body
      const granted = await asOwner('PUT', '/api/mandates', { draft, signature: await sign(document) })
      if (granted.status !== 200) throw new Error(JSON.stringify(granted.body))
      return granted.body
    },
    transfer: (to: string, units: bigint) => ({
      ...{ to: usdc, value: '0' },
      data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to as Hex, units * 10n ** 6n] }),
    }),
    propose: (...transactions: object[]) =>
      http('POST', '/api/proposals', {
        key: agent,
        body: { transactions, from: alice.address, chain_id: chain.chainId },
      }),
    /** The same, with what the client says of the wallet. */
    proposeFrom: (wallet: object, ...transactions: object[]) =>
      http('POST', '/api/proposals', {
        key: agent,
        body: { transactions, from: alice.address, chain_id: chain.chainId, wallet },
      }),
    read: async (id: string): Promise<Body> => (await http('GET', `/api/proposals/${id}`, { key: agent })).body,
    grantOf: (id: string) =>
      http('POST', `/api/proposals/${id}/grant`, {
        key: agent,
        body: { from: alice.address, chain_id: chain.chainId },
      }),
    /** What the agent's own signer does with a grant. */
    async send(id: string, nonce: number): Promise<Hex> {
      const { body } = await http('GET', `/api/proposals/${id}`, { key: agent })
      const [call] = body['calls'] as [{ to: Hex; value: string; data: Hex; gas: string; max_fee_per_gas: string }]
      const raw = await alice.signTransaction({
        ...{ chainId: chain.chainId, type: 'eip1559', nonce, maxPriorityFeePerGas: 0n },
        ...{ to: call.to, value: BigInt(call.value), data: call.data },
        ...{ gas: BigInt(call.gas), maxFeePerGas: BigInt(call.max_fee_per_gas) },
      })
      return (await chain.rpc('eth_sendRawTransaction', [raw])) as Hex
    },
    /** The states of what the ledger holds for the owner, oldest first. */
    reservations: async (): Promise<string[]> => {
      const { body } = await http('GET', '/api/reservations', { key: admin })
      return (body as unknown as { state: string; account: string }[])
        .filter(({ account }) => account === alice.address)
        .map(({ state }) => state)
        .toReversed()
    },
  }
}

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000; i += 1) {
    if (await what()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It did not come to pass.')
}
