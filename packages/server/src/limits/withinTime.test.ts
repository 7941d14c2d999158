import { expect, test } from 'vitest'
import { TOO_LONG, withinTime } from './withinTime.ts'

test('promise: one match of a pattern that would take years is cut off, and what comes next is done', () => {
  const slow = (): boolean => /^(a+)+$/.test(`${'a'.repeat(60)}!`)
  expect(withinTime(slow, { maxMs: 20 })).toBe(TOO_LONG)
  expect(withinTime(() => 1, { maxMs: 1_000 })).toBe(1)
})

test('work within work has its own time, and what it throws is thrown', () => {
  expect(withinTime(() => withinTime(() => 2, { maxMs: 1_000 }), { maxMs: 1_000 })).toBe(2)
  expect(() =>
    withinTime(
      () => {
        throw new RangeError('mine')
      },
      { maxMs: 1_000 },
    ),
  ).toThrow(RangeError)
})
