import { expect, test } from 'vitest'
import { DEFAULT_APP, parseApps } from './App.ts'
import { notLookedAt, review, reviewServer, type ServerFacts } from './Checklist.ts'

const levels = (entry: Record<string, unknown>) =>
  Object.fromEntries(
    parseApps(JSON.stringify([{ name: 'shop', ...entry }]))
      .flatMap(review)
      .map((point) => [point.item, point.level]),
  )

test('promise: what is weaker than it could be is warned of, and what leaks fails', () => {
  const good = {
    'session-policy': 'pass',
    'browser-keys': 'pass',
    'session-lifetime': 'pass',
    origins: 'pass',
    preamble: 'pass',
    tools: 'warn',
  }
  expect(levels({})).toEqual(good)
  expect(levels({ tools: ['swap'], preamble: 'Be brief.' })).toEqual({ ...good, tools: 'pass' })
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
])('promise: an apps file that cannot be meant is refused at start: %j', (entry, message) => {
  expect(() => levels(entry)).toThrow(message)
})

const FACTS: ServerFacts = {
  chains: [{ chainId: 1, providers: ['https://a.invalid', 'https://b.invalid'], quorum: 2, isProofVerified: false }],
  unlimited: [],
  keys: [{ id: 'key_a', scopes: ['read', 'chat'], ageDays: 3, isExposed: false }],
  openFiles: [],
  isLoopback: true,
  publicOrigins: ['https://agent.invalid'],
  modelUrls: [],
  modelId: 'grammar',
  unknownSettings: [],
}
const worse: readonly (readonly [string, Partial<ServerFacts>, string])[] = [
  ['chains', { chains: [] }, 'warn'],
  ['provider-transport', { chains: [{ ...FACTS.chains[0]!, providers: ['http://a.invalid'] }] }, 'fail'],
  ['quorum', { chains: [{ ...FACTS.chains[0]!, quorum: 1 }] }, 'warn'],
  ['limits', { unlimited: ['flood'] }, 'fail'],
  ['key-scopes', { keys: [{ ...FACTS.keys![0]!, scopes: ['admin', 'chat'] }] }, 'warn'],
  ['key-guard', { keys: [{ ...FACTS.keys![0]!, scopes: ['propose', 'guard'] }] }, 'warn'],
  ['key-rotation', { keys: [{ ...FACTS.keys![0]!, ageDays: 90 }] }, 'warn'],
  ['key-rotation', { keys: [{ ...FACTS.keys![0]!, isExposed: true }] }, 'fail'],
  ['files', { openFiles: ['countersign.db'] }, 'fail'],
  ['transport', { publicOrigins: ['http://agent.invalid'] }, 'fail'],
  ['transport', { isLoopback: false, publicOrigins: [] }, 'fail'],
  ['model', { modelUrls: ['http://model.invalid/v1'] }, 'fail'],
  ['settings', { unknownSettings: ['COUNTERSIGN_QUORUMM'] }, 'warn'],
]

test.each(worse)('promise: the checklist reports %s: %j', (item, facts, level) => {
  expect(reviewServer(FACTS).filter((point) => point.level !== 'pass')).toEqual([])
  const points = reviewServer({ ...FACTS, ...facts }).filter((point) => point.level !== 'pass')
  expect(points.map((point) => [point.item, point.level])).toEqual([[item, level]])
})

test('promise: what is not looked at is not passed, but listed', () => {
  const unseen = { ...FACTS, keys: null, openFiles: null }
  expect(reviewServer(unseen).map(({ item }) => item)).not.toContain('files')
  expect(notLookedAt(unseen).length).toBe(notLookedAt(FACTS).length + 1)
})

test('promise: an encrypted address in front, or no one beyond this machine, is what passes for transport', () => {
  const said = (facts: Partial<ServerFacts>) =>
    reviewServer({ ...FACTS, ...facts })
      .filter(({ item }) => item === 'transport')
      .map(({ level, because }) => `${level}: ${because}`)
  expect(said({})).toEqual(['pass: Its public address is encrypted.'])
  expect(said({ isLoopback: false })).toEqual(['pass: Its public address is encrypted.'])
  expect(said({ publicOrigins: [] })).toEqual(['pass: It listens on this machine alone.'])
})
