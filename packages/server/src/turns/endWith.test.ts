import { expect, test } from 'vitest'
import { endWith } from './endWith.ts'

async function* counting(hangAt: number, onEnd: () => void): AsyncGenerator<number> {
  try {
    for (let i = 0; ; i += 1) {
      if (i === hangAt) await new Promise(() => undefined)
      yield i
    }
  } finally {
    onEnd()
  }
}

test('promise: a generator that never answers again holds nothing up after the signal', async () => {
  const stop = new AbortController()
  const seen: number[] = []
  for await (const each of endWith(
    counting(3, () => undefined),
    { signal: stop.signal, graceMs: 0 },
  )) {
    seen.push(each)
    if (each === 2) stop.abort()
  }
  expect(seen).toEqual([0, 1, 2])
})

test('promise: the same when the signal was aborted before it began', async () => {
  const seen: number[] = []
  for await (const each of endWith(
    counting(0, () => undefined),
    { signal: AbortSignal.abort(), graceMs: 0 },
  ))
    seen.push(each)
  expect(seen).toEqual([])
})

test('promise: a generator that never stops is left, and one that ends by itself is heard to its end', async () => {
  let ended = false
  const stop = new AbortController()
  let count = 0
  for await (const each of endWith(
    counting(-1, () => (ended = true)),
    { signal: stop.signal, graceMs: 1 },
  )) {
    count = each
    if (each === 10) stop.abort()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([ended, count >= 10]).toEqual([true, true])
  async function* three() {
    yield* [1, 2, 3]
  }
  const heard = []
  for await (const each of endWith(three(), { signal: stop.signal, graceMs: 5_000 })) heard.push(each)
  expect(heard).toEqual([1, 2, 3])
})
