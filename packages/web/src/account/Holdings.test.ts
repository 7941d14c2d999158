import type { Proposal } from '@countersign/sdk'
import { encodeFunctionData, erc20Abi } from 'viem'
import { expect, test } from 'vitest'
import * as Holdings from './Holdings.ts'
import { paidIn } from './paidIn.ts'

const ME = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const TOKEN = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0'
const usdc = { symbol: 'USDC', token: TOKEN, decimals: 6 } as const
const proposal = (data: string, more: object = {}) =>
  ({
    state: 'settled',
    chain_id: 1,
    from: ME,
    report: null,
    calls: [{ step: 1, to: TOKEN, value: '0', data }],
    settlement: { verified_at: '2026-11-01T00:00:00.000Z' },
    ...more,
  }) as unknown as Proposal
const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [BOB, 5n] })
const approve = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [BOB, 5n] })

test('promise: a balance or a permission that could not be read is never shown as zero', () => {
  const unread = { ...usdc, amount: null }
  expect(Holdings.holdingText(unread)).toBe('USDC: not readable now')
  expect(Holdings.held([unread, { ...usdc, amount: 0n }])).toEqual([unread])
  expect(
    Holdings.standing([
      { ...unread, spender: BOB },
      { ...usdc, amount: 0n, spender: BOB },
    ]),
  ).toHaveLength(1)
})

test('promise: shows balances rounded down and permissions exactly', () => {
  expect(Holdings.holdingText({ ...usdc, amount: 2_491_258_107n })).toBe('2,491.25 USDC')
  expect(Holdings.grantText({ ...usdc, amount: 2_491_258_107n, spender: BOB })).toBe('2,491.258107 USDC')
  expect(Holdings.grantText({ ...usdc, amount: 2n ** 256n - 1n, spender: BOB })).toBe('unlimited USDC')
})

test('takes a permission back with a sentence that the agent understands', () => {
  expect(Holdings.revokeSentence({ ...usdc, amount: 1n, spender: BOB })).toBe(`revoke USDC approval for ${BOB}`)
})

test('promise: finds spenders in the bytes of earlier proposals of this chain', () => {
  expect(Holdings.spendersIn([proposal(approve), proposal(transfer)], 1)).toEqual([BOB.toLowerCase()])
  expect(Holdings.spendersIn([proposal(approve)], 2)).toEqual([])
})

test('promise: only what this account settled makes an address known', () => {
  expect([...paidIn([proposal(transfer)], ME)]).toEqual([[BOB.toLowerCase(), '2026-11-01T00:00:00.000Z']])
  expect(paidIn([proposal(transfer, { state: 'rejected' })], ME).size).toBe(0)
  expect(paidIn([proposal(transfer, { from: BOB })], ME).size).toBe(0)
  expect(paidIn([proposal(approve)], ME).size).toBe(0)
})
