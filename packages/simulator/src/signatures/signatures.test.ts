/** What is refused, what blocks, and what must be left alone. No chain: only the document. */
import { readFileSync } from 'node:fs'
import { Address, type Hex } from '@countersign/base'
import fc from 'fast-check'
import {
  encodeFunctionData,
  encodePacked,
  hashTypedData,
  maxUint160,
  maxUint256,
  parseAbi,
  zeroAddress,
  zeroHash,
} from 'viem'
import { getUserOperationHash } from 'viem/account-abstraction'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { KnownAddress } from '../model/KnownAddress.ts'
import {
  parseAuthorization,
  readAuthorization,
  readRawHash,
  readRawMessage,
  readTypedData,
  SignatureError,
  type SignatureContext,
  type SignatureRequest,
} from './index.ts'
import { parseStrictJson } from './strictJson.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const ATTACKER = Address.parse('0x00000000000000000000000000000000badc0de1')
const ROUTER = Address.parse('0x66a9893cc07d91d95644aedd05d03f95e1dba8af')
const USDC = Address.parse('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48')
const NFT = Address.parse('0xBC4CA0EdA7647A8aB7C2061c2E118A18a936f13D')
const PERMIT2 = Address.parse('0x000000000022D473030F116dDEE9F6B43aC78BA3')
const SEAPORT = Address.parse('0x0000000000000068F116a894984e2DB1123eB395')
const MANAGER = Address.parse('0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3')
const SAFE = Address.parse('0x5afe3855358e112b5647b952709e6165e1c1eeee')
/** No token, and nobody's. */
const APP = Address.parse('0x00000000000000000000000000000000000a9900')
const ENTRY_POINT = Address.parse('0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108')
const NOW_S = 1_790_000_000
const SOON = String(NOW_S + 1_800)

const KNOWN: KnownAddress[] = [
  { address: USDC, name: 'USD Coin', kind: 'token', symbol: 'USDC', decimals: 6 },
  { address: ROUTER, name: 'Universal Router', kind: 'spender' },
  { address: FRIEND, name: 'Bob', kind: 'contact' },
]
const at: SignatureContext = {
  chainId: 1,
  from: ME,
  nowMs: NOW_S * 1000,
  known: (address) => KNOWN.find((entry) => entry.address === address),
}

interface Doc {
  types: Record<string, { name: string; type: string }[]>
  primaryType: string
  domain: Record<string, unknown>
  message: Record<string, unknown>
}
const fields = (text: string) =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.trim().split(' ')
    return { name, type }
  })
const DOMAIN = fields('string name,string version,uint256 chainId,address verifyingContract')
type Over = { domain?: Record<string, unknown>; message?: Record<string, unknown> }
const over = (doc: Doc, { domain = {}, message = {} }: Over): Doc => ({
  ...doc,
  domain: { ...doc.domain, ...domain },
  message: { ...doc.message, ...message },
})

const permit = (message: Record<string, unknown> = {}, domain: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
  },
  primaryType: 'Permit',
  domain: { name: 'USD Coin', version: '2', chainId: 1, verifyingContract: USDC, ...domain },
  message: { owner: ME, spender: ROUTER, value: '1000000', nonce: '0', deadline: SOON, ...message },
})
const dai = (message: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address holder,address spender,uint256 nonce,uint256 expiry,bool allowed'),
  },
  primaryType: 'Permit',
  domain: { name: 'Dai Stablecoin', version: '1', chainId: 1, verifyingContract: USDC },
  message: { holder: ME, spender: ROUTER, nonce: 0, expiry: SOON, allowed: true, ...message },
})
const PERMIT2_DOMAIN = fields('string name,uint256 chainId,address verifyingContract')
const single = (details: Record<string, unknown> = {}, message: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: PERMIT2_DOMAIN,
    PermitSingle: fields('PermitDetails details,address spender,uint256 sigDeadline'),
    PermitDetails: fields('address token,uint160 amount,uint48 expiration,uint48 nonce'),
  },
  primaryType: 'PermitSingle',
  domain: { name: 'Permit2', chainId: 1, verifyingContract: PERMIT2 },
  message: {
    details: { token: USDC, amount: '1000000', expiration: SOON, nonce: 0, ...details },
    spender: ROUTER,
    sigDeadline: SOON,
    ...message,
  },
})
const batchTransfer = (spender: string, tokens: string[] = [USDC, NFT]): Doc => ({
  types: {
    EIP712Domain: PERMIT2_DOMAIN,
    PermitBatchTransferFrom: fields('TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline'),
    TokenPermissions: fields('address token,uint256 amount'),
  },
  primaryType: 'PermitBatchTransferFrom',
  domain: { name: 'Permit2', chainId: 1, verifyingContract: PERMIT2 },
  message: { permitted: tokens.map((token) => ({ token, amount: '5' })), spender, nonce: '1', deadline: SOON },
})
const batchPermit = (count: number): Doc => ({
  ...single(),
  types: {
    ...single().types,
    PermitSingle: undefined as never,
    PermitBatch: fields('PermitDetails[] details,address spender,uint256 sigDeadline'),
  },
  primaryType: 'PermitBatch',
  message: {
    details: Array.from({ length: count }, () => single().message['details']),
    spender: ROUTER,
    sigDeadline: SOON,
  },
})
const witnessTransfer = (spender: string): Doc => ({
  types: {
    EIP712Domain: PERMIT2_DOMAIN,
    PermitWitnessTransferFrom: fields(
      'TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Order witness',
    ),
    TokenPermissions: fields('address token,uint256 amount'),
    Order: fields('address swapper,uint256 least'),
  },
  primaryType: 'PermitWitnessTransferFrom',
  domain: { name: 'Permit2', chainId: 1, verifyingContract: PERMIT2 },
  message: {
    permitted: { token: USDC, amount: '5' },
    spender,
    nonce: '1',
    deadline: SOON,
    witness: { swapper: ME, least: '77' },
  },
})
const payment = (message: Record<string, unknown> = {}, kind = 'Transfer'): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    [`${kind}WithAuthorization`]: fields(
      'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce',
    ),
  },
  primaryType: `${kind}WithAuthorization`,
  domain: { name: 'USD Coin', version: '2', chainId: 1, verifyingContract: USDC },
  message: { from: ME, to: FRIEND, value: '10000', validAfter: 0, validBefore: SOON, nonce: zeroHash, ...message },
})
const OFFER = 'uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount'
const item = (itemType: number, token: string, id: string, start: string, end = start) => ({
  itemType,
  token,
  identifierOrCriteria: id,
  startAmount: start,
  endAmount: end,
})
const nft = (id = '7') => item(2, NFT, id, '1')
const ether = (wei: string, recipient: string = ME, end = wei) => ({
  ...item(0, zeroAddress, '0', wei, end),
  recipient,
})
const components = (offer: unknown[], consideration: unknown[], more: Record<string, unknown> = {}) => ({
  offerer: ME,
  zone: zeroAddress,
  offer,
  consideration,
  orderType: 0,
  startTime: String(NOW_S),
  endTime: String(NOW_S + 7 * 86_400),
  zoneHash: zeroHash,
  salt: '1',
  conduitKey: zeroHash,
  counter: '0',
  ...more,
})
const orderTypes = {
  EIP712Domain: DOMAIN,
  OrderComponents: fields(
    'address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter',
  ),
  OfferItem: fields(OFFER),
  ConsiderationItem: fields(`${OFFER},address recipient`),
}
const order = (offer: unknown[], consideration: unknown[], more: Record<string, unknown> = {}): Doc => ({
  types: orderTypes,
  primaryType: 'OrderComponents',
  domain: { name: 'Seaport', version: '1.6', chainId: 1, verifyingContract: SEAPORT },
  message: components(offer, consideration, more),
})
const bulk = (left: unknown, right: unknown): Doc => ({
  types: { ...orderTypes, BulkOrder: fields('OrderComponents[2] tree') },
  primaryType: 'BulkOrder',
  domain: { name: 'Seaport', version: '1.6', chainId: 1, verifyingContract: SEAPORT },
  message: { tree: [left, right] },
})
const safeTx = (message: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: fields('uint256 chainId,address verifyingContract'),
    SafeTx: fields(
      'address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce',
    ),
  },
  primaryType: 'SafeTx',
  domain: { chainId: 1, verifyingContract: SAFE },
  message: {
    to: FRIEND,
    value: '1',
    data: '0x',
    operation: 0,
    safeTxGas: 0,
    baseGas: 0,
    gasPrice: 0,
    gasToken: zeroAddress,
    refundReceiver: zeroAddress,
    nonce: 3,
    ...message,
  },
})
const CALLS = parseAbi([
  'function transfer(address to, uint256 amount)',
  'function approve(address spender, uint256 amount)',
  'function setApprovalForAll(address operator, bool approved)',
  'function enableModule(address module)',
  'function swapOwner(address prev, address old, address next)',
  'function setGuard(address guard)',
  'function changeThreshold(uint256 threshold)',
  'function transferOwnership(address next)',
  'function multiSend(bytes transactions)',
  'function execute(address dest, uint256 value, bytes func)',
  'function exotic(uint256 x)',
])
const call = (functionName: string, ...args: unknown[]) =>
  encodeFunctionData({ abi: CALLS, functionName, args } as never) as Hex.Hex
