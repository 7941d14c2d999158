import { expect, test } from 'vitest'
import { DEFAULT_APP, parseApps } from './App.ts'
import { review } from './Checklist.ts'

const levels = (entry: Record<string, unknown>) =>
  Object.fromEntries(
    parseApps(JSON.stringify([{ name: 'shop', ...entry }]))
      .flatMap(review)
      .map((point) => [point.item, point.level]),
  )

test('what is weaker than it could be is warned of, and what leaks fails', () => {
  const good = { 'session-policy': 'pass', 'browser-keys': 'pass', 'session-lifetime': 'pass', origins: 'pass' }
  expect(levels({})).toEqual(good)
  expect(levels({ session_policy: 'proof', origins: ['https://shop.invalid', 'http://localhost:5173'] })).toEqual(good)
  expect(levels({ session_policy: 'id', session_idle_s: 1_801 })).toEqual({
    ...good,
    'session-policy': 'warn',
    'session-lifetime': 'warn',
  })
  expect(levels({ stock_widget: true, origins: ['http://shop.invalid'] })).toEqual({
    ...good,
    'browser-keys': 'fail',
    origins: 'fail',
  })
  expect(review(DEFAULT_APP).find((point) => point.item === 'session-policy')?.level).toBe('warn')
})

test.each([
  [{ session_policy: 'none' }, /session_policy is "key", "proof" or "id"/],
  [{ session_idle_s: 0 }, /session_idle_s is a whole number above 0/],
  [{ session_absolute_s: '8h' }, /session_absolute_s/],
  [{ max_sessions: 1.5 }, /max_sessions/],
  [{ proof_nonce: 1 }, /proof_nonce is true or false/],
  [{ origins: ['https://shop.invalid/'] }, /without paths/],
  [{ origins: ['shop.invalid'] }, /without paths/],
  [{ origins: ['*'] }, /without paths/],
])('an apps file that cannot be meant is refused at start: %j', (entry, message) => {
  expect(() => levels(entry)).toThrow(message)
})
