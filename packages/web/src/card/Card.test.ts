import type { PublicConfig } from '@countersign/sdk'
import { expect, test } from 'vitest'
import * as Card from './Card.ts'
import { isReliable, reasonText, stateOf } from './CardState.ts'
import { contractsOf, contractsLine } from './Contracts.ts'
import { environmentsLine, environmentText } from './Environments.ts'
import { BOB, change, finding, ME, NOW_MS, POOL, proposal, ROUTER, usdc, USDC } from './fixture.ts'
import { flowsOf, flowText } from './FundFlow.tsx'
import { outcomeOf } from './Outcome.ts'

const config = { chains: [{ chain_id: 31_337, name: 'Local chain', native_symbol: 'ETH' }] } as unknown as PublicConfig
const row = (given: ReturnType<typeof proposal>, label: string) =>
  Card.rowsOf(given, config, NOW_MS).find((each) => each.label === label)
const pay = (changes: object = {}, report: object = {}) =>
  proposal(
    {
      summary: `Send 1 ETH to ${BOB}`,
      calls: [{ step: 1, to: BOB, value: '1000000000000000000', data: '0x', status: 'waiting', tx_hash: null }],
      ...changes,
    },
    { token_changes: [change(ME, '-1000000000000000000'), change(BOB, '1000000000000000000')], ...report },
  )
const allowance = (more: object = {}) => ({
  owner: ME,
  kind: 'erc20_allowance',
  contract: USDC,
  subject: BOB,
  before: '0',
  after: (2n ** 256n - 1n).toString(),
  unlimited: true,
  expires: null,
  value_at_risk: [],
  symbol: 'USDC',
  decimals: 6,
  ...more,
})

// Each test is one thing that people misread on the page of before.

test('promise: the title says what arrives, not only the minimum that looked like another amount', () => {
  expect(Card.titleOf(proposal(), 'ETH')).toBe('Swap 1 ETH for about 2,491.25 USDC')
  expect(Card.sidesOf(proposal(), 'ETH')[0]?.arrives[0]).toMatchObject({
    figure: '+2,491.25',
    atLeast: 'at least 2,478.80',
    exact: '+2,491.258107 USDC',
  })
})

test('promise: figures of the server’s title are grouped, and addresses are left whole where nothing else shows them', () => {
  const given = { ...proposal({ summary: `Swap 1 ETH for at least 2478.801816 USDC at ${BOB}` }), report: null }
  expect(Card.titleOf(given, 'ETH')).toBe(`Swap 1 ETH for at least 2,478.801816 USDC at ${BOB}`)
})

test('promise: the minimum stands at the token that it is about, and nowhere else', () => {
  const other = proposal({}, { token_changes: [change(ME, '5', { ...usdc, token: BOB, symbol: 'USDC' })] })
  expect(Card.sidesOf(other, 'ETH')[0]?.arrives[0]?.atLeast).toBeNull()
})

test('a price, and that no market price was compared', () => {
  expect(row(proposal(), 'Price')?.value).toBe('1 ETH = 2,491.25 USDC')
  expect(row(proposal(), 'Price impact')).toMatchObject({ note: 'not compared with a market price' })
})

test('promise: a loss to the price is a percentage in sight, and the tick repeats it', () => {
  const impact = finding('warn', 'price-impact', { title: 'You lose to the price', evidence: { lost_ppm: '93400' } })
  const given = proposal({}, { verdict: 'warn', findings: [impact] })
  expect(row(given, 'Price impact')).toMatchObject({ value: '9.34\u00a0% lost', tone: 'care' })
  expect(Card.acceptText(given, 'ETH')).toBe(
    'I have read this and accept: getting 9.34\u00a0% less than the pool’s price for 1 ETH.',
  )
})

test('promise: an expiry that the bytes name is a time, not an alarm', () => {
  const later = {
    name: 'later',
    agrees: false,
    differs: ['step 1 would fail: “EXPIRED”'],
    decided_by: ['TIMESTAMP'],
    token_changes: [],
  }
  const next = { name: 'next-block', agrees: true, differs: [], decided_by: [], token_changes: [] }
  expect(environmentsLine(proposal({}, { environments: [next, later] }))).toBe(
    'Same outcome in 2 of 2 block conditions',
  )
  expect(row(proposal(), 'Valid for')?.value).toMatch(/^\d+ minutes$/)
  // Without an expiry in the bytes the same failure is a difference.
  expect(environmentsLine(pay({}, { environments: [next, later] }))).toBe('Same outcome in 1 of 2 block conditions')
})

