import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy, loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, keccak256, serializeErc6492Signature, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lieAbout, startHostileProvider, type Asked, type Behaviour, type HostileProvider } from '../hostileProvider.ts'

/**
 * One hostile provider against every verb that reads the chain. With two providers that must agree, one liar changes no
 * state; with one, a provider’s fault is a 502 in our own words, within bounds.
 */
const ALICE = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const MALLORY = privateKeyToAccount('0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a')
const BOB = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const YES = `0x${'0'.repeat(63)}1`
const MAGIC = `0x1626ba7e${'0'.repeat(56)}`
const JUNK: Hex = `0x${'11'.repeat(64)}1b`
/** What only a provider says: it must not be seen in any answer. */
const MARKER = 'PROVIDER-TEXT-7f3a'

let chain: LocalChain
let wallet: Address
let factory: Address
beforeAll(async () => {
  chain = await startLocalChain()
  await chain.fund(ALICE.address, { usdc: 10_000n * 10n ** 6n })
  const from = chain.accounts[0]?.address as Address
  wallet = (await deploy(chain.rpc, from, 'ContractWallet', [ALICE.address])) as Address
  factory = (await deploy(chain.rpc, from, 'ContractWalletFactory')) as Address
})
afterAll(() => chain.close())

interface Told {
  readonly status: number
  readonly text: string
  readonly body: Record<string, unknown> & { code?: string }
}

/** A server on these providers, and what is asked of it. */
class House {
  readonly server: Launched
  readonly #dataDir: string
  private constructor(server: Launched, dataDir: string) {
    this.server = server
    this.#dataDir = dataDir
  }

  static async open(providers: readonly HostileProvider[], isBuiltIn = false): Promise<House> {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-providers-'))
    const [first] = providers
    const server = await launch({
      port: 0,
      dataDir,
      logLevel: 'silent',
      policy: { unknownHashMs: 600_000 },
      // The built-in chain’s tokens and faucet, through a provider of ours.
      ...(isBuiltIn && first !== undefined
        ? { env: {}, localChain: { ...chain, rpcUrl: first.url } }
        : {
            env: {
              [`COUNTERSIGN_RPC_${chain.chainId}`]: providers.map(({ url }) => url).join(','),
              COUNTERSIGN_QUORUM: providers.length > 1 ? '2' : '1',
            },
          }),
    })
    return new House(server, dataDir)
  }

