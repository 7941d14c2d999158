import { expect, test } from 'vitest'
import { measureSlowness, slowness } from './slowness.ts'

/** A clock on which each round of work takes the next of these times. */
function clockOf(rounds: readonly number[]) {
  let nowMs = 0
  let round = 0
  return {
    nowMs: () => nowMs,
    work: () => {
      nowMs += rounds[round % rounds.length] ?? 0
      round += 1
    },
  }
}

test('promise: what takes four times as long may take four times as long, and never less than was measured', () => {
  expect(measureSlowness(clockOf([1.3]))).toBe(1)
  expect(measureSlowness(clockOf([0.5]))).toBe(1)
  expect(measureSlowness(clockOf([2.6]))).toBeCloseTo(2)
  expect(measureSlowness(clockOf([5.2]))).toBeCloseTo(4)
  // Without end would be without a budget.
  expect(measureSlowness(clockOf([1_000]))).toBe(4)
})

test('promise: a round that was interrupted, or not compiled yet, says nothing about the machine', () => {
  expect(measureSlowness(clockOf([90, 40, 1.3, 25, 60]))).toBeCloseTo(1)
  expect(measureSlowness(clockOf([90, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6]))).toBeCloseTo(2)
})

test('it is measured once', () => {
  const first = slowness()
  expect(first).toBeGreaterThanOrEqual(1)
  expect(first).toBeLessThanOrEqual(4)
  expect(slowness()).toBe(first)
})
