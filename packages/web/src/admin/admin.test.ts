import type { AuditEntry, KeyUsage } from '@countersign/sdk'
import { Audit } from '@countersign/server/audit'
import { afterEach, expect, test } from 'vitest'
import { speak } from '../text/text.ts'
import { shareUsed } from './BoundsView.tsx'
import { timeLeft } from './Countdown.tsx'
import { figure, timeText } from './figures.ts'
import { roundUp, totalOf } from './UsageChart.tsx'
import { NOTHING, verifyPage, type Fault } from './verifyChain.ts'

afterEach(() => speak('en'))

/** A record as the server writes it. */
function record(count: number): AuditEntry[] {
  let prevHash = Audit.GENESIS
  return Array.from({ length: count }, (_, at) => {
    const entry = {
      ...{ app: 'shop', seq: at + 1, atMs: 1_700_000_000_000 + at, event: 'keys.key.issued', prevHash },
      body: { label: `é ${at} "quoted"`, scopes: ['read'], nested: { b: 1, a: null, list: [1.5, true] } },
    }
    prevHash = Audit.link(entry)
    return Audit.toWire({ ...entry, hash: prevHash }) as unknown as AuditEntry
  })
}

test('a record that the server wrote holds, also in pages', async () => {
  const all = record(5)
  const whole = await verifyPage(NOTHING, { app: 'shop', page: all })
  expect(whole).toEqual({ entries: 5, head: all.at(-1)?.hash, problem: null })
  const first = await verifyPage(NOTHING, { app: 'shop', page: all.slice(0, 2) })
  expect(await verifyPage(first, { app: 'shop', page: all.slice(2) })).toEqual(whole)
})

test('promise: an entry that is altered, displaced, missing, foreign or forked is found where it stands', async () => {
  const all = record(5)
  const [, , third] = all as [AuditEntry, AuditEntry, AuditEntry]
  const bad: readonly (readonly [Fault, AuditEntry[]])[] = [
    [{ kind: 'hash' }, all.with(2, { ...third, body: { ...third.body, label: 'other' } })],
    [{ kind: 'place', found: 4 }, all.toSpliced(2, 1)],
    [{ kind: 'app' }, all.with(2, { ...third, app: 'bank' })],
    [{ kind: 'link' }, all.with(2, { ...third, prev_hash: `0x${'11'.repeat(32)}` })],
  ]
  for (const [fault, page] of bad) {
    const found = await verifyPage(NOTHING, { app: 'shop', page })
    expect([fault, found.entries, found.problem]).toEqual([fault, 2, { seq: 3, fault }])
    // What comes after does not heal it.
    expect(await verifyPage(found, { app: 'shop', page: all.slice(2) })).toEqual(found)
  }
})

test('a time that is left is said in its two largest units, and none is said when it is over', () => {
  const hour = 3_600_000
  expect([26 * hour, 24 * hour, hour + 60_000, 61_000, 59_000, -1].map(timeLeft)).toEqual([
    ...['1 day 2 hours', '1 day', '1 hour 1 minute', '1 minute', 'less than a minute', 'over'],
  ])
})

test('the top line of the picture is a round number that no bar passes', () => {
  expect([0, 1, 3, 10, 11, 51, 999, 1_001].map(roundUp)).toEqual([1, 1, 5, 10, 20, 100, 1_000, 2_000])
  const hour: KeyUsage['hours'][number] = { at: '', served: 1, invalid: 2, refused: 3, limited: 4, failed: 5 }
  expect(totalOf(hour)).toBe(15)
})

test('a budget without a readable cap is drawn as used up', () => {
  expect(
    [
      { used: '1', cap: '4' },
      { used: '9', cap: '4' },
      { used: '0', cap: '0' },
      { used: 'x', cap: '4' },
    ].map(shareUsed),
  ).toEqual([0.25, 1, 1, 1])
})

test('promise: figures and times are those of the reader’s language, exact to the last digit, and of one time zone', async () => {
  const given = ['1234567.000000000000000001', '0.5', 'unlimited', '123456789012345678901234567890'] as const
  expect([...given.map(figure), timeText('2026-12-01T23:59:30Z')]).toEqual([
    ...['1,234,567.000000000000000001', '0.5', 'unlimited', '123,456,789,012,345,678,901,234,567,890'],
    'Dec 1, 2026, 23:59 UTC',
  ])
  await speak('de')
  expect([...given.map(figure), timeText('2026-12-01T23:59:30Z'), timeLeft(90_000_000)]).toEqual([
    ...['1.234.567,000000000000000001', '0,5', 'unlimited', '123.456.789.012.345.678.901.234.567.890'],
    ...['1. Dez. 2026, 23:59 UTC', '1 Tag 1 Stunde'],
  ])
})
