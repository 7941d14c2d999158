import { Address } from '@countersign/base'
import { encodeAbiParameters, pad, type Hex } from 'viem'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exchangesOf, loggedExchanges, lostPpm, questionsFor, tradeOf, type PoolTrade } from './PoolTrade.ts'

const A = Address.parse('0x000000000000000000000000000000000000aaaa')
const B = Address.parse('0x000000000000000000000000000000000000bbbb')
const POOL = Address.parse('0x0000000000000000000000000000000000001111')
const ME = Address.parse('0x0000000000000000000000000000000000002222')
const amount = fc.bigInt({ min: 1n, max: 10n ** 27n })
const trade = (amountIn: bigint, amountOut: bigint, expectedOut: bigint, tokenIn = A, tokenOut = B): PoolTrade => ({
  pool: POOL,
  kind: 'reserves',
  tokenIn,
  tokenOut,
  amountIn,
  amountOut,
  expectedOut,
})

describe('what is lost to the price', () => {
  test('law: the same trade in a larger amount never loses less', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 6n, max: 10n ** 27n }), amount, amount, amount, (x, y, small, more) => {
        const at = (amountIn: bigint): bigint => {
          const expected = (amountIn * y) / x
          return expected === 0n ? 0n : lostPpm([trade(amountIn, (y * amountIn) / (x + amountIn), expected)])
        }
        // A unit is lost to rounding, and of a small amount a unit is much.
        fc.pre((small * y) / x > 10n ** 7n)
        expect(at(small + more)).toBeGreaterThanOrEqual(at(small) - 1n)
      }),
    )
  })

  test('law: split over equal pools it loses as much as in one of them; in two pools in a row it loses more than in either', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900_000 }), fc.integer({ min: 0, max: 900_000 }), (one, other) => {
        const of = (lost: number, tokenIn = A, tokenOut = B): PoolTrade =>
          trade(10n ** 18n, 10n ** 12n * BigInt(1_000_000 - lost), 10n ** 18n, tokenIn, tokenOut)
        expect(lostPpm([of(one), of(one)])).toBe(BigInt(one))
        const both = lostPpm([of(one), of(other, B, A)])
        expect(both).toBeGreaterThanOrEqual(BigInt(Math.max(one, other)) - 1n)
      }),
    )
  })

  test('a better price than before is no loss', () => {
    expect(lostPpm([trade(1_000n, 1_100n, 1_000n)])).toBe(0n)
    expect(lostPpm([])).toBe(0n)
  })
})

describe('which accounts are pools', () => {
  const change = (account: Address.Address, token: Address.Address, delta: bigint) =>
    ({
      account,
      standard: 'erc20',
      token,
      tokenId: null,
      symbol: null,
      decimals: null,
      before: 0n,
      after: 0n,
      delta,
      provenBy: 'call',
    }) as const

  test('who takes one token and gives another; not the user, not who only gains', () => {
    const changes = [change(POOL, A, 5n), change(POOL, B, -7n), change(ME, A, -5n), change(ME, B, 7n), change(A, B, 3n)]
    expect(exchangesOf(changes, ME)).toEqual([
      { pool: POOL, tokenIn: A, tokenOut: B, amountIn: 5n, amountOut: 7n, id: null },
    ])
  })

  test('an account that answers nothing, or something else, is no pool', () => {
    const [exchange] = exchangesOf([change(POOL, A, 5_000n), change(POOL, B, -7_000n)], ME)
    if (exchange === undefined) throw new Error('there is one')
    const count = questionsFor(exchange).length
    const nothing = Array.from({ length: count }, () => ({ success: false, data: '0x' as Hex }))
    expect(tradeOf(exchange, nothing)).toBeNull()
    const junk = Array.from({ length: count }, () => ({ success: true, data: `0x${'ff'.repeat(96)}` as Hex }))
    expect(tradeOf(exchange, junk)).toBeNull()
  })

  test('a weighted pool of a vault: 80 to 20, by the formula of its white paper', () => {
    const id = `${POOL.toLowerCase()}${'00'.repeat(12)}` as Hex
    const [exchange] = loggedExchanges([
      {
        address: ME,
        topics: [
          '0x2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b',
          id,
          pad(A as Hex),
          pad(B as Hex),
        ],
        data: encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [1_000n, 1_900n]),
        event: null,
        args: null,
      },
    ])
    if (exchange === undefined) throw new Error('it is read')
    expect(questionsFor(exchange).map(({ to }) => to.toLowerCase())).toEqual([ME.toLowerCase(), POOL.toLowerCase()])
    const list = { type: 'uint256[]' } as const
    const tokens = encodeAbiParameters(
      [{ type: 'address[]' }, list, { type: 'uint256' }],
      [[A as Hex, B as Hex], [800_000n, 400_000n], 9n],
    )
    const weights = encodeAbiParameters([list], [[8n * 10n ** 17n, 2n * 10n ** 17n]])
    // (400,000 / 0.2) / (800,000 / 0.8) = 2 for one.
    expect(
      tradeOf(
        exchange,
        [tokens, weights].map((data) => ({ success: true, data })),
      ),
    ).toMatchObject({
      kind: 'balancer-weighted',
      expectedOut: 2_000n,
      amountOut: 1_900n,
    })
    // Without weights it is a pool of another kind, whose price is not known here.
    expect(
      tradeOf(exchange, [
        { success: true, data: tokens },
        { success: false, data: '0x' },
      ]),
    ).toBeNull()
  })
})
