import { Address } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../catalogue/openWorld.ts'
import type { World } from '../catalogue/World.ts'
import { parseOverrides, Receipt, renderReport, Report, type SimulationRequest } from './index.ts'
import { issueReceipt } from './receipts/issueReceipt.ts'
import type { ReceiptKeys } from './receipts/ReceiptKeys.ts'

const DOLLAR = 10n ** 6n
const ETHER = 10n ** 18n
const ACCOUNT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const POOR = Address.parse('0x1234567890123456789012345678901234567890')

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('what is assumed of the state', () => {
  /** A payment by somebody who holds nothing. */
  async function payment(overrides: unknown): Promise<SimulationRequest> {
    const { usdc } = world.chain.addresses
    const calls = [world.call('Usdc', usdc, 'transfer', [world.friend, 900n * DOLLAR])]
    return { ...(await world.requestOf({ from: POOR, calls })), overrides: parseOverrides(overrides) }
  }
  const rich = (): unknown => ({
    [POOR]: { balance: `${ETHER}`, tokens: { [world.chain.addresses.usdc]: `${1_000n * DOLLAR}` } },
  })

  test('a payment is previewed as if the account held the token', async () => {
    const simulator = await world.open()
    try {
      const report = await simulator.simulate(await payment(rich()))
      expect(report.willRevert).toBe(false)
      expect(report.tokenChanges.find(({ account }) => account === POOR)).toMatchObject({
        before: 1_000n * DOLLAR,
        after: 100n * DOLLAR,
      })
      expect(report.environments.every(({ agrees }) => agrees)).toBe(true)
      expect(Report.toWire(report)['state_overrides']).toEqual([
        { address: POOR, balance: `${ETHER}`, tokens: [{ token: world.chain.addresses.usdc, amount: '1000000000' }] },
      ])
      const card = renderReport(report, { nowMs: Number(world.nowS) * 1000, width: 200 })
      expect(card).toContain(`${POOR} holds 1000 USDC`)
      expect(card).toMatch(/nothing of it can be signed/)
    } finally {
      await simulator.close()
    }
  })

  test('promise: what is assumed in one preview is not so in the next simulation', async () => {
    const simulator = await world.open()
    try {
      await simulator.simulate(await payment(rich()))
      const { overrides: _, ...plain } = await payment({})
      const report = await simulator.simulate(plain)
      expect(report.verdict).toBe('block')
      expect(report.stateOverrides).toBeUndefined()
    } finally {
      await simulator.close()
    }
  })

  test('promise: a report on assumed state gets no receipt', async () => {
    const simulator = await world.open()
    try {
      const request = await payment(rich())
      const report = await simulator.simulate(request)
      const readSet = simulator.readSet(report.readSet.digest)
      if (readSet === null) throw new Error('a read set is kept')
      const of = { report, readSet, policyVersion: 'x', nowMs: 0, ttlMs: 1_000 }
      const unused = null as unknown as ReceiptKeys
      // Told by the request, and by the report alone.
      for (const asked of [request, { ...request, overrides: [] }]) {
        expect(issueReceipt(unused, { ...of, request: asked }).receipt).toBeNull()
        const bound = { request: asked, report, nonce: 0n, policyVersion: 'x', issuedAtMs: 0, expiresAtMs: 1_000 }
        expect(() => Receipt.bind({ receiptId: 'x', ...bound })).toThrow(/assumed state/)
      }
    } finally {
      await simulator.close()
    }
  })

  test('code, nonce and stored words are as they are given', async () => {
    const simulator = await world.open()
    try {
      const at = Address.parse('0x00000000000000000000000000000000000c0de5')
      // Sends back what stands in slot 0.
      const code = '0x60005460005260206000f3'
      const slot = `0x${'00'.repeat(32)}`
      const value = `0x${'00'.repeat(31)}2a`
      const request = await world.requestOf({ calls: [world.pay(at, 0n)] })
      const overrides = parseOverrides({
        [at]: { code, state_diff: { [slot]: value } },
        [world.me]: { nonce: '77' },
      })
      const report = await simulator.simulate({ ...request, overrides })
      expect(report.steps[0]?.returnData).toBe(value)
      const used = await simulator.simulate({
        ...request,
        calls: [{ ...world.pay(at, 0n), nonce: 76n }],
        overrides,
      })
      expect(used.findings.map(({ rule }) => rule)).toContain('invalid-transaction')
    } finally {
      await simulator.close()
    }
  })

  test('a token whose balance no stored word sets is refused by name', async () => {
    const simulator = await world.open()
    try {
      const request = await payment({ [POOR]: { tokens: { [world.chain.addresses.uniswapV2Router]: '5' } } })
      await expect(simulator.simulate(request)).rejects.toMatchObject({ code: 'simulation:override:refused' })
    } finally {
      await simulator.close()
    }
  })
})

test.each([
  ['a list', []],
  ['no address', { '0x12': {} }],
  ['a field that is not known', { [POOR]: { state: {} } }],
  ['one field in two spellings', { [POOR]: { state_diff: {}, stateDiff: {} } }],
  ['a negative balance', { [POOR]: { balance: '-1' } }],
  ['half a byte of code', { [POOR]: { code: '0x1' } }],
  ['a short slot', { [POOR]: { state_diff: { '0x01': `0x${'00'.repeat(32)}` } } }],
  ['one account twice', { [ACCOUNT]: {}, [ACCOUNT.toLowerCase()]: {} }],
  [
    'too many accounts',
    Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`0x${String(i).padStart(40, '0')}`, {}])),
  ],
])('overrides that hold %s are refused', (_, value) => {
  expect(() => parseOverrides(value)).toThrow(expect.objectContaining({ code: 'simulation:override:unreadable' }))
})
