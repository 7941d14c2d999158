import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Chain, chainOf, createSimulator, spawnAnvil, type AnvilProcess } from './index.ts'
import { requestOf } from './wire/parseRequest.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
/** An id of which nobody knows anything. */
const UNKNOWN = 987_655

type Rpc = { id: number; method: string; params: readonly unknown[]; result?: unknown }
type Edit = (question: Rpc, result: never) => unknown

/** A provider that alters one thing. */
async function alter(target: string, edit: Edit): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      void (async () => {
        const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        const questions = JSON.parse(body) as Rpc[] | Rpc
        const answers = (await answer.json()) as Rpc[] | Rpc
        const list = Array.isArray(answers) ? answers : [answers]
        for (const each of list) {
          const question = (Array.isArray(questions) ? questions : [questions]).find(({ id }) => id === each.id)
          if (question !== undefined && each.result != null) each.result = edit(question, each.result as never)
        }
        response.end(JSON.stringify(Array.isArray(answers) ? list : list[0]))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

let chain: AnvilProcess
beforeAll(async () => {
  chain = await spawnAnvil({ args: ['--chain-id', String(UNKNOWN)] })
  const rpc = async (method: string, params: readonly unknown[]): Promise<void> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = await fetch(chain.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(await answer.json()).not.toHaveProperty('error')
  }
  // A payment, a contract, a call that stores and logs, and one that fails.
  await rpc('eth_sendTransaction', [{ from: ME, to: FRIEND, value: '0x1' }])
  // Runtime: SSTORE(0, CALLVALUE), LOG1(0, 0, topic 7), or a revert where calldata is sent.
  await rpc('eth_sendTransaction', [
    { from: ME, data: '0x6013600c60003960136000f3361560065760006000fd5b34600055600760006000a100' },
  ])
  const [contract] = ['0x5fbdb2315678afecb367f032d93f642f64180aa3']
  await rpc('eth_sendTransaction', [{ from: ME, to: FRIEND, value: '0x2' }])
  await rpc('eth_sendTransaction', [{ from: ME, to: contract, value: '0x3', gas: '0x186a0', type: '0x1' }])
  await rpc('eth_sendTransaction', [{ from: FRIEND, to: ME, value: '0x3', gasPrice: '0x77359400' }])
})
afterAll(() => chain.close())

async function probe(url: string, record?: Chain.Chain) {
  const simulator = await createSimulator({
    chainId: UNKNOWN,
    rpcUrls: [url],
    ...(record === undefined ? {} : { chain: record }),
  })
  try {
    const { engine, probed } = await simulator.probe()
    const call = { to: FRIEND, value: 1n, data: '0x' as const, gasLimit: null, maxFeePerGasWei: null, label: null }
    const report = await simulator.simulate(
      requestOf({ signature: null, chainId: UNKNOWN, from: ME, calls: [call], block: 'latest', known: [] }),
    )
    return { engine, probed, report }
  } finally {
    await simulator.close()
  }
}

const record = (more: Partial<Chain.Chain>): Chain.Chain => ({
  ...Chain.unknown(UNKNOWN),
  record: 'file',
  blocks: { seconds: null, finalAfter: 0 },
  ...more,
})
const LOCAL: Chain.Chain['engine'] = { kind: 'local', profile: 'ethereum', accept: null, why: null }

describe('a chain that is what it seems', () => {
  test('conforms without a record, runs here, and the report says that there is none', async () => {
    const { engine, probed, report } = await probe(chain.url)
    expect(probed).toMatchObject({ answer: 'conforms', difference: null })
    expect(engine.kind).toBe('local')
    expect(report.chain).toMatchObject({ engine: 'local', modelled: true, probe: 'conforms', record: null })
    expect(report.notChecked).toContainEqual({ what: 'chain', why: 'no record for this chain' })
  })

  test('conforms by its transactions, status, gas, logs and state of each', async () => {
    const { probed } = await probe(chain.url, record({ engine: LOCAL }))
    expect(probed).toMatchObject({ answer: 'conforms', difference: null })
    expect(probed?.replayed).toBeGreaterThan(0)
  })

  test('a chain with a record and nothing to replay runs in its own node, unless its file asks for no proof', async () => {
    const anvil = await spawnAnvil({ args: ['--chain-id', String(UNKNOWN)] })
    try {
      const strict = await probe(anvil.url, record({ engine: LOCAL }))
      expect(strict.report.chain).toMatchObject({ engine: 'node', probe: 'not-asked', record: 'file' })
      const lenient = await probe(
        anvil.url,
        record({ engine: LOCAL, probe: { ...Chain.DEFAULT_PROBE, isStrict: false } }),
      )
      expect(lenient.report.chain).toMatchObject({ engine: 'local', probe: 'not-asked' })
      expect(lenient.report.notChecked.map(({ what }) => what)).toContain('conformance')
      const bare = await probe(anvil.url)
      expect(bare.report.chain).toMatchObject({ engine: 'local', probe: 'conforms', record: null })
    } finally {
      await anvil.close()
    }
  })

  test('a bare chain under the id of an OP Stack chain is not that chain', async () => {
    const anvil = await spawnAnvil({ args: ['--chain-id', '8453'] })
    const simulator = await createSimulator({ chainId: 8453, rpcUrls: [anvil.url] })
    try {
      expect(await simulator.probe()).toMatchObject({
        engine: { kind: 'node', probe: 'differs' },
        probed: { difference: { field: 'telltale' } },
      })
      const narrowed: Chain.Chain = {
        ...chainOf(8453),
        engine: LOCAL,
        l1Fee: null,
        probe: { ...Chain.DEFAULT_PROBE, isStrict: false },
      }
      const meant = await createSimulator({ chainId: 8453, chain: narrowed, rpcUrls: [anvil.url] })
      expect((await meant.probe()).engine.kind).toBe('local')
      await meant.close()
    } finally {
      await simulator.close()
      await anvil.close()
    }
  })
})

type Altered = Record<string, unknown> & { logs?: unknown[]; transactions?: Record<string, unknown>[] }
const eachReceipt =
  (change: (receipt: Altered) => Altered): Edit =>
  ({ method }, result) =>
    method === 'eth_getBlockReceipts'
      ? (result as Altered[]).map(change)
      : method === 'eth_getTransactionReceipt'
        ? change(result)
        : result
const eachBlock =
  (change: (block: Altered) => Altered): Edit =>
  ({ method, params }, result) =>
    method === 'eth_getBlockByNumber' && params[1] === true ? change(result) : result

/** One thing that is not as on Ethereum, each. */
const ALTERED: Readonly<Record<string, Edit>> = {
  'another gas table': eachReceipt((receipt) => ({
    ...receipt,
    gasUsed: `0x${(BigInt(receipt['gasUsed'] as string) + 7n).toString(16)}`,
  })),
  'a log more': eachReceipt((receipt) => ({
    ...receipt,
    logs: [...(receipt.logs ?? []), { address: FRIEND, topics: [], data: '0x' }],
  })),
  'another status': eachReceipt((receipt) => ({ ...receipt, status: receipt['status'] === '0x1' ? '0x0' : '0x1' })),
  'receipts of another chain': eachReceipt((receipt) => ({ ...receipt, transactionHash: `0x${'12'.repeat(32)}` })),
  'an unknown type of transaction': eachBlock((block) => ({
    ...block,
    transactions: (block.transactions ?? []).map((each) => ({ ...each, type: '0x76' })),
  })),
  'randomness that never changes': eachBlock((block) => ({ ...block, mixHash: `0x${'00'.repeat(31)}01` })),
  'the same balance for everybody': ({ method, params }, result) =>
    method === 'eth_getBalance' && String(params[0]).toLowerCase() !== ME.toLowerCase()
      ? '0x9612084f0316e0ebd5182f398e5195a5'
      : result,
  'the system contract of another family': ({ method, params }, result) =>
    method === 'eth_getCode' && String(params[0]).startsWith('0x3600') ? '0x6001' : result,
  'balances that the transactions do not explain': ({ method }, result) => {
    if (method !== 'debug_traceTransaction') return result
    const { post } = result as { post: Record<string, { balance?: string }> }
    return { ...(result as object), post: { ...post, [FRIEND.toLowerCase()]: { balance: '0x1234' } } }
  },
  'storage that the transactions do not explain': ({ method }, result) => {
    if (method !== 'debug_traceTransaction') return result
    const { post } = result as { post: Record<string, object> }
    return {
      ...(result as object),
      post: { ...post, [FRIEND.toLowerCase()]: { storage: { [`0x${'00'.repeat(32)}`]: '0x1' } } },
    }
  },
}

describe('a chain that differs in one thing', () => {
  test.each(Object.keys(ALTERED))('promise: %s is found, and its own node runs it with a caution', async (name) => {
    const { url, server } = await alter(chain.url, ALTERED[name] ?? ((_, result) => result))
    try {
      const { engine, probed, report } = await probe(
        url,
        record({ engine: name.includes('family') ? Chain.unknown(1).engine : LOCAL }),
      )
      expect(engine.kind).toBe('node')
      if (!name.includes('family')) expect(probed).toMatchObject({ answer: 'differs' })
      expect(report.chain.modelled).toBe(false)
      expect(report.verdict).not.toBe('allow')
      expect(report.findings.map(({ rule }) => rule)).toContain('chain-not-modelled')
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('a base fee by another rule is named, and the rest runs here', async () => {
    // The tip is what was paid above it, so that what the sender lost stays the same.
    const { url, server } = await alter(
      chain.url,
      eachBlock((block) => ({
        ...block,
        gasUsed: `0x${(BigInt(block['gasUsed'] as string) + 9_000_000n).toString(16)}`,
      })),
    )
    try {
      const { engine, probed, report } = await probe(url, record({ engine: LOCAL }))
      expect(probed).toMatchObject({ answer: 'conforms-except', difference: { field: 'base fee' } })
      expect(engine.kind).toBe('local')
      expect(report.notChecked.map(({ what }) => what)).toContain('fee')
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