test('promise: another outcome in another block is a plain sentence, without an opcode', () => {
  const base = { name: 'other-builder', agrees: false, differs: ['x'], decided_by: ['COINBASE'], token_changes: [] }
  expect(environmentText(base, 'ETH')).toBe(
    'In another builder’s block the outcome is different. It depends on who builds the block.',
  )
  expect(environmentText({ ...base, token_changes: [change(ME, '-5', { ...usdc, decimals: 0 })] }, 'ETH')).toBe(
    'In another builder’s block you would lose 5 USDC. It depends on who builds the block.',
  )
  expect(environmentText({ ...base, name: 'simulator:TIMESTAMP+NUMBER', decided_by: [] }, 'ETH')).not.toMatch(
    /[A-Z]{4,}/,
  )
})

test('promise: a first payment is said, with the address in full; a known one says since when', () => {
  expect(Card.recipientsOf(pay(), 'ETH', new Map())).toEqual([
    {
      address: BOB,
      gets: '1 ETH',
      status: 'first',
      words: 'First payment to this address.',
      advice: 'Compare it with its source.',
    },
  ])
  const known = new Map([[BOB.toLowerCase(), '2026-11-01T10:00:00.000Z']])
  expect(Card.recipientsOf(pay(), 'ETH', known)[0]?.words).toBe('You paid this address before, on 2026-11-01.')
  const ledger = [{ argument: 'recipient', value: BOB, source: 'ledger', at: '2026-10-02T00:00:00.000Z' }]
  expect(Card.recipientsOf(pay({ provenance: ledger }), 'ETH', new Map())[0]?.status).toBe('paid-before')
})

test('promise: an address that the user only typed is not a known one', () => {
  const typed = [{ argument: 'recipient', value: BOB, source: 'user' }]
  expect(Card.recipientsOf(pay({ provenance: typed }), 'ETH', new Map())[0]?.status).toBe('first')
})

test('promise: who receives a swap for somebody else is named, and the owner receives nothing', () => {
  const given = proposal({}, { token_changes: [change(ME, '-1000000000000000000'), change(BOB, '2491258107', usdc)] })
  expect(Card.recipientsOf(given, 'ETH', new Map()).map(({ address }) => address)).toContain(BOB)
  expect(Card.sidesOf(given, 'ETH')[0]?.arrives).toEqual([])
})

