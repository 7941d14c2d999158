import { describe, expect, test } from 'vitest'
import { toCanonical } from './canonical.ts'
import * as Hours from './Hours.ts'
import { narrower, whyWider } from './narrower.ts'
import { digestOf, type Policy } from './Policy.ts'
import { parsePolicy } from './readPolicy.ts'
import { sentencesOf } from './sentences.ts'
import { PolicyError } from './Source.ts'
import { EXAMPLE, VOCABULARY } from '../../../lab/mandates/samples.ts'
import * as Window from './Window.ts'
import * as Zone from './Zone.ts'

interface Draft {
  rules: { id: string; when?: object; answer?: string }[]
  limits: { id: string; [key: string]: unknown }[]
  approvers: object
  [key: string]: unknown
}

const read = (text: string): Policy =>
  parsePolicy(text, { file: 'apps/trader/mandates/daily.yaml', format: 'yaml', vocabulary: VOCABULARY })
const faultsOf = (text: string, format: 'yaml' | 'json' = 'yaml'): PolicyError => {
  try {
    parsePolicy(text, { file: format === 'yaml' ? 'm.yaml' : null, format, vocabulary: VOCABULARY })
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  throw new PolicyError([], 'it was read')
}
const lines = (...rest: string[]): string =>
  ['mandate: m', 'owner: session', 'chains: [1]', 'valid: { until: 2027-01-01T00:00:00Z }', ...rest].join('\n')

describe('reading', () => {
  test('reads the example of the reference with every kind of key', () => {
    const policy = read(EXAMPLE)
    expect(policy.rules.map(({ id }) => id)).toEqual(['approve', 'large', 'new', 'night', 'rent', 'swap'])
    expect(
      policy.limits.flatMap(({ caps }) => caps.map((cap) => `${cap.unit.kind} ${Window.key(cap.window)} ${cap.cap}`)),
    ).toMatchSnapshot()
    expect(sentencesOf(policy)).toMatchSnapshot()
  })
  test('promise: a canonical form reads back as itself, with the same digest, and asks no registry', () => {
    const canonical = toCanonical(read(EXAMPLE))
    const again = parsePolicy(JSON.stringify(canonical), {
      format: 'json',
      vocabulary: { ...VOCABULARY, token: () => null },
      isStored: true,
    })
    expect(toCanonical(again)).toEqual(canonical)
    expect(digestOf(toCanonical(again))).toBe(digestOf(canonical))
  })
  test('promise: a policy of tens of thousands of values is refused before it is parsed', () => {
    const keys = Array.from({ length: 24_000 }, (_, i) => `k${i}`)
    const because = 'The text holds more than 20000 values.'
    expect(faultsOf(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1]))), 'json').faults[0]).toMatchObject({
      because,
    })
    expect(faultsOf(keys.map((key) => `${key}: 1`).join('\n')).faults[0]).toMatchObject({ because })
  })
  test.each([
    ['an unknown key', lines('limit: []'), 'm.yaml:5:1: Unknown key "limit"'],
    ['an unknown token', lines('limits: [{ id: a, token: WETHH, per_day: "1" }]'), 'm.yaml:5:26: Unknown token'],
    [
      'a name without an address',
      lines('rules: [{ id: a, answer: allow, when: { recipients: [alice] } }]'),
      'm.yaml:5:54: A name without an address',
    ],
    [
      'an id given twice',
      lines('limits:', '  - { id: a, token: USDC, per_day: "1" }', '  - { id: a, native: true, per_day: "1" }'),
      'm.yaml:7:5: Two limits have the id "a"',
    ],
    ['a limit without a cap', lines('limits: [{ id: a, token: USDC }]'), 'm.yaml:5:10: A limit needs a cap'],
    [
      'three dots in a selector',
      lines('rules: [{ id: a, answer: allow, when: { selectors: ["swap(…)"] } }]'),
      'A selector must be a full signature',
    ],
    ['a cap as a number', lines('limits: [{ id: a, token: USDC, per_day: 5 }]'), 'decimal text in quotation marks'],
    [
      'a cap finer than the token',
      lines('limits: [{ id: a, token: USDC, per_day: "0.0000001" }]'),
      'more than 6 decimal places',
    ],
    [
      'an unknown zone',
      lines('rules: [{ id: a, answer: ask, when: { time: { inside: "08:00-20:00", tz: Europe/Berlim } } }]'),
      'Unknown time zone',
    ],
    [
      'hours without a zone',
      lines('rules: [{ id: a, answer: ask, when: { time: { inside: "08:00-20:00" } } }]'),
      '"time" needs "tz"',
    ],
    [
      'a delay without a length',
      lines('rules: [{ id: a, answer: allow, at_least: delay, when: { chains: [1] } }]'),
      '"delay" is required',
    ],
    [
      'an amount for two tokens',
      lines('rules: [{ id: a, answer: ask, when: { tokens: [USDC, WETH], amount: { over: "1" } } }]'),
      'exactly one entry',
    ],
    [
      'an argument that the function does not have',
      lines(
        'rules: [{ id: a, answer: allow, when: { selectors: ["f(address)"], arguments: [{ at: /to, is: own }] } }]',
      ),
      '"/to" is no parameter',
    ],
    ['a target that the app does not have', lines('notify: [{ webhook: nobody }]'), 'no webhook target'],
    ['an alias', lines('rules: [&a { id: a, answer: ask, when: { chains: [1] } }, *a]'), 'An alias is not allowed'],
    ['a key given twice', lines('chains: [1]'), 'unique'],
    ['dollars without prices', lines('limits: [{ id: a, usd: { per_day: 5 } }]'), 'needs "prices"'],
    [
      'a dollar condition without a dollar limit',
      lines('rules: [{ id: a, answer: ask, when: { usd: { over: 5 } } }]'),
      'whose prices it takes',
    ],
    [
      'longer than a year',
      lines().replace('until: 2027-01-01', 'from: 2025-01-01T00:00:00Z, until: 2027-01-01'),
      'at most 366 days',
    ],
    ['a day that does not exist', lines().replace('2027-01-01', '2027-02-30'), 'A time must be such as'],
    [
      'a wrong checksum',
      lines('rules: [{ id: a, answer: allow, when: { spenders: ["0x70997970C51812dc3A010C7d01b50e0d17dc79c8"] } }]'),
      'wrong EIP-55 checksum',
    ],
  ])('reports %s with its place', (_what, text, expected) => {
    expect(faultsOf(text).message).toContain(expected)
  })
  test('JSON names a pointer, line and column, and a field given twice is refused', () => {
    const error = faultsOf(
      '{"mandate": "m", "owner": "session", "chains": [1],\n "valid": {"until": "2027-01-01T00:00:00Z"}, "limits": [{"id": "a", "token": "USDC"}]}',
      'json',
    )
    expect(error.faults).toMatchObject([
      { pointer: '/limits/0', line: 2, column: 57, because: expect.stringContaining('needs a cap') },
    ])
    expect(error.code).toBe('mandates:policy:unreadable')
    expect(faultsOf('{"mandate": "m", "mandate": "n"}', 'json').faults[0]).toMatchObject({ line: 1 })
    expect(faultsOf('{mandate: m}', 'json').faults[0]).toMatchObject({ because: 'This is not JSON.' })
  })
  test('all faults are reported at the same time', () => {
    expect(
      faultsOf(lines('limits: [{ id: A, token: USDC }, { id: b }]', 'bound: maybe')).faults.length,
    ).toBeGreaterThanOrEqual(4)
  })
})

