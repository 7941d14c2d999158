import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address, BaseError, Digest } from '@countersign/base'
import { deploy, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { encodeFunctionData, parseAbi, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReads, type ChainReads } from './reads.ts'
import { METHODS } from './rpc/methods.ts'
import { openRpc, type RpcPool } from './rpc/openRpc.ts'

/** Every method × every misbehaviour × one and two providers, at the door itself. */
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const KEY = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const MARKER = 'PROVIDER-TEXT'
const SECRET = 'sk-secret-4711-abc'

type Answer = Record<string, unknown>
interface Asked {
  readonly method: string
  readonly params: readonly unknown[]
}
interface Fake {
  readonly url: string
  behave: ((asked: Asked, honest: Answer) => Answer) | null
  answer: ((response: ServerResponse) => void) | null
  close(): Promise<void>
}

let chain: LocalChain
let hash: Hex
let fakes: Fake[] = []
beforeAll(async () => {
  chain = await startLocalChain()
  await deploy(chain.rpc, ME, 'Churn')
  const sent = await send(chain.rpc, { from: ME, to: OTHER, value: 5n })
  hash = sent.transactionHash as Hex
  fakes = [await startFake(), await startFake()]
})
afterAll(async () => {
  for (const fake of fakes) await fake.close()
  await chain.close()
})

async function startFake(): Promise<Fake> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    response.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        if (fake.answer !== null) return fake.answer(response)
        const body = Buffer.concat(chunks).toString()
        const asked = JSON.parse(body) as (Asked & { id: number })[]
        const headers = { 'content-type': 'application/json' }
        const honest = (await (await fetch(chain.rpcUrl, { method: 'POST', headers, body })).json()) as Answer[]
        const answers = honest.map(({ id, ...rest }): Answer => {
          const call = asked.find((each) => each.id === id)
          return { id, ...(call === undefined || fake.behave === null ? rest : fake.behave(call, rest)) }
        })
        // Nested deeper than can be written here: its text is ready.
        const texts = answers.map(({ id, json, ...rest }) =>
          typeof json === 'string' ? `{"id":${String(id)},"result":${json}}` : JSON.stringify({ id, ...rest }),
        )
        response.end(`[${texts.join()}]`)
      })().catch(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fake: Fake = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${SECRET}`,
    behave: null,
    answer: null,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return fake
}

/** Each verb of the door, with the method that it asks beside the head. */
const VERBS: readonly (readonly [method: string, ask: (reads: ChainReads) => Promise<unknown>])[] = [
  ['eth_getBlockByNumber', (reads) => reads.head()],
  ['eth_getBalance', async (reads) => reads.at(await reads.head()).balance(OTHER)],
  ['eth_getTransactionCount', async (reads) => reads.at(await reads.head()).nonce(ME)],
  ['eth_getCode', async (reads) => reads.at(await reads.head()).code(Address.parse(chain.addresses.usdc))],
  [
    'eth_call',
    async (reads) => reads.at(await reads.head()).call({ to: Address.parse(chain.addresses.usdc), data: '0x18160ddd' }),
  ],
  ['eth_getTransactionByHash', (reads) => reads.transaction(hash)],
  ['eth_getTransactionReceipt', (reads) => reads.receipt(hash)],
  ['eth_getBlockByHash', async (reads) => reads.block((await reads.head()).hash)],
  ['eth_getBlockByNumber', (reads) => reads.block(1n)],
  ['debug_traceTransaction', (reads) => reads.trace(hash)],
]

async function withPool<T>(
  quorum: 1 | 2,
  use: (reads: ChainReads, pool: RpcPool) => Promise<T>,
  { liarFirst = true, timeoutMs = 5_000, deadlineMs = 8_000 } = {},
): Promise<T> {
  const [liar, honest] = fakes as [Fake, Fake]
  const urls = quorum === 1 ? [liar.url] : liarFirst ? [liar.url, honest.url] : [honest.url, liar.url]
  const pool = openRpc({ urls: urls as [string, ...string[]], timeoutMs, quorum, chainId: 31_337, random: () => 0 })
  try {
    return await use(openReads(pool, { chainId: 31337, deadlineMs }), pool)
  } finally {
    liar.behave = null
    liar.answer = null
    await pool.close()
  }
}
const honestly = (ask: (reads: ChainReads) => Promise<unknown>): Promise<unknown> => withPool(1, ask)
/** An answer, or the error in the place of one. */
async function outcome(asking: Promise<unknown>): Promise<{ value: unknown } | { error: BaseError }> {
  try {
    return { value: await asking }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    for (const text of [error.message, error.hint, JSON.stringify(error)]) {
      expect(text).not.toContain(MARKER)
      expect(text).not.toContain(SECRET)
    }
    expect(['upstream', 'invalid']).toContain(error.kind)
    return { error }
  }
}

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const tree = `${`{"type":"CALL","from":"${ME}","calls":[`.repeat(20_000)}${']}'.repeat(20_000)}`
const SHAPES: readonly Answer[] = [
  ...[
    {},
    [],
    MARKER,
    12,
    '',
    true,
    '0x',
    '0xzz',
    '0x1',
    { hash: MARKER },
    [null],
    deep,
    tree,
    `0x${'1'.repeat(63)}`,
  ].map((result) => ({ result })),
  { json: deep },
  { json: tree },
  { result: null },
  {},
  { error: MARKER },
  { error: {} },
  { error: { code: MARKER, message: { toString: 1 }, data: { [MARKER]: MARKER } } },
  { error: { code: -32000, message: `${MARKER} http://x.invalid/${SECRET}` } },
  { error: { code: 3, message: MARKER, data: MARKER } },
  { result: '0x1', error: { code: -32000, message: MARKER } },
]

