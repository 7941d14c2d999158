import fc from 'fast-check'
import { expect, test } from 'vitest'
import { doubleField } from '../../../../test/doubledFields.ts'
import type { Action } from '../provenance/Action.ts'
import { isPasted, stage, type Turn } from './stageDraft.ts'

const DOCUMENT = {
  types: { Permit: [{ name: 'value', type: 'uint256' }] },
  primaryType: 'Permit',
  domain: { name: 'Coin', chainId: 1 },
  message: { value: '1', spender: '0x00' },
}

test('promise: a pasted document that holds a field twice does not count as pasted', () => {
  expect(isPasted(`sign ${JSON.stringify(DOCUMENT)}`, DOCUMENT)).toBe(true)
  fc.assert(
    fc.property(fc.nat(), (pick) => {
      const pasted = doubleField(DOCUMENT, pick)
      expect(isPasted(`sign ${pasted}`, JSON.parse(pasted) as Record<string, unknown>)).toBe(false)
    }),
  )
})

test('promise: what the words ask for once is ordinary once, whatever the deadline', async () => {
  const to = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
  const levels: unknown[] = []
  let state = 'receipted'
  const host = {
    ...{
      account: to,
      chainId: 31337,
      nativeSymbol: 'ETH',
      tokens: [],
      contracts: [],
      heard: [],
      userTexts: [`send 1 ETH to ${to}`],
    },
    stage: async ({ level, questions }: { level: string; questions: readonly { argument: string }[] }) => {
      levels.push([level, questions.map(({ argument }) => argument)])
      return { proposalId: 'prop_1', state, verdict: 'allow', reason: null, changes: [], findings: [], feeWei: '0' }
    },
  } as unknown as Turn
  const send = (amount: string, deadline: string): Action => ({
    verb: 'pay',
    name: 'send',
    values: [
      { argument: 'amount', value: amount, role: 'amount' },
      { argument: 'to', value: to, role: 'recipient' },
      { argument: 'deadline', value: deadline, role: 'other', isCritical: false },
    ],
  })
  const twice = async () => {
    await Promise.all([
      stage(host, { calls: [], summary: '', actions: [send('1', '5')] }),
      stage(host, { calls: [], summary: '', actions: [send('1', '6')] }),
    ])
  }
  await twice()
  expect(levels).toEqual([
    ['ordinary', []],
    ['step-up', ['']],
  ])
  // Of another turn, and after a draft that was blocked, nothing is remembered.
  levels.length = 0
  state = 'blocked'
  const fresh = { ...host, heard: [] }
  await stage(fresh, { calls: [], summary: '', actions: [send('1', '5')] })
  await stage(fresh, { calls: [], summary: '', actions: [send('1', '5')] })
  expect(levels.map((each) => (each as [string])[0])).toEqual(['ordinary', 'ordinary'])
})