const MULTI_SEND_CALL_ONLY = '0x9641d764fc13c8B624c04430C7356C1C7C8102e2'
const multiSend = (...calls: [operation: number, to: string, data: Hex.Hex][]) =>
  call(
    'multiSend',
    `0x${calls
      .map(([operation, to, data]) =>
        encodePacked(
          ['uint8', 'address', 'uint256', 'uint256', 'bytes'],
          [operation, to as Hex.Hex, 0n, BigInt((data.length - 2) / 2), data],
        ).slice(2),
      )
      .join('')}`,
  )
const delegate = (caveats: unknown[], message: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    Delegation: fields('address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt'),
    Caveat: fields('address enforcer,bytes terms'),
  },
  primaryType: 'Delegation',
  domain: { name: 'DelegationManager', version: '1', chainId: 1, verifyingContract: MANAGER },
  message: {
    delegate: FRIEND,
    delegator: ME,
    authority: `0x${'ff'.repeat(32)}`,
    caveats,
    salt: '1',
    ...message,
  },
})
const word = (value: bigint | string) => BigInt(value).toString(16).padStart(64, '0')
const ERC20_CAP = {
  enforcer: '0xf100b0819427117EcF76Ed94B358B1A5b5C6D2Fc',
  terms: `${USDC.toLowerCase()}${word(1_000_000n)}`,
}
const NATIVE_CAP = { enforcer: '0xF71af580b9c3078fbc2BBF16FbB8EEd82b330320', terms: `0x${word(5n)}` }
const PAYMENT_ONLY = { enforcer: '0x99F2e9bF15ce5eC84685604836F71aB835DBBdED', terms: '0x' }
const UNTIL_SOON = {
  enforcer: '0x1046bb45C8d673d4ea75321280DB34899413c069',
  terms: `0x${'0'.repeat(32)}${BigInt(SOON).toString(16).padStart(32, '0')}`,
}
const operation = (message: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    PackedUserOperation: fields(
      'address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData',
    ),
  },
  primaryType: 'PackedUserOperation',
  domain: { name: 'ERC4337', version: '1', chainId: 1, verifyingContract: ENTRY_POINT },
  message: {
    sender: SAFE,
    nonce: 0,
    initCode: '0x',
    callData: call('execute', USDC, 0n, call('transfer', FRIEND, 5n)),
    accountGasLimits: zeroHash,
    preVerificationGas: 0,
    gasFees: zeroHash,
    paymasterAndData: '0x',
    ...message,
  },
})
const plain = (primaryType: string, types: Record<string, string>, message: Record<string, unknown>): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    ...Object.fromEntries(Object.entries(types).map(([name, text]) => [name, fields(text)])),
  },
  primaryType,
  domain: { name: 'Some app', version: '1', chainId: 1, verifyingContract: APP },
  message,
})

/** A call that somebody else sends in the name of the signer (ERC-2771). */
const forwarded = (from: string): Doc =>
  plain(
    'ForwardRequest',
    { ForwardRequest: 'address from,address to,uint256 value,uint256 gas,uint256 nonce,bytes data' },
    { from, to: USDC, value: 0, gas: 1, nonce: 0, data: '0x' },
  )

const found = (request: { findings: SignatureRequest['findings'] }, level?: string) =>
  request.findings.filter((entry) => level === undefined || entry.level === level).map((entry) => entry.rule)

