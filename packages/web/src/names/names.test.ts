import {
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  encodeFunctionResult,
  namehash,
  parseAbi,
  type Hex,
} from 'viem'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { confusableIn, namesIn, withAddress } from './Name.ts'
import { nameOf, resolveName } from './resolveName.ts'

const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const MALLORY = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'

describe('names in a sentence', () => {
  test.each([
    ['send 1 ETH to alice.eth', ['alice.eth']],
    ['send 1 ETH to pay.alice.eth, please', ['pay.alice.eth']],
    ['Alice.ETH and alice.eth.', ['Alice.ETH', 'alice.eth']],
    ['send 5 USDC to аlice.eth', ['аlice.eth']],
    ['send 1 ETH to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8', []],
    ['swap 1 ETH for USDC', []],
    ['read https://app.ens.domains/alice.eth and bob@alice.eth', []],
    ['eth.limo and .eth', []],
  ])('%s', (text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  describe('promise: a name is a whole word, never the end of one', () => {
    test.each([
      ['a letter that is not seen inside', 'send 5 USDC to vita\u200blik.eth', ['vita\u200blik.eth']],
      ['a space without width', 'send 5 USDC to vita\ufefflik.eth', ['vita\ufefflik.eth']],
      ['a hair of space', 'send 5 USDC to vita\u200alik.eth', ['vita\u200alik.eth']],
      ['an apostrophe, which names may have', 'send 5 USDC to bob\u2019s.eth', ['bob\u2019s.eth']],
      ['an apostrophe as keyboards have it', "send 5 USDC to bob's.eth", ["bob's.eth"]],
      ['a sign of a currency', 'send 5 USDC to cash$alice.eth', ['cash$alice.eth']],
      ['a symbol that is no emoji by itself', 'send 5 USDC to \u2764\ufe0falice.eth', ['\u2764\ufe0falice.eth']],
      ['a family of emoji', 'to \u{1f468}\u200d\u{1f467}alice.eth', ['\u{1f468}\u200d\u{1f467}alice.eth']],
      ['a mark after it', 'send 5 USDC to alice.eth\u0307', []],
      ['a name inside of quotation marks', 'send 5 USDC to “alice.eth”, now', ['alice.eth']],
      ['names with a comma between them', 'alice.eth,bob.eth', ['alice.eth', 'bob.eth']],
      ['a possessive', 'what is in alice.eth\u2019s account', []],
    ])('%s', (_, text, names) => {
      expect(namesIn(text)).toEqual(names)
    })

    test('an address takes the place of no piece of a word', () => {
      const text = 'send 1 ETH to lik.eth, not vita\u200blik.eth'
      expect(withAddress(text, 'lik.eth', ALICE)).toBe(`send 1 ETH to ${ALICE}, not vita\u200blik.eth`)
    })
  })

  test('an address takes the place of exactly that name', () => {
    expect(withAddress('send 1 ETH to alice.eth or malice.eth', 'alice.eth', ALICE)).toBe(
      `send 1 ETH to ${ALICE} or malice.eth`,
    )
  })
})

test.each([
  ['alice.eth', null],
  ['pay.bob.eth', null],
  ['2024.eth', null],
  ['аlice.eth', 'letters'],
  ['ali\u0307ce.eth', 'letters'],
  ['p\u0430ypal.eth', 'letters'],
  ['vita1ik.eth', 'digits'],
  ['m0nkey.eth', 'digits'],
  ['rnonkey.eth', 'joined'],
])('%s can be taken for another name: %s', (name, kind) => {
  expect(confusableIn(name)).toBe(kind)
})

const RESOLVER = parseAbi([
  'function resolveWithGateways(bytes name, bytes data, string[] gateways) view returns (bytes, address)',
  'function reverseWithGateways(bytes lookupAddress, uint256 coinType, string[] gateways) view returns (string, address, address)',
  'error ResolverNotFound(bytes name)',
  'error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData)',
])
const ADDR = parseAbi(['function addr(bytes32 node, uint256 coinType) view returns (bytes)'])

/** Ethereum as a test has it: names to addresses for a coin type, addresses to the names they call themselves. */
interface Records {
  readonly forward: Readonly<Record<string, string>>
  readonly reverse: Readonly<Record<string, string>>
  readonly offchain?: readonly string[]
}
let records: Records
const asked: { url: string; headers: Record<string, string> }[] = []

function revert(data: Hex): object {
  return { error: { code: 3, message: 'execution reverted', data } }
}

function answer(data: Hex): object {
  const call = decodeFunctionData({ abi: RESOLVER, data })
  if (call.functionName === 'reverseWithGateways') {
    const name = records.reverse[`${call.args[0]} ${call.args[1]}`] ?? ''
    const result = encodeFunctionResult({
      abi: RESOLVER,
      functionName: 'reverseWithGateways',
      result: [name, ALICE, ALICE],
    })
    return { result }
  }
  const inner = decodeFunctionData({ abi: ADDR, data: call.args[1] })
  const [node, coinType] = inner.args
  const key = Object.keys(records.forward).find((each) => {
    const [name = '', type = ''] = each.split(' ')
    return namehash(name) === node && BigInt(type) === coinType
  })
  if (records.offchain?.some((name) => namehash(name) === node) === true)
    return revert(
      encodeErrorResult({
        abi: RESOLVER,
        errorName: 'OffchainLookup',
        args: [ALICE, ['https://gateway.invalid/'], '0x', '0x12345678', '0x'],
      }),
    )
  if (key === undefined)
    return revert(encodeErrorResult({ abi: RESOLVER, errorName: 'ResolverNotFound', args: ['0x'] }))
  const own = encodeAbiParameters([{ type: 'bytes' }], [records.forward[key] as Hex])
  return { result: encodeFunctionResult({ abi: RESOLVER, functionName: 'resolveWithGateways', result: [own, ALICE] }) }
}

const chains = [
  { chain_id: 8453, name: 'Base', rpc_path: '/api/rpc/8453' },
  { chain_id: 1, name: 'Ethereum', rpc_path: '/api/rpc/1' },
] as unknown as Parameters<typeof resolveName>[0]

beforeEach(() => {
  records = {
    forward: { 'alice.eth 60': ALICE, 'shop.eth 60': ALICE, 'odd.eth 60': `${ALICE}00` },
    reverse: { [`${ALICE.toLowerCase()} 60`]: 'alice.eth' },
  }
  asked.length = 0
  vi.stubGlobal('fetch', (url: string, init: { body: string; headers: Record<string, string> }) => {
    asked.push({ url, headers: init.headers })
    const { params } = JSON.parse(init.body) as { params: [{ data: Hex }] }
    return Promise.resolve(new Response(JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer(params[0].data) })))
  })
})
afterEach(() => vi.unstubAllGlobals())

