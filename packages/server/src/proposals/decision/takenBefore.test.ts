import { Address, type Hex } from '@countersign/base'
import { expect, test } from 'vitest'
import { takenBefore } from './takenBefore.ts'

const OWNER = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const SPENDER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const TOKEN = Address.parse('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48')
const OURS = `0x${'aa'.repeat(32)}` as Hex.Hex
const THEIRS = `0x${'bb'.repeat(32)}` as Hex.Hex
const word = (of: string): string => `0x${of.slice(2).toLowerCase().padStart(64, '0')}`
const log = (name: 'Transfer' | 'Approval', { at, amount, tx }: { at: number; amount: number; tx: Hex.Hex }) => ({
  ...{
    blockNumber: '0x10',
    logIndex: `0x${at.toString(16)}`,
    transactionHash: tx,
    data: word(`0x${amount.toString(16)}`),
  },
  topics: [
    name === 'Transfer'
      ? '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
      : '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925',
    word(OWNER),
    word(SPENDER),
  ],
})
const taken = (result: unknown) =>
  takenBefore(
    {
      pass: async () =>
        result === null ? { ok: false, code: -32_005, message: 'no', data: null } : { ok: true, result },
    },
    { token: TOKEN, owner: OWNER, spender: SPENDER, from: 16n, to: 16n, hashes: [OURS] },
  )

test('promise: what was taken in the block of an approval, before it, is counted', async () => {
  const approval = log('Approval', { at: 5, amount: 100, tx: OURS })
  expect(await taken([approval])).toBe(0n)
  expect(await taken([approval, log('Transfer', { at: 2, amount: 40, tx: THEIRS })])).toBe(40n)
  expect(await taken([approval, log('Transfer', { at: 9, amount: 40, tx: THEIRS })])).toBe(0n)
  // Somebody else's Approval event of the pair is not the owner's approval.
  const used = log('Approval', { at: 1, amount: 60, tx: THEIRS })
  expect(await taken([used, log('Transfer', { at: 2, amount: 40, tx: THEIRS }), approval])).toBe(40n)
  // Without an event of the approval nothing says when it was: all counts.
  expect(await taken([log('Transfer', { at: 9, amount: 40, tx: THEIRS })])).toBe(40n)
})

test('promise: events that cannot be read are no proof', async () => {
  expect(await taken(null)).toBe(null)
  expect(await taken({})).toBe(null)
  expect(await taken([{ ...log('Transfer', { at: 1, amount: 1, tx: THEIRS }), data: '0x' }])).toBe(null)
})