describe('time', () => {
  test('days of 23 and 25 hours, and a midnight that does not exist', () => {
    const hours = (tz: string, year: number, month: number, day: number): number =>
      (Zone.startOfDay(tz, year, month, day + 1) - Zone.startOfDay(tz, year, month, day)) / 3_600_000
    expect(hours('Europe/Berlin', 2026, 3, 29)).toBe(23)
    expect(hours('Europe/Berlin', 2026, 10, 25)).toBe(25)
    expect(hours('Europe/Berlin', 2026, 12, 1)).toBe(24)
    // Lebanon jumps from 00:00 to 01:00.
    expect(new Date(Zone.startOfDay('Asia/Beirut', 2026, 3, 29)).toISOString()).toBe('2026-03-28T22:00:00.000Z')
  })
  test('calendar windows follow the zone', () => {
    const window = { kind: 'calendar', period: 'month', tz: 'Europe/Berlin' } as const
    const lastMinute = Date.parse('2026-11-30T22:59:00Z')
    expect(Window.label(window, lastMinute)).toBe('2026-11 Europe/Berlin')
    expect(Window.label(window, lastMinute + 60_000)).toBe('2026-12 Europe/Berlin')
    expect(Window.leavesMs(window, lastMinute)).toBe(lastMinute + 60_000)
    const week = { kind: 'calendar', period: 'week', tz: 'Europe/Berlin' } as const
    // Monday to Monday over the end of summer time: 169 hours.
    const start = Window.startMs(week, Date.parse('2026-10-24T12:00:00Z'))
    expect((Window.leavesMs(week, start) ?? 0) - start).toBe(169 * 3_600_000)
  })
  test('a rolling window lets a line go exactly at its end', () => {
    expect(Window.startMs(Window.DAY, 86_400_000 + 500)).toBe(501)
    expect(Window.leavesMs(Window.DAY, 500)).toBe(86_400_500)
  })
  test('hours past midnight belong to the day on which they began; outside is everything else', () => {
    const night = { side: 'inside', from: 22 * 60, to: 6 * 60, days: [4], tz: 'UTC' } as const
    expect(Hours.holds(night, Date.parse('2026-12-05T05:59:00Z'))).toBe(true) // Saturday, begun on Friday
    expect(Hours.holds(night, Date.parse('2026-12-04T05:59:00Z'))).toBe(false)
    const office = { side: 'outside', from: 480, to: 1_200, days: [0, 1, 2, 3, 4], tz: 'Europe/Berlin' } as const
    expect(Hours.holds(office, Date.parse('2026-12-05T11:00:00Z'))).toBe(true) // Saturday noon
    expect(Hours.holds(office, Date.parse('2026-12-04T11:00:00Z'))).toBe(false)
  })
})

