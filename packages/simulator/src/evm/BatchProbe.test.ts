import type { Hex } from '@countersign/base'
import { encodeAbiParameters } from 'viem'
import { expect, test } from 'vitest'
import { encodeBatch, readBatch } from './BatchProbe.ts'

const CALLS = [
  {
    type: 'tuple[]',
    components: [{ type: 'bool' }, { type: 'address' }, { type: 'uint256' }, { type: 'bytes' }],
  },
] as const
const ANSWERS = [{ type: 'tuple[]', components: [{ type: 'bool' }, { type: 'bytes' }] }] as const
const NOBODY = `0x${'00'.repeat(20)}` as const
const TO = '0x5741a6e200000000000000000000000000000bac'

test.each([
  ['no calls', []],
  ['a call without data', [{ to: TO, value: 0n, data: '0x' }]],
  ['a contract that is made', [{ to: null, value: 5n, data: '0x6001' }]],
  [
    'many, of every length',
    Array.from({ length: 70 }, (_, i) => ({ to: TO, value: 2n ** 255n + BigInt(i), data: `0x${'aB'.repeat(i)}` })),
  ],
] as const)('%s are written as a general encoder writes them', (_, calls) => {
  const given = calls.map(({ to, value, data }) => ({ to, value, data: data as Hex.Hex }))
  const tuples = given.map(({ to, value, data }) => [to === null, (to ?? NOBODY) as Hex.Hex, value, data] as const)
  expect(encodeBatch(given)).toBe(encodeAbiParameters(CALLS, [tuples]).toLowerCase())
})

test('answers are read, and what is none is null', () => {
  const answers = encodeAbiParameters(ANSWERS, [[[true, '0x1234'] as const]])
  expect(readBatch(answers)).toEqual([{ success: true, data: '0x1234' }])
  expect(readBatch(answers.slice(0, -64) as Hex.Hex)).toBeNull()
  expect(readBatch('0x')).toBeNull()
})
