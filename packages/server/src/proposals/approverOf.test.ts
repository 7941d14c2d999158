import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { privateKeyToAccount } from 'viem/accounts'
import type { Chain } from '../chains/Chain.ts'
import { approverOf } from './approverOf.ts'

const PERSON = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const SAFE = Address.parse(`0x${'5a'.repeat(20)}`)
const digest = `0x${'ab'.repeat(32)}` as const

/** A chain where a contract is at every address, and says yes or no to every signature. */
const chain = (saysYes: boolean) =>
  ({
    head: async () => ({}),
    at: () => ({
      code: async () => '0x60',
      call: async () => ({ status: 'returned', data: `0x${(saysYes ? '1626ba7e' : '').padEnd(64, '0')}` }),
    }),
  }) as unknown as Chain
const chains = new Map([
  [1, chain(true)],
  [10, chain(true)],
  [56, chain(false)],
])
const signed = { digest, signature: '0x01' } as const

test('promise: a contract approves only where it says so on the chain of the mandate and on that of the proposal', async () => {
  const by = (...chainIds: number[]) => approverOf(chains, { of: [SAFE], chainIds, signed })
  expect([await by(1), await by(1, 1), await by(1, 10)]).toEqual([SAFE, SAFE, SAFE])
  // Somebody else's contract at its address on one of them, or a chain that is not served, says nothing.
  expect([await by(1, 56), await by(56, 1), await by(56), await by(1, 7), await by()]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
})

test('promise: a person approves by recovery, whatever a chain says', async () => {
  const signature = await PERSON.sign({ hash: digest })
  const of = [SAFE, Address.parse(PERSON.address)]
  expect(await approverOf(chains, { of, chainIds: [56], signed: { digest, signature } })).toBe(PERSON.address)
  expect(await approverOf(chains, { of: [SAFE], chainIds: [56], signed: { digest, signature } })).toBeNull()
})
