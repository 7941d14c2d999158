import { Address } from '@countersign/base'
import { expect, test } from 'vitest'
import { isOwnerOf } from './Session.ts'

const SAFE = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const signedIn = (isByKey: boolean) => ({ signedIn: { address: SAFE, chainId: 137, atMs: 0, isByKey } })

test('promise: a contract that signed in speaks for its address on its own chain only', () => {
  expect(isOwnerOf(signedIn(false), { from: SAFE, chainId: 137 })).toBe(true)
  expect(isOwnerOf(signedIn(false), { from: SAFE, chainId: 1 })).toBe(false)
})

test("an account's own key speaks for it on every chain, and for no other account", () => {
  expect(isOwnerOf(signedIn(true), { from: SAFE, chainId: 1 })).toBe(true)
  expect(isOwnerOf(signedIn(true), { from: OTHER, chainId: 137 })).toBe(false)
  expect(isOwnerOf({ signedIn: null }, { from: SAFE, chainId: 137 })).toBe(false)
})
