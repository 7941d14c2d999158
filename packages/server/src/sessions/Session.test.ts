import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { isOwnerOf, isSameProof } from './Session.ts'

const SAFE = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const signedIn = (isByKey: boolean) => ({ signedIn: { address: SAFE, chainId: 137, atMs: 0, isByKey } })

test('promise: a contract that signed in speaks for its address on its own chain only', () => {
  expect(isOwnerOf(signedIn(false), { from: SAFE, chainId: 137 })).toBe(true)
  expect(isOwnerOf(signedIn(false), { from: SAFE, chainId: 1 })).toBe(false)
})

test("promise: an account's own key speaks for it on every chain, and for no other account", () => {
  expect(isOwnerOf(signedIn(true), { from: SAFE, chainId: 1 })).toBe(true)
  expect(isOwnerOf(signedIn(true), { from: OTHER, chainId: 137 })).toBe(false)
  expect(isOwnerOf({ signedIn: null }, { from: SAFE, chainId: 137 })).toBe(false)
})

test('promise: two sign-ins are of one account only where one key, or one contract on one chain, answered for both', () => {
  const by = (isByKey: boolean, chainId: number, address = SAFE) => ({ address, chainId, atMs: 0, isByKey })
  const contract = by(false, 137)
  for (const [one, other, isSame] of [
    [contract, by(false, 137), true],
    [contract, by(false, 1), false],
    [contract, by(true, 137), false],
    [by(true, 137), by(true, 1), true],
    [by(true, 1), contract, true],
    [by(true, 1), by(true, 1, OTHER), false],
    [contract, by(false, 137, OTHER), false],
    [contract, null, false],
    [null, contract, false],
    [null, null, false],
  ] as const)
    expect([one, other, isSameProof(one, other)]).toEqual([one, other, isSame])
})
