import type { Proposal } from '@countersign/sdk'
import { encodeFunctionData, erc20Abi, parseAbi } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Bytes from './Bytes.ts'

const ME = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const TOKEN = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0'
const ROUTER = '0xA51c1fc2f0D1a1b8494Ed1FE312d7C3a78Ed91C0'
const ROUTERS = parseAbi([
  'function swapExactETHForTokens(uint256 min, address[] path, address to, uint256 deadline) payable',
  'function swapExactTokensForETH(uint256 amount, uint256 min, address[] path, address to, uint256 deadline)',
])
const step = (to: string, data: string, value = '0') => ({ step: 1, to, value, data })
const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [BOB, 5n] })

describe('promise: decode', () => {
  test('reads a plain payment', () => {
    expect(Bytes.decode(step(BOB, '0x', '7'))).toMatchObject({ isPayment: true, recipient: BOB, name: null })
  })

  test('reads a token transfer', () => {
    const { name, recipient, fields } = Bytes.decode(step(TOKEN, transfer))
    expect([name, recipient, fields[1]]).toEqual(['transfer', BOB.toLowerCase(), { label: 'Amount', value: '5' }])
  })

  test('reads an unlimited approval as unlimited', () => {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [BOB, 2n ** 256n - 1n] })
    expect(Bytes.decode(step(TOKEN, data)).fields[1]?.value).toBe('unlimited')
  })

  test.each([
    [2n ** 159n, 'unlimited'],
    [2n ** 159n - 1n, (2n ** 159n - 1n).toString()],
  ])('reads an approval of %s as %s', (amount, shown) => {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [BOB, amount] })
    expect(Bytes.decode(step(TOKEN, data))).toMatchObject({
      spender: BOB.toLowerCase(),
      recipient: null,
      deadlineS: null,
      takes: undefined,
      fields: [{ value: BOB.toLowerCase() }, { value: shown }],
    })
  })

  test.each([
    [true, 'yes'],
    [false, 'no'],
  ])('reads a permission for all as %s', (isAllowed, shown) => {
    const abi = parseAbi(['function setApprovalForAll(address operator, bool allowed)'])
    const data = encodeFunctionData({ abi, functionName: 'setApprovalForAll', args: [BOB, isAllowed] })
    expect(Bytes.decode(step(TOKEN, data)).fields[1]?.value).toBe(shown)
  })

  test('reads a time in UTC, and one without end as the last that there is', () => {
    const abi = parseAbi(['function approve(address token, address spender, uint160 amount, uint48 until)'])
    const until = (seconds: number) => {
      const data = encodeFunctionData({ abi, functionName: 'approve', args: [TOKEN, BOB, 5n, seconds] })
      return Bytes.decode(step(ROUTER, data)).fields[3]?.value
    }
    expect(until(1_796_038_467)).toContain('2026-11-30')
    expect(until(1_796_038_467)).toContain('11:34')
    expect(until(2 ** 48 - 1)).toBe(until(8.64e12))
  })

  test('reads a path of several tokens, and nothing where the path is not what it says', () => {
    const args = [1n, [TOKEN, ROUTER, BOB], ME, 9n] as const
    const data = encodeFunctionData({ abi: ROUTERS, functionName: 'swapExactETHForTokens', args })
    expect(Bytes.decode(step(ROUTER, data))).toMatchObject({ takes: BOB.toLowerCase(), minimum: '1' })
    const word = (value: number) => value.toString(16).padStart(64, '0')
    // Four parameters stand before the path; it holds three.
    const [offset, count] = [word(4 * 32), word(3)]
    expect(data).toContain(offset)
    for (const wrong of [
      data.replace(offset, word(5 * 32)),
      data.replace(count, word(4)),
      data.replace(count, word(2)),
      data.slice(0, -64),
      `${data.slice(0, -64)}${'1'.repeat(64)}`,
    ])
      expect(Bytes.decode(step(ROUTER, wrong)).name, wrong).toBeNull()
  })

  test('reads a function without arguments, and a deployment', () => {
    expect(Bytes.decode(step(TOKEN, '0xd0e30db0', '5'))).toMatchObject({ name: 'deposit', fields: [] })
    expect(Bytes.decode({ step: 1, to: null, value: '0', data: '0x' }).recipient).toBeNull()
  })

  test('reads the minimum, the recipient and the deadline of a trade', () => {
    const args = [2_478_801_816n, [TOKEN, BOB], ME, 1_796_038_467n] as const
    const data = encodeFunctionData({ abi: ROUTERS, functionName: 'swapExactETHForTokens', args })
    expect(Bytes.decode(step(ROUTER, data, '1'))).toMatchObject({
      minimum: '2478801816',
      takes: BOB.toLowerCase(),
      recipient: ME.toLowerCase(),
      deadlineS: 1_796_038_467n,
    })
  })

  test('a trade for the coin takes the coin, not the last token of its path', () => {
    const args = [1n, 2n, [TOKEN, BOB], ME, 3n] as const
    const data = encodeFunctionData({ abi: ROUTERS, functionName: 'swapExactTokensForETH', args })
    expect(Bytes.decode(step(ROUTER, data))).toMatchObject({ takes: null, minimum: '2' })
  })

  test.each([
    ['bytes after the arguments', `${transfer}00`],
    ['a word after the arguments', `${transfer}${'0'.repeat(64)}`],
    ['an argument that is cut', transfer.slice(0, -2)],
    ['an address with dirty upper bytes', transfer.replace('0xa9059cbb0', '0xa9059cbb1')],
    ['an unknown function', `0xdeadbeef${transfer.slice(10)}`],
  ])('promise: names nothing for %s', (_, data) => {
    expect(Bytes.decode(step(TOKEN, data))).toMatchObject({ name: null, recipient: null, isPayment: false })
  })
})