test('a name is looked up through this origin, and the address is asked what it calls itself', async () => {
  expect(await resolveName(chains, 'Alice.eth', 1)).toEqual({
    status: 'found',
    name: 'alice.eth',
    address: ALICE,
    isMutual: true,
  })
  expect(new Set(asked.map(({ url }) => url))).toEqual(new Set(['/api/rpc/1']))
  expect(asked.every(({ headers }) => headers['x-countersign-page'] === '1')).toBe(true)
})

test('what is not seen in a name is left out of the name that is shown', async () => {
  expect(await resolveName(chains, 'ali\u200bce.eth', 1)).toMatchObject({ name: 'alice.eth' })
})

test('promise: a name whose address calls itself otherwise is said to be that', async () => {
  expect(await resolveName(chains, 'shop.eth', 1)).toMatchObject({ address: ALICE, isMutual: false })
})

test('promise: a name has no address on a chain for which it names none', async () => {
  expect(await resolveName(chains, 'alice.eth', 8453)).toEqual({ status: 'none' })
})

test('promise: nothing outside of the chain is asked', async () => {
  records = { ...records, offchain: ['off.eth'] }
  expect(await resolveName(chains, 'off.eth', 1)).toEqual({ status: 'offchain' })
  expect(asked.filter(({ url }) => url !== '/api/rpc/1')).toEqual([])
})

test.each([
  ['a name that nobody has', 'nobody-has-this.eth', { status: 'none' }],
  ['letters of two scripts in one name', 'аlice.eth', { status: 'invalid' }],
  ['a record that is no account', 'odd.eth', { status: 'none' }],
])('%s has no address: %s', async (_, name, found) => {
  expect(await resolveName(chains, name, 1)).toEqual(found)
})

test('without Ethereum, and when it does not answer, that is what is said', async () => {
  expect(await resolveName(chains.slice(0, 1), 'alice.eth', 8453)).toEqual({ status: 'no-provider' })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('down')))
  expect(await resolveName(chains, 'alice.eth', 1)).toEqual({ status: 'unreachable' })
  expect(await nameOf(chains, ALICE, 1)).toBeNull()
})

describe('promise: an address is shown by a name only where that name leads back to it', () => {
  test('both ways agree', async () => {
    expect(await nameOf(chains, ALICE, 1)).toBe('alice.eth')
  })
  test.each([
    ['the name is of another account', 'alice.eth'],
    ['nobody has the name', 'stolen.eth'],
    ['the name is not written as it is registered', 'ALICE.eth'],
    ['the name mixes scripts', 'аlice.eth'],
  ])('%s', async (_, name) => {
    records = { ...records, reverse: { [`${MALLORY.toLowerCase()} 60`]: name } }
    expect(await nameOf(chains, MALLORY, 1)).toBeNull()
  })
  test('another chain is another question', async () => {
    expect(await nameOf(chains, ALICE, 8453)).toBeNull()
  })
})
