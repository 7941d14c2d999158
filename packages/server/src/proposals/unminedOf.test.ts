import { Address } from '@countersign/base'
import type { WaitingTransaction } from '@countersign/simulator'
import { expect, test } from 'vitest'
import { unminedOf } from './unminedOf.ts'

const ACCOUNT = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const call = { to: ACCOUNT, value: 0n, data: '0x' as const, maxFeePerGasWei: 1n, label: null, gasLimit: 21_000n }
const waiting = (nonce: number, isVerified = true): WaitingTransaction => ({
  ...{ hash: `0x${nonce}`, from: ACCOUNT, to: ACCOUNT, value: '0x0', input: '0x', nonce: `0x${nonce.toString(16)}` },
  ...{ blockNumber: null, blockHash: null },
  signed: isVerified ? { hash: `0x${nonce}`, call: { ...call, nonce: BigInt(nonce) } } : null,
})
const of = (transactions: readonly WaitingTransaction[], isComplete = true) =>
  unminedOf({ waiting: transactions, isComplete, nonce: 3n }, ACCOUNT)

test('promise: gives what waits in the order of the nonces', () => {
  expect(of([])).toEqual([])
  expect(of([waiting(4), waiting(3)]).map(({ call: { nonce } }) => nonce)).toEqual([3n, 4n])
})

test.each<[string, readonly WaitingTransaction[], boolean]>([
  ['more than is shown', [waiting(3)], false],
  ['one whose signature does not verify', [waiting(3), waiting(4, false)], true],
  ['a gap before the first', [waiting(4)], true],
  ['a gap between two', [waiting(3), waiting(5)], true],
  ['two of one nonce', [waiting(3), { ...waiting(3), hash: '0x33' }], true],
])('promise: nothing is judged on %s', (_what, transactions, isComplete) => {
  expect(() => of(transactions, isComplete)).toThrow(expect.objectContaining({ code: 'proposals:account:busy' }))
})
