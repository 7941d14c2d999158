import type { TraceFrame } from '@countersign/simulator'
import { batchDigest } from '@countersign/sdk'
import { expect, test } from 'vitest'
import * as Batch from './Batch.ts'
import { canMove, isFinal, sourcesOf, TRANSITIONS, type State } from './Proposal.ts'
import * as Settlement from './Settlement.ts'

const STATES = Object.keys(TRANSITIONS) as State[]
const FROM = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as const
const TO = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' as const

test('promise: the only way to something signable is through a receipt', () => {
  expect(sourcesOf('pending')).toEqual(['receipted'])
  expect(sourcesOf('receipted')).toEqual(['staged'])
  expect(sourcesOf('submitted')).toEqual(['pending'])
  expect(sourcesOf('settled')).toEqual(['submitted'])
})

test('promise: what is over stays over', () => {
  expect(STATES.filter((state) => isFinal(state)).sort()).toEqual([
    'blocked',
    'expired',
    'mismatched',
    'rejected',
    'settled',
    'superseded',
  ])
  for (const source of STATES.filter((state) => isFinal(state)))
    for (const target of STATES) expect(canMove(source, target)).toBe(false)
})

test('promise: pin: the digest that the browser recomputes is the server’s own', async () => {
  const batch = {
    chainId: 31337,
    from: FROM,
    calls: [
      { to: TO, value: 10n ** 18n, data: '0xabcd' },
      { to: null, value: 0n, data: '0x60' },
    ],
  } as const
  const wire = {
    chain_id: 31337,
    from: FROM,
    calls: [
      { to: TO, value: '1000000000000000000', data: '0xABCD' },
      { to: null, value: '0', data: '0x60' },
    ],
  }
  expect(await batchDigest(wire)).toBe(Batch.digest(batch))
  // Computed once with another implementation (Python's json and hashlib).
  expect(Batch.digest(batch)).toBe('0xaeff73a569780ff7fd2c8e22d2e256b461908ab3f2ce913130518548832cffd8')
})

test('promise: any change of chain, sender, order or bytes is a difference', () => {
  const calls = [
    { to: TO, value: 1n, data: '0x' },
    { to: FROM, value: 2n, data: '0x12' },
  ] as const
  const batch = { chainId: 1, from: FROM, calls }
  expect(Batch.differences(batch, batch)).toEqual([])
  for (const other of [
    { ...batch, chainId: 2 },
    { ...batch, from: TO },
    { ...batch, calls: calls.toReversed() },
    { ...batch, calls: calls.slice(1) },
    { ...batch, calls: [calls[0], { ...calls[1], data: '0x13' as const }] },
    { ...batch, calls: [{ ...calls[0], value: 3n }, calls[1]] },
  ]) {
    expect(Batch.differences(batch, other)).not.toEqual([])
    expect(Batch.digest(other)).not.toBe(Batch.digest(batch))
  }
})

test('promise: a smart account’s batch is verified by the calls it made itself', () => {
  const calls = [
    { to: TO, value: 0n, data: '0xaa' },
    { to: TO, value: 5n, data: '0xbb' },
  ] as const
  const frame = (input: string, value = '0x0', to: string = TO) => ({ type: 'CALL', from: FROM, to, input, value })
  const root = (inner: readonly TraceFrame[]) => ({
    type: 'CALL',
    from: FROM,
    to: FROM,
    input: '0x34fcd5be',
    calls: inner,
  })
  const check = (inner: readonly TraceFrame[]) =>
    Settlement.batchDifferences({ from: FROM, calls, feeWeiMax: 1n }, root(inner))
  expect(check([frame('0xaa'), frame('0xbb', '0x5')])).toEqual([])
  expect(check([frame('0xaa'), frame('0xbb', '0x5'), frame('0x', '0x1', FROM)])).toEqual([])
  expect(check([frame('0xaa'), frame('0xbb', '0x5'), frame('0x', '0x2', FROM)])).toEqual(['it made further calls'])
  expect(check([frame('0xbb', '0x5'), frame('0xaa')])).toHaveLength(2)
  expect(check([frame('0xaa')])).toEqual(['step 2 was not made'])
})