describe('promise: a document that two readers could read differently is refused', () => {
  const text = JSON.stringify(permit())
  const CASES: Record<string, unknown> = {
    'no object': [],
    'no JSON': '{',
    'something after the document': `${text} {}`,
    'a field twice': text.replace('"value":"1000000"', '"value":"1","value":"1000000"'),
    'a field twice, escaped': text.replace('"value":"1000000"', '"value":"1","\\u0076alue":"1000000"'),
    'a number that JavaScript rounds': text.replace('"1000000"', '9007199254740993'),
    'an exponent': text.replace('"1000000"', '1e6'),
    'a fraction': text.replace('"1000000"', '1.0'),
    'a negative zero': text.replace('"nonce":"0"', '"nonce":-0'),
    __proto__: text.replace('"message":{', '"message":{"__proto__":{},'),
    'a padded chain id (E16)': permit({}, { chainId: `0x${'1'.padStart(64, '0')}` }),
    'a hexadecimal chain id': permit({}, { chainId: '0x1' }),
    'a chain id with a leading zero': permit({}, { chainId: '01' }),
    'a chain id with a space': permit({}, { chainId: ' 1' }),
    'a chain id with a plus': permit({}, { chainId: '+1' }),
    'a fractional chain id': permit({}, { chainId: 1.5 }),
    'an empty chain id': permit({}, { chainId: '' }),
    'a chain id of null': permit({}, { chainId: null }),
    'an integer address (E16)': permit({}, { verifyingContract: BigInt(USDC).toString() }),
    'an address as a number': permit({ spender: 1 }),
    'a short address': permit({ spender: '0x1' }),
    'a padded address': permit({ spender: `0x${'0'.repeat(24)}${ROUTER.slice(2)}` }),
    'an address with a wrong checksum': permit({ spender: ROUTER.replace('a', 'A') }),
    'an address without 0x': permit({ spender: ROUTER.slice(2) }),
    'a missing field': { ...permit(), message: { ...permit().message, nonce: undefined } },
    'a field left out': (() => {
      const { nonce: _, ...message } = permit().message
      return { ...permit(), message }
    })(),
    'a field that is in no type': permit({ memo: 'free money' }),
    'a further top-level field': { ...permit(), metadata: {} },
    'a number out of range': permit({ value: (1n << 256n).toString() }),
    'a negative number': permit({ value: '-1' }),
    'a number with a leading zero': permit({ value: '01' }),
    'a padded hexadecimal number': permit({ value: '0x00ff' }),
    'a number with an underscore': permit({ value: '1_000' }),
    'an empty number': permit({ value: '' }),
    'a number as a list': permit({ value: ['1'] }),
    'a true number': permit({ value: true }),
    'null for a number': permit({ value: null }),
    'a uint160 beyond its range': single({ amount: (maxUint160 + 1n).toString() }),
    'text for a boolean': dai({ allowed: 'false' }),
    'a number for a boolean': dai({ allowed: 1 }),
    'odd hexadecimal bytes': safeTx({ data: '0xabc' }),
    'bytes as text': safeTx({ data: 'hello' }),
    'too short bytes32': payment({ nonce: '0x01' }),
    'too long bytes32': payment({ nonce: `${zeroHash}00` }),
    'a primary type that is not there': { ...permit(), primaryType: 'Permit2' },
    'the domain as primary type': { ...permit(), primaryType: 'EIP712Domain' },
    'a type that nothing has': { ...permit(), types: { ...permit().types, Other: fields('uint256 x') } },
    'a domain field that its type leaves out': {
      ...permit(),
      types: { ...permit().types, EIP712Domain: DOMAIN.slice(0, 3) },
    },
    'a domain type with a field that the domain leaves out': permit({}, { version: undefined }),
    'a domain type out of order': { ...permit(), types: { ...permit().types, EIP712Domain: DOMAIN.toReversed() } },
    'a domain type of other types': {
      ...permit(),
      types: {
        ...permit().types,
        EIP712Domain: DOMAIN.map((field) => (field.name === 'chainId' ? { ...field, type: 'string' } : field)),
      },
    },
    'an unknown domain field': permit({}, { extra: '1' }),
    'the alias uint': plain('Note', { Note: 'uint amount' }, { amount: '1' }),
    'a type named as a primitive': plain('Note', { Note: 'uint7 a', uint7: 'string a' }, { a: { a: '' } }),
    'a type named address': plain('Note', { Note: 'address a', address: 'string a' }, { a: { a: '' } }),
    bytes33: plain('Note', { Note: 'bytes33 a' }, { a: `0x${'00'.repeat(33)}` }),
    'a type that contains itself without a list, so that no message of it can end': plain(
      'Note',
      { Note: 'Note next' },
      { next: { next: {} } },
    ),
    'a field twice in a type': plain('Note', { Note: 'string a,string a' }, { a: '' }),
    'a type without fields': { ...plain('Note', {}, {}), types: { EIP712Domain: DOMAIN, Note: [] } },
    'a list of the wrong length': plain('Note', { Note: 'uint8[2] a' }, { a: [1] }),
    'no list where one belongs': plain('Note', { Note: 'uint8[] a' }, { a: { 0: 1, length: 1 } }),
    'half a character': plain('Note', { Note: 'string a' }, { a: '\ud800' }),
    'a name with a comma in it': {
      ...plain('Note', { Note: 'string a' }, { a: '' }),
      types: { EIP712Domain: DOMAIN, Note: [{ name: 'a,address b', type: 'string' }] },
    },
    'too deep': `${'['.repeat(100)}${']'.repeat(100)}`,
  }
  test.each(Object.entries(CASES))('%s', (_, document) => {
    expect(() => readTypedData(document, at)).toThrow(SignatureError)
  })

  test('types that refer to each other without end or without measure are refused at once', () => {
    const types = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`T${i}`, fields(i === 39 ? 'uint8 x' : `T${i + 1} a,T${i + 1} b`)]),
    )
    const document = { types, primaryType: 'T0', domain: {}, message: {} }
    expect(() => readTypedData(document, at)).toThrow(SignatureError)
  })

  test('the error names the place, and what to write', () => {
    expect(() => readTypedData(permit({ value: '01' }), at)).toThrowErrorMatchingInlineSnapshot(
      `[simulator.SignatureError: message.value cannot be read: it is not a plain integer.]`,
    )
    try {
      readTypedData(permit({ memo: '' }), at)
    } catch (error) {
      expect(error).toMatchObject({ code: 'simulation:signature:unreadable', kind: 'invalid' })
    }
  })
})

describe('the same document in other honest spellings has the same digest', () => {
  const digest = readTypedData(permit(), at).digest
  const SAME: Record<string, unknown> = {
    'JSON text': JSON.stringify(permit()),
    'JSON text with a mark in front': `\ufeff${JSON.stringify(permit(), null, 2)}`,
    numbers: permit({ value: 1_000_000, nonce: 0 }),
    'big integers': permit({ value: 1_000_000n }, { chainId: 1n }),
    'minimal hexadecimal': permit({ value: '0xf4240' }),
    'chain id as decimal text': permit({}, { chainId: '1' }),
    'lower-case addresses': permit({ spender: ROUTER.toLowerCase() }, { verifyingContract: USDC.toLowerCase() }),
    'without the domain type': { ...permit(), types: { Permit: permit().types['Permit'] } },
    'fields in another order': {
      message: permit().message,
      domain: permit().domain,
      types: permit().types,
      primaryType: 'Permit',
    },
  }
  test.each(Object.entries(SAME))('%s', (_, document) => {
    expect(readTypedData(document, at).digest).toBe(digest)
  })

  test('any document that viem takes in plain form hashes to the same', () => {
    const value = fc.record({
      owner: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      amount: fc.bigInt(0n, maxUint256),
      small: fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
      note: fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
      blob: fc.uint8Array({ maxLength: 80 }),
      flags: fc.array(fc.boolean(), { maxLength: 5 }),
      pair: fc.tuple(fc.nat(255), fc.nat(255)),
    })
    const hex = (bytes: Uint8Array): Hex.Hex => `0x${Buffer.from(bytes).toString('hex')}`
    fc.assert(
      fc.property(value, (entry) => {
        const types = {
          EIP712Domain: DOMAIN,
          Outer: fields('address owner,uint256 amount,Inner[] inner,int64 small'),
          Inner: fields('string note,bytes blob,bool[] flags,uint8[2] pair'),
        }
        const message = {
          owner: hex(entry.owner),
          amount: entry.amount.toString(),
          small: entry.small.toString(),
          inner: [{ note: entry.note, blob: hex(entry.blob), flags: entry.flags, pair: [...entry.pair] }],
        }
        const document = { types, primaryType: 'Outer', domain: permit().domain, message }
        expect(readTypedData(JSON.stringify(document), at).digest).toBe(hashTypedData(document as never))
      }),
    )
  })

  test('strict JSON agrees with JSON.parse wherever it answers', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (json) => {
        const written = JSON.stringify(json)
        let strict: unknown
        try {
          strict = parseStrictJson(written)
        } catch (error) {
          expect(error).toBeInstanceOf(SignatureError)
          return
        }
        expect(strict).toEqual(JSON.parse(written))
      }),
    )
  })
})