test('promise: of many recipients the unknown and the largest come first, and none is left out', () => {
  const many = Array.from({ length: 40 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`)
  const known = new Map(many.slice(1).map((each) => [each, '2026-11-01']))
  const changes = many.map((each, i) => change(each, String(i + 1)))
  const all = Card.recipientsOf(pay({ calls: [] }, { token_changes: changes }), 'ETH', known)
  expect(all).toHaveLength(40)
  expect([all[0]?.address, all[1]?.address]).toEqual([many[0], many[39]])
})

test('promise: a pool is no recipient', () => {
  const calls = [{ address: POOL, name: null, signature: 'swap()', step: 1, depth: 1, value: '0', code_hash: '0x' }]
  const given = proposal({}, { contract_calls: calls, token_changes: [change(POOL, '5')] })
  expect(Card.recipientsOf(given, 'ETH', new Map())).toEqual([])
})

test('promise: an unlimited permission stands beside what leaves, in words, and never as a row of digits', () => {
  const given = proposal({}, { token_changes: [], authority_changes: [allowance()] })
  expect(Card.laterOf(given)).toBe('Later: all your USDC')
  expect(Card.permissionsOf(given)[0]).toMatchObject({ amount: 'unlimited USDC', before: 'nothing', subject: BOB })
  expect(row(given, 'Permissions left')).toMatchObject({ value: 'unlimited USDC', tone: 'bad' })
})

test('promise: an allowance is never rounded', () => {
  const given = proposal({}, { authority_changes: [allowance({ after: '2491258107', unlimited: false })] })
  expect(Card.permissionsOf(given)[0]?.amount).toBe('2,491.258107 USDC')
})

test('promise: a permission that is taken back is not left', () => {
  const given = proposal({}, { authority_changes: [allowance({ before: '5', after: '0', unlimited: false })] })
  expect([Card.laterOf(given), row(given, 'Permissions left')?.value]).toEqual([null, 'none; 1 taken back'])
})

test('promise: a blocked card has no fee and no countdown', () => {
  const given = proposal({ state: 'blocked' }, { verdict: 'block', findings: [finding('block', 'reverts')] })
  expect(Card.rowsOf(given, config, NOW_MS).map(({ label }) => label)).not.toContain('Network fee')
  expect(row(given, 'Valid for')).toBeUndefined()
})

test('promise: a card that is over shows no fee, no price and no permission of what never happened', () => {
  expect(Card.rowsOf(pay({ state: 'rejected' }), config, NOW_MS, true).map(({ name }) => name)).toEqual(['account'])
})

test('promise: a signature says that nothing is sent instead of a fee', () => {
  expect(row(proposal({ kind: 'signature' }), 'Network fee')).toMatchObject({ value: 'none' })
})

test('promise: the verdict is the worst finding: what blocks before what warns, a failure before the rest', () => {
  const findings = [finding('info', 'a'), finding('warn', 'b'), finding('block', 'c'), finding('block', 'reverts')]
  expect(Card.worstOf(proposal({}, { findings }))?.rule).toBe('reverts')
  expect(Card.verdictOf(proposal({}, { verdict: 'block', findings }), 'ETH')).toMatchObject({ tone: 'bad', more: 2 })
  expect(Card.verdictOf(proposal(), 'ETH')).toMatchObject({ heading: 'No objections' })
})

test('promise: a report that blocks never reads as no objections', () => {
  expect(Card.verdictOf(proposal({}, { verdict: 'block' }), 'ETH')?.tone).toBe('bad')
})

test.each([
  ['simulating', { state: 'staged', report: null }],
  ['not-simulated', { state: 'staged', report: null, reason: 'No answer.' }],
  ['settled', { state: 'settled' }],
  ['different', { state: 'mismatched' }],
  ['rejected', { state: 'rejected' }],
  ['replaced', { state: 'superseded' }],
  ['expired', { state: 'expired' }],
  ['expired', { expires_at: '2026-11-30T11:00:00.000Z' }],
  ['submitted', { state: 'submitted' }],
  ['question', { level: 'step-up' }],
  ['allow', {}],
])('promise: the state of a card: %s', (name, changes) => {
  const given = { ...proposal(changes), ...('report' in changes ? { report: null } : {}) }
  expect(stateOf(given, { nowMs: NOW_MS }).name).toBe(name)
})

test('promise: bytes that differ outrank every state in which something could be signed', () => {
  for (const phase of [{ kind: 'idle' }, { kind: 'checking' }, { kind: 'wallet', step: 1 }] as const)
    expect(stateOf(proposal(), { nowMs: NOW_MS, phase, mismatches: ['They differ.'] }).name).toBe('mismatch')
})

test('promise: a card that is over stays over, whatever this browser does', () => {
  expect(stateOf(proposal({ state: 'rejected' }), { nowMs: NOW_MS, phase: { kind: 'wallet', step: 1 } }).name).toBe(
    'rejected',
  )
})

test('promise: a rejection in the wallet says that nothing was sent, and of a half-done batch that its first steps stand', () => {
  expect(reasonText(proposal({ state: 'rejected', reason: 'Rejected in the wallet.' }), 'ETH')).toEqual({
    text: 'You rejected this in your wallet.',
    isServers: false,
  })
  const rejected = { state: 'rejected', reason: 'Rejected in the wallet.' }
  expect(stateOf(proposal(rejected), { nowMs: NOW_MS }).next).toMatch(/^Nothing was sent\./)
  const half = proposal({ ...rejected, half_done: { confirmed: 1, remedies: [] } })
  const shown = [reasonText(half, 'ETH')?.text, stateOf(half, { nowMs: NOW_MS }).next].join(' ')
  expect(shown).toContain('The steps before it stand.')
  expect(shown).not.toMatch(/nothing was sent/i)
})

test('promise: the pool and the code behind a known proxy have names, and say what these rest on', () => {
  const named = (address: string, name: string | null, signature: string) =>
    ({ address, name, signature, step: 1, depth: 0, value: '0', code_hash: '0x' }) as const
  const frame = (type: string, from: string, to: string, signature: string, calls: object[] = []) => ({
    ...{ type, from, to, value: '0', signature, status: 'success', calls },
  })
  const tree = frame('CALL', ME, ROUTER, 'swap()', [
    frame('STATICCALL', ROUTER, POOL, 'getReserves()'),
    frame('CALL', POOL, USDC, 'transfer()', [frame('DELEGATECALL', USDC, BOB, 'transfer()')]),
  ])
  const calls = [
    named(ROUTER, 'Uniswap V2 router', 'swap()'),
    named(POOL, null, 'getReserves()'),
    named(USDC, 'USD Coin', 'transfer()'),
    named(BOB, null, 'transfer()'),
  ]
  const given = proposal({}, { contract_calls: calls, steps: [{ status: 'success', calls: tree }] })
  expect(contractsOf(given).map(({ name, basis }) => [name, basis])).toEqual([
    ['Uniswap V2 router', null],
    ['Uniswap V2 pool', 'asked by Uniswap V2 router as its pool'],
    ['USD Coin', null],
    ['USD Coin (its code)', 'run by USD Coin as its own code in this simulation'],
  ])
  expect(contractsLine(contractsOf(given))).toBe('4, all known by name')
})

test('promise: a contract that a stranger asks like a pool stays unverified', () => {
  const tree = {
    type: 'CALL',
    from: BOB,
    to: POOL,
    value: '0',
    signature: 'getReserves()',
    status: 'success',
    calls: [],
  }
  const calls = [BOB, POOL].map((address) => ({ address, name: null, signature: 'getReserves()' }))
  const given = proposal({}, { contract_calls: calls, steps: [{ status: 'success', calls: tree }] })
  expect(contractsOf(given).every(({ name }) => name === null)).toBe(true)
})

test('the picture of who gives and who gets has a text twin', () => {
  expect(flowsOf(proposal(), 'ETH').map(flowText)).toEqual(['You give 1 ETH', 'You get 2,491.25 USDC'])
})

test('promise: a settled card tells what moved, and each difference from what was shown', () => {
  const facts = (after: bigint) => ({
    feeWei: 5n,
    balances: new Map([
      ['', { before: 2n * 10n ** 18n, after: 10n ** 18n - 5n }],
      [USDC.toLowerCase(), { before: 0n, after }],
    ]),
  })
  const compared = (after: bigint) => outcomeOf(proposal(), facts(after), 'ETH').rows[0]
  expect(compared(2_491_258_107n)).toMatchObject({ value: 'exactly as shown', tone: 'good' })
  expect(compared(2_491_258_106n)).toMatchObject({ value: '0.000001 USDC less', tone: 'care' })
  expect(outcomeOf(proposal(), facts(2_491_258_107n), 'ETH').left[0]?.figure).toBe('−1')
})

test('promise: a balance that could not be read is never “exactly as shown”', () => {
  const outcome = outcomeOf(proposal(), { feeWei: 0n, balances: new Map() }, 'ETH')
  expect(outcome.rows[0]?.value).toBe('2 amounts could not be read')
})

test('promise: a payment that the owner cannot make says so before the words of the contract', () => {
  const transfer = `0xa9059cbb${BOB.slice(2).toLowerCase().padStart(64, '0')}${'1'.padStart(64, '0')}`
  const because = 'Step 1 (Send 9 USDC) would fail: “ERC20: transfer amount exceeds balance”.'
  const failing = (data: string, rule = 'reverts') =>
    proposal(
      { calls: [{ step: 1, to: USDC, value: '0', data, status: 'waiting', tx_hash: null }] },
      { verdict: 'block', will_revert: true, findings: [finding('block', rule, { because, step: 1 })] },
    )
  const own = (made: ReturnType<typeof failing>) => Card.verdictOf(made, 'ETH')?.own
  expect(Card.verdictOf(failing(transfer), 'ETH')).toMatchObject({
    own: 'You do not hold enough of this token.',
    because,
    isServers: true,
  })
  // Whose balance it is stands in no other bytes that this browser understands.
  expect(own(failing('0x12345678'))).toBeNull()
  expect(own(failing(transfer, 'other'))).toBeNull()
})

test('promise: the figures of a simulation that is no ground for anything are not shown', () => {
  const names = ['mismatch', 'engines-disagree', 'incomplete', 'allow', 'warn', 'blocked', 'would-revert'] as const
  const shown = names.filter((name) => isReliable({ name, tone: 'bad', text: '', next: null }))
  expect(shown).toEqual(['allow', 'warn', 'blocked', 'would-revert'])
})

test.each([
  [-1, 'no longer'],
  [999, 'no longer'],
  [1_000, '1 second'],
  [59_999, '59 seconds'],
  [60_000, '1 minute'],
  [119 * 60_000 + 59_999, '119 minutes'],
  [120 * 60_000, '2 hours'],
  [48 * 3_600_000 - 1, '47 hours'],
  [48 * 3_600_000, '2 days'],
  [72 * 3_600_000 - 1, '2 days'],
])('promise: of %i ms there is never more left than that: %s', (ms, words) => {
  expect(Card.durationText(ms)).toBe(words)
})
