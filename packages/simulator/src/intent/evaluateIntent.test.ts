import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import type { AuthorityChange } from '../model/Authority.ts'
import type { Intent } from '../model/Intent.ts'
import { isAuthorityAllowed } from './evaluateIntent.ts'

const [ME, PURSE, HELPER] = ['a1', 'b2', 'c3'].map((each) => Address.parse(`0x${each.repeat(20)}`)) as [
  Address.Address,
  Address.Address,
  Address.Address,
]
const grant = (after: bigint): AuthorityChange => ({
  ...{ owner: ME, kind: 'unknown_grant', contract: PURSE, subject: HELPER, before: 0n, after, unlimited: false },
  ...{ expiresMs: null, valueAtRisk: [], symbol: null, decimals: null },
})
const allows = (amount: bigint | null, after: bigint) => {
  const assertion = { name: 'allowed_authority', kind: 'unknown_grant', contract: PURSE, subject: HELPER } as const
  const intent = { account: ME, chainId: 1, assertions: [{ ...assertion, amount, expiresByMs: null }] }
  return isAuthorityAllowed(intent as unknown as Intent, grant(after))
}

test('promise: an amount in an intent holds for a permission that nobody can read, or the intent does not allow it', () => {
  expect(allows(null, 1n)).toBe(true)
  expect(allows(50n, 50n)).toBe(true)
  expect(allows(50n, 51n)).toBe(false)
  // A yes without a number may stand for all.
  expect(allows(50n, 1n)).toBe(false)
})