const salted = over(permit(), {})
const ALLOWED_METHODS = { enforcer: '0x2c21fD0Cb9DC8445CB3fb0DC5E7Bb0Aca01842B5', terms: '0xa9059cbb' }

describe('attacks block, and say what they are', () => {
  const CASES: Record<string, [Doc, SignatureRequest['kind'], string]> = {
    'C10 an unlimited permit': [
      permit({ spender: ATTACKER, value: maxUint256.toString() }),
      'eip2612',
      'signature-unlimited',
    ],
    'an amount just below the usual line': [
      permit({ spender: ATTACKER, value: (1n << 200n).toString() }),
      'eip2612',
      'signature-unlimited',
    ],
    'a permit without an end': [
      permit({ spender: ATTACKER, deadline: maxUint256.toString() }),
      'eip2612',
      'signature-no-deadline',
    ],
    'an expired permit': [permit({ deadline: '1' }), 'eip2612', 'signature-expired'],
    'a permit of somebody else': [permit({ owner: FRIEND }), 'eip2612', 'signature-owner-mismatch'],
    'a permit for another chain': [permit({}, { chainId: 137 }), 'eip2612', 'signature-wrong-chain'],
    'a permit for every chain': [
      {
        ...permit(),
        types: { ...permit().types, EIP712Domain: DOMAIN.filter((field) => field.name !== 'chainId') },
        domain: { name: 'USD Coin', version: '2', verifyingContract: USDC },
      },
      'eip2612',
      'signature-no-chain',
    ],
    'C11 DAI: everything': [dai({ spender: ATTACKER }), 'dai-permit', 'signature-unlimited'],
    'C11 DAI: for ever': [dai({ spender: ATTACKER, expiry: 0 }), 'dai-permit', 'signature-no-deadline'],
    'Permit2: everything': [
      single({ amount: maxUint160.toString() }, { spender: ATTACKER }),
      'permit2-single',
      'signature-unlimited',
    ],
    'Permit2: for ever': [
      single({ expiration: String(2n ** 48n - 1n) }, { spender: ATTACKER }),
      'permit2-single',
      'signature-no-deadline',
    ],
    'C12 a batch transfer to an attacker': [
      batchTransfer(ATTACKER),
      'permit2-batch-transfer',
      'signature-taker-chooses',
    ],
    'an empty batch': [batchTransfer(ROUTER, []), 'permit2-batch-transfer', 'signature-empty'],
    'a witness for an attacker': [witnessTransfer(ATTACKER), 'permit2-witness', 'signature-witness-unread'],
    'C15 a payment into the token': [payment({ to: USDC }), 'erc3009', 'signature-recipient-sink'],
    'C15 a payment into nowhere': [payment({ to: zeroAddress }), 'erc3009', 'signature-recipient-sink'],
    'a payment for ever to somebody': [
      payment({ to: ATTACKER, validBefore: maxUint256.toString() }),
      'erc3009',
      'signature-no-deadline',
    ],
    'C14 tokens for nothing': [order([nft(), nft('8'), nft('9')], []), 'seaport-order', 'signature-gives-for-nothing'],
    'C14 tokens for a zero amount': [order([nft()], [ether('0')]), 'seaport-order', 'signature-gives-for-nothing'],
    'C14 tokens for one wei': [order([nft()], [ether('1')]), 'seaport-order', 'signature-next-to-nothing'],
    'C14 an auction that falls to nothing': [
      order([nft()], [ether('1000000000000000000', ME, '0')]),
      'seaport-order',
      'signature-gives-for-nothing',
    ],
    'the proceeds go to somebody else': [
      order([nft()], [ether('1000000000000000000', ATTACKER)]),
      'seaport-order',
      'signature-gives-for-nothing',
    ],
    'most of the proceeds go to somebody else': [
      order([nft()], [ether('10000000000000000'), ether('990000000000000000', ATTACKER)]),
      'seaport-order',
      'signature-proceeds-to-others',
    ],
    'the proceeds go to somebody else in another coin': [
      order([nft()], [ether('10000000000000000'), { ...item(1, USDC, '0', '90000000000'), recipient: ATTACKER }]),
      'seaport-order',
      'signature-proceeds-to-others',
    ],
    'a thousand dollars for one': [
      order([item(1, USDC, '0', '1000000000')], [{ ...item(1, USDC, '0', '1000000'), recipient: ME }]),
      'seaport-order',
      'signature-gives-for-less',
    ],
    'any token of a collection': [
      order([item(4, NFT, '0', '1')], [ether('1000000000000000000')]),
      'seaport-order',
      'signature-order-gives-any',
    ],
    'an order of a contract': [
      order([nft()], [ether('1000000000000000000')], { orderType: 4 }),
      'seaport-order',
      'signature-order-unreadable',
    ],
    'an item of an unknown kind': [
      order([item(6, NFT, '1', '1')], [ether('1000000000000000000')]),
      'seaport-order',
      'signature-order-unreadable',
    ],
    'one bad order among good ones': [
      bulk(components([nft('1')], [ether('1000000000000000000')]), components([nft('2')], [])),
      'seaport-order',
      'signature-gives-for-nothing',
    ],
    'C18 a module for the Safe': [
      safeTx({ to: SAFE, value: 0, data: call('enableModule', ATTACKER) }),
      'safe-tx',
      'signature-account-control',
    ],
    'C18 another owner': [
      safeTx({ to: SAFE, value: 0, data: call('swapOwner', ME, FRIEND, ATTACKER) }),
      'safe-tx',
      'signature-account-control',
    ],
    'C18 the guard is removed': [
      safeTx({ to: SAFE, value: 0, data: call('setGuard', zeroAddress) }),
      'safe-tx',
      'signature-account-control',
    ],
    'a lower threshold': [
      safeTx({ to: SAFE, value: 0, data: call('changeThreshold', 1n) }),
      'safe-tx',
      'signature-account-control',
    ],
    'foreign code as the Safe': [safeTx({ to: ATTACKER, operation: 1 }), 'safe-tx', 'signature-safe-delegatecall'],
    'foreign code inside a batch': [
      safeTx({ to: MULTI_SEND_CALL_ONLY, value: 0, operation: 1, data: multiSend([1, ATTACKER, '0x']) }),
      'safe-tx',
      'signature-safe-delegatecall',
    ],
    'a batch with something left over': [
      safeTx({ to: MULTI_SEND_CALL_ONLY, value: 0, operation: 1, data: call('multiSend', '0x00') }),
      'safe-tx',
      'signature-safe-delegatecall',
    ],
    'a module hidden in a batch': [
      safeTx({
        to: MULTI_SEND_CALL_ONLY,
        value: 0,
        operation: 1,
        data: multiSend([0, USDC, call('transfer', FRIEND, 5n)], [0, SAFE, call('enableModule', ATTACKER)]),
      }),
      'safe-tx',
      'signature-account-control',
    ],
    'gas paid to somebody else': [
      safeTx({ gasPrice: '1000000000000', baseGas: '10000000', refundReceiver: ATTACKER }),
      'safe-tx',
      'signature-safe-refund',
    ],
    'an operation that is none': [safeTx({ operation: 2 }), 'safe-tx', 'signature-safe-operation'],
    'an unlimited approval by the Safe': [
      safeTx({ to: USDC, value: 0, data: call('approve', ATTACKER, maxUint256) }),
      'safe-tx',
      'signature-unlimited',
    ],
    'a contract given away by the Safe': [
      safeTx({ to: NFT, value: 0, data: call('transferOwnership', ATTACKER) }),
      'safe-tx',
      'signature-control-handed-over',
    ],
    'a delegation without limits': [delegate([]), 'delegation', 'signature-delegation-unlimited'],
    'a delegation to anybody': [
      delegate([ERC20_CAP, UNTIL_SOON], { delegate: '0x0000000000000000000000000000000000000a11' }),
      'delegation',
      'signature-delegation-to-any',
    ],
    'a delegation with limits that nobody reads': [
      delegate([{ enforcer: ATTACKER, terms: '0x01' }, UNTIL_SOON]),
      'delegation',
      'signature-delegation-unlimited',
    ],
    'a cap on the coin alone, which leaves the tokens': [
      delegate([NATIVE_CAP, UNTIL_SOON]),
      'delegation',
      'signature-delegation-unlimited',
    ],
    'a function without an amount, for a stranger': [
      delegate([ALLOWED_METHODS, UNTIL_SOON], { delegate: ATTACKER }),
      'delegation',
      'signature-delegation-unlimited',
    ],
    'a cap as high as the sky': [
      delegate([{ ...ERC20_CAP, terms: `${USDC.toLowerCase()}${word(maxUint256)}` }, UNTIL_SOON]),
      'delegation',
      'signature-delegation-unlimited',
    ],
    'an operation that hands over the account': [
      operation({ callData: call('execute', SAFE, 0n, call('transferOwnership', ATTACKER)) }),
      'user-operation',
      'signature-account-control',
    ],
    'an operation that is not read': [
      operation({ callData: '0xdeadbeef' }),
      'user-operation',
      'signature-operation-unread',
    ],
    'an operation that approves everything': [
      operation({ callData: call('execute', USDC, 0n, call('approve', ATTACKER, maxUint256)) }),
      'user-operation',
      'signature-unlimited',
    ],
    'an operator inside an operation': [
      operation({ callData: call('execute', NFT, 0n, call('setApprovalForAll', ATTACKER, true)) }),
      'user-operation',
      'signature-unlimited',
    ],
    // Look-alikes: the name is right, something else is not.
    'a Permit with another field': [
      {
        ...permit(),
        types: {
          EIP712Domain: DOMAIN,
          Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline,bool forever'),
        },
        message: { ...permit().message, forever: true },
      },
      'unknown',
      'signature-lookalike',
    ],
    'a Permit with its fields in another order': [
      {
        ...permit(),
        types: {
          EIP712Domain: DOMAIN,
          Permit: fields('address spender,address owner,uint256 value,uint256 nonce,uint256 deadline'),
        },
      },
      'unknown',
      'signature-lookalike',
    ],
    'Permit2 at another address': [
      over(single(), { domain: { verifyingContract: ATTACKER } }),
      'unknown',
      'signature-lookalike',
    ],
    'Permit2 under another name': [over(single(), { domain: { name: 'Permit3' } }), 'unknown', 'signature-lookalike'],
    'a SafeTx of the old kind': [
      {
        ...safeTx(),
        types: {
          ...safeTx().types,
          SafeTx: safeTx().types['SafeTx']!.map((field) =>
            field.name === 'baseGas' ? { ...field, name: 'dataGas' } : field,
          ),
        },
        message: Object.fromEntries(
          Object.entries(safeTx().message).map(([key, value]) => [key === 'baseGas' ? 'dataGas' : key, value]),
        ),
      },
      'unknown',
      'signature-lookalike',
    ],
    'a Seaport that is none': [
      over(order([nft()], [ether('1000000000000000000')]), { domain: { version: '9.9' } }),
      'unknown',
      'signature-lookalike',
    ],
    // Unknown, and able to hand something over.
    'ERC-4494: a permit for an NFT': [
      plain(
        'NftPermit',
        { NftPermit: 'address spender,uint256 tokenId,uint256 nonce,uint256 deadline' },
        { spender: ATTACKER, tokenId: 1, nonce: 0, deadline: SOON },
      ),
      'unknown',
      'signature-unknown-permission',
    ],
    'votes handed over': [
      plain(
        'Votes',
        { Votes: 'address delegatee,uint256 nonce,uint256 expiry' },
        { delegatee: ATTACKER, nonce: 0, expiry: SOON },
      ),
      'unknown',
      'signature-unknown-permission',
    ],
    'an innocent name with an allowance': [
      plain(
        'Welcome',
        { Welcome: 'string text,Inner inner', Inner: 'address who,uint256 allowance' },
        { text: 'hi', inner: { who: ATTACKER, allowance: '1' } },
      ),
      'unknown',
      'signature-unknown-permission',
    ],
    'a forwarded call of another account': [forwarded(ATTACKER), 'forward-request', 'signature-owner-mismatch'],
    'a forwarded call with one more field': [
      plain(
        'ForwardRequest',
        { ForwardRequest: 'address from,address to,uint256 value,uint256 gas,uint256 nonce,bytes data,address agent' },
        { from: ME, to: USDC, value: 0, gas: 1, nonce: 0, data: '0x', agent: ATTACKER },
      ),
      'unknown',
      'signature-lookalike',
    ],
    'an order of another market': [
      plain(
        'Trade',
        { Trade: 'address sellToken,uint256 sellAmount,uint32 validTo' },
        { sellToken: USDC, sellAmount: '1', validTo: 1 },
      ),
      'unknown',
      'signature-unknown-permission',
    ],
    'an amount with a deadline': [
      plain('Note', { Note: 'uint256 amount,uint256 deadline' }, { amount: '1', deadline: SOON }),
      'unknown',
      'signature-unknown-permission',
    ],
    'an owner with a nonce': [
      plain('Note', { Note: 'address owner,uint256 nonce' }, { owner: ME, nonce: '1' }),
      'unknown',
      'signature-unknown-permission',
    ],
    'a message of a Safe that nobody can read': [
      {
        ...plain('SafeMessage', { SafeMessage: 'bytes message' }, { message: zeroHash }),
      },
      'unknown',
      'signature-unknown-permission',
    ],
    'an unknown message to a token': [
      over(plain('Hello', { Hello: 'string text' }, { text: 'hi' }), { domain: { verifyingContract: USDC } }),
      'unknown',
      'signature-unknown-permission',
    ],
    'a batch of more tokens than are simulated': [batchPermit(40), 'permit2-batch', 'signature-too-long'],
    'a hash in an envelope': [
      plain('Agent', { Agent: 'string source,bytes32 connectionId' }, { source: 'a', connectionId: zeroHash }),
      'unknown',
      'signature-unknown-permission',
    ],
  }
  test.each(Object.entries(CASES))('%s', (_, [document, kind, rule]) => {
    const request = readTypedData(JSON.stringify(document), at)
    expect(request.kind).toBe(kind)
    expect(found(request, 'block')).toContain(rule)
  })

  test('C12: every token of the batch is listed', () => {
    const request = readTypedData(batchTransfer(ATTACKER), at)
    expect(request.offers.map((movement) => movement.token)).toEqual([USDC, NFT])
    expect(request.findings.find((entry) => entry.rule === 'signature-taker-chooses')?.because).toMatch(
      new RegExp(`${USDC}.*${NFT}`),
    )
  })

  test('without a registry nobody is vouched for', () => {
    const { known: _, ...bare } = at
    expect(found(readTypedData(single({ amount: maxUint160.toString() }), bare), 'block')).toContain(
      'signature-unlimited',
    )
    expect(found(readTypedData(single({ amount: maxUint160.toString() }), at), 'block')).toEqual([])
  })
})

