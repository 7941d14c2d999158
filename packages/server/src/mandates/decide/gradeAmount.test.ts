import { Address, type Hex } from '@countersign/base'
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

const word = (value: bigint | Address.Address): string =>
  (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0')
const transfer = (amount: bigint): Hex.Hex => `0xa9059cbb${word(PULLER)}${word(amount)}`
const transferFrom = (from: Address.Address, amount: bigint): Hex.Hex =>
  `0x23b872dd${word(from)}${word(PULLER)}${word(amount)}`
const graded = (
  call: { to: Address.Address | null; value?: bigint; data?: Hex.Hex },
  { of = loss, input = inputOf([]), seen = report(null) }: { of?: never; input?: MovesInput; seen?: ReportWire } = {},
) => gradeOf(input, { ...stepOf(seen), call: { value: 0n, data: '0x', ...call } }, of)

test('promise: an amount is proven only by the call itself: its value, or a transfer of just this token of the owner', () => {
  const ether = { ...(loss as object), token: null, isNative: true } as never
  expect(graded({ to: ROUTER, value: 5n }, { of: ether })).toMatchObject({ amount: 5n, grade: 'proven' })
  expect(graded({ to: ROUTER, value: 9n }, { of: ether })).toMatchObject({ amount: 9n, grade: 'proven' })
  // More left than the call carried, or what left is not the coin.
  expect(graded({ to: ROUTER, value: 4n }, { of: ether })).toMatchObject({ amount: 5n, grade: 'simulated' })
  expect(graded({ to: TOKEN, value: 9n })).toMatchObject({ amount: 5n, grade: 'simulated' })

  const proven = [transfer(5n), transfer(6n), transferFrom(OWNER, 5n)]
  expect(proven.map((data) => graded({ to: TOKEN, data }).grade)).toEqual(['proven', 'proven', 'proven'])
  expect(graded({ to: TOKEN, data: transfer(6n) }).amount).toBe(6n)
  const others: Hex.Hex[] = [
    transfer(4n),
    transferFrom(PULLER, 5n),
    transferFrom(OWNER, 4n),
    `${transfer(5n)}00`,
    '0x12345678',
  ]
  expect(others.map((data) => graded({ to: TOKEN, data }).grade)).toEqual(others.map(() => 'simulated'))
  // The amount of a transfer says nothing of another token that left, or where nothing is called.
  const none = inputOf([{ token: TOKEN, spender: ROUTER, amount: 0n }])
  expect(graded({ to: ROUTER, data: transfer(5n) }, { input: none })).toMatchObject({ grade: 'simulated' })
  expect(graded({ to: null, data: transfer(5n) })).toMatchObject({ grade: 'simulated' })
})

test('promise: an outcome guard bounds what it names, and only where it is as wide as the loss', () => {
  const of = (token: string, amount: bigint): MovesInput => ({ ...inputOf([]), enforced: new Map([[token, amount]]) })
  expect(graded({ to: TOKEN }, { input: of(TOKEN.toLowerCase(), 5n) })).toMatchObject({ amount: 5n, grade: 'enforced' })
  expect(graded({ to: TOKEN }, { input: of(TOKEN.toLowerCase(), 4n) }).grade).toBe('simulated')
  expect(graded({ to: TOKEN }, { input: of(PULLER.toLowerCase(), 9n) }).grade).toBe('simulated')
})

test('promise: the maximum of a call counts where the code of the called contract is the one that is trusted', () => {
  const standing = [{ token: TOKEN, spender: ROUTER, amount: 0n }]
  const swap = (most: bigint): Hex.Hex => `0x38ed1739${word(most)}${word(1n)}`
  const exact = (most: bigint): Hex.Hex => `0x8803dbee${word(1n)}${word(most)}`
  const seen = (codeHash: string, step = 1): ReportWire =>
    ({ ...report(null), contract_calls: [{ address: ROUTER, step, code_hash: codeHash }] }) as unknown as ReportWire
  const input = { ...inputOf(standing), trusts: new Map([[ROUTER.toLowerCase(), '0xab']]) }
  const grade = (data: Hex.Hex, of: ReportWire) => graded({ to: ROUTER, data }, { input, seen: of })
  expect(grade(swap(5n), seen('0xAB'))).toMatchObject({ amount: 5n, grade: 'declared' })
  expect(grade(exact(7n), seen('0xab'))).toMatchObject({ amount: 7n, grade: 'declared' })
  const loose = [
    grade(swap(4n), seen('0xab')),
    grade(swap(5n), seen('0xcd')),
    grade(swap(5n), seen('0xab', 2)),
    grade(`0x38ed1739${'00'.repeat(31)}`, seen('0xab')),
    grade(`0x12345678${word(9n)}`, seen('0xab')),
    graded({ to: ROUTER, data: swap(5n) }, { input: inputOf(standing), seen: seen('0xab') }),
  ]
  expect(loose.map(({ grade: found }) => found)).toEqual(loose.map(() => 'simulated'))
})

test('promise: an allowance bounds a loss by all of itself, after what was given before it in the batch', () => {
  const stood = (amount: bigint) => inputOf([{ token: TOKEN, spender: ROUTER, amount }])
  const through = (input: MovesInput, step: Partial<StepInput> = {}) =>
    gradeOf(input, { ...stepOf(report(null)), ...step }, loss)
  expect(through(stood(5n))).toEqual({ amount: 5n, grade: 'proven', because: 'an allowance of exactly this' })
  expect(through(stood(8n))).toMatchObject({ amount: 8n, grade: 'proven', because: expect.stringContaining('whole') })
  expect(through(stood(4n))).toMatchObject({ amount: 5n, grade: 'simulated' })
  expect(through(stood(ENDLESS)).because).toContain('counts as unlimited')

  const right = { kind: 'erc20_allowance', contract: TOKEN, token: TOKEN, spender: ROUTER, after: 6n }
  const given = (more: object) => ({ ...EMPTY, rights: new Map([['r', { ...right, ...more }]]) }) as never
  expect(through(stood(0n), { before: given({}) })).toMatchObject({ amount: 6n, grade: 'proven' })
  // A right of another kind, token or spender is not this allowance.
  for (const more of [{ kind: 'operator' }, { contract: PULLER }, { spender: PULLER }])
    expect(through(stood(0n), { before: given(more) })).toMatchObject({ grade: 'simulated' })

  // What the step itself changes is read as it was before.
  const change = { kind: 'erc20_allowance', contract: TOKEN, subject: ROUTER, owner: OWNER, before: '9', after: '0' }
  const changing = (more: object): Partial<StepInput> => ({
    report: { ...report(null), authority_changes: [{ ...change, ...more }] } as unknown as ReportWire,
  })
  expect(through(stood(0n), changing({}))).toMatchObject({ amount: 9n, grade: 'proven' })
  for (const more of [{ kind: 'operator' }, { contract: PULLER }, { subject: PULLER }, { owner: PULLER }])
    expect(through(stood(0n), changing(more))).toMatchObject({ grade: 'simulated' })
})

test('promise: what the called contract could take beyond what it took counts whole, once a token', () => {
  const of = (amount: bigint | null) => inputOf([{ token: TOKEN, spender: ROUTER, amount }])
  const whole = (input: MovesInput, leaves: readonly never[] = [], step: Partial<StepInput> = {}) =>
    wholeAllowances(input, { ...stepOf(report(null)), ...step }, leaves)
  expect(whole(of(7n))).toMatchObject([{ token: TOKEN, counterparty: ROUTER, amount: 7n, isUnlimited: false }])
  expect(whole(of(7n))[0]?.because).toContain('whole allowance')
  expect(whole(of(2n ** 128n))).toMatchObject([{ isUnlimited: true }])
  expect(whole(of(2n ** 128n - 1n))).toMatchObject([{ isUnlimited: false }])
  expect(whole(of(null))[0]?.because).toContain('could not be read')
  // Where the step takes of it, the outflow counts with it; another token's outflow, or the coin's, does not.
  expect(whole(of(7n), [loss])).toEqual([])
  expect(whole(of(7n), [{ token: PULLER, amount: 1n } as never, { token: null, amount: 1n } as never])).toHaveLength(1)
  // Allowances of others, a deployment, and the token's own are not it.
  expect(whole(inputOf([{ token: TOKEN, spender: PULLER, amount: 7n }]))).toEqual([])
  expect(whole(of(7n), [], { call: { to: null, value: 0n, data: '0x' } })).toEqual([])
  expect(whole(inputOf([{ token: ROUTER, spender: ROUTER, amount: 7n }]))).toEqual([])
  // An allowance that an earlier step gave stands as well.
  const right = { kind: 'erc20_allowance', contract: TOKEN, token: TOKEN, spender: ROUTER, after: 6n }
  const given = (more: object) => ({ ...EMPTY, rights: new Map([['r', { ...right, ...more }]]) }) as never
  expect(whole(inputOf([]), [], { before: given({}) })).toMatchObject([{ amount: 6n }])
  for (const more of [{ kind: 'operator' }, { spender: PULLER }, { token: null }])
    expect(whole(inputOf([]), [], { before: given(more) })).toEqual([])
})