describe('narrower', () => {
  const base = read(EXAMPLE)
  const edit = (change: (policy: Draft) => unknown): Policy => {
    const copy = structuredClone(toCanonical(base)) as unknown as Draft
    change(copy)
    return parsePolicy(JSON.stringify(copy), { format: 'json', vocabulary: VOCABULARY, isStored: true })
  }
  const rule = (policy: Draft, id: string) => policy.rules.find((each) => each.id === id)
  const limit = (policy: Draft, id: string) => policy.limits.find((each) => each.id === id)
  const set = (target: object | undefined, values: object): unknown => Object.assign(target ?? {}, values)

  test.each<[string, (policy: Draft) => unknown]>([
    ['itself', () => null],
    ['an allow removed', (policy) => set(policy, { rules: policy.rules.filter(({ id }) => id !== 'rent') })],
    ['an allow restricted', (policy) => set(rule(policy, 'rent')?.when, { chains: [1] })],
    ['a raise added', (policy) => policy.rules.push({ id: 'x', answer: 'ask', when: { chains: [1] } })],
    ['a raise extended', (policy) => set(rule(policy, 'large')?.when, { usd: { over: '500' } })],
    [
      'hours extended',
      (policy) =>
        set(rule(policy, 'night')?.when, { time: { outside: '09:00-17:00', days: 'mon-fri', tz: 'Europe/Berlin' } }),
    ],
    ['a cap lowered', (policy) => set(limit(policy, 'usdc'), { per_day: '1' })],
    ['a limit added', (policy) => policy.limits.push({ id: 'x', token: 'WETH', per_day: '1' })],
    [
      'an earlier end',
      (policy) => set(policy, { valid: { from: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z' } }),
    ],
    ['a stricter bound', (policy) => set(policy, { bound: 'enforced' })],
    ['fewer doors', (policy) => set(policy, { agent: { keys: ['any'], skills: ['any'], doors: ['page'] } })],
    ['nothing tolerated', (policy) => set(policy, { tolerates: undefined })],
    ['a limit that refuses instead of asking', (policy) => set(limit(policy, 'month'), { over: 'deny' })],
  ])('%s is narrower', (_what, change) => {
    expect(whyWider(base, edit(change))).toEqual([])
  })
  test.each<[string, (policy: Draft) => unknown]>([
    ['an allow added', (policy) => policy.rules.push({ id: 'x', answer: 'allow', when: { tokens: ['USDC'] } })],
    ['a condition taken away', (policy) => set(rule(policy, 'rent')?.when, { tokens: undefined })],
    [
      'an address named that was not',
      (policy) => set(rule(policy, 'approve')?.when, { spenders: ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'] }),
    ],
    [
      'a contract for a rule of payees: it would name calls',
      (policy) => set(rule(policy, 'rent')?.when, { contracts: ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'] }),
    ],
    ['at_least taken away', (policy) => set(rule(policy, 'new'), { at_least: undefined, delay: undefined })],
    ['a shorter delay', (policy) => set(rule(policy, 'new'), { delay: '1h' })],
    [
      'an allow with its raise removed',
      (policy) => set(policy, { rules: policy.rules.filter(({ id }) => id !== 'new') }),
    ],
    ['a raise restricted', (policy) => set(rule(policy, 'large')?.when, { usd: { over: '2000' } })],
    ['a cap raised', (policy) => set(limit(policy, 'usdc'), { per_day: '2000.5' })],
    ['a limit removed', (policy) => set(policy, { limits: policy.limits.filter(({ id }) => id !== 'burst') })],
    [
      'a later end',
      (policy) => set(policy, { valid: { from: '2026-12-01T00:00:00Z', until: '2027-02-01T00:00:00Z' } }),
    ],
    ['another owner', (policy) => set(policy, { owner: '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65' })],
    ['fewer approvers', (policy) => set(policy.approvers, { need: 1 })],
    ['older prices', (policy) => set(limit(policy, 'usd'), { max_age: '5m' })],
  ])('%s is wider', (_what, change) => {
    expect(narrower(base, edit(change))).toBe(false)
  })
  test('a limit of fees beside a limit of the coin is wider: it takes the fee out', () => {
    const plain = read(lines('limits: [{ id: eth, native: true, per_day: "1" }]'))
    const apart = read(
      lines('limits: [{ id: eth, native: true, per_day: "1" }, { id: fees, fee: true, per_day: "1" }]'),
    )
    expect(whyWider(plain, apart)).toEqual(['a limit of fees'])
  })
})
