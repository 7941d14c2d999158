/** Clear signing with fixtures of our own: every format, what a hostile descriptor may not do, and the whole way on a chain. */
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSimulator,
  readTypedData,
  renderReport,
  Report,
  type Call,
  type KnownAddress,
  type Simulator,
} from '../index.ts'
import { decodeArguments, parseSignature, selectorOf } from './Abi.ts'
import { clearSignCall, type ClearContext } from './clearSign.ts'
import type { ClearSigning } from '../model/ClearSigning.ts'
import { parseDescriptors } from './Descriptor.ts'
import { parsePath } from './Path.ts'

const HERE = Address.parse('0x1111111111111111111111111111111111111111')
const TOKEN = Address.parse('0x2222222222222222222222222222222222222222')
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')

/** One function with its fields, deployed at HERE. */
function descriptor(signature: string, fields: readonly unknown[], more: Record<string, unknown> = {}) {
  const { metadata = {}, definitions = {}, ...format } = more
  return {
    context: { contract: { deployments: [{ chainId: 1, address: HERE }] } },
    metadata,
    display: { definitions, formats: { [signature]: { intent: 'Do it', fields, ...format } } },
  }
}
function context(files: Record<string, unknown>): ClearContext {
  return {
    descriptors: parseDescriptors(files),
    isKnownToken: (_, address) => address === TOKEN,
    lookups: {
      token: (_, address) => (address === TOKEN ? { symbol: 'TOK', decimals: 6, name: 'Token' } : undefined),
      addressName: (address, { sources }) =>
        address === FRIEND && sources?.includes('local') !== false ? 'Bob' : undefined,
      collection: (_, address) => (address === TOKEN ? 'Cats' : undefined),
      blockTimeS: (_, block) => (block === 100n ? 1_700_000_000n : undefined),
    },
  }
}
/** A call of the only function of a descriptor. */
function shown(
  signature: string,
  fields: readonly unknown[],
  args: readonly unknown[],
  { more = {}, value = 0n, tail = '' }: { more?: Record<string, unknown>; value?: bigint; tail?: string } = {},
): ClearSigning | null {
  const abi = parseAbi([`function ${signature.replaceAll('tuple', '')}`] as never) as never
  const data = encodeFunctionData({ abi, args } as never)
  const call = { to: HERE, value, data: `${data as string}${tail}` as Hex.Hex }
  return clearSignCall(context({ 'test.json': descriptor(signature, fields, more) }), call, { chainId: 1, from: ME })
}
const values = (result: ClearSigning | null) => result?.fields.map(({ label, value }) => [label, value])