describe('near misses are left alone', () => {
  const CASES: Record<string, [Doc, SignatureRequest['kind'], string[]]> = {
    'a permit of an exact amount to a router': [permit(), 'eip2612', []],
    'a permit to a stranger, exact and short': [
      permit({ spender: ATTACKER }),
      'eip2612',
      ['signature-spender-unknown'],
    ],
    'a permit of 0: a withdrawal': [permit({ spender: ATTACKER, value: '0' }), 'eip2612', []],
    'DAI: a withdrawal': [dai({ spender: ATTACKER, allowed: false, expiry: 0 }), 'dai-permit', []],
    'DAI to a router': [dai(), 'dai-permit', ['signature-unlimited']],
    'a permit of a token that keeps the chain in its salt': [
      {
        ...salted,
        types: {
          ...salted.types,
          EIP712Domain: fields('string name,string version,address verifyingContract,bytes32 salt'),
        },
        domain: { name: 'USD Coin', version: '2', verifyingContract: USDC, salt: `0x${word(1n)}` },
      },
      'eip2612',
      [],
    ],
    'Permit2 for thirty days': [single({ expiration: String(NOW_S + 30 * 86_400) }), 'permit2-single', []],
    'Permit2: a router takes a batch once': [batchTransfer(ROUTER), 'permit2-batch-transfer', []],
    'x402: a payment to a contact': [payment(), 'erc3009', []],
    'a payment that the payee collects': [payment({}, 'Receive'), 'erc3009', []],
    'a payment to a stranger': [payment({ to: ATTACKER }), 'erc3009', ['signature-recipient-unknown']],
    'a listing with a fee and a royalty': [
      order(
        [nft()],
        [ether('1000000000000000000'), ether('25000000000000000', ATTACKER), ether('100000000000000000', FRIEND)],
      ),
      'seaport-order',
      [],
    ],
    'a call that an unverified forwarder sends': [forwarded(ME), 'forward-request', ['signature-forwarder-unknown']],
    'a private listing': [
      order([nft()], [ether('1000000000000000000'), { ...nft(), recipient: FRIEND }]),
      'seaport-order',
      [],
    ],
    'a bid with a fee': [
      order(
        [item(1, USDC, '0', '1000000000')],
        [
          { ...nft(), recipient: ME },
          { ...item(1, USDC, '0', '25000000'), recipient: FRIEND },
        ],
      ),
      'seaport-order',
      [],
    ],
    'a bid for any token of a collection': [
      order([item(1, USDC, '0', '1000000000')], [{ ...item(4, NFT, '0', '1'), recipient: ME }]),
      'seaport-order',
      [],
    ],
    'an auction between honest prices': [
      order([nft()], [ether('2000000000000000000', ME, '1000000000000000000')]),
      'seaport-order',
      [],
    ],
    'a bulk order filled up with nothing': [
      bulk(
        components([nft('1')], [ether('1000000000000000000')]),
        components([], [], { offerer: zeroAddress, startTime: '0', endTime: '0' }),
      ),
      'seaport-order',
      [],
    ],
    'the Safe pays a contact': [safeTx(), 'safe-tx', []],
    'the Safe sends a token': [safeTx({ to: USDC, value: 0, data: call('transfer', FRIEND, 5n) }), 'safe-tx', []],
    'the Safe rejects a transaction by an empty one': [safeTx({ to: SAFE, value: 0 }), 'safe-tx', []],
    'the Safe approves a router exactly': [
      safeTx({ to: USDC, value: 0, data: call('approve', ROUTER, 5n) }),
      'safe-tx',
      [],
    ],
    'the Safe pays two people in a batch': [
      safeTx({
        to: MULTI_SEND_CALL_ONLY,
        value: 0,
        operation: 1,
        data: multiSend([0, USDC, call('transfer', FRIEND, 5n)], [0, FRIEND, '0x']),
      }),
      'safe-tx',
      [],
    ],
    'the Safe calls something that is not read': [
      safeTx({ to: NFT, value: 0, data: call('exotic', 1n) }),
      'safe-tx',
      ['signature-inner-call-unread'],
    ],
    'a delegation of a dollar, for half an hour': [delegate([ERC20_CAP, UNTIL_SOON]), 'delegation', []],
    'a delegation of a little coin': [delegate([NATIVE_CAP, PAYMENT_ONLY, UNTIL_SOON]), 'delegation', []],
    'an operation that sends a token': [operation(), 'user-operation', []],
    'a letter (EIP-712’s own example)': [
      plain(
        'Mail',
        { Mail: 'Person from,Person to,string contents', Person: 'string name,address wallet' },
        { from: { name: 'Cow', wallet: ME }, to: { name: 'Bob', wallet: FRIEND }, contents: 'Hello, Bob!' },
      ),
      'unknown',
      ['signature-unknown-type'],
    ],
    'a Snapshot vote': [
      plain(
        'Vote',
        {
          Vote: 'address from,string space,uint64 timestamp,bytes32 proposal,uint32 choice,string reason,string app,string metadata',
        },
        {
          from: ME,
          space: 'x.eth',
          timestamp: 1,
          proposal: zeroHash,
          choice: 1,
          reason: '',
          app: 'snapshot',
          metadata: '{}',
        },
      ),
      'unknown',
      ['signature-unknown-type'],
    ],
    'a login': [
      plain(
        'Login',
        { Login: 'address wallet,string nonce,string statement' },
        { wallet: ME, nonce: 'abc', statement: 'hi' },
      ),
      'unknown',
      ['signature-unknown-type'],
    ],
  }
  test.each(Object.entries(CASES))('%s', (_, [document, kind, warnings]) => {
    const request = readTypedData(JSON.stringify(document), at)
    expect(request.kind).toBe(kind)
    expect(found(request, 'block')).toEqual([])
    expect(found(request, 'warn')).toEqual(warnings)
  })
})