test('the honest door answers every verb, with one provider and with two alike', async () => {
  for (const [method, ask] of VERBS) {
    const one = await honestly(ask)
    expect(one, method).not.toBe(null)
    expect(await withPool(2, ask), method).toEqual(one)
  }
})

describe.each([1, 2] as const)('with %i provider(s) asked', (quorum) => {
  test('promise: an answer of any shape is the truth or an error, never a bug and never its text', async () => {
    const [liar] = fakes as [Fake, Fake]
    for (const [method, ask] of VERBS) {
      const truth = await honestly(ask)
      for (const shape of SHAPES) {
        liar.behave = (asked, honest) => (asked.method === method ? shape : honest)
        const told = await withPool(quorum, (reads) => outcome(ask(reads)))
        const what = `${method}: ${JSON.stringify(shape).slice(0, 60)}`
        if ('error' in told) continue
        // One provider is believed where its answer has the right shape; of two, `null` from one is not yet.
        if (quorum === 1 || told.value === null) continue
        expect(told.value, what).toEqual(truth)
      }
    }
  })
})

test('promise: with two, no lie of one is believed, wherever it stands', async () => {
  const [liar] = fakes as [Fake, Fake]
  const other = `0x${'ab'.repeat(32)}`
  const change = (fields: Answer) => (honest: Answer) => ({
    result: { ...(honest['result'] as object), ...fields },
  })
  const lies: Record<string, readonly ((honest: Answer) => Answer)[]> = {
    eth_getBlockByNumber: [
      change({ hash: other }),
      change({ number: '0x7fffffff' }),
      change({ timestamp: '0x1' }),
      change({ stateRoot: other }),
      change({ baseFeePerGas: '0x1' }),
    ],
    eth_getBlockByHash: [change({ parentHash: other }), change({ transactions: [] })],
    eth_getBalance: [() => ({ result: '0x7' })],
    eth_getTransactionCount: [() => ({ result: '0x7' })],
    eth_getCode: [() => ({ result: '0x' }), () => ({ result: '0x6001' })],
    eth_call: [() => ({ result: other }), () => ({ error: { code: 3, message: 'execution reverted', data: '0x' } })],
    eth_getTransactionByHash: [
      change({ value: '0x7' }),
      change({ to: ME }),
      change({ from: OTHER }),
      change({ input: '0x01' }),
      change({ nonce: '0x7f' }),
      change({ blockHash: other }),
      change({ hash: other }),
    ],
    eth_getTransactionReceipt: [
      change({ status: '0x0' }),
      change({ blockNumber: '0x1' }),
      change({ blockHash: other }),
      change({ logs: [{ address: ME, topics: [other], data: '0x' }] }),
      change({ transactionHash: other }),
    ],
    debug_traceTransaction: [
      change({ to: ME }),
      change({ value: '0x7' }),
      change({ input: '0x01' }),
      change({ error: 'execution reverted' }),
      change({ calls: [{ type: 'CALL', from: ME.toLowerCase(), to: OTHER.toLowerCase(), input: '0x', value: '0x1' }] }),
    ],
  }
  for (const [method, ask] of VERBS) {
    const truth = await honestly(ask)
    expect(lies[method], method).toBeDefined()
    for (const lie of lies[method] ?? []) {
      for (const liarFirst of [true, false]) {
        liar.behave = (asked, honest) => (asked.method === method && honest['result'] !== null ? lie(honest) : honest)
        const told = await withPool(2, (reads) => outcome(ask(reads)), { liarFirst })
        if ('value' in told) expect(told.value, `${method} ${String(lie)}`).toEqual(truth)
      }
    }
  }
})

