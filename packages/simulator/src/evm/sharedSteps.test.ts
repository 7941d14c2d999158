import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import type { BlockEnv } from '../model/Block.ts'
import { sharedSteps } from './sharedSteps.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const env: BlockEnv = {
  number: 10n,
  timestampS: 100n,
  baseFeeWei: 7n,
  tipWei: 1n,
  coinbase: ME,
  prevRandao: '0x01',
  gasLimit: 30_000_000n,
  blockHashes: new Map([[9n, '0x09']]),
  isFree: false,
}
const limits = [50_000n, 60_000n, 70_000n]
const expected = { env, gasLimits: limits }
const shared = (other: Partial<BlockEnv>, reads: readonly (readonly string[])[], gasLimits = limits) =>
  sharedSteps(expected, { env: { ...env, ...other }, gasLimits }, reads)

test('promise: steps before the first that looks at what differs are shared', () => {
  expect(shared({ timestampS: 101n }, [[], ['NUMBER'], ['TIMESTAMP']])).toBe(2)
  expect(shared({ timestampS: 101n, number: 11n }, [[], ['NUMBER'], ['TIMESTAMP']])).toBe(1)
  expect(shared({ timestampS: 101n }, [[], [], []])).toBe(3)
})

test('promise: in a block with another price or builder no step is shared', () => {
  for (const other of [{ baseFeeWei: 8n }, { tipWei: 0n }, { coinbase: Address.ZERO }, { isFree: true }])
    expect(shared(other, [[], [], []])).toBe(0)
})

test('promise: a step that nobody watched is not shared in another block', () => {
  expect(shared({ timestampS: 101n }, [])).toBe(0)
  expect(shared({ timestampS: 101n }, [[]])).toBe(1)
})

test('promise: a step with another gas limit is run again, and so is all behind it', () => {
  expect(shared({}, [], [50_000n, 1n, 70_000n])).toBe(1)
  expect(shared({}, [])).toBe(3)
})

test('promise: every field of a block that an opcode tells is looked at', () => {
  const opcodes = ['NUMBER', 'TIMESTAMP', 'PREVRANDAO', 'GASLIMIT', 'BLOCKHASH']
  const others: Partial<BlockEnv>[] = [
    { number: 11n },
    { timestampS: 101n },
    { prevRandao: '0x02' },
    { gasLimit: 1n },
    { blockHashes: new Map([[9n, '0x0a']]) },
    { blockHashes: new Map() },
  ]
  for (const other of others) {
    expect(shared(other, [opcodes, opcodes, opcodes]), JSON.stringify(Object.keys(other))).toBe(0)
    expect(shared(other, [[], [], []])).toBe(3)
  }
  // BLOCKHASH tells nothing of a block that is too far back from the number.
  expect(shared({ number: 11n }, [['BLOCKHASH'], [], []])).toBe(0)
  expect(shared({ blockHashes: new Map([[9n, '0x09']]) }, [['BLOCKHASH'], [], []])).toBe(3)
})