describe('whatever its fields are called', () => {
  test.each([
    [
      'a withdrawal from an exchange that settles elsewhere, in texts',
      plain(
        'HyperliquidTransaction:Withdraw',
        {
          'HyperliquidTransaction:Withdraw': 'string hyperliquidChain,string destination,string amount,uint64 time',
        },
        { hyperliquidChain: 'Mainnet', destination: FRIEND, amount: '100', time: 1 },
      ),
    ],
    ['32 bytes under an innocent name', plain('Note', { Note: 'bytes32 x' }, { x: zeroHash })],
    [
      'a document for a canonical token that nobody put into the registry',
      {
        ...plain('Note', { Note: 'string text' }, { text: 'hi' }),
        domain: { name: 'x', version: '1', chainId: 1, verifyingContract: SAFE },
      },
    ],
    ['an account and a large number', plain('Note', { Note: 'address s,uint256 v' }, { s: FRIEND, v: 1 })],
    ['the same in a list of structs', plain('Note', { Note: 'Item[] a', Item: 'address s,uint256[] v' }, { a: [] })],
  ])('promise: %s blocks', (_, document) => {
    expect(found(readTypedData(JSON.stringify(document), at), 'block')).toContain('signature-unknown-permission')
  })
  test('a ballot and a letter in typographic quotation marks do not', () => {
    const ballot = plain('Ballot', { Ballot: 'uint256 proposalId,uint8 support' }, { proposalId: 1, support: 1 })
    expect(found(readTypedData(JSON.stringify(ballot), at), 'block')).toEqual([])
    const { findings } = readRawMessage('I agree to “the terms” of this site.', at)
    expect(findings.map(({ rule }) => rule)).not.toContain('signature-hidden-text')
    expect(readRawMessage('I agree to p\u{430}y.', at).findings.map(({ rule }) => rule)).toContain(
      'signature-hidden-text',
    )
  })
})

