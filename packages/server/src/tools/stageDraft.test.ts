import fc from 'fast-check'
import { expect, test } from 'vitest'
import { doubleField } from '../../../../test/doubledFields.ts'
import { isPasted } from './stageDraft.ts'

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