const report = {
  chain_id: 1,
  from: ME,
  signature: null,
  steps: [{ status: 'success' }],
  token_changes: [
    { account: ME, delta: '-5' },
    { account: BOB, delta: '5' },
  ],
}
const proposal = {
  kind: 'transactions',
  chain_id: 1,
  from: ME,
  digest: '0x1',
  summary: `Send 5 USDC to ${BOB}`,
  calls: [{ ...step(TOKEN, transfer), status: 'waiting' }],
  report,
} as unknown as Proposal
const changed = (changes: Record<string, unknown>) => ({ ...proposal, ...changes }) as Proposal

const call = { to: TOKEN, value: '0', selector: '0xa9059cbb', args: [BOB, '5'], status: 'success', calls: [] }
const simulating = (changes: object) =>
  changed({ report: { ...report, steps: [{ status: 'success', calls: { ...call, ...changes } }] } })

describe('promise: a card that is about other bytes blocks', () => {
  test('says nothing where card and bytes agree', () => {
    expect(Bytes.mismatches(proposal, '0x1')).toEqual([])
    expect(Bytes.mismatches(simulating({}), '0x1')).toEqual([])
    // Nothing to compare with, and signatures, which are no calls.
    expect(Bytes.mismatches(changed({ report: null }), '0x1')).toEqual([])
    expect(Bytes.mismatches(changed({ kind: 'signature', summary: `For ${ROUTER}` }), '0x1')).toEqual([])
    // Half done: the simulation is of the steps that are left.
    const done = { ...step(ROUTER, '0x095ea7b3'), status: 'confirmed' }
    const half = (to: string) =>
      changed({
        calls: [done, ...proposal.calls],
        report: { ...report, steps: [{ status: 'success', calls: { ...call, to } }] },
      })
    expect(Bytes.mismatches(half(TOKEN), '0x1')).toEqual([])
    expect(Bytes.mismatches(half(ROUTER), '0x1').join()).toContain('another call')
    // A payment to oneself, one that fails, and one that takes nothing: nobody needs to gain.
    const sent = (to: string, more: object) =>
      Bytes.mismatches(
        changed({
          summary: 'Send',
          calls: [{ ...step(to, '0x', '5'), status: 'waiting' }],
          report: { ...report, ...more },
        }),
        '0x1',
      )
    const out = [{ account: ME, delta: '-5' }]
    expect(sent(ROUTER, { token_changes: out }).join()).toContain('The bytes pay')
    expect(sent(ME, { token_changes: out })).toEqual([])
    expect(sent(ROUTER, { token_changes: out, steps: [{ status: 'revert' }] })).toEqual([])
    expect(sent(ROUTER, { token_changes: [{ account: ME, delta: '5' }] })).toEqual([])
  })

  test.each([
    ['another digest', proposal, '0x2', 'not the one that this card'],
    ['another account', changed({ report: { ...report, from: BOB } }), '0x1', 'another account'],
    ['another chain', changed({ report: { ...report, chain_id: 2 } }), '0x1', 'another chain'],
    [
      'more steps than were simulated',
      changed({ calls: [...proposal.calls, ...proposal.calls] }),
      '0x1',
      'has 1 step,',
    ],
    ['a title that names somebody else', changed({ summary: `Send 5 USDC to ${ROUTER}` }), '0x1', 'title names'],
    [
      'a simulation that pays somebody else',
      changed({ report: { ...report, token_changes: [report.token_changes[0], { account: ROUTER, delta: '5' }] } }),
      '0x1',
      'The bytes pay',
    ],
    ['a simulation of another contract', simulating({ to: ROUTER }), '0x1', 'another call'],
    ['a simulation of another amount of coin', simulating({ value: '1' }), '0x1', 'another call'],
    ['a simulation of another function', simulating({ selector: '0x095ea7b3' }), '0x1', 'another call'],
    ['a simulation of a plain payment', simulating({ selector: null, args: null }), '0x1', 'another call'],
    ['a simulation of another argument', simulating({ args: [BOB, '4'] }), '0x1', 'another call'],
  ] as const)('reports %s', (_, given, digest, text) => {
    expect(Bytes.mismatches(given, digest).join(' ')).toContain(text)
  })
})
