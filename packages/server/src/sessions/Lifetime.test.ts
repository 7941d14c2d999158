import { expect, test } from 'vitest'
import {
  DEFAULT_LIFETIME,
  endedWhy,
  endsAtMs,
  READ_ON_MS,
  SessionEndedError,
  TURN_LIMIT_MS,
  type Life,
} from './Lifetime.ts'

const T = 1_790_000_000_000
const TTL = { idleMs: 1_000, absoluteMs: 10_000 }
const life = (more: Partial<Life> = {}): Life => ({
  createdMs: T,
  usedMs: T,
  turnId: null,
  turnEndedMs: null,
  endedWhy: null,
  ...more,
})
const at = (nowMs: number, each = life(), { isRead = true, isTurnRunning = false } = {}) =>
  endedWhy(each, TTL, { nowMs, isRead, isTurnRunning })

test('promise: both ends are exact at the millisecond', () => {
  expect([at(T + 999), at(T + 1_000), at(T + 1_001)]).toEqual([null, 'idle', 'idle'])
  const busy = life({ usedMs: T + 9_900 })
  expect([at(T + 9_999, busy), at(T + 10_000, busy)]).toEqual([null, 'absolute'])
  expect(endsAtMs(life(), TTL)).toBe(T + 1_000)
  expect(endsAtMs(busy, TTL)).toBe(T + 10_000)
  expect(DEFAULT_LIFETIME).toEqual({ idleMs: 1_800_000, absoluteMs: 28_800_000 })
})

test('promise: a running turn is never cut, and its answer can be read but not continued', () => {
  expect(at(T + 50_000, life(), { isTurnRunning: true })).toBeNull()
  // A turn in another process is known by its row; one whose process died does not live for ever.
  const elsewhere = life({ turnId: 'turn_1', usedMs: T + 9_000 })
  expect(at(T + 60_000, elsewhere)).toBeNull()
  expect(at(T + 9_000 + TURN_LIMIT_MS, elsewhere)).toBe('absolute')
  const over = life({ usedMs: T + 20_000, turnEndedMs: T + 20_000 })
  expect(at(T + 20_001, over, { isRead: true })).toBeNull()
  expect(at(T + 20_001, over, { isRead: false })).toBe('absolute')
  expect(at(T + 20_000 + READ_ON_MS, over, { isRead: true })).toBe('absolute')
})

test('promise: a clock that steps back neither ends a session early nor revives one that was ended', () => {
  expect(at(T - 300_000)).toBeNull()
  expect(at(T - 300_000, life({ endedWhy: 'idle' }))).toBe('idle')
})

test('what a published client prints', () => {
  expect(new SessionEndedError('idle', DEFAULT_LIFETIME).message).toBe('Session expired after 30 minutes without use.')
  expect(new SessionEndedError('absolute', DEFAULT_LIFETIME).message).toBe('Session expired: sessions live 8 hours.')
  expect(new SessionEndedError('idle').code).toBe('sessions:session:expired')
  expect(new SessionEndedError('rotated').code).toBe('sessions:session:rotated')
})