describe('formats', () => {
  const one = (type: string, value: unknown, field: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    values(shown(`f(${type} x)`, [{ path: 'x', label: 'X', ...field }], [value], { more }))?.[0]?.[1]

  test.each([
    ['uint256', 7n, {}, '7'],
    ['int256', -7n, {}, '-7'],
    ['bool', true, {}, 'true'],
    ['bytes', '0x00ff', {}, '0x00ff'],
    ['string', 'text', {}, 'text'],
    ['address', FRIEND, {}, FRIEND],
    ['address', FRIEND, { format: 'addressName' }, 'Bob'],
    ['address', FRIEND, { format: 'addressName', params: { sources: ['ens'] } }, FRIEND],
    ['address', ME, { format: 'addressName', params: { senderAddress: '@.from' } }, 'Sender'],
    ['uint256', BigInt(FRIEND), { format: 'addressName' }, 'Bob'],
    ['uint256', 1_500_000n, { format: 'tokenAmount', params: { token: TOKEN } }, '1.5 TOK'],
    ['uint256', 1_500_000n, { format: 'tokenAmount', params: { token: HERE } }, '1500000'],
    ['uint256', 10n ** 18n, { format: 'tokenAmount', params: { token: HERE, nativeCurrencyAddress: [HERE] } }, '1 ETH'],
    [
      'uint256',
      2n ** 255n,
      { format: 'tokenAmount', params: { token: TOKEN, threshold: `0x8${'0'.repeat(63)}` } },
      'Unlimited TOK',
    ],
    ['uint256', 5n * 10n ** 17n, { format: 'amount' }, '0.5 ETH'],
    ['uint256', 1_700_000_000n, { format: 'date', params: { encoding: 'timestamp' } }, '2023-11-14 22:13:20Z'],
    ['uint256', 100n, { format: 'date', params: { encoding: 'blockheight' } }, '2023-11-14 22:13:20Z'],
    ['uint256', 101n, { format: 'date', params: { encoding: 'blockheight' } }, 'block 101'],
    ['uint256', 3_661n, { format: 'duration' }, '01:01:01'],
    ['uint256', 3_000n, { format: 'unit', params: { base: '%', decimals: 4 } }, '0.3%'],
    ['uint256', 36_000n, { format: 'unit', params: { base: 's', prefix: true } }, '36ks'],
    ['uint8', 1n, { format: 'enum', params: { $ref: '$.metadata.enums.kind' } }, 'Second'],
    ['uint256', 137n, { format: 'chainId' }, 'Polygon'],
    ['address', TOKEN, { format: 'tokenTicker' }, 'TOK'],
    ['uint256', 9n, { format: 'nftName', params: { collection: TOKEN } }, 'Cats #9'],
  ])('promise: %s %s as %j is %s', (type, value, field, expected) => {
    const more = { metadata: { enums: { kind: { '0': 'First', '1': 'Second' } } } }
    expect(one(type, type === 'uint8' ? Number(value) : value, field, more)).toBe(expected)
  })

  test('promise: what cannot be shown as asked is shown raw, and said', () => {
    const result = shown(
      'f(uint256 a, uint256 b, string c)',
      [
        { path: 'a', label: 'A', format: 'date' },
        { path: 'b', label: 'B', format: 'enum', params: { $ref: '$.metadata.enums.none' } },
        { path: 'c', label: 'C', format: 'amount' },
        { path: 'a', label: 'D', format: 'newFormat' },
        { path: 'nowhere', label: 'E' },
      ],
      [2n ** 200n, 3n, 'x'],
    )
    expect(values(result)).toEqual([
      ['A', String(2n ** 200n)],
      ['B', '3'],
      ['C', 'x'],
      ['D', String(2n ** 200n)],
    ])
    expect(result?.unformatted.map(({ label }) => label)).toEqual(['A', 'B', 'C', 'D'])
  })

  test('promise: lists, groups, slices, references, the container, and tokens beside amounts', () => {
    const result = shown(
      'f((address token, uint256 amount)[] orders, address[] path, bytes blob)',
      [
        {
          path: 'orders.[]',
          fields: [{ path: 'amount', label: 'Amount', format: 'tokenAmount', params: { tokenPath: 'token' } }],
        },
        { path: '#.path.[-1]', label: 'Last', format: 'addressName' },
        { path: 'path.[]', label: 'Step' },
        { path: 'blob.[1:3]', label: 'Cut' },
        { $ref: '$.display.definitions.paid', label: 'Paid' },
        { path: 'orders.[].amount', label: 'Same', format: 'tokenAmount', params: { tokenPath: 'orders.[].token' } },
      ],
      [
        [
          { token: TOKEN, amount: 1_000_000n },
          { token: HERE, amount: 5n },
        ],
        [TOKEN, FRIEND],
        '0x00112233',
      ],
      { value: 10n ** 18n, more: { definitions: { paid: { path: '@.value', format: 'amount' } } } },
    )
    expect(values(result)).toEqual([
      ['Amount', '1 TOK'],
      ['Amount', '5'],
      ['Last', 'Bob'],
      ['Step', TOKEN],
      ['Step', FRIEND],
      ['Cut', '0x1122'],
      ['Paid', '1 ETH'],
      ['Same', '1 TOK'],
      ['Same', '5'],
    ])
  })

  test('promise: sentences with values in them, and calls inside of calls', () => {
    const inner = encodeFunctionData({ abi: parseAbi(['function g(uint256 x)']), args: [1_000_000n] })
    const files = {
      'outer.json': descriptor('f(address to, bytes data)', [
        { path: 'data', label: 'Call', format: 'calldata', params: { calleePath: 'to' } },
      ]),
      'inner.json': descriptor(
        'g(uint256 x)',
        [{ path: 'x', label: 'X', format: 'tokenAmount', params: { token: TOKEN } }],
        {
          interpolatedIntent: 'Give {x}, {{not this}}',
        },
      ),
    }
    const data = encodeFunctionData({ abi: parseAbi(['function f(address to, bytes data)']), args: [HERE, inner] })
    const result = clearSignCall(context(files), { to: HERE, value: 0n, data }, { chainId: 1, from: ME })
    expect(result?.fields[0]?.nested).toMatchObject({
      interpolatedIntent: 'Give 1 TOK, {not this}',
      fields: [{ label: 'X', value: '1 TOK' }],
    })
    // A call that calls itself ends somewhere.
    const loop = {
      'loop.json': descriptor('f(address to, bytes data)', [
        { path: 'data', label: 'Call', format: 'calldata', params: { calleePath: 'to' } },
      ]),
    }
    let nested: Hex.Hex = '0x'
    for (let i = 0; i < 20; i += 1)
      nested = encodeFunctionData({ abi: parseAbi(['function f(address to, bytes data)']), args: [HERE, nested] })
    const deep = clearSignCall(context(loop), { to: HERE, value: 0n, data: nested }, { chainId: 1, from: ME })
    let depth = 0
    for (let at: ClearSigning | null | undefined = deep; at != null; at = at.fields[0]?.nested) depth += 1
    expect(depth).toBeLessThanOrEqual(6)
  })

  test('promise: includes are merged beneath, and fields by their path', () => {
    const base = {
      context: { contract: {} },
      display: {
        formats: { 'f(uint256 x)': { intent: 'Base', fields: [{ path: 'x', label: 'X', format: 'amount' }] } },
      },
    }
    const over = {
      includes: '../common/base.json',
      context: { contract: { deployments: [{ chainId: 1, address: HERE }] } },
      metadata: { owner: 'Somebody' },
      display: { formats: { 'f(uint256 x)': { fields: [{ path: 'x', label: 'Amount' }] } } },
    }
    const data = encodeFunctionData({ abi: parseAbi(['function f(uint256 x)']), args: [10n ** 18n] })
    const at = context({ 'a/over.json': over, 'common/base.json': base })
    expect(clearSignCall(at, { to: HERE, value: 0n, data }, { chainId: 1, from: ME })).toMatchObject({
      intent: 'Base',
      owner: 'Somebody',
      fields: [{ label: 'Amount', value: '1 ETH' }],
    })
    for (const broken of [
      { 'a.json': { ...over, includes: 'absent.json' } },
      { 'a.json': { ...over, includes: 'a.json' } },
      { 'a.json': descriptor('f(uint256', []) },
      { 'a.json': descriptor('f(uint256 x)', [{ $ref: '$.display.definitions.none' }]) },
    ])
      expect(() => parseDescriptors(broken)).toThrow(/cannot be used/)
  })
})

describe('promise: what a descriptor cannot do', () => {
  test('promise: its texts are escaped and capped, whatever they are', () => {
    const evil = `\u{202e}SYSTEM\u{200b}: approve “all” ${'x'.repeat(20_000)}`
    const result = shown('f(string x)', [{ path: 'x', label: evil }], [evil], {
      more: { intent: evil, interpolatedIntent: `${evil} {x}`, metadata: { owner: evil } },
    })
    const texts = JSON.stringify(result)
    expect(texts).not.toMatch(/[\u{202e}\u{200b}“”]/u)
    expect(result?.fields[0]?.label.length).toBeLessThanOrEqual(80)
    expect(result?.intent.length).toBeLessThanOrEqual(80)
    expect(result?.fields[0]?.value.length).toBeLessThanOrEqual(8_000)
  })

  test('what it leaves out of sight is named', () => {
    const result = shown(
      'f(address to, uint256 amount)',
      [
        { path: 'amount', label: 'Amount' },
        { path: 'to', label: 'To', visible: 'never' },
      ],
      [FRIEND, 1n],
    )
    expect(result?.leftOut).toEqual(['To'])
  })

  test('it speaks of its own deployments only, and of data that is what it says', () => {
    const fields = [{ path: 'x', label: 'X', visible: { mustMatch: [1] } }]
    expect(shown('f(uint256 x)', fields, [1n])).not.toBeNull()
    expect(shown('f(uint256 x)', fields, [2n])).toBeNull()
    // A function without arguments is its selector alone.
    expect(shown('f()', [], [])).not.toBeNull()
    const data = encodeFunctionData({ abi: parseAbi(['function f(uint256 x)']), args: [1n] })
    const at = context({ 'test.json': descriptor('f(uint256 x)', [{ path: 'x', label: 'X' }]) })
    const call = { to: HERE, value: 0n, data }
    expect(clearSignCall(at, call, { chainId: 1, from: ME })).not.toBeNull()
    expect(clearSignCall(at, call, { chainId: 10, from: ME })).toBeNull()
    expect(clearSignCall(at, { ...call, to: TOKEN }, { chainId: 1, from: ME })).toBeNull()
    expect(clearSignCall(at, { ...call, data: data.slice(0, 20) as Hex.Hex }, { chainId: 1, from: ME })).toBeNull()
  })

  test('an interface fits the tokens that the caller vouches for, and no others', () => {
    const at = context({
      'erc20.json': {
        ...descriptor('transfer(address to, uint256 value)', [{ path: 'value', label: 'Amount' }]),
        context: { contract: {} },
      },
    })
    const data = encodeFunctionData({
      abi: parseAbi(['function transfer(address to, uint256 value)']),
      args: [FRIEND, 1n],
    })
    expect(clearSignCall(at, { to: TOKEN, value: 0n, data }, { chainId: 1, from: ME })).not.toBeNull()
    expect(clearSignCall(at, { to: HERE, value: 0n, data }, { chainId: 1, from: ME })).toBeNull()
  })

  test('two arguments of one name are both there', () => {
    const { parameters, name } = parseSignature('f(uint256 x, uint256 x)')
    const data = encodeFunctionData({ abi: parseAbi(['function f(uint256 a, uint256 b)']), args: [1n, 2n] })
    const node = decodeArguments(parameters, data)
    expect(node.kind === 'struct' ? [...node.fields.keys()] : []).toEqual(['x', '1'])
    expect(selectorOf(name, parameters)).toBe(data.slice(0, 10))
  })

  test.each(['a..b', 'a.[x]', '[1:2:3]', 'a b', '"', ''])('%j is no path', (path) => expect(parsePath(path)).toBeNull())
})

describe('on a chain', () => {
  let chain: LocalChain
  let simulator: Simulator
  let known: KnownAddress[]
  beforeAll(async () => {
    chain = await startLocalChain()
    const evil = {
      context: { contract: { deployments: [{ chainId: chain.chainId, address: chain.addresses.usdc }] } },
      metadata: { owner: 'Your wallet' },
      display: {
        formats: {
          'approve(address spender, uint256 amount)': {
            intent: 'Claim your reward',
            fields: [{ path: 'spender', label: 'Reward', visible: 'never' }],
          },
        },
      },
    }
    simulator = await createSimulator({
      chainId: chain.chainId,
      rpcUrls: [chain.rpcUrl],
      crossCheckShare: 0,
      descriptors: parseDescriptors({ 'evil.json': evil }),
    })
    known = [
      ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
      ...chain.contracts,
      { address: FRIEND, name: 'Bob', kind: 'contact' },
    ]
    await chain.fund(ME, { usdc: 1_000_000_000n, dai: 10n ** 18n })
  })
  afterAll(async () => {
    await simulator.close()
    await chain.close()
  })
  const erc20 = parseAbi([
    'function transfer(address to, uint256 value)',
    'function approve(address spender, uint256 amount)',
  ])
  const call = (to: string, data: Hex.Hex): Call => ({
    ...{ to: Address.parse(to), value: 0n, data, gasLimit: null, maxFeePerGasWei: null, label: null },
  })
  const simulate = (calls: readonly Call[], more = {}) =>
    simulator.simulate({ chainId: chain.chainId, from: ME, calls, block: 'latest', known, maxHeadAgeMs: 0, ...more })

  test('a payment in the descriptor’s words, in the report, on the card, on the wire', async () => {
    const data = encodeFunctionData({ abi: erc20, functionName: 'transfer', args: [FRIEND, 5_000_000n] })
    const report = await simulate([call(chain.addresses.usdc, data)])
    expect(report.steps[0]?.clearSigning).toMatchObject({
      intent: 'Send',
      fields: [
        { label: 'Amount', value: '5 USDC' },
        { label: 'To', value: `Bob (${FRIEND})` },
      ],
    })
    expect(renderReport(report, { nowMs: 0 })).toMatch(/Step 1 in the words of erc20\.json: “Send”\n\s+Amount: 5 USDC/)
    expect(Report.toWire(report)).toMatchObject({ steps: [{ clear_signing: { intent: 'Send', left_out: [] } }] })
  })

  test('promise: a descriptor that lies hides nothing and clears nothing', async () => {
    const spender = '0x00000000000000000000000000000000deadbeef' as const
    const data = encodeFunctionData({ abi: erc20, functionName: 'approve', args: [spender, 2n ** 256n - 1n] })
    const report = await simulate([call(chain.addresses.usdc, data)])
    expect(report.steps[0]?.clearSigning).toMatchObject({
      intent: 'Claim your reward',
      fields: [],
      leftOut: ['Reward'],
    })
    // The same call at a token without that descriptor is judged and shown alike.
    const honest = await simulate([call(chain.addresses.dai, data)])
    const told = (of: Report.Report) => of.findings.map(({ rule, level }) => `${rule} ${level}`)
    expect(told(report)).toEqual(told(honest))
    expect(report.verdict).toBe('block')
    expect(report.authorityChanges).toHaveLength(1)
    const card = renderReport(report, { nowMs: 0, width: 500 })
    expect(card).toContain('may spend UNLIMITED USDC')
    expect(card).toContain('Left out by the descriptor: Reward')
    expect(card).toContain('in the words of Your wallet (evil.json): “Claim your reward”')
  })

  test('a document in its descriptor’s words', async () => {
    const nowMs = Date.now()
    const deadline = Math.floor(nowMs / 1000) + 3_600
    const document = {
      types: {
        PermitSingle: [
          { name: 'details', type: 'PermitDetails' },
          { name: 'spender', type: 'address' },
          { name: 'sigDeadline', type: 'uint256' },
        ],
        PermitDetails: [
          { name: 'token', type: 'address' },
          { name: 'amount', type: 'uint160' },
          { name: 'expiration', type: 'uint48' },
          { name: 'nonce', type: 'uint48' },
        ],
      },
      primaryType: 'PermitSingle',
      domain: { name: 'Permit2', chainId: chain.chainId, verifyingContract: chain.addresses.permit2 },
      message: {
        details: { token: chain.addresses.usdc, amount: '5000000', expiration: deadline, nonce: 0 },
        spender: chain.addresses.uniswapV2Router,
        sigDeadline: deadline,
      },
    }
    const signature = readTypedData(document, {
      chainId: chain.chainId,
      from: ME,
      nowMs,
      known: (address) => known.find((entry) => Address.isEqual(entry.address, address)),
    })
    const report = await simulate([], { signature })
    expect(report.signature?.clearSigning).toMatchObject({
      intent: 'Authorize spending of a token',
      owner: 'Uniswap Labs',
      fields: [
        { label: 'Amount', value: '5 USDC' },
        { label: 'Token' },
        { label: 'Spender may spend until' },
        { label: 'Spender', value: expect.stringContaining('Uniswap V2 router') as string },
        { label: 'Signature valid until' },
      ],
      leftOut: ['Nonce'],
    })
    expect(renderReport(report, { nowMs })).toContain('The document in the words of Uniswap Labs')
    // What its holder could send is nobody's intent.
    expect(report.steps.every(({ clearSigning }) => clearSigning === null)).toBe(true)
  })
})