test('promise: null from one of two is not yet, and the newest block is one that both have', async () => {
  const [liar] = fakes as [Fake, Fake]
  for (const method of ['eth_getTransactionByHash', 'eth_getTransactionReceipt']) {
    const [, ask] = VERBS.find(([name]) => name === method) ?? []
    if (ask === undefined) throw new Error('no verb')
    for (const liarFirst of [true, false]) {
      liar.behave = (asked, honest) => (asked.method === method ? { result: null } : honest)
      expect(await withPool(2, ask, { liarFirst }), method).toBe(null)
    }
  }
  // Known to both, mined for one: it waits.
  liar.behave = (asked, honest) =>
    asked.method === 'eth_getTransactionByHash'
      ? { result: { ...(honest['result'] as object), blockHash: null, blockNumber: null } }
      : honest
  expect(await withPool(2, (reads) => reads.transaction(hash))).toMatchObject({ hash, blockNumber: null })
  const head = await honestly((reads) => reads.head())
  const parent = await chain.rpc<Answer>('eth_getBlockByNumber', [
    `0x${((head as { number: bigint }).number - 1n).toString(16)}`,
    false,
  ])
  liar.behave = (asked, honest) =>
    asked.method === 'eth_getBlockByNumber' && asked.params[0] === 'latest' ? { result: parent } : honest
  expect(await withPool(2, (reads) => reads.head())).toMatchObject({ hash: parent['hash'] })
})

test('promise: two that revert with different data agree that it reverts, and on no data', async () => {
  const [liar] = fakes as [Fake, Fake]
  const abi = parseAbi(['function transfer(address to, uint256 amount)'])
  const data = encodeFunctionData({ abi, functionName: 'transfer', args: [OTHER, 2n ** 200n] })
  const ask = async (reads: ChainReads) =>
    reads.at(await reads.head()).call({ to: Address.parse(chain.addresses.usdc), data })
  expect(await withPool(2, ask)).toMatchObject({ status: 'failed', isRevert: true, data: expect.stringMatching(/^0x/) })
  liar.behave = (asked, honest) =>
    asked.method === 'eth_call' ? { error: { code: -32000, message: 'execution reverted' } } : honest
  expect(await withPool(2, ask)).toEqual({ status: 'failed', isRevert: true, data: null })
  liar.behave = (asked, honest) =>
    asked.method === 'eth_call' ? { error: { code: 3, message: 'x', data: '0xdeadbeef' } } : honest
  expect(await withPool(2, (reads) => outcome(ask(reads)))).toMatchObject({
    error: { code: 'simulation:upstream:disagreement' },
  })
})

test('promise: a provider that hangs, drips or floods is given up in time, and another answers', async () => {
  const [liar] = fakes as [Fake, Fake]
  const timers: NodeJS.Timeout[] = []
  const answers: Record<string, (response: ServerResponse) => void> = {
    hangs: () => undefined,
    'hangs after the head': (response) => void response.writeHead(200).write('['),
    drips: (response) => {
      response.writeHead(200).write('[')
      timers.push(setInterval(() => response.write(' '), 50))
    },
    floods: (response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed) if (!response.write(Buffer.alloc(65_536, ' '))) break
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    },
    closes: (response) => void response.destroy(),
    'redirects without an end': (response) => void response.writeHead(307, { location: chain.rpcUrl }).write('['),
  }
  for (const [name, answer] of Object.entries(answers)) {
    liar.answer = answer
    const told = await withPool(1, (reads) => outcome(reads.head()), { timeoutMs: 300, deadlineMs: 1_000 })
    expect(told, name).toMatchObject({ error: { code: 'simulation:upstream:unreachable', kind: 'upstream' } })
    // As the first of two, it costs time and nothing else.
    const [, honest] = fakes as [Fake, Fake]
    const pool = openRpc({ urls: [liar.url, honest.url], timeoutMs: 300, quorum: 1, chainId: 31_337 })
    liar.answer = answer
    expect(await openReads(pool, { chainId: 31337 }).receipt(hash), name).toMatchObject({ isSuccess: true })
    await pool.close()
  }
  for (const timer of timers) clearInterval(timer)
  liar.answer = null
})

test('promise: a wrong chain is not believed, at first and after it was away', async () => {
  const [liar, honest] = fakes as [Fake, Fake]
  const wrong = (asked: Asked, told: Answer): Answer =>
    asked.method === 'eth_chainId' ? { result: '0x1' } : asked.method === 'eth_getBalance' ? { result: '0x539' } : told
  liar.behave = wrong
  expect(await withPool(1, (reads) => outcome(reads.head()))).toMatchObject({
    error: { code: 'simulation:chain:mismatch' },
  })
  const pool = openRpc({ urls: [liar.url, honest.url], timeoutMs: 2_000, quorum: 1, chainId: 31_337 })
  const reads = openReads(pool, { chainId: 31337 })
  const balance = async () => reads.at(await reads.head()).balance(OTHER)
  const truth = await balance()
  liar.answer = (response) => void response.writeHead(503).end()
  expect(await balance()).toBe(truth)
  liar.answer = null
  liar.behave = wrong
  honest.answer = (response) => void response.writeHead(503).end()
  expect(await outcome(balance())).toHaveProperty('error')
  honest.answer = null
  liar.behave = null
  await pool.close()
})

