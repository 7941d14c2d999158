import { chainOf } from '@countersign/simulator'
import { expect, test } from 'vitest'
import { finalDepth } from './finalDepth.ts'

test('promise: the ledger believes a block as deep as the chain’s record says, and at least two deep', () => {
  expect(finalDepth({ chainId: 31337 })).toBe(2n)
  expect(finalDepth({ chainId: 43114 })).toBe(2n)
  expect(finalDepth({ chainId: 1 })).toBe(BigInt(chainOf(1).blocks.finalAfter))
  expect(finalDepth({ chainId: 1 })).toBeGreaterThan(2n)
  const record = { ...chainOf(1), blocks: { seconds: 12, finalAfter: 300 } }
  expect(finalDepth({ chainId: 1, record })).toBe(300n)
  // A chain of which nothing is known.
  expect(finalDepth({ chainId: 987_654_321 })).toBe(12n)
})
