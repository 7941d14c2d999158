import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Amount from './Amount.ts'

/** The value of a shown figure, scaled to 10^-40 so that both sides are whole numbers. */
function valueOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace(/[,+\u2212]/g, '').split('.')
  return BigInt(whole + fraction.padEnd(40, '0'))
}
const amounts = fc.record({
  amount: fc.bigInt({ min: 0n, max: 10n ** 33n }),
  decimals: fc.integer({ min: 0, max: 24 }),
})

describe('laws', () => {
  test('promise: rounding never flatters', () => {
    fc.assert(
      fc.property(amounts, ({ amount, decimals }) => {
        const text = amount.toString()
        const exact = valueOf(Amount.exact(text, decimals))
        const [out, arrives] = [Amount.rounded(text, decimals, 'up'), Amount.rounded(text, decimals, 'down')]
        if (out.startsWith('<')) {
          expect(exact).toBeLessThan(valueOf('0.000001'))
          expect(exact).toBeGreaterThan(0n)
          return
        }
        expect(valueOf(out)).toBeGreaterThanOrEqual(exact)
        expect(valueOf(arrives)).toBeLessThanOrEqual(exact)
      }),
      { numRuns: 20_000 },
    )
  })

  test('promise: the exact value can be read back', () => {
    fc.assert(
      fc.property(amounts, ({ amount, decimals }) => {
        const shown = valueOf(Amount.exact(amount.toString(), decimals))
        expect(shown).toBe(amount * 10n ** BigInt(40 - decimals))
      }),
    )
  })

  test('promise: a rounded figure is within a thousandth of the exact value', () => {
    fc.assert(
      fc.property(amounts, fc.constantFrom('up' as const, 'down' as const), ({ amount, decimals }, rounding) => {
        const text = Amount.rounded(amount.toString(), decimals, rounding)
        if (text.startsWith('<') || amount === 0n) return
        const exact = valueOf(Amount.exact(amount.toString(), decimals))
        const distance = valueOf(text) > exact ? valueOf(text) - exact : exact - valueOf(text)
        expect(distance * 100n).toBeLessThanOrEqual(exact)
      }),
    )
  })

  test('promise: no figure has a space or a line break in it, and no run of more than six digits', () => {
    fc.assert(
      fc.property(amounts, ({ amount, decimals }) => {
        const text = Amount.rounded(amount.toString(), decimals, 'down').replace('< ', '')
        expect(text).not.toMatch(/\s|\u202f/)
        expect(text).not.toMatch(/(?<!\.\d*)\d{4,}/)
      }),
    )
  })
})

// The table of findings: what people misread, and what stands there now.
test.each([
  ['2491258107', 6, 'down', '2,491.25'],
  ['2478801816', 6, 'down', '2,478.80'],
  ['453305446940', 6, 'down', '453,305'],
  ['3991975048042029', 18, 'down', '0.003991'],
  ['3991975048042029', 18, 'up', '0.003992'],
  ['1000000000000000000', 18, 'up', '1'],
  ['8999716388678265814', 18, 'down', '8.99971'],
  ['100000000000000000000000', 18, 'up', '100,000'],
  ['47925000000000', 18, 'up', '0.000048'],
  ['1', 18, 'up', '< 0.000001'],
  ['1', 18, 'down', '< 0.000001'],
  ['0', 18, 'down', '0'],
  ['999999999', 6, 'up', '1,000'],
  ['1999999', 6, 'down', '1.99999'],
  ['1234567890123456', 6, 'up', '1,234,567,891'],
  ['7', 0, 'down', '7'],
  // Where one way of rounding ends and the next begins.
  ['1000123456', 6, 'down', '1,000.12'],
  ['999123456', 6, 'down', '999.123'],
  ['99999123456', 6, 'down', '99,999.12'],
  ['100000123456', 6, 'down', '100,000'],
  ['999999999999999999', 18, 'down', '0.999999'],
  ['1000000000000', 18, 'down', '0.000001'],
  ['999999999999', 18, 'down', '< 0.000001'],
  ['0', 18, 'up', '0'],
  ['123', null, 'down', '123'],
] as const)('promise: shows %s (%s decimals) rounded %s as %s', (amount, decimals, rounding, expected) => {
  expect(Amount.rounded(amount, decimals, rounding)).toBe(expected)
})

test('groups digits by commas, because a dot beside thin spaces was read as two numbers', () => {
  expect(Amount.exact('-2483814000000', 6)).toBe('−2,483,814')
  expect(Amount.exact('2491258107', 6)).toBe('2,491.258107')
})

test('promise: says when a figure was rounded, so that the exact value is offered', () => {
  expect(Amount.isRounded('2491258107', 6, 'down')).toBe(true)
  expect(Amount.isRounded('-1000000000000000000', 18, 'up')).toBe(false)
})

test('promise: puts the sign before the figure', () => {
  expect(Amount.signed('-1000000000000000001', 18)).toBe('−1.00001')
  expect(Amount.signed('2491258107', 6)).toBe('+2,491.25')
})

test('prices one token in another', () => {
  const give = { amount: '-1000000000000000000', decimals: 18 }
  expect(Amount.price(give, { amount: '2491258107', decimals: 6 })).toBe('2,491.25')
  expect(Amount.price({ amount: '0', decimals: 18 }, give)).toBeNull()
})

test('promise: writes parts per million as a percentage', () => {
  expect(Amount.percent(93_400n)).toBe('9.34\u00a0%')
  expect(Amount.percent(3_500n)).toBe('0.35\u00a0%')
  expect([50n, 49n, 1_000_000n].map((ppm) => Amount.percent(ppm))).toEqual(['0.01\u00a0%', '0\u00a0%', '100\u00a0%'])
})

test('promise: writes an address in groups of four', () => {
  expect(Amount.grouping('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC').join(' ')).toBe(
    '0x3C44 CdDd B6a9 00fa 2b58 5dd2 99e0 3d12 FA42 93BC',
  )
})

test('promise: a short address shows both ends, and what is short already stays whole', () => {
  expect(Amount.short('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')).toBe('0x3C44…93BC')
  expect(Amount.short('0x12345678901234')).toBe('0x1234…1234')
  expect(Amount.short('0x1234567890123')).toBe('0x1234567890123')
})
