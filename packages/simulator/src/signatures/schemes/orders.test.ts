import { Address } from '@countersign/base'
import { encodeAbiParameters, keccak256, stringToHex, concat, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { readTypedData } from '../readTypedData.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const STRANGER = '0x7AC3e0B1d59f42866D0E9b3a81F6C25d90b47e1f'
const USDC = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
const DAI = '0x6B175474E89094C44Da98b954EedeAC495271d0F'
const NOW_MS = Date.parse('2026-11-29T00:00:00Z')
const UNTIL = NOW_MS / 1000 + 1_200
const COW = '0x9008D19f58AAbD9eD0D60971565AA8510560ab41'
const ONE_INCH = '0x111111125421cA6dc452d289314280a0f8842A65'
const ZERO_X = '0xDef1C0ded9bec7F1a1670819833240f027b25EfF'
const ZERO = Address.ZERO

const known = new Map(
  [
    [COW, 'CoW settlement', 'spender'],
    [ONE_INCH, '1inch', 'spender'],
    [ZERO_X, '0x', 'spender'],
    [USDC, 'USD Coin', 'token'],
    [DAI, 'Dai', 'token'],
  ].map(([address, name, kind]) => [
    address as string,
    {
      address: Address.parse(address as string),
      name: name as string,
      kind: kind as 'token' | 'spender',
      ...(kind === 'token' ? { symbol: name === 'Dai' ? 'DAI' : 'USDC', decimals: name === 'Dai' ? 18 : 6 } : {}),
    },
  ]),
)

const fields = (text: string): { name: string; type: string }[] =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { name, type }
  })

interface Exchange {
  domain: { name: string; version: string; verifyingContract: string }
  primaryType: string
  type: string
  fair: Record<string, unknown>
  /** The same order with worse terms: what each names is what a person loses by it. */
  worse: Record<string, Record<string, unknown>>
}

const THOUSAND = '1000000000'
const FAIR = '995000000000000000000'
const EXCHANGES: Record<string, Exchange> = {
  'CoW Protocol': {
    domain: { name: 'Gnosis Protocol', version: 'v2', verifyingContract: COW },
    primaryType: 'Order',
    type: 'address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,string buyTokenBalance',
    fair: {
      sellToken: USDC,
      buyToken: DAI,
      receiver: ME,
      sellAmount: THOUSAND,
      buyAmount: FAIR,
      validTo: UNTIL,
      appData: `0x${'11'.repeat(32)}`,
      feeAmount: '0',
      kind: 'sell',
      partiallyFillable: false,
      sellTokenBalance: 'erc20',
      buyTokenBalance: 'erc20',
    },
    worse: {
      'to a stranger': { receiver: STRANGER },
      'for one unit': { buyAmount: '1' },
      'for nothing': { buyAmount: '0' },
      'for less of the same': { buyToken: USDC, buyAmount: '900000000' },
      'an unknown kind': { kind: 'gift' },
      expired: { validTo: 1 },
    },
  },
  '1inch Limit Order Protocol': {
    domain: { name: '1inch Aggregation Router', version: '6', verifyingContract: ONE_INCH },
    primaryType: 'Order',
    type: 'uint256 salt,address maker,address receiver,address makerAsset,address takerAsset,uint256 makingAmount,uint256 takingAmount,uint256 makerTraits',
    fair: {
      salt: '7',
      maker: ME,
      receiver: ZERO,
      makerAsset: USDC,
      takerAsset: DAI,
      makingAmount: THOUSAND,
      takingAmount: FAIR,
      makerTraits: (BigInt(UNTIL) << 80n).toString(),
    },
    worse: {
      'to a stranger': { receiver: STRANGER },
      'for one unit': { takingAmount: '1' },
      'of another account': { maker: STRANGER },
      expired: { makerTraits: (1n << 80n).toString() },
    },
  },
  '0x limit order': {
    domain: { name: 'ZeroEx', version: '1.0.0', verifyingContract: ZERO_X },
    primaryType: 'LimitOrder',
    type: 'address makerToken,address takerToken,uint128 makerAmount,uint128 takerAmount,uint128 takerTokenFeeAmount,address maker,address taker,address sender,address feeRecipient,bytes32 pool,uint64 expiry,uint256 salt',
    fair: {
      makerToken: USDC,
      takerToken: DAI,
      makerAmount: THOUSAND,
      takerAmount: FAIR,
      takerTokenFeeAmount: '0',
      maker: ME,
      taker: ZERO,
      sender: ZERO,
      feeRecipient: ZERO,
      pool: `0x${'00'.repeat(32)}`,
      expiry: UNTIL,
      salt: '9',
    },
    worse: { 'for one unit': { takerAmount: '1' }, 'of another account': { maker: STRANGER }, expired: { expiry: 1 } },
  },
  '0x quote': {
    domain: { name: 'ZeroEx', version: '1.0.0', verifyingContract: ZERO_X },
    primaryType: 'OtcOrder',
    type: 'address makerToken,address takerToken,uint128 makerAmount,uint128 takerAmount,address maker,address taker,address txOrigin,uint256 expiryAndNonce',
    fair: {
      makerToken: USDC,
      takerToken: DAI,
      makerAmount: THOUSAND,
      takerAmount: FAIR,
      maker: ME,
      taker: ZERO,
      txOrigin: ZERO,
      expiryAndNonce: (BigInt(UNTIL) << 192n).toString(),
    },
    worse: { 'for nothing': { takerAmount: '0' }, expired: { expiryAndNonce: '5' } },
  },
}

