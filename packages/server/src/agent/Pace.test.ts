import { expect, test } from 'vitest'
import { Pace } from './Pace.ts'

/** Works through pieces, and notes which turn each is of. */
async function work(pace: Pace, pieces: number, note: () => void): Promise<void> {
  const rest = pace.turn()
  for (let i = 0; i < pieces; i += 1) {
    await rest()
    note()
  }
}

test('promise: however many turns have however many pieces, few are worked on before others are served', async () => {
  const pace = new Pace({ restMs: 1, ownRestMs: 0 })
  let since = 0
  let isOver = false
  let longest = 0
  let worked = 0
  let isFirst = true
  const serve = (): void => {
    // All begin with their first pieces; from then on one turn at a time works on at most 20.
    if (!isFirst) {
      longest = Math.max(longest, since)
      worked += since
    }
    isFirst = false
    since = 0
    if (!isOver) setImmediate(serve)
  }
  await Promise.all(Array.from({ length: 30 }, () => work(pace, 19, () => undefined)))
  setImmediate(serve)
  await Promise.all(Array.from({ length: 30 }, () => work(pace, 101, () => (since += 1))))
  isOver = true
  expect(longest).toBeLessThanOrEqual(20)
  expect(worked).toBeGreaterThan(30 * 70)
})

test('promise: a turn with few pieces does not wait for the end of those with many', async () => {
  const pace = new Pace({ restMs: 1, ownRestMs: 0 })
  const order: string[] = []
  const many = Array.from({ length: 10 }, () => work(pace, 400, () => undefined).then(() => order.push('many')))
  await work(pace, 60, () => undefined)
  order.push('few')
  await Promise.all(many)
  expect(order[0]).toBe('few')
})

test('promise: a short answer never rests', async () => {
  const rest = new Pace({ restMs: 60_000, ownRestMs: 60_000 }).turn()
  for (let i = 0; i < 19; i += 1) expect(rest()).toBeUndefined()
})
