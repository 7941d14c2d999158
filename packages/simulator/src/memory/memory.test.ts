import { Address, Digest } from '@countersign/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BlockEnv } from '../model/Block.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { envKey, isSampled, requestDigest, shapeOf } from './keys.ts'
import { memo } from './Memo.ts'
import { emptyMemory } from './Memory.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const call = { to: OTHER, value: 1n, data: '0x' as const, gasLimit: null, maxFeePerGasWei: null, label: null }
const request: Required<SimulationRequest> = {
  chainId: 1,
  from: ME,
  calls: [call],
  block: 'latest',
  known: [],
  counterparties: [],
  isAgentProposed: false,
  saidRecipients: [],
  signature: null,
  intent: null,
  overrides: [],
  unmined: [],
  signedBefore: 0,
  isLookAhead: true,
  maxHeadAgeMs: 0,
}
/** Another value for every field; the compiler misses one that is new. */
const others: { readonly [K in keyof Required<SimulationRequest>]: SimulationRequest[K] } = {
  chainId: 2,
  from: OTHER,
  calls: [{ ...call, value: 2n }],
  block: 5n,
  known: [{ address: OTHER, name: 'Other', kind: 'contact' }],
  counterparties: [OTHER],
  isAgentProposed: true,
  saidRecipients: [OTHER],
  signature: { digest: '0x01' } as unknown as NonNullable<SimulationRequest['signature']>,
  intent: { goal: 'pay' } as unknown as NonNullable<SimulationRequest['intent']>,
  overrides: [{ address: OTHER, balance: 1n }],
  unmined: [{ hash: '0x01', call: { ...call, nonce: 1n, gasLimit: 1n } }],
  signedBefore: 1,
  isLookAhead: false,
  maxHeadAgeMs: 5,
}
/** They say where it runs; keys name the block by its hash. */
const WHERE = new Set(['block', 'maxHeadAgeMs'])

test.each(Object.keys(others) as (keyof SimulationRequest)[])(
  'promise: the digest of a request covers %s, or the block that stands for it',
  (field) => {
    const changed = requestDigest({ ...request, [field]: others[field] })
    expect(changed === requestDigest(request)).toBe(WHERE.has(field))
  },
)

test.each([
  ['to', null],
  ['value', 2n],
  ['data', '0x00'],
  ['gasLimit', 21_000n],
  ['maxFeePerGasWei', 1n],
  ['label', 'x'],
  ['holder', OTHER],
  ['authorizationList', []],
] as const)('promise: the digest of a request covers the %s of a call', (field, value) => {
  expect(requestDigest({ ...request, calls: [{ ...call, [field]: value }] })).not.toBe(requestDigest(request))
})

const env: BlockEnv = {
  number: 1n,
  timestampS: 1n,
  baseFeeWei: 1n,
  tipWei: 1n,
  coinbase: ME,
  prevRandao: '0x01',
  gasLimit: 1n,
  blockHashes: new Map([[1n, '0x01']]),
  isFree: false,
}
const otherEnv: BlockEnv = {
  number: 2n,
  timestampS: 2n,
  baseFeeWei: 2n,
  tipWei: 2n,
  coinbase: OTHER,
  prevRandao: '0x02',
  gasLimit: 2n,
  blockHashes: new Map([[1n, '0x02']]),
  isFree: true,
}
test.each(Object.keys(env) as (keyof BlockEnv)[])('promise: the key of an environment covers %s', (field) => {
  expect(envKey({ ...env, [field]: otherEnv[field] })).not.toBe(envKey(env))
})

test('the order in which block hashes were asked for is no other environment', () => {
  const hashes = [
    [1n, '0x01'],
    [2n, '0x02'],
  ] as const
  expect(envKey({ ...env, blockHashes: new Map(hashes) })).toBe(
    envKey({ ...env, blockHashes: new Map(hashes.toReversed()) }),
  )
})

test('a memo keeps the newest entries up to its limit, and forgets on demand', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 8 }), (keys, max) => {
      const kept = memo<number, number>({ name: 'any', kind: 'hint', key: String, max })
      for (const key of keys) kept.set(key, key * 2)
      const newest = [...new Set(keys.toReversed())].slice(0, max)
      expect(kept.size).toBe(newest.length)
      for (const key of keys) expect(kept.get(key)).toBe(newest.includes(key) ? key * 2 : undefined)
      const [first] = newest
      if (first === undefined) return
      kept.forget(first)
      expect(kept.get(first)).toBeUndefined()
    }),
  )
})

test('promise: every memory has a name, and a fact names the state that it holds for', () => {
  const memory = emptyMemory()
  const facts: readonly string[] = Object.values(memory).flatMap(({ kind, name }) => (kind === 'fact' ? [name] : []))
  expect(facts.toSorted()).toEqual([
    'balance reads',
    'other environments',
    'stored switches',
    'watched opcodes and preimages',
    'what a request touches',
  ])
  const key = { state: 'a', env: 'e', request: requestDigest(request) }
  memory.whole.set(key, { access: new Map(), runTouched: new Map(), gasLimits: [], blockHashes: new Map() })
  expect(memory.whole.get({ ...key, state: 'b' })).toBeUndefined()
  expect(memory.whole.get({ ...key, env: 'f' })).toBeUndefined()
  expect(memory.whole.get({ ...key, request: requestDigest({ ...request, from: OTHER }) })).toBeUndefined()
  expect(memory.whole.get(key)).toBeDefined()
})

test('requests of one shape differ in amounts only', () => {
  expect(shapeOf({ ...request, calls: [{ ...call, value: 9n }] })).toBe(shapeOf(request))
  expect(shapeOf({ ...request, from: OTHER })).not.toBe(shapeOf(request))
})

test('the share of sampled requests is about the one asked for, and the same request is always drawn alike', () => {
  const digests = Array.from({ length: 4_000 }, (_, i) => Digest.sha256(`${i}`))
  const drawn = digests.filter((digest) => isSampled(digest, '0x01', 0.02))
  expect(drawn.length).toBeGreaterThan(40)
  expect(drawn.length).toBeLessThan(130)
  expect(digests.filter((digest) => isSampled(digest, '0x01', 0.02))).toEqual(drawn)
  expect(digests.filter((digest) => isSampled(digest, '0x02', 0.02))).not.toEqual(drawn)
  expect(digests.every((digest) => isSampled(digest, '0x01', 1))).toBe(true)
  expect(digests.some((digest) => isSampled(digest, '0x01', 0))).toBe(false)
})