  async close(): Promise<void> {
    await this.server.close()
    rmSync(this.#dataDir, { recursive: true, force: true })
  }

  async http(path: string, body: unknown, session?: string): Promise<Told> {
    const response = await fetch(this.server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(session === undefined ? {} : { 'x-session-id': session }) },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, text, body: (/^[[{]/.test(text) ? JSON.parse(text) : {}) as Told['body'] }
  }

  client(): Client {
    return createClient({ baseUrl: this.server.url, sessionId: randomUUID() })
  }

  async idle(client: Client): Promise<void> {
    while ((await client.state()).is_processing) await pause(25)
  }

  async ask(client: Client, text: string): Promise<Proposal | undefined> {
    await client.chat(text, { address: ALICE.address, chain_id: chain.chainId, is_connected: true })
    await this.idle(client)
    return ((await client.proposals()) as readonly Proposal[])[0]
  }

  /** Signs in, or tries to. */
  async signIn(account: string, sign: (message: string) => Hex | Promise<Hex>): Promise<Told> {
    const client = this.client()
    await client.chat('help')
    await this.idle(client)
    const id = client.sessionId
    const start = await this.http('/api/sign-in/nonce', { address: account, chain_id: chain.chainId }, id)
    const message = String(start.body['message'])
    return this.http('/api/sign-in', { message, signature: await sign(message) }, id)
  }

  rpc(method: string, params: readonly unknown[]): Promise<Told> {
    return this.http(`/api/rpc/${chain.chainId}`, { jsonrpc: '2.0', id: 1, method, params })
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const signed = async (message: string) => ALICE.signMessage({ message })
const forged = async (message: string) => MALLORY.signMessage({ message })
const salted = (salt: number) => {
  const { abi } = loadArtifact('ContractWalletFactory')
  const args = [ALICE.address, `0x${salt.toString(16).padStart(64, '0')}`]
  const make = encodeFunctionData({ abi, functionName: 'make', args })
  const find = encodeFunctionData({ abi, functionName: 'addressOf', args })
  return {
    wrap: (signature: Hex) => serializeErc6492Signature({ address: factory, data: make, signature }),
    async address(): Promise<Address> {
      const word = await chain.rpc<Hex>('eth_call', [{ to: factory, data: find }, 'latest'])
      return `0x${word.slice(26)}`
    },
  }
}
/** Mines the very transaction of a call, and answers its hash. */
async function mine(call: { to: string | null; value: string; data: string }, from = ALICE.address): Promise<Hex> {
  const hash = await chain.rpc<Hex>('eth_sendTransaction', [
    { from, to: call.to, value: `0x${BigInt(call.value).toString(16)}`, data: call.data, gas: '0xf4240' },
  ])
  while ((await chain.rpc('eth_getTransactionReceipt', [hash])) === null) await pause(5)
  return hash
}

for (const order of ['the liar first', 'the liar second'] as const) {
  describe(`two providers, ${order}`, () => {
    let honest: HostileProvider
    let liar: HostileProvider
    let house: House
    beforeAll(async () => {
      honest = await startHostileProvider(chain.rpcUrl)
      liar = await startHostileProvider(chain.rpcUrl)
      house = await House.open(order === 'the liar first' ? [liar, honest] : [honest, liar])
    })
    afterAll(async () => {
      await house.close()
      await honest.close()
      await liar.close()
    })
    afterEach(() => {
      liar.behave = null
      liar.answer = null
      honest.behave = null
    })

    test('promise: one liar signs nobody in', async () => {
      const future = salted(1)
      const lies: Record<string, Behaviour> = {
        'yes to every call': lieAbout({ eth_call: YES }),
        'one byte of yes to every call': lieAbout({ eth_call: '0x01' }),
        'the magic value, and code': lieAbout({ eth_call: MAGIC, eth_getCode: '0x6001' }),
        'code alone': lieAbout({ eth_getCode: '0x6001' }),
        'no code': lieAbout({ eth_getCode: '0x', eth_call: '0x01' }),
      }
      for (const [name, behave] of Object.entries(lies)) {
        liar.behave = behave
        for (const [account, sign] of [
          [ALICE.address, () => JUNK],
          [ALICE.address, forged],
          [ALICE.address, () => future.wrap(JUNK)],
          [wallet, forged],
          [wallet, () => future.wrap(JUNK)],
          [await future.address(), async (message: string) => future.wrap(await forged(message))],
        ] as const) {
          const told = await house.signIn(account, sign)
          expect([403, 502], `${name}: ${account}: ${told.text}`).toContain(told.status)
        }
      }
    })

    test('plain accounts and contract wallets sign in, deployed and not yet', async () => {
      const future = salted(2)
      for (const [account, sign] of [
        [ALICE.address, signed],
        [wallet, signed],
        [await future.address(), async (message: string) => future.wrap(await signed(message))],
      ] as const) {
        const told = await house.signIn(account, sign)
        expect(told.status, told.text).toBe(200)
      }
      // A plain account’s own signature needs no provider.
      liar.answer = (response) => response.writeHead(503).end()
      expect((await house.signIn(ALICE.address, signed)).status).toBe(200)
    })

    test('promise: a provider that lies about any one method settles nothing', async () => {
      /** A transaction that never was, or was another, told of by the liar as the committed one. */
      const cases = new Map<string, { proposal: Proposal; client: Client; hash: Hex; lies: readonly string[] }>()
      const methods = [
        'eth_getTransactionByHash',
        'eth_getTransactionReceipt',
        'eth_getBlockByNumber',
        'eth_getBlockByHash',
        'debug_traceTransaction',
        'eth_blockNumber',
        'eth_call',
      ]
      const open = async (hash: Hex, lies: readonly string[]): Promise<void> => {
        const client = house.client()
        const proposal = await house.ask(client, `send 0.00${cases.size + 1} ETH to ${BOB}`)
        expect(proposal?.state).toBe('pending')
        if (proposal === undefined) throw new Error('nothing was proposed')
        cases.set(hash, { proposal, client, hash, lies })
      }
      // Never mined, told of by one method, and by all of them.
      for (const [i, method] of methods.entries()) await open(`0x${String(i + 1).padStart(64, 'a')}`, [method])
      await open(`0x${'b'.repeat(64)}`, methods)
      // Mined, but another one; and the right one, but failed.
      await open(await mine({ to: MALLORY.address, value: '1', data: '0x' }), ['eth_getTransactionByHash'])
      await open(await mine({ to: MALLORY.address, value: '2', data: '0x' }), methods)
      const head = await chain.rpc<{ number: Hex; hash: Hex }>('eth_getBlockByNumber', ['latest', false])
      const invented = ({ method, params }: Asked): unknown => {
        const found = cases.get(String(params[0]))
        const all = [...cases.values()].find(({ lies }) => lies.length > 1)
        const about = found ?? (method.startsWith('eth_getBlockBy') && params[1] === true ? all : undefined)
        if (about === undefined || !about.lies.includes(method)) return undefined
        const [call] = about.proposal.calls
        const block = { blockHash: head.hash, blockNumber: head.number, transactionIndex: '0x0' }
        const transaction = {
          ...block,
          hash: about.hash,
          from: ALICE.address.toLowerCase(),
          to: call?.to,
          value: `0x${BigInt(call?.value ?? 0).toString(16)}`,
          input: call?.data,
          nonce: '0x0',
          gas: '0x5208',
          chainId: `0x${chain.chainId.toString(16)}`,
        }
        switch (method) {
          case 'eth_getTransactionByHash':
            return transaction
          case 'eth_getTransactionReceipt':
            return { ...transaction, transactionHash: about.hash, status: '0x1', gasUsed: '0x5208', logs: [] }
          case 'debug_traceTransaction':
            return { type: 'CALL', from: transaction.from, to: call?.to, value: transaction.value, input: call?.data }
          default:
            return undefined
        }
      }
      liar.behave = async (asked, ask) => {
        const lie = invented(asked)
        return lie === undefined ? ask() : { result: lie }
      }
      for (const { proposal, client, hash } of cases.values()) await client.submitted(proposal.id, 1, hash)
      // Three looks of the watcher.
      await pause(7_000)
      for (const { proposal, client, lies } of cases.values()) {
        const { state } = await client.proposal(proposal.id)
        expect(state, lies.join()).not.toBe('settled')
      }
    })

    test('promise: one liar ends no proposal either, and the truth settles it once both tell it', async () => {
      const cases: { client: Client; proposal: Proposal; hash: Hex; lie: Behaviour }[] = []
      const edit =
        (method: string, change: (result: Record<string, unknown>) => unknown): Behaviour =>
        async (asked, ask) => {
          const answer = await ask()
          if (asked.method !== method || answer['result'] === null) return answer
          return { result: change(answer['result'] as Record<string, unknown>) }
        }
      const lies: Behaviour[] = [
        edit('eth_getTransactionReceipt', () => null),
        edit('eth_getTransactionReceipt', (receipt) => ({ ...receipt, status: '0x0' })),
        edit('eth_getTransactionReceipt', (receipt) => ({ ...receipt, blockNumber: '0x1' })),
        edit('eth_getTransactionByHash', () => null),
        edit('eth_getTransactionByHash', (transaction) => ({ ...transaction, value: '0x7' })),
        edit('eth_getTransactionByHash', (transaction) => ({ ...transaction, to: MALLORY.address })),
        edit('eth_getTransactionByHash', (transaction) => ({ ...transaction, chainId: '0x1' })),
      ]
      // It lies from the moment the transaction exists: the server looks by itself.
      liar.behave = async (asked, ask) => {
        const about = cases.find(({ hash }) => hash === asked.params[0])
        return about === undefined ? ask() : about.lie(asked, ask)
      }
      for (const [i, lie] of lies.entries()) {
        const client = house.client()
        const proposal = await house.ask(client, `send 0.01${i} ETH to ${BOB}`)
        const [call] = proposal?.calls ?? []
        if (proposal === undefined || call === undefined) throw new Error('nothing was proposed')
        const raw = await ALICE.signTransaction({
          type: 'eip1559',
          chainId: chain.chainId,
          nonce: Number(await chain.rpc<Hex>('eth_getTransactionCount', [ALICE.address, 'latest'])),
          to: call.to as Address,
          value: BigInt(call.value),
          gas: 100_000n,
          maxFeePerGas: 20n * 10n ** 9n,
          maxPriorityFeePerGas: 1n,
        })
        const hash = keccak256(raw)
        cases.push({ client, proposal, hash, lie })
        await chain.rpc('eth_sendRawTransaction', [raw])
        while ((await chain.rpc('eth_getTransactionReceipt', [hash])) === null) await pause(5)
      }
      for (const { proposal, client, hash } of cases) await client.submitted(proposal.id, 1, hash)
      await pause(7_000)
      for (const [i, { proposal, client }] of cases.entries())
        // About a receipt nothing overrules it. A transaction the server also finds in its block, which both tell alike.
        expect(i < 3 ? ['submitted'] : ['submitted', 'settled'], String(i)).toContain(
          (await client.proposal(proposal.id)).state,
        )
      liar.behave = null
      for (const { proposal, client } of cases) {
        let state = ''
        for (; state !== 'settled'; await pause(50)) state = (await client.proposal(proposal.id)).state
        expect(state).toBe('settled')
      }
    })

    test('promise: on one liar’s word no nonce is committed and no document counts as signed', async () => {
      for (const lies of [
        { eth_getTransactionCount: '0x7' },
        { eth_getCode: '0x6001', eth_call: MAGIC },
        { eth_getBalance: '0x0' },
      ]) {
        liar.behave = lieAbout(lies)
        const proposal = await house.ask(house.client(), `send 0.1 ETH to ${BOB}`)
        expect(proposal?.state ?? 'none', JSON.stringify(lies)).not.toBe('pending')
      }
      liar.behave = null
      const client = house.client()
      const document = {
        types: { EIP712Domain: [], Note: [{ name: 'text', type: 'string' }] },
        primaryType: 'Note',
        domain: {},
        message: { text: 'I agree.' },
      }
      const proposal = await house.ask(client, `sign ${JSON.stringify(document)}`)
      if (proposal === undefined) throw new Error((await client.state()).messages.at(-1)?.content)
      if (proposal.state !== 'pending') return
      liar.behave = lieAbout({ eth_getCode: '0x6001', eth_call: MAGIC })
      for (const signature of [JUNK, await MALLORY.signTypedData(document as never)]) {
        const told = await house.http(`/api/proposals/${proposal.id}/signed`, { signature }, client.sessionId)
        expect([409, 502], told.text).toContain(told.status)
      }
      expect((await client.proposal(proposal.id)).state).toBe('pending')
    })

    test('two honest providers of different make agree: spelling, order, extra fields, one block behind', async () => {
      const client = house.client()
      liar.behave = async ({ method, params }, ask) => {
        const answer = await ask()
        const result = answer['result']
        if (typeof result === 'string' && method !== 'eth_call')
          return { result: result.replace(/^0x[0-9a-f]+$/, (hex) => `0x${hex.slice(2).toUpperCase()}`) }
        if (typeof result !== 'object' || result === null || Array.isArray(result)) return answer
        if (method === 'debug_traceCall') return answer
        if (method === 'eth_getBlockByNumber' && params[0] === 'latest') {
          const { number } = result as { number: string }
          return { result: { ...result, number, note: MARKER } }
        }
        return { result: Object.fromEntries([...Object.entries(result).toReversed(), ['note', MARKER]]) }
      }
      const proposal = await house.ask(client, `send 0.2 ETH to ${BOB}`)
      expect(proposal?.state).toBe('pending')
      const [call] = proposal?.calls ?? []
      if (proposal === undefined || call === undefined) throw new Error('nothing was proposed')
      await client.submitted(proposal.id, 1, await mine(call))
      let state = ''
      for (; state !== 'settled'; await pause(50)) state = (await client.proposal(proposal.id)).state
      expect(state).toBe('settled')
    })
  })
}

describe('one provider', () => {
  let provider: HostileProvider
  let house: House
  beforeAll(async () => {
    provider = await startHostileProvider(chain.rpcUrl)
    house = await House.open([provider], true)
  })
  afterAll(async () => {
    await house.close()
    await provider.close()
  })
  afterEach(() => {
    provider.behave = null
    provider.answer = null
  })

  test('metrics tell how long each method of each provider takes, and what came of it, without the key in its URL', async () => {
    const metrics = async (): Promise<string> => (await fetch(`${house.server.url}/metrics`)).text()
    const counted = (text: string, method: string, outcome: string): number => {
      const labels = `chain="${chain.chainId}",provider="${new URL(provider.url).origin}",method="${method}",outcome="${outcome}"`
      const line = text.split('\n').find((each) => each.startsWith(`countersign_provider_seconds_count{${labels}}`))
      return Number(line?.split(' ').at(-1) ?? 0)
    }
    const before = await metrics()
    await house.rpc('eth_gasPrice', [])
    await house.rpc('eth_gasPrice', [])
    const after = await metrics()
    expect(counted(after, 'eth_gasPrice', 'ok') - counted(before, 'eth_gasPrice', 'ok')).toBe(2)
    expect(counted(after, 'eth_chainId', 'ok')).toBeGreaterThan(0)
    provider.answer = (response) => void response.writeHead(500).end()
    await house.rpc('eth_gasPrice', [])
    provider.answer = null
    const failed = await metrics()
    expect(counted(failed, 'eth_gasPrice', 'http')).toBeGreaterThan(0)
    expect(failed).not.toContain(provider.secret)
  })

  /** Every verb of the server that reads the chain. */
  async function everyVerb(): Promise<Told[]> {
    const future = salted(3)
    const at = await future.address()
    const told = [
      await house.signIn(ALICE.address, signed),
      await house.signIn(ALICE.address, () => JUNK),
      await house.signIn(wallet, signed),
      await house.signIn(at, async (message) => future.wrap(await signed(message))),
      await house.http('/api/faucet', { chain_id: chain.chainId, address: BOB }),
      await house.http('/api/simulate', {
        from: ALICE.address,
        chain_id: chain.chainId,
        transactions: [{ to: BOB, value: '1', data: '0x' }],
      }),
    ]
    const head = await chain.rpc<{ hash: Hex }>('eth_getBlockByNumber', ['latest', false])
    for (const [method, params] of Object.entries({
      eth_blockNumber: [],
      eth_call: [{ to: chain.addresses.usdc, data: '0x18160ddd' }, 'latest'],
      eth_chainId: [],
      eth_estimateGas: [{ from: ALICE.address, to: BOB, value: '0x1' }],
      eth_feeHistory: ['0x2', 'latest', [50]],
      eth_gasPrice: [],
      eth_getBalance: [BOB, 'latest'],
      eth_getBlockByHash: [head.hash, false],
      eth_getBlockByNumber: ['latest', true],
      eth_getCode: [chain.addresses.usdc, 'latest'],
      eth_getTransactionByHash: [`0x${'1'.repeat(64)}`],
      eth_getTransactionCount: [ALICE.address, 'latest'],
      eth_getTransactionReceipt: [`0x${'1'.repeat(64)}`],
      eth_maxPriorityFeePerGas: [],
      net_version: [],
    }))
      told.push(await house.rpc(method, params))
    for (const text of ['swap 1 ETH for USDC', 'balance', `send 1 ETH to ${BOB}`]) {
      const client = house.client()
      await house.ask(client, text)
      told.push({ status: 200, text: JSON.stringify(await client.state()), body: {} })
    }
    return told
  }
  const isOurs = ({ status, text, body }: Told, what: string): void => {
    expect(status, `${what}: ${text}`).not.toBe(500)
    expect(body.code ?? '', what).not.toBe('http:server:bug')
    expect(text, what).not.toContain(MARKER)
    expect(text, what).not.toContain(provider.secret)
  }

  test('every verb answers while the provider is honest', async () => {
    for (const told of await everyVerb()) expect([200, 403], told.text).toContain(told.status)
  })

  test('promise: a plain account is not vouched for by a call, whatever its provider says', async () => {
    const future = salted(4)
    for (const result of [YES, '0x01', MAGIC]) {
      provider.behave = lieAbout({ eth_call: result })
      for (const signature of [JUNK, future.wrap(JUNK), `0x${'00'.repeat(65)}`, '0x1234'] as const)
        expect((await house.signIn(ALICE.address, () => signature)).status).toBe(403)
    }
  })

  test('promise: answers of the wrong shape are a 502 in our words, for every verb', async () => {
    let deep: unknown = MARKER
    for (let i = 0; i < 3_000; i += 1) deep = [deep]
    const shapes: unknown[] = [{}, [], MARKER, 12, '', true, null, undefined, { hash: MARKER }, [null], [[]], deep]
    for (const shape of shapes) {
      const name = JSON.stringify(shape)?.slice(0, 40) ?? 'neither result nor error'
      provider.behave = async ({ method }, ask) =>
        method === 'eth_chainId' ? ask() : shape === undefined ? {} : { result: shape }
      for (const told of await everyVerb()) isOurs(told, name)
    }
    for (const error of [
      { code: -32000, message: MARKER, data: MARKER },
      { code: 3, message: MARKER, data: { [MARKER]: MARKER } },
      { code: MARKER, message: { toString: 1 } },
      MARKER,
      7,
      {},
    ]) {
      provider.behave = async ({ method }, ask) => (method === 'eth_chainId' ? ask() : { error })
      for (const told of await everyVerb()) isOurs(told, JSON.stringify(error))
    }
  })

  test('promise: a redirect to another host is not followed', async () => {
    let hits = 0
    const internal: Server = createServer((_request, response) => {
      hits += 1
      response.end(JSON.stringify([{ jsonrpc: '2.0', id: 0, result: '0x1' }]))
    })
    await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve))
    const location = `http://127.0.0.1:${(internal.address() as AddressInfo).port}/latest/meta-data`
    for (const status of [301, 302, 303, 307, 308]) {
      provider.answer = (response) => response.writeHead(status, { location }).end('[]')
      const told = await house.rpc('eth_gasPrice', [])
      expect([told.status, told.body.code]).toEqual([502, 'chains:rpc:unreachable'])
      for (const each of await everyVerb()) isOurs(each, String(status))
    }
    expect(hits).toBe(0)
    internal.closeAllConnections()
    internal.close()
  })

  test('promise: an endless answer is given up early', async () => {
    let sent = 0
    provider.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(2 ** 16, ' ')
      const more = (): void => {
        while (!response.destroyed && sent < 2 ** 28) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    }
    const told = await house.rpc('eth_gasPrice', [])
    expect([told.status, told.body.code]).toEqual([502, 'chains:rpc:unreadable'])
    // What was under way in sockets comes on top of the few kilobytes that are read.
    expect(sent).toBeLessThan(2 ** 24)
  })

  test('promise: what a provider says reaches neither page nor person', async () => {
    provider.behave = ({ method }) => ({
      error: { code: -32000, message: `${MARKER} ${method} at ${provider.url}`, data: `${MARKER}${provider.url}` },
    })
    for (const told of await everyVerb()) isOurs(told, 'errors with secrets')
    for (const body of [`<html>${MARKER}</html>`, MARKER, `{"error":"${MARKER}"}`]) {
      provider.answer = (response) => response.writeHead(404).end(body)
      for (const told of await everyVerb()) isOurs(told, body)
      provider.answer = (response) => response.end(body)
      for (const told of await everyVerb()) isOurs(told, body)
    }
  })

  test('promise: after a failover the chain is checked again', async () => {
    const second = await startHostileProvider(chain.rpcUrl)
    const pair = await House.open([provider])
    await pair.close()
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-failover-'))
    const both = await launch({
      port: 0,
      dataDir,
      logLevel: 'silent',
      env: { [`COUNTERSIGN_RPC_${chain.chainId}`]: `${provider.url},${second.url}` },
    })
    const ask = async (method: string, params: readonly unknown[]) => {
      const response = await fetch(`${both.url}/api/rpc/${chain.chainId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    second.behave = async ({ method }, honest) => {
      const lies: Record<string, string> = { eth_chainId: '0x1', eth_getBalance: '0x539' }
      return lies[method] === undefined ? honest() : { result: lies[method] }
    }
    expect((await ask('eth_getBalance', [BOB, 'latest'])).status).toBe(200)
    provider.answer = (response) => response.writeHead(503).end()
    const told = await ask('eth_getBalance', [BOB, 'latest'])
    expect(told.status).toBe(502)
    expect(JSON.stringify(told.body)).not.toContain('0x539')
    await both.close()
    await second.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('a provider that is away changes no state, and a proposal settles when it is back', async () => {
    const client = house.client()
    const proposal = await house.ask(client, `send 0.3 ETH to ${BOB}`)
    const [call] = proposal?.calls ?? []
    if (proposal === undefined || call === undefined) throw new Error('nothing was proposed')
    const hash = await mine(call)
    for (const away of [
      (response: import('node:http').ServerResponse) => void response.destroy(),
      (response: import('node:http').ServerResponse) => void response.writeHead(500).end(MARKER),
    ]) {
      provider.answer = away
      if ((await client.proposal(proposal.id)).state === 'pending') await client.submitted(proposal.id, 1, hash)
      await pause(1_000)
      expect((await client.proposal(proposal.id)).state).toBe('submitted')
    }
    provider.answer = null
    let state = ''
    for (; state !== 'settled'; await pause(50)) state = (await client.proposal(proposal.id)).state
    expect(state).toBe('settled')
  })
})