describe('what people read', () => {
  test('a permit, word for word', () => {
    const { title, lines } = readTypedData(permit({ value: '1500000' }), at)
    expect([title, ...lines.map((line) => `${line.label}: ${line.value}`)]).toMatchInlineSnapshot(`
      [
        "Permission to spend USD Coin (0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48)",
        "Token: USD Coin (0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48)",
        "Owner: you (0x70997970C51812dc3A010C7d01b50e0d17dc79C8)",
        "Spender: Universal Router (0x66a9893cC07D91D95644AEDD05D03f95e1dBA8Af)",
        "Amount: 1.5 USDC (0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48)",
        "Can be presented until: 2026-09-21T14:43:20.000Z (1790001800)",
        "Nonce: 0",
      ]
    `)
  })
  test('an order, word for word', () => {
    const { title, lines } = readTypedData(order([nft()], [ether('1000000000000000001')]), at)
    expect([title, ...lines.map((line) => `${line.label}: ${line.value}`)]).toMatchInlineSnapshot(`
      [
        "Order: you give token 7 of 0xBC4CA0EdA7647A8aB7C2061c2E118A18a936f13D",
        "Offerer: you (0x70997970C51812dc3A010C7d01b50e0d17dc79C8)",
        "You give: token 7 of 0xBC4CA0EdA7647A8aB7C2061c2E118A18a936f13D",
        "You receive: 1.000000000000000001 ETH",
        "From: 2026-09-21T14:13:20.000Z (1790000000)",
        "Until: 2026-09-28T14:13:20.000Z (1790604800)",
        "Order type: 0",
        "Zone: 0x0000000000000000000000000000000000000000",
        "Zone hash: 0x0000000000000000000000000000000000000000000000000000000000000000",
        "Conduit key: 0x0000000000000000000000000000000000000000000000000000000000000000",
        "Counter: 0",
        "Salt: 1",
      ]
    `)
  })
  test('promise: no field of an unknown document is left out, and hostile text is spelled out', () => {
    const request = readTypedData(
      plain(
        'Note',
        { Note: 'string a,Inner[] b', Inner: 'uint8 c' },
        { a: 'pay \u202eecilA\u0000', b: [{ c: 1 }, { c: 2 }] },
      ),
      at,
    )
    const values = request.lines.map((line) => `${line.label}=${line.value}`)
    expect(values).toEqual(expect.arrayContaining(['a=pay \\u{202e}ecilA\\u{0}', 'b[0].c=1', 'b[1].c=2']))
    expect(request.notChecked.map((entry) => entry.what)).toHaveLength(3)
  })
  test('a witness is said not to be checked, field by field', () => {
    const request = readTypedData(witnessTransfer(ROUTER), at)
    expect(found(request, 'warn')).toEqual(['signature-witness-unread'])
    expect(request.notChecked.map((entry) => entry.what)).toEqual([
      `typed-data witness: witness.swapper = ${ME}`,
      'typed-data witness: witness.least = 77',
    ])
  })
  test('a document with more fields than anybody reads blocks', () => {
    const request = readTypedData(
      plain('Note', { Note: 'uint8[] a' }, { a: Array.from({ length: 5_000 }, () => 1) }),
      at,
    )
    expect(found(request, 'block')).toContain('signature-too-long')
    expect(request.lines.length).toBeLessThan(700)
    expect(request.notChecked.length).toBeLessThan(700)
  })
})

describe('EIP-7702 authorizations', () => {
  const account = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
  const METAMASK = '0x63c0c19a282a1B52b07dD5a65b58948A07DAE32B'
  const bare = (more: Record<string, unknown> = {}) => ({ chain_id: 1, address: ATTACKER, nonce: 0, ...more })

  test.each<[string, Record<string, unknown>, string[], string[]]>([
    ['D01 a stranger’s code', bare(), ['signature-account-code'], []],
    [
      'code that nobody vouches for, on every chain',
      bare({ chain_id: 0 }),
      ['signature-account-code', 'signature-every-chain'],
      [],
    ],
    [
      'known code, on every chain',
      bare({ address: METAMASK, chain_id: '0x0' }),
      ['signature-every-chain'],
      ['signature-account-code'],
    ],
    [
      'known code, on another chain',
      bare({ address: METAMASK, chain_id: '0x89' }),
      ['signature-wrong-chain'],
      ['signature-account-code'],
    ],
    ['known code', bare({ address: METAMASK }), [], ['signature-account-code']],
    ['removal of the code', bare({ address: zeroAddress }), [], []],
  ])('%s', async (_, authorization, blocks, warnings) => {
    const request = await readAuthorization(authorization, at)
    expect(found(request, 'block')).toEqual(blocks)
    expect(found(request, 'warn')).toEqual(warnings)
  })

  test('a signature is recovered, and one of somebody else is told', async () => {
    const signed = await account.signAuthorization({ chainId: 1, address: METAMASK, nonce: 7 })
    const spelled = {
      chainId: '0x1',
      address: METAMASK,
      nonce: '0x7',
      yParity: signed.yParity === 1 ? '0x1' : '0x0',
      r: signed.r,
      s: signed.s,
    }
    expect(await readAuthorization(spelled, at)).toMatchObject({ signer: ME, grants: [{ owner: ME }] })
    expect(found(await readAuthorization(spelled, { ...at, from: FRIEND }), 'warn')).toContain(
      'signature-owner-mismatch',
    )
    const other = await readAuthorization({ ...spelled, nonce: '0x8' }, at)
    expect(other.signer).not.toBe(ME)
    expect(found(other)).toContain('signature-owner-mismatch')
  })

  test.each<[string, unknown]>([
    ['no object', []],
    ['an unknown field', bare({ extra: 1 })],
    ['a field in both spellings', bare({ chainId: 1 })],
    ['a padded chain id', bare({ chain_id: '0x01' })],
    ['a padded address', bare({ address: `0x${'0'.repeat(24)}${ATTACKER.slice(2)}` })],
    ['no nonce', { chain_id: 1, address: ATTACKER }],
    ['the last nonce', bare({ nonce: '0xffffffffffffffff' })],
    ['a parity of 27', bare({ y_parity: 27, r: '0x01', s: '0x01' })],
    ['half a signature', bare({ r: '0x01' })],
    ['a large s', bare({ y_parity: 0, r: '0x01', s: `0x${'f'.repeat(64)}` })],
  ])('%s is refused', (_, authorization) => {
    expect(() => parseAuthorization(authorization)).toThrow(SignatureError)
  })
})