function read(
  { domain, primaryType, type, fair }: Exchange,
  { message = {}, at = domain.verifyingContract }: { message?: Record<string, unknown>; at?: string } = {},
) {
  return readTypedData(
    {
      domain: { ...domain, chainId: 1, verifyingContract: at },
      primaryType,
      types: { [primaryType]: fields(type) },
      message: { ...fair, ...message },
    },
    { chainId: 1, from: ME, nowMs: NOW_MS, known: (address) => known.get(address) },
  )
}
const worst = (request: ReturnType<typeof read>): string[] =>
  request.findings.filter(({ level }) => level !== 'info').map(({ rule, level }) => `${level} ${rule}`)

describe.each(Object.entries(EXCHANGES))('%s', (_name, exchange) => {
  test('promise: a fair order passes, and says what leaves and what comes', () => {
    const request = read(exchange)
    expect(worst(request)).toEqual([])
    expect(request.kind).toBe('token-order')
    expect(request.title).toContain('1000 USDC')
    expect(request.title).toContain('995 DAI')
    expect(request.offers).toEqual([
      { standard: 'erc20', token: USDC, tokenId: null, amount: BigInt(THOUSAND), to: null },
    ])
    expect(request.considerations).toEqual([
      { standard: 'erc20', token: DAI, tokenId: null, amount: BigInt(FAIR), to: ME },
    ])
  })

  test.each(Object.keys(exchange.worse))('promise: a worse one is blocked: %s', (title) => {
    const request = read(exchange, { message: exchange.worse[title] as Record<string, unknown> })
    expect(request.findings.filter(({ level }) => level === 'block').length, worst(request).join()).toBeGreaterThan(0)
  })

  test('promise: the same order for a contract that only calls itself so is blocked', () => {
    expect(worst(read(exchange, { at: STRANGER }))).toContain('block signature-unfamiliar-contract')
  })
})

test('promise: a stranger who receives the proceeds is named', () => {
  const request = read(EXCHANGES['CoW Protocol'] as Exchange, { message: { receiver: STRANGER } })
  expect(request.findings.find(({ rule }) => rule === 'signature-proceeds-to-others')?.subject).toBe(STRANGER)
})

test('promise: an extension of which only a hash is signed may change the amounts, and that is reported', () => {
  const exchange = EXCHANGES['1inch Limit Order Protocol'] as Exchange
  const traits = ((BigInt(UNTIL) << 80n) | (1n << 249n)).toString()
  expect(worst(read(exchange, { message: { makerTraits: traits } }))).toEqual(['warn signature-order-unreadable'])
})

test.each([
  ['CoW Protocol', { partiallyFillable: true }, { partiallyFillable: false }],
  [
    '1inch Limit Order Protocol',
    { makerTraits: (BigInt(UNTIL) << 80n).toString() },
    { makerTraits: ((BigInt(UNTIL) << 80n) | (1n << 255n)).toString() },
  ],
])('promise: whether an order of %s may be filled in parts is reported', (name, inParts, whole) => {
  const said = (message: Record<string, unknown>) =>
    read(EXCHANGES[name] as Exchange, { message }).lines.find(({ label }) => label === 'May be filled in parts')?.value
  expect([said(inParts), said(whole)]).toEqual(['yes', 'no'])
})

test('promise: an order without an end is not allowed without a look', () => {
  const exchange = EXCHANGES['1inch Limit Order Protocol'] as Exchange
  expect(worst(read(exchange, { message: { makerTraits: '0' } }))).toEqual(['warn signature-no-deadline'])
})

test('promise: a type that contains a list of itself is hashed as EIP-712 says', () => {
  const document = (message: unknown) => ({
    domain: { name: 'App', version: '1', chainId: 1, verifyingContract: COW },
    primaryType: 'Node',
    types: { Node: fields('uint256 v,Node[] next') },
    message,
  })
  const at = { chainId: 1, from: ME, nowMs: NOW_MS }
  const text = (value: string): Hex => keccak256(stringToHex(value))
  // EIP-712, "Definition of hashStruct", written out by hand.
  const typeHash = text('Node(uint256 v,Node[] next)')
  const hash = (v: bigint, next: Hex[]): Hex =>
    keccak256(
      encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'bytes32' }],
        [typeHash, v, keccak256(next.length === 0 ? '0x' : concat(next))],
      ),
    )
  const separator = keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
      [
        text('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
        text('App'),
        text('1'),
        1n,
        COW,
      ],
    ),
  )
  const expected = keccak256(concat(['0x1901', separator, hash(1n, [hash(2n, [])])]))
  expect(readTypedData(document({ v: 1, next: [{ v: 2, next: [] }] }), at).digest).toBe(expected)

  let deep: unknown = { v: 0, next: [] }
  for (let i = 0; i < 60; i += 1) deep = { v: i, next: [deep] }
  expect(() => readTypedData(document(deep), at)).toThrow(/nested too deeply/)
})
