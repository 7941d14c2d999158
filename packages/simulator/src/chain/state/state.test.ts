import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address, type Hex } from '@countersign/base'
import { deploy, loadArtifact, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { encodeFunctionData, serializeTransaction, type Abi } from 'viem'
import * as viemChains from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlockEnv, Header } from '../../model/Block.ts'
import { nextBlock } from '../../evm/BlockEnv.ts'
import { runUpstream } from '../../evm/node/runUpstream.ts'
import { spawnAnvil } from '../../evm/anvil/spawnAnvil.ts'
import { logsOf, nativeMoves } from '../../effects/Trace.ts'
import type { Call } from '../../model/Call.ts'
import { isBlockDiffComplete, unknown } from '../Chain.ts'
import { GAS_PRICE_ORACLE, recognise } from '../Engine.ts'
import { chainOf } from '../records.ts'
import { createHeadFollower, rollForward } from './HeadFollower.ts'
import type { Coin } from '../../model/Coin.ts'
import { detectEngine, l1FeesWei } from './L1Fee.ts'
import { headerHash, verifyReadSet } from './Proofs.ts'
import { accessOf, addAccess, type AccessSet, type Prestate } from '../../model/Access.ts'
import { CodeStore, StateCache } from './StateCache.ts'
import { openEndpoint } from '../rpc/openEndpoint.ts'
import { expectResult, type RpcEndpoint } from '../rpc/Rpc.ts'
import { openRpc } from '../rpc/openRpc.ts'

const ETHER = 10n ** 18n
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const FOREVER = 2n ** 40n
const MISSING_HASH: Hex.Hex = `0x${'11'.repeat(32)}`

interface WireCall {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}
interface WireAnswer {
  readonly id: number
  result?: unknown
  error?: { code: number; message: string }
}
/** A provider in front of the chain that edits what it says. */
interface Proxy {
  readonly url: string
  /** Edits one answer; returns what is sent instead. */
  edit: ((call: WireCall, answer: WireAnswer) => WireAnswer) | null
  /** A whole HTTP answer instead of any. */
  status: number | null
  requests: number
  close(): Promise<void>
}

let chain: LocalChain
let endpoint: RpcEndpoint
let churn: Address.Address
const proxies: Proxy[] = []

beforeAll(async () => {
  chain = await startLocalChain()
  endpoint = openEndpoint({ url: chain.rpcUrl, timeoutMs: 10_000 })
  await chain.fund(ME, { usdc: 100_000n * 10n ** 6n, dai: 100_000n * ETHER })
  churn = Address.parse(await deploy(chain.rpc, ME, 'Churn'))
})
afterAll(async () => {
  await endpoint.close()
  for (const proxy of proxies) await proxy.close()
  await chain.close()
})