describe('F09: raw messages', () => {
  const DIGEST = readTypedData(permit(), at).digest
  const SIGN_IN = `app.example wants you to sign in with your Ethereum account:\n${ME}\n\nURI: https://app.example\nVersion: 1\nChain ID: 1\nNonce: 12345678\nIssued At: 2026-01-01T00:00:00Z`
  const CASES: [string, string, string[], string[]][] = [
    ['a digest', DIGEST, ['signature-blind'], []],
    ['a digest written as text', DIGEST.slice(2), ['signature-blind'], []],
    ['a digest written as text, in hex', `0x${Buffer.from(DIGEST).toString('hex')}`, ['signature-blind'], []],
    ['the bytes of a typed document', `0x1901${'ab'.repeat(64)}`, ['signature-blind'], []],
    ['nothing', '', ['signature-blind'], []],
    ['base64', Buffer.from(DIGEST).toString('base64'), ['signature-blind'], []],
    ['a typed document as text', JSON.stringify(permit()), ['signature-blind'], []],
    ['control characters', 'hello\u0001 world', ['signature-blind'], []],
    ['prose with a digest in it', `Please sign ${DIGEST} to go on`, [], ['signature-text-with-hash']],
    ['hidden characters', 'Sign in to ap\u200bp now', [], ['signature-hidden-text']],
    ['prose', 'I agree to the terms of service.', [], []],
    ['prose in hex', `0x${Buffer.from('I agree to the terms of service.').toString('hex')}`, [], []],
    ['prose in Japanese', 'このメッセージに署名してください', [], []],
    ['a sign-in', SIGN_IN, [], []],
    [
      'a sign-in that names two sites',
      SIGN_IN.replace(/^URI: .*$/m, 'URI: https://login.evil.invalid/x'),
      [],
      ['signature-sign-in-elsewhere'],
    ],
    ['a sign-in at a part of its site', SIGN_IN.replace(/^URI: https:\/\//m, 'URI: https://login.'), [], []],
    ['a sign-in for a key', SIGN_IN.replace(/^URI: .*$/m, 'URI: did:key:z6Mk'), [], []],
    ['a sign-in for somebody else', SIGN_IN.replace(ME, FRIEND), ['signature-owner-mismatch'], []],
    ['a sign-in on another chain', SIGN_IN.replace('Chain ID: 1', 'Chain ID: 5'), [], ['signature-wrong-chain']],
    [
      'a false sign-in',
      `Hi! app.example wants you to sign in with your Ethereum account: ${ME}`,
      ['signature-sign-in-odd'],
      [],
    ],
  ]
  test.each(CASES)('%s', (_, message, blocks, warnings) => {
    const request = readRawMessage(message, at)
    expect(found(request, 'block')).toEqual(blocks)
    expect(found(request, 'warn')).toEqual(warnings)
  })
  test('odd hexadecimal digits are refused, and a bare hash always blocks', () => {
    expect(() => readRawMessage('0xabc')).toThrow(SignatureError)
    expect(found(readRawHash(DIGEST), 'block')).toEqual(['signature-blind'])
    expect(() => readRawHash('0x1234')).toThrow(SignatureError)
  })
})

test('this room reads no chain and no clock', () => {
  const source = readFileSync(new URL('readTypedData.ts', import.meta.url), 'utf8')
  expect(source).not.toMatch(/fetch\(|\bawait\b/)
})

describe('promise: detection is by structure, never by name', () => {
  const KNOWN_DOCUMENTS: Record<string, Doc> = {
    permit: permit(),
    dai: dai(),
    single: single(),
    batch: batchPermit(2),
    batchTransfer: batchTransfer(ROUTER),
    witnessTransfer: witnessTransfer(ROUTER),
    payment: payment(),
    order: order([nft()], [ether('1000000000000000000')]),
    safeTx: safeTx(),
    delegate: delegate([ERC20_CAP, UNTIL_SOON]),
    operation: operation(),
  }
  /** Each field of each type once renamed, once dropped, once put first: none may still be taken for the real thing. */
  const variants = (doc: Doc): Doc[] =>
    Object.entries(doc.types)
      .filter(([name, list]) => name !== 'EIP712Domain' && list !== undefined)
      .flatMap(([name, list]) =>
        list.flatMap((field, i) => {
          const swap = (next: Doc['types'][string], rename: (struct: Record<string, unknown>) => void): Doc => {
            const copy = JSON.parse(JSON.stringify(doc)) as Doc
            copy.types[name] = next
            visit(doc, doc.primaryType, copy.message, (type, struct) => {
              if (type === name) rename(struct)
            })
            return copy
          }
          const renamed = swap(
            list.map((entry, j) => (i === j ? { ...entry, name: `${entry.name}_` } : entry)),
            (struct) => {
              struct[`${field.name}_`] = struct[field.name]
              delete struct[field.name]
            },
          )
          const moved = i === 0 ? [] : [swap([field, ...list.toSpliced(i, 1)], () => undefined)]
          return [renamed, ...moved]
        }),
      )
  const visit = (
    doc: Doc,
    type: string,
    value: unknown,
    act: (type: string, struct: Record<string, unknown>) => void,
  ): void => {
    if (Array.isArray(value)) {
      for (const entry of value) visit(doc, type, entry, act)
      return
    }
    const struct = value as Record<string, unknown>
    const list = doc.types[type]
    if (list === undefined) return
    for (const field of list) visit(doc, field.type.replace(/\[.*/, ''), struct[field.name], act)
    act(type, struct)
  }
  test.each(Object.entries(KNOWN_DOCUMENTS))('%s', (name, doc) => {
    expect(readTypedData(JSON.stringify(doc), at).kind).not.toBe('unknown')
    const all = variants(doc)
    expect(all.length).toBeGreaterThan(4)
    for (const variant of all) {
      // A witness is the signer's own type: changing it is another witness, which is shown.
      const isWitness =
        name === 'witnessTransfer' &&
        JSON.stringify(variant.types['TokenPermissions']) === JSON.stringify(doc.types['TokenPermissions']) &&
        variant.types['PermitWitnessTransferFrom']
          ?.slice(0, 4)
          .every((field, i) => field.name === doc.types['PermitWitnessTransferFrom']?.[i]?.name) === true
      const request = readTypedData(JSON.stringify(variant), at)
      if (isWitness) continue
      expect(request.kind, JSON.stringify(variant.types)).toBe('unknown')
      expect(found(request, 'block'), JSON.stringify(variant.types)).toContain('signature-lookalike')
    }
  })
})

test('a user operation hashes as the entry point hashes it (viem, 0.8)', () => {
  const message = operation().message
  const hash = getUserOperationHash({
    chainId: 1,
    entryPointAddress: ENTRY_POINT,
    entryPointVersion: '0.8',
    userOperation: {
      sender: SAFE,
      nonce: 0n,
      callData: message['callData'] as Hex.Hex,
      callGasLimit: 0n,
      verificationGasLimit: 0n,
      preVerificationGas: 0n,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      signature: '0x',
    },
  })
  expect(readTypedData(operation(), at).digest).toBe(hash)
})

test('strict JSON ends on hostile text', () => {
  expect(() => parseStrictJson(`"${'\\n'.repeat(900_000)}"`)).not.toThrow(RangeError)
  expect(() => parseStrictJson(`"${'\\n'.repeat(900_000)}`)).toThrow(SignatureError)
  expect(() => parseStrictJson('['.repeat(900_000))).toThrow(SignatureError)
  expect(() => parseStrictJson(' '.repeat(3_000_000))).toThrow(SignatureError)
})
