import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Block } from '@countersign/simulator'
import { isAnswering } from './canRecheck.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A chain whose answers the test gives by hand. */
function slowChain() {
  const waiting: { resolve: () => void; reject: () => void }[] = []
  const head = vi.fn(
    () =>
      new Promise<Block>((resolve, reject) =>
        waiting.push({ resolve: () => resolve({} as Block), reject: () => reject(new Error('away')) }),
      ),
  )
  return { chain: { head }, head, answer: () => waiting.shift()?.resolve(), fail: () => waiting.shift()?.reject() }
}

test('a chain that needs seconds on a busy machine is answering', async () => {
  const { chain, answer } = slowChain()
  const asked = isAnswering(chain)
  await vi.advanceTimersByTimeAsync(8_000)
  answer()
  expect(await asked).toBe(true)
})

test('promise: however many poll, one question is under way', async () => {
  const { chain, head, answer } = slowChain()
  const asked = Array.from({ length: 20 }, () => isAnswering(chain))
  answer()
  expect(new Set(await Promise.all(asked))).toEqual(new Set([true]))
  expect(head).toHaveBeenCalledTimes(1)
})

test('promise: what is listed without an answer is nothing, and is listed again with the answer', async () => {
  const { chain, head, answer, fail } = slowChain()
  const first = isAnswering(chain)
  fail()
  expect(await first).toBe(false)
  await vi.advanceTimersByTimeAsync(1_001)
  // It hangs now: polls are answered meanwhile.
  const second = isAnswering(chain)
  await vi.advanceTimersByTimeAsync(501)
  expect(await second).toBe(false)
  await vi.advanceTimersByTimeAsync(1_001)
  const third = isAnswering(chain)
  answer()
  expect(await third).toBe(true)
  expect(head).toHaveBeenCalledTimes(2)
})

test('promise: a question that is never answered keeps a chain out for ten seconds, not for good', async () => {
  const { chain, head, answer, fail } = slowChain()
  const hung = isAnswering(chain)
  await vi.advanceTimersByTimeAsync(10_001)
  expect(await hung).toBe(false)
  await vi.advanceTimersByTimeAsync(1_001)
  const again = isAnswering(chain)
  expect(head).toHaveBeenCalledTimes(2)
  // The first is answered after all, and says nothing of now.
  fail()
  answer()
  expect(await again).toBe(true)
  expect(await isAnswering(chain)).toBe(true)
})