async function startProxy(edit: Proxy['edit'] = null): Promise<Proxy> {
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      void (async () => {
        proxy.requests += 1
        if (proxy.status !== null) {
          outgoing.writeHead(proxy.status).end('{"error":"later"}')
          return
        }
        const body = Buffer.concat(chunks).toString('utf8')
        const calls = JSON.parse(body) as WireCall[]
        const response = await fetch(chain.rpcUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
        const answers = (await response.json()) as WireAnswer[]
        const edited = answers.map((answer) => {
          const call = calls.find(({ id }) => id === answer.id)
          return call === undefined || proxy.edit === null ? answer : proxy.edit(call, answer)
        })
        outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(edited))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/secret-key`,
    edit,
    status: null,
    requests: 0,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  proxies.push(proxy)
  return proxy
}

async function headOf(of: RpcEndpoint = endpoint): Promise<Header> {
  const [answer] = await of.batch([{ method: 'eth_getBlockByNumber', params: ['latest', false] }])
  return expectResult<Header>(answer, 'eth_getBlockByNumber')
}
const encode = (name: string, functionName: string, args: unknown[]): Hex.Hex =>
  encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args })
const swapData = (): Hex.Hex =>
  encode('UniswapV2Router02', 'swapExactETHForTokens', [1n, [chain.addresses.weth, chain.addresses.usdc], ME, FOREVER])
const call = (to: Address.Address | null, data: Hex.Hex, value = 0n): Call => ({
  to,
  data,
  value,
  gasLimit: null,
  maxFeePerGasWei: null,
  label: null,
})

/** What a swap reads, and a cache that holds it, both told by `from`. */
async function readSwap(
  from: RpcEndpoint,
): Promise<{ header: Header; access: AccessSet; cache: StateCache; codes: CodeStore }> {
  const header = await headOf(from)
  const at = { blockHash: header.hash }
  const [answer] = await from.batch([
    {
      method: 'debug_traceCall',
      params: [
        { from: ME, to: chain.addresses.uniswapV2Router, value: '0xde0b6b3a7640000', input: swapData() },
        at,
        { tracer: 'prestateTracer', tracerConfig: { diffMode: false } },
      ],
    },
  ])
  const prestate = expectResult<Prestate>(answer, 'debug_traceCall')
  const access = accessOf(prestate)
  // An account and a slot with nothing in them: absence has proofs too.
  addAccess(access, new Map([['0x00000000000000000000000000000000deadbeef', new Set([`0x${'00'.repeat(31)}07`])]]))
  addAccess(access, new Map([[chain.addresses.usdc.toLowerCase(), new Set([`0x${'ee'.repeat(32)}`])]]))
  const codes = new CodeStore()
  const cache = new StateCache(header.hash, codes)
  cache.absorb(prestate, null)
  await cache.read(from, cache.missing(access))
  return { header, access, cache, codes }
}

describe('proofs', () => {
  test('the read set of a swap is proven against the header, absent accounts and slots included', async () => {
    await send(chain.rpc, { from: ME, to: FRIEND, value: 1n })
    const { header, access, cache } = await readSwap(endpoint)
    const before = endpoint.requests
    const check = await verifyReadSet({ endpoint, header, access, cache })
    expect(check).toEqual({
      ok: true,
      accounts: access.size,
      slots: [...access.values()].reduce((sum, slots) => sum + slots.size, 0),
    })
    expect(endpoint.requests - before).toBe(1)
    expect(access.size).toBeGreaterThan(5)
  })

  test('the header hash of each fork is the one that the engine gives', async () => {
    // Ethereum's first block (its hash is known to everybody) and one block under the rules of each fork since.
    expect(
      headerHash({
        parentHash: `0x${'00'.repeat(32)}`,
        sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
        miner: `0x${'00'.repeat(20)}`,
        stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
        transactionsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
        receiptsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
        logsBloom: `0x${'00'.repeat(256)}`,
        difficulty: '0x400000000',
        number: '0x0',
        gasLimit: '0x1388',
        gasUsed: '0x0',
        timestamp: '0x0',
        extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
        mixHash: `0x${'00'.repeat(32)}`,
        nonce: '0x0000000000000042',
      }),
    ).toBe('0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3')
    for (const fork of ['berlin', 'london', 'shanghai', 'cancun', 'prague', 'osaka']) {
      const anvil = await spawnAnvil({ args: ['--hardfork', fork, '--accounts', '1'] })
      const node = openEndpoint({ url: anvil.url, timeoutMs: 5_000 })
      try {
        await node.batch([{ method: 'evm_mine', params: [] }])
        const header = (await headOf(node)) as unknown as Record<string, unknown>
        expect([fork, headerHash(header)]).toEqual([fork, header['hash']])
        expect(headerHash({ ...header, gasUsed: '0x1' })).not.toBe(header['hash'])
      } finally {
        await node.close()
        await anvil.close()
      }
    }
    expect(headerHash({ parentHash: 'nonsense' })).toBeNull()
  })

  const other = (text: unknown): string => `0x${(BigInt(text as string) + 1n).toString(16)}`
  const LIES: Record<string, { edit: NonNullable<Proxy['edit']>; field: string }> = {
    'a balance': {
      field: 'balance',
      edit: ({ method, params }, answer) =>
        method === 'eth_getBalance' && params[0] === '0x00000000000000000000000000000000deadbeef'
          ? { ...answer, result: other(answer.result) }
          : answer,
    },
    'a nonce': {
      field: 'nonce',
      edit: ({ method }, answer) =>
        method === 'eth_getTransactionCount' ? { ...answer, result: other(answer.result) } : answer,
    },
    'a code': {
      field: 'codeHash',
      edit: ({ method }, answer) => (method === 'eth_getCode' ? { ...answer, result: '0x6001' } : answer),
    },
    'a slot': {
      field: 'storage',
      edit: ({ method }, answer) =>
        method === 'eth_getStorageAt' ? { ...answer, result: `0x${'ab'.repeat(32)}` } : answer,
    },
    'a slot in a trace': {
      field: 'storage',
      edit: ({ method }, answer) => {
        if (method !== 'debug_traceCall') return answer
        const prestate = structuredClone(answer.result) as Record<string, { storage?: Record<string, string> }>
        const storage = Object.values(prestate).find((account) => account.storage !== undefined)?.storage ?? {}
        for (const slot of Object.keys(storage)) storage[slot] = `0x${'cd'.repeat(32)}`
        return { ...answer, result: prestate }
      },
    },
    'a code in a trace': {
      field: 'codeHash',
      edit: ({ method }, answer) => {
        if (method !== 'debug_traceCall') return answer
        const prestate = structuredClone(answer.result) as Record<string, { code?: string }>
        for (const account of Object.values(prestate)) if (account.code !== undefined) account.code = '0x6002'
        return { ...answer, result: prestate }
      },
    },
  }
  test.each(Object.keys(LIES))('promise: a provider that lies about %s is caught', async (name) => {
    const lie = LIES[name]
    if (lie === undefined) throw new Error(name)
    const proxy = await startProxy(lie.edit)
    const liar = openEndpoint({ url: proxy.url, timeoutMs: 10_000 })
    const { header, access, cache } = await readSwap(liar)
    const check = await verifyReadSet({ endpoint: liar, header, access, cache })
    expect(check.ok).toBe(false)
    if (!check.ok) expect(new Set(check.mismatches.map(({ field }) => field))).toEqual(new Set([lie.field]))
    await liar.close()
  })

  test('promise: a lie with an edited proof is caught too, and so is an edited header', async () => {
    const proxy = await startProxy()
    const liar = openEndpoint({ url: proxy.url, timeoutMs: 10_000 })
    const { header, access, cache } = await readSwap(liar)
    type Proof = { balance: string; accountProof: string[]; storageProof: { value: string; proof: string[] }[] }
    const edits: Record<string, (proof: Proof) => void> = {
      'a leaf of an account': (proof) => {
        const leaf = proof.accountProof.at(-1) ?? ''
        proof.accountProof[proof.accountProof.length - 1] =
          `${leaf.slice(0, -4)}${leaf.endsWith('0000') ? '1111' : '0000'}`
      },
      'no leaf': (proof) => void proof.accountProof.pop(),
      'no proof': (proof) => void (proof.accountProof.length = 0),
      'a slot’s proof cut short': (proof) => proof.storageProof.forEach((entry) => entry.proof.pop()),
      'a slot’s proof of another slot': (proof) => {
        const [first] = proof.storageProof
        if (first !== undefined) for (const entry of proof.storageProof) entry.proof = first.proof.toReversed()
      },
      'nothing about slots': (proof) => void (proof.storageProof.length = 0),
    }
    for (const [name, edit] of Object.entries(edits)) {
      proxy.edit = ({ method }, answer) => {
        if (method !== 'eth_getProof') return answer
        const proof = structuredClone(answer.result) as Proof
        edit(proof)
        return { ...answer, result: proof }
      }
      const check = await verifyReadSet({ endpoint: liar, header, access, cache })
      expect([name, check.ok]).toEqual([name, false])
      if (!check.ok) expect([name, check.mismatches.every(({ field }) => field === 'proof')]).toEqual([name, true])
    }
    // The state root of a block that was made up, under the hash of the real one.
    proxy.edit = ({ method }, answer) =>
      method === 'eth_getBlockByHash'
        ? { ...answer, result: { ...(answer.result as object), stateRoot: `0x${'22'.repeat(32)}` } }
        : answer
    expect(await verifyReadSet({ endpoint: liar, header, access, cache })).toMatchObject({
      ok: false,
      mismatches: [{ field: 'header', address: null }],
    })
    // A header that was handed out with another time and the right hash.
    proxy.edit = null
    expect(
      await verifyReadSet({ endpoint: liar, header: { ...header, timestamp: '0x1' }, access, cache }),
    ).toMatchObject({ ok: false, mismatches: [{ field: 'header', claimed: 'timestamp 0x1' }] })
    // What the cache does not hold cannot be right.
    const unread: AccessSet = new Map([[FRIEND.toLowerCase(), new Set<string>()]])
    expect(
      await verifyReadSet({
        endpoint: liar,
        header,
        access: unread,
        cache: new StateCache(header.hash, new CodeStore()),
      }),
    ).toMatchObject({
      ok: false,
      mismatches: [{ claimed: 'not read' }, { claimed: 'not read' }, { claimed: 'not read' }],
    })
    // No proofs at all: said, not passed over.
    proxy.edit = ({ method }, answer) =>
      method === 'eth_getProof' ? { id: answer.id, error: { code: -32601, message: 'method not found' } } : answer
    await expect(verifyReadSet({ endpoint: liar, header, access, cache })).rejects.toMatchObject({
      code: 'simulation:proofs:unsupported',
      kind: 'upstream',
    })
    await liar.close()
  })
})

describe('head following', () => {
  /** A small generator, so that a failure can be repeated. */
  const seeded = (seed: number): ((below: number) => number) => {
    let state = seed
    return (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state % below
    }
  }
  /** Everything in a cache, compared with the chain at the cache's block. */
  async function staleEntries(cache: StateCache, codes: CodeStore): Promise<string[]> {
    const fresh = new StateCache(cache.blockHash, codes)
    const access: AccessSet = new Map([...cache.accounts.keys()].map((address) => [address, new Set<string>()]))
    for (const [address, slots] of cache.slots) addAccess(access, new Map([[address, new Set(slots.keys())]]))
    await fresh.read(endpoint, access)
    const stale: string[] = []
    for (const [address, account] of cache.accounts) {
      const now = fresh.accounts.get(address)
      if (now?.balance !== account.balance || now.nonce !== account.nonce || now.codeHash !== account.codeHash)
        stale.push(address)
    }
    for (const [address, slots] of cache.slots)
      for (const [slot, value] of slots)
        if (fresh.slots.get(address)?.get(slot) !== value) stale.push(`${address}|${slot}`)
    return stale
  }

  test.each([
    ['traced', true],
    ['read again', false],
  ])(
    'property: over 24 blocks of traffic nothing is stale (%s)',
    async (_name, hasDebug) => {
      const random = seeded(hasDebug ? 7 : 11)
      const { cache: first, codes, header: start } = await readSwap(endpoint)
      let cache = first
      let header = start
      // Everything that the traffic may touch is in the cache, also what does not exist yet.
      const watched: AccessSet = new Map([[FRIEND.toLowerCase(), new Set<string>()]])
      for (const address of [ME, churn, chain.addresses.usdc, chain.addresses.weth])
        watched.set(address.toLowerCase(), new Set())
      const nonce = Number(await chain.rpc<Hex.Hex>('eth_getTransactionCount', [ME, 'latest']))
      const { getContractAddress } = await import('viem')
      for (let i = 0; i < 200; i += 1)
        watched.set(
          getContractAddress({ from: ME, nonce: BigInt(nonce + i) }).toLowerCase(),
          new Set([`0x${'00'.repeat(32)}`]),
        )
      const churnNonce = Number(await chain.rpc<Hex.Hex>('eth_getTransactionCount', [churn, 'latest']))
      const children = Array.from({ length: 60 }, (_, i) =>
        getContractAddress({ from: churn, nonce: BigInt(churnNonce + i) }).toLowerCase(),
      )
      for (const child of children) watched.set(child, new Set([`0x${'00'.repeat(31)}01`]))
      const { keccak256, encodeAbiParameters } = await import('viem')
      for (let key = 0n; key < 4n; key += 1n)
        watched
          .get(churn.toLowerCase())
          ?.add(keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [key, 0n])))
      await cache.read(endpoint, cache.missing(watched))
      const entries = cache.accounts.size
      expect(entries).toBeGreaterThan(250)

      const traffic: (() => Record<string, unknown>)[] = [
        () => ({ to: FRIEND, value: '0x5' }),
        () => ({ to: chain.addresses.uniswapV2Router, value: '0x2386f26fc10000', data: swapData() }),
        () => ({ to: chain.addresses.usdc, data: encode('Usdc', 'transfer', [FRIEND, 5n]) }),
        () => ({ to: churn, data: encode('Churn', 'write', [BigInt(random(4)), BigInt(random(3))]) }),
        () => ({ to: churn, value: '0x64', data: encode('Churn', 'leave', [random(2) === 0 ? FRIEND : churn]) }),
        () => ({ to: churn, data: encode('Churn', 'pay', [FRIEND, 10n ** 30n]) }),
        () => ({ data: loadArtifact('Counter').bytecode }),
        () => ({ to: churn, value: '0x3' }),
        // Somebody who is not there yet is paid, so that a contract may leave from an address that holds something.
        () => ({ to: children[random(12)], value: '0x7' }),
        () => ({ to: chain.addresses.weth, value: '0x9', data: '0xd0e30db0' }),
      ]
      let changedBlocks = 0
      await chain.rpc('evm_setAutomine', [false])
      try {
        for (let block = 0; block < 24; block += 1) {
          const count = random(7)
          for (let i = 0; i < count; i += 1) {
            const transaction = traffic[random(traffic.length)]?.() ?? {}
            await chain.rpc('eth_sendTransaction', [{ from: ME, gas: '0x1e8480', ...transaction }])
          }
          // Now and then another builder.
          await chain.rpc('anvil_setCoinbase', [`0x${(0xb0b000 + random(3)).toString(16).padStart(40, '0')}`])
          await chain.rpc('evm_mine', [])
          const next = await headOf()
          const before = new Map(cache.accounts)
          const requests = endpoint.requests
          const rolled = await rollForward({
            endpoint,
            from: cache,
            parentHeader: header,
            header: next,
            hasDebug,
            codes,
          })
          if (rolled === null) throw new Error('it was not rolled')
          expect(endpoint.requests - requests).toBeLessThanOrEqual(hasDebug ? 2 : 1)
          expect(rolled.blockHash).toBe(next.hash)
          expect(await staleEntries(rolled, codes)).toEqual([])
          expect(rolled.accounts.size).toBeGreaterThanOrEqual(entries)
          // The old one is as it was.
          expect(cache.accounts).toEqual(before)
          if (count > 0) changedBlocks += 1
          cache = rolled
          header = next
        }
      } finally {
        await chain.rpc('evm_setAutomine', [true])
      }
      expect(changedBlocks).toBeGreaterThan(15)
      // The traffic did leave its marks: contracts came, slots were written.
      expect(cache.slots.get(churn.toLowerCase())).not.toEqual(first.slots.get(churn.toLowerCase()) ?? new Map())
    },
    60_000,
  )

  test('a gap is read again, a reorg is dropped, and only the hot is carried when that is asked', async () => {
    const { cache, codes, header } = await readSwap(endpoint)
    for (let i = 0; i < 3; i += 1) await send(chain.rpc, { from: ME, to: FRIEND, value: 1n })
    const later = await headOf()
    const roll = { endpoint, from: cache, parentHeader: header, header: later, hasDebug: true, codes }
    const gap = await rollForward(roll)
    expect(gap === null ? null : await staleEntries(gap, codes)).toEqual([])
    expect(gap?.accounts.get(ME.toLowerCase())?.nonce).toBe((cache.accounts.get(ME.toLowerCase())?.nonce ?? 0n) + 3n)

    const hot: AccessSet = new Map([[ME.toLowerCase(), new Set<string>()]])
    const small = await rollForward({ ...roll, hot })
    expect([...(small?.accounts.keys() ?? [])].sort()).toEqual([ME.toLowerCase(), later.miner.toLowerCase()].sort())

    // A block of the same height with another parent.
    const snapshot = await chain.rpc<string>('evm_snapshot')
    await send(chain.rpc, { from: ME, to: FRIEND, value: 1n })
    const abandoned = await headOf()
    const at = new StateCache(abandoned.hash, codes)
    await at.read(endpoint, hot)
    await chain.rpc('evm_revert', [snapshot])
    await send(chain.rpc, { from: ME, to: FRIEND, value: 2n })
    await send(chain.rpc, { from: ME, to: FRIEND, value: 3n })
    const reorged = await headOf()
    expect(reorged.parentHash).not.toBe(abandoned.hash)
    expect(await rollForward({ ...roll, from: at, parentHeader: abandoned, header: reorged })).toBeNull()
    // A provider that does not know the block: start empty, throw nothing.
    const unknown = { ...later, hash: MISSING_HASH, parentHash: header.hash, number: header.number }
    expect(await rollForward({ ...roll, header: unknown })).toBeNull()
  })

  test('promise: a trace is not believed where it leaves out a transaction, or who is paid outside of one', async () => {
    type Traced = { result: { pre: object; post: object } }[]
    const edits: ((traced: Traced, builder: string) => unknown)[] = [
      (traced) => traced.slice(1),
      // Tracers of some chains leave out who is paid the fees.
      (traced, builder) => {
        for (const { result } of traced) {
          for (const side of [result.pre, result.post]) Reflect.deleteProperty(side, builder)
        }
        return traced
      },
    ]
    for (const edit of edits) {
      const { cache, codes, header } = await readSwap(endpoint)
      const builder = header.miner.toLowerCase()
      await cache.read(endpoint, new Map([[builder, new Set<string>()]]))
      const proxy = await startProxy(({ method }, answer) =>
        method === 'debug_traceBlockByHash'
          ? { ...answer, result: edit(structuredClone(answer.result) as Traced, builder) }
          : answer,
      )
      const node = openEndpoint({ url: proxy.url, timeoutMs: 10_000 })
      await chain.rpc('anvil_setCoinbase', [header.miner])
      await send(chain.rpc, { from: ME, to: chain.addresses.uniswapV2Router, value: ETHER, data: swapData() })
      const next = await headOf()
      expect(next.miner).toBe(header.miner)
      const roll = { endpoint: node, from: cache, parentHeader: header, header: next, hasDebug: true, codes }
      const rolled = await rollForward(roll)
      expect(rolled === null ? null : await staleEntries(rolled, codes)).toEqual([])
      await node.close()
    }
  })

  test('the follower tells each new head with the one before, and keeps its troubles to itself', async () => {
    const proxy = await startProxy()
    const node = openEndpoint({ url: proxy.url, timeoutMs: 2_000 })
    const seen: [string, string | null][] = []
    const follower = createHeadFollower({
      endpoint: node,
      pollMs: 60_000,
      onHead: (header, parent) => void seen.push([header.hash, parent?.hash ?? null]),
    })
    await follower.poll()
    await follower.poll()
    const first = await headOf()
    await send(chain.rpc, { from: ME, to: FRIEND, value: 1n })
    proxy.status = 503
    await follower.poll()
    expect(follower.lastError).toMatchObject({ code: 'simulation:upstream:unreachable' })
    proxy.status = null
    await follower.poll()
    const second = await headOf()
    expect(follower.lastError).toBeNull()
    follower.stop()
    await send(chain.rpc, { from: ME, to: FRIEND, value: 1n })
    await follower.poll()
    expect(seen).toEqual([
      [first.hash, null],
      [second.hash, first.hash],
    ])
    await node.close()
  })
})

describe('several providers', () => {
  const blockOf = async (): Promise<{ blockHash: Hex.Hex }> => ({ blockHash: (await headOf()).hash })

  test('failover: down, overloaded, behind, unreadable, of another chain; and back', async () => {
    const [first, second] = [await startProxy(), await startProxy()]
    let now = 1_000_000
    const pool = openRpc({
      urls: [first.url, second.url],
      timeoutMs: 2_000,
      quorum: 1,
      nowMs: () => now,
      random: () => 0.5,
    })
    const at = await blockOf()
    const balance = async (): Promise<unknown> => {
      const [answer] = await pool.batch([{ method: 'eth_getBalance', params: [FRIEND, at] }])
      return answer?.ok === true ? answer.result : answer
    }
    const truth = await chain.rpc('eth_getBalance', [FRIEND, 'latest'])
    expect(await balance()).toBe(truth)
    expect(second.requests).toBe(0)
    for (const status of [429, 500, 503]) {
      first.status = status
      expect(await balance()).toBe(truth)
      expect(pool.health()[0]).toMatchObject({ isBackingOff: true })
      // It is left alone while it rests.
      const asked = first.requests
      expect(await balance()).toBe(truth)
      expect(first.requests).toBe(asked)
      now += 120_000
    }
    expect(pool.health()[0]?.failures).toBe(3)
    first.status = null
    expect(await balance()).toBe(truth)
    expect(pool.health()[0]).toMatchObject({ failures: 0, isBackingOff: false })
    // It does not have the block yet, it gives half an answer, it has not the method.
    const edits: NonNullable<Proxy['edit']>[] = [
      (_call, answer) => ({ id: answer.id, error: { code: -32000, message: 'header not found' } }),
      (_call, answer) => ({ ...answer, result: '' }),
      (_call, answer) => ({ id: answer.id, error: { code: -32005, message: 'limit exceeded' } }),
      (_call, answer) => ({
        id: answer.id,
        error: { code: -32601, message: 'the method eth_getBalance does not exist' },
      }),
    ]
    for (const edit of edits) {
      now += 120_000
      first.edit = edit
      const before = second.requests
      expect(await balance()).toBe(truth)
      expect(second.requests).toBe(before + 1)
    }
    // A revert is an answer: it is not taken elsewhere.
    first.edit = null
    now += 120_000
    const reverts = await pool.batch([
      {
        method: 'eth_call',
        params: [{ to: chain.addresses.usdc, data: encode('Usdc', 'transfer', [FRIEND, 2n ** 200n]) }, at],
      },
    ])
    expect(reverts[0]).toMatchObject({ ok: false, code: 3 })
    // With several providers, a read that is not pinned to a block could come from two blocks.
    await expect(pool.batch([{ method: 'eth_getBalance', params: [FRIEND, 'latest'] }])).rejects.toThrow(
      /by block hash/,
    )
    // All are gone: no answer, and no key in the error.
    first.status = 500
    second.status = 500
    const error = await pool
      .batch([{ method: 'eth_getBalance', params: [FRIEND, at] }])
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'simulation:upstream:unreachable', kind: 'upstream' })
    expect(JSON.stringify(error)).not.toContain('secret-key')
    await pool.close()
  })

  test('too many requests passes: the only provider is asked again', async () => {
    const proxy = await startProxy()
    const pool = openRpc({ urls: [proxy.url], timeoutMs: 2_000, quorum: 1, random: () => 0 })
    proxy.status = 429
    const asking = headOf(pool)
    while (proxy.requests === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    proxy.status = null
    expect((await asking).hash).toBe((await headOf()).hash)
    expect(proxy.requests).toBe(2)
    await pool.close()
  })

  test('promise: a provider of another chain is never asked for state', async () => {
    const foreign = await startProxy(({ method }, answer) =>
      method === 'eth_chainId' ? { ...answer, result: '0x1' } : answer,
    )
    const ours = await startProxy()
    const pool = openRpc({ urls: [foreign.url, ours.url], timeoutMs: 2_000, quorum: 1, chainId: chain.chainId })
    expect((await headOf(pool)).hash).toBe((await headOf()).hash)
    expect(pool.health().map(({ isWrongChain }) => isWrongChain)).toEqual([true, false])
    const asked = foreign.requests
    await headOf(pool)
    expect(foreign.requests).toBe(asked)
    await pool.close()
  })

  test('promise: with a quorum of two, one liar blocks, whatever it lies about', async () => {
    const [honest, liar] = [await startProxy(), await startProxy()]
    const pool = openRpc({ urls: [honest.url, liar.url], timeoutMs: 2_000, quorum: 2 })
    const at = await blockOf()
    const usdc = chain.addresses.usdc
    const calls: Record<string, readonly unknown[]> = {
      eth_getBalance: [FRIEND, at],
      eth_getTransactionCount: [ME, at],
      eth_getCode: [usdc, at],
      eth_getStorageAt: [usdc, `0x${'00'.repeat(32)}`, at],
      eth_call: [{ to: usdc, data: '0x18160ddd' }, at],
      eth_getBlockByHash: [at.blockHash, false],
      eth_chainId: [],
    }
    const honestAnswers = await pool.batch(Object.entries(calls).map(([method, params]) => ({ method, params })))
    expect(honestAnswers.every(({ ok }) => ok)).toBe(true)
    for (const [method, params] of Object.entries(calls)) {
      liar.edit = (asked, answer) => {
        if (asked.method !== method) return answer
        if (method === 'eth_getBlockByHash')
          return { ...answer, result: { ...(answer.result as object), timestamp: '0x7fffffff' } }
        if (method === 'eth_getCode' || method === 'eth_call') return { ...answer, result: '0x60016002' }
        return { ...answer, result: '0x3039' }
      }
      const error = await pool.batch([{ method, params }]).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'simulation:upstream:disagreement', kind: 'upstream' })
      const { message } = error as Error
      expect(message).toContain(method)
      for (const { url } of [honest, liar]) expect(message).toContain(new URL(url).host)
      expect(message).not.toContain('secret-key')
      // What a program asks through our door is held to the same, at the newest block too.
      const newest = params.map((param) => (param === at ? 'latest' : param))
      await expect(pool.pass({ method, params: newest })).rejects.toMatchObject({
        code: 'simulation:upstream:disagreement',
      })
    }
    // One says it reverts, the other that it does not.
    liar.edit = ({ method }, answer) =>
      method === 'eth_call' ? { id: answer.id, error: { code: 3, message: 'execution reverted' } } : answer
    await expect(pool.batch([{ method: 'eth_call', params: calls['eth_call'] ?? [] }])).rejects.toMatchObject({
      code: 'simulation:upstream:disagreement',
    })
    // The same word in another spelling is the same word.
    liar.edit = ({ method }, answer) =>
      method === 'eth_getStorageAt' || method === 'eth_getBalance'
        ? {
            ...answer,
            result: `0x${BigInt(answer.result as string)
              .toString(16)
              .toUpperCase()}`,
          }
        : answer
    expect((await pool.batch([{ method: 'eth_getStorageAt', params: calls['eth_getStorageAt'] ?? [] }]))[0]?.ok).toBe(
      true,
    )
    // With one of two gone there is no agreement.
    liar.edit = null
    liar.status = 500
    await expect(pool.batch([{ method: 'eth_getBalance', params: [FRIEND, at] }])).rejects.toMatchObject({
      code: 'simulation:upstream:unreachable',
    })
    await pool.close()
    expect(() => openRpc({ urls: [honest.url, `${honest.url}/other-key`], timeoutMs: 1, quorum: 2 })).toThrow(
      /two different hosts/,
    )
  })

  test('promise: with a quorum, values of a trace are read from two; block traces are refused', async () => {
    const [tracer, other] = [
      await startProxy(({ method }, answer) => {
        if (method !== 'debug_traceCall') return answer
        const prestate = structuredClone(answer.result) as Record<
          string,
          { balance?: string; storage?: Record<string, string> }
        >
        for (const account of Object.values(prestate)) {
          account.balance = '0xffffffffffffffffffff'
          for (const slot of Object.keys(account.storage ?? {})) (account.storage ?? {})[slot] = `0x${'ee'.repeat(32)}`
        }
        return { ...answer, result: prestate }
      }),
      await startProxy(),
    ]
    const pool = openRpc({ urls: [tracer.url, other.url], timeoutMs: 5_000, quorum: 2 })
    const { header, access, cache } = await readSwap(pool)
    expect(await verifyReadSet({ endpoint: pool, header, access, cache })).toMatchObject({ ok: true })
    expect(
      await pool.batch([{ method: 'debug_traceBlockByHash', params: [header.hash, { tracer: 'prestateTracer' }] }]),
    ).toMatchObject([{ ok: false, code: -32601 }])
    await pool.close()
  })

  test('the newest block under a quorum is the newest that both have; two branches block', async () => {
    const [ahead, behind] = [await startProxy(), await startProxy()]
    const pool = openRpc({ urls: [ahead.url, behind.url], timeoutMs: 2_000, quorum: 2 })
    const head = await headOf()
    const parent = await chain.rpc<Header>('eth_getBlockByHash', [head.parentHash, false])
    behind.edit = ({ method, params }, answer) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? { ...answer, result: parent } : answer
    expect((await headOf(pool)).hash).toBe(parent.hash)
    // Another branch as far as one looks.
    behind.edit = ({ method }, answer) =>
      method === 'eth_getBlockByNumber'
        ? { ...answer, result: { ...(answer.result as object), hash: MISSING_HASH } }
        : answer
    await expect(headOf(pool)).rejects.toMatchObject({ code: 'simulation:upstream:disagreement' })
    await pool.close()
  })
})

describe('kinds of chains', () => {
  test('the lists are those of viem; Arbitrum, ZK Stack and OP Stack chains are recognised by their code', () => {
    const engineOf = (id: number, codes: readonly string[] = []) => recognise(chainOf(id), codes)
    for (const id of [42161, 42170, 421614, 324, 300, 4217, 5042]) expect(engineOf(id).kind, `${id}`).toBe('node')
    for (const id of [10, 8453, 7777777]) expect(engineOf(id)).toMatchObject({ kind: 'local', profile: 'op' })
    for (const id of [1, 137, 100, 31337]) expect(engineOf(id)).toMatchObject({ kind: 'local', profile: 'ethereum' })
    expect(engineOf(534352)).toMatchObject({ kind: 'local', profile: 'scroll' })
    expect(engineOf(324).why).toMatch(/ZK Stack/)
    expect(engineOf(1).why).toBeNull()
    // viem says of a chain what it is built on by the contracts it lists.
    let compared = 0
    for (const definition of Object.values(viemChains) as { id: number; contracts?: object; custom?: object }[]) {
      if (definition.contracts === undefined || !('gasPriceOracle' in definition.contracts)) continue
      if (definition.id === 999) continue // shared with a chain that is none
      compared += 1
      const { kind, profile } = engineOf(definition.id)
      expect([definition.id, kind === 'node' || profile === 'op']).toEqual([definition.id, true])
    }
    expect(compared).toBeGreaterThan(40)
    const bare = unknown(999_001)
    expect(recognise(bare, ['0xfe', '0x', '0x'])).toMatchObject({ kind: 'node' })
    expect(recognise(bare, ['0x', '0x6001', '0x']).kind).toBe('node')
    expect(recognise(bare, ['0x', '0x', '0x6001'])).toMatchObject({ kind: 'local', profile: 'op' })
    expect(recognise(bare, ['0x', '0x', '0x', '0x6001'])).toMatchObject({ kind: 'local', profile: 'scroll' })
    expect(recognise(bare, ['0x', '0x', '0x', '0x', '0xef']).why).toMatch(/Tempo/)
    expect(recognise(bare, ['0x', '0x', '0x', '0x', '0x', '0x', '0x6001']).why).toMatch(/Arc/)
    expect(recognise(bare, ['0x', '0x', '0x'])).toMatchObject({ kind: 'local', profile: 'ethereum' })
    expect([1, 31337, 8453, 100, 137].map((id) => isBlockDiffComplete(chainOf(id)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  test('the fee for data on the layer below comes from the chain’s oracle', async () => {
    const before = await headOf()
    const bare = unknown(chain.chainId)
    expect(await detectEngine(endpoint, { chain: bare, blockHash: before.hash })).toMatchObject({ profile: 'ethereum' })
    const unsigned = serializeTransaction({ chainId: 10, type: 'eip1559', to: FRIEND, value: 1n, nonce: 0 })
    await expect(l1FeesWei(endpoint, [unsigned], before.hash)).rejects.toMatchObject({
      code: 'simulation:l1fee:unreadable',
    })
    const at = await deploy(chain.rpc, ME, 'GasPriceOracleFixture')
    await chain.rpc('anvil_setCode', [GAS_PRICE_ORACLE, await chain.rpc('eth_getCode', [at, 'latest'])])
    await chain.rpc('evm_mine', [])
    const { hash } = await headOf()
    expect(await detectEngine(endpoint, { chain: bare, blockHash: hash })).toMatchObject({ profile: 'op' })
    const requests = endpoint.requests
    const feeWei = BigInt((unsigned.length - 2) / 2) * 16n * 7n
    expect(await l1FeesWei(endpoint, [unsigned, unsigned], hash)).toEqual([feeWei, feeWei])
    expect(endpoint.requests - requests, 'all calls of a batch are asked at once').toBe(1)
    await chain.rpc('anvil_setCode', [GAS_PRICE_ORACLE, '0x'])
    await chain.rpc('evm_mine', [])
  })
})

describe('upstream only', () => {
  async function setting(): Promise<{ blockHash: Hex.Hex; env: BlockEnv; coin: Coin }> {
    const header = await headOf()
    return {
      coin: { symbol: 'ETH', decimals: 18 },
      blockHash: header.hash,
      env: nextBlock(header, { nowMs: Date.now(), tipWei: 1n }),
    }
  }
  const swapBack = (): Call[] => {
    const { usdc, weth, uniswapV2Router } = chain.addresses
    return [
      call(usdc, encode('Usdc', 'approve', [uniswapV2Router, 1000n * 10n ** 6n])),
      call(
        uniswapV2Router,
        encode('UniswapV2Router02', 'swapExactTokensForETH', [1000n * 10n ** 6n, 1n, [usdc, weth], ME, FOREVER]),
      ),
    ]
  }

  test.each([
    ['with debug_', true],
    ['without debug_', false],
  ])('approve and swap %s: status, events and native payments are those of the chain', async (_name, hasDebug) => {
    const { run, notChecked } = await runUpstream(
      { endpoint, ...(await setting()), hasDebug },
      { from: ME, calls: swapBack() },
    )
    const steps = run.steps.map((step) => {
      if ('refused' in step) throw new Error(step.because)
      return step
    })
    expect(steps.map(({ trace }) => trace.error)).toEqual([undefined, undefined])
    expect(steps.map(({ trace }) => logsOf(trace).length)).toEqual([1, 5])
    const received = nativeMoves(steps[1]?.trace ?? { type: 'CALL', from: ME }).get(ME.toLowerCase()) ?? 0n
    expect(received).toBeGreaterThan(0n)
    expect(notChecked.map(({ what }) => what).includes('state diff')).toBe(!hasDebug)
    expect(Object.keys(steps[1]?.diff.post ?? {}).length > 0).toBe(hasDebug)
    expect(run.touched.size > 1).toBe(hasDebug)

    // And as mined.
    const before = await chain.rpc<Hex.Hex>('eth_getBalance', [ME, 'latest'])
    let paid = 0n
    for (const [i, { to, data }] of swapBack().entries()) {
      const receipt = await send(chain.rpc, { from: ME, ...(to === null ? {} : { to }), data })
      const { effectiveGasPrice } = await chain.rpc<{ effectiveGasPrice: Hex.Hex }>('eth_getTransactionReceipt', [
        receipt.transactionHash,
      ])
      paid += BigInt(receipt.gasUsed) * BigInt(effectiveGasPrice)
      expect(steps[i]?.gasUsed).toBe(BigInt(receipt.gasUsed))
    }
    const after = await chain.rpc<Hex.Hex>('eth_getBalance', [ME, 'latest'])
    expect(BigInt(after) - BigInt(before) + paid).toBe(received)
  })

  test('a revert is an answer; what cannot be paid for is refused; a node that contradicts itself is none', async () => {
    const { usdc } = chain.addresses
    for (const hasDebug of [true, false]) {
      const reverted = await runUpstream(
        { endpoint, ...(await setting()), hasDebug },
        { from: ME, calls: [call(usdc, encode('Usdc', 'transfer', [FRIEND, 2n ** 200n])), call(FRIEND, '0x', 1n)] },
      )
      expect(reverted.run.steps).toHaveLength(1)
      expect(reverted.run.steps[0]).toMatchObject({
        trace: { error: expect.stringMatching(hasDebug ? /reverted/ : /failed/) as string },
      })
      const poor = await runUpstream(
        { endpoint, ...(await setting()), hasDebug: false },
        { from: ME, calls: [call(FRIEND, '0x', 1n), call(FRIEND, '0x', 10n ** 30n)] },
      ).catch((error: unknown) => error)
      expect(poor).toMatchObject({ run: { steps: [{}, { refused: 'insufficient-funds' }] } })
    }
    const proxy = await startProxy(({ method }, answer) => {
      if (method !== 'eth_simulateV1' || answer.result === undefined) return answer
      const blocks = structuredClone(answer.result) as { calls: { logs: unknown[] }[] }[]
      for (const block of blocks) for (const one of block.calls) one.logs = []
      return { ...answer, result: blocks }
    })
    const liar = openEndpoint({ url: proxy.url, timeoutMs: 5_000 })
    await expect(
      runUpstream({ endpoint: liar, ...(await setting()), hasDebug: true }, { from: ME, calls: swapBack() }),
    ).rejects.toMatchObject({ code: 'simulation:upstream:inconsistent' })
    proxy.edit = ({ method }, answer) =>
      method === 'eth_simulateV1' ? { id: answer.id, error: { code: -32601, message: 'method not found' } } : answer
    await expect(
      runUpstream({ endpoint: liar, ...(await setting()), hasDebug: false }, { from: ME, calls: swapBack() }),
    ).rejects.toMatchObject({ code: 'simulation:upstream:unsupported' })
    await liar.close()
  })
})