test('a pending block as geth gives it, without hash and builder, shows what waits and costs its provider nothing', async () => {
  const [liar] = fakes as [Fake, Fake]
  const lacks: Answer = { error: { code: -32601, message: 'the method does not exist' } }
  const transaction = await chain.rpc<Answer>('eth_getTransactionByHash', [hash])
  const nonce = Number(await chain.rpc<Hex>('eth_getTransactionCount', [ME, 'latest']))
  const waiting = { ...transaction, nonce: `0x${nonce.toString(16)}`, blockHash: null, blockNumber: null }
  liar.behave = ({ method, params }, honest) => {
    if (method === 'txpool_contentFrom' || method === 'eth_getTransactionBySenderAndNonce') return lacks
    if (method === 'eth_getTransactionCount') return { result: `0x${(nonce + 1).toString(16)}` }
    if (params[0] !== 'pending') return honest
    return { result: { number: '0x7', hash: null, nonce: null, miner: null, logsBloom: null, transactions: [waiting] } }
  }
  await withPool(1, async (reads, pool) => {
    expect(await reads.waiting(ME, BigInt(nonce))).toMatchObject({ isComplete: true, transactions: [{ hash }] })
    expect(pool.health()).toMatchObject([{ failures: 0, isBackingOff: false }])
  })
})

test('raw bytes are told to all, never to another chain, and their hash is computed', async () => {
  const [liar, honest] = fakes as [Fake, Fake]
  const raw = await KEY.signTransaction({
    type: 'eip1559',
    chainId: 31_337,
    nonce: Number(await chain.rpc<Hex>('eth_getTransactionCount', [KEY.address, 'latest'])),
    to: OTHER,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 1n,
  })
  const told: string[] = []
  const listen =
    (name: string, chainId?: string) =>
    (asked: Asked, answer: Answer): Answer => {
      if (asked.method === 'eth_sendRawTransaction') told.push(name)
      if (asked.method === 'eth_chainId' && chainId !== undefined) return { result: chainId }
      return asked.method === 'eth_sendRawTransaction' ? { result: `0x${'00'.repeat(32)}` } : answer
    }
  liar.behave = listen('wrong', '0x1')
  honest.behave = listen('right')
  const pool = openRpc({ urls: [liar.url, honest.url], timeoutMs: 2_000, quorum: 1, chainId: 31_337 })
  expect(await openReads(pool, { chainId: 31337 }).send(raw)).toEqual({
    status: 'accepted',
    hash: Digest.keccak256(raw),
  })
  expect(told).toEqual(['right'])
  await pool.close()
  honest.behave = (asked, answer) =>
    asked.method === 'eth_sendRawTransaction' ? { error: { code: -32000, message: `nonce too low ${MARKER}` } } : answer
  liar.behave = null
  const again = openRpc({ urls: [honest.url], timeoutMs: 2_000, quorum: 1, chainId: 31_337 })
  expect(await openReads(again, { chainId: 31337 }).send(raw)).toEqual({ status: 'refused', reason: 'nonce' })
  honest.behave = null
  await again.close()
})

test('promise: under a quorum a method that is not in the table is refused, and asked of nobody', async () => {
  const [liar] = fakes as [Fake, Fake]
  let asked = 0
  liar.behave = ({ method }, honest) => {
    if (method !== 'eth_chainId') asked += 1
    return honest
  }
  await withPool(2, async (_reads, pool) => {
    for (const method of [
      'eth_protocolVersion',
      'trace_block',
      'anvil_setBalance',
      'debug_traceBlockByHash',
      'toString',
      '__proto__',
    ])
      expect(await pool.batch([{ method, params: [] }]), method).toMatchObject([{ ok: false, code: -32601 }])
  })
  expect(asked).toBe(0)
})

test('every method of the table has a bound and a way to be asked', () => {
  for (const [name, method] of Object.entries(METHODS)) {
    expect(method.maxBytes, name).toBeGreaterThan(0)
    expect(method.maxBytes, name).toBeLessThanOrEqual(64 * 2 ** 20)
    expect(['agree', 'newest', 'lagging', 'names', 'one', 'all', 'refused']).toContain(method.asked)
    expect(() => method.read(undefined, []), name).toThrow()
    let read: unknown = null
    try {
      read = method.read({ text: MARKER, hash: MARKER, [MARKER]: MARKER }, [])
    } catch {
      // It is not an answer to this method.
    }
    expect(JSON.stringify(read), name).not.toContain(MARKER)
  }
})
