import { Address } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import { expect, test } from 'vitest'
import { EMPTY, ENDLESS, type MovesInput, type StepInput } from './Book.ts'
import { gradeOf, spendersIn, wholeAllowances } from './gradeAmount.ts'

/** An allowance that is not known lets a spender take everything. */
const OWNER = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const ROUTER = Address.parse('0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D')
const PULLER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const TOKEN = Address.parse('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48')

const report = (calls: object | null): ReportWire =>
  ({
    authority_changes: [],
    contract_calls: [],
    token_changes: [],
    steps: [{ step: 1, calls }],
  }) as unknown as ReportWire
const stepOf = (of: ReportWire): StepInput => ({
  call: { to: ROUTER, value: 0n, data: '0x12345678' },
  step: 1,
  report: of,
  book: EMPTY,
  before: EMPTY,
})
const inputOf = (standing: MovesInput['standing']): MovesInput => ({
  ...{ owner: OWNER, calls: [], prefixes: [], standing, coin: 'ETH' },
  token: () => ({ symbol: 'USDC', decimals: 6 }),
})
const loss = { token: TOKEN, isNative: false, standard: 'erc20', symbol: 'USDC', decimals: 6, amount: 5n } as never
const pull = {
  ...{ from: ROUTER, to: PULLER, selector: null, args: null },
  calls: [{ from: PULLER, to: TOKEN, selector: '0x23b872dd', args: [OWNER, ROUTER, '0'], calls: [] }],
}

test('promise: an allowance that could not be read counts as unlimited', () => {
  const unread = inputOf([{ token: TOKEN, spender: ROUTER, amount: null }])
  expect(wholeAllowances(unread, stepOf(report(null)), [])).toMatchObject([{ amount: ENDLESS, isUnlimited: true }])
  expect(gradeOf(unread, stepOf(report(null)), loss)).toMatchObject({ amount: ENDLESS })
  // Asked of nobody is not known either.
  expect(gradeOf(inputOf([]), stepOf(report(null)), loss)).toMatchObject({ amount: ENDLESS })
  const none = inputOf([{ token: TOKEN, spender: ROUTER, amount: 0n }])
  expect(wholeAllowances(none, stepOf(report(null)), [])).toEqual([])
  expect(gradeOf(none, stepOf(report(null)), loss)).toMatchObject({ amount: 5n, grade: 'simulated' })
})

test('promise: a pull that moves nothing hides no allowance of the contract that was called', () => {
  const known = inputOf([{ token: TOKEN, spender: ROUTER, amount: 7n }])
  expect(spendersIn(report(pull), OWNER)).toEqual([{ token: TOKEN, spender: PULLER }])
  expect(wholeAllowances(known, stepOf(report(pull)), [])).toMatchObject([{ isUnlimited: true }])
  const both = inputOf([...known.standing, { token: TOKEN, spender: PULLER, amount: 1n }])
  expect(wholeAllowances(both, stepOf(report(pull)), [])).toMatchObject([{ amount: 8n, isUnlimited: false }])
})
