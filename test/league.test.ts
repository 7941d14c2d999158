import { expect, test } from 'vitest'
import { rateChart, timeChart } from '../bench/src/league/chart.ts'
import { render, type League } from '../bench/src/league/table.ts'
import { empty, row, type Result } from '../bench/src/Result.ts'
import { share } from '../bench/src/Wilson.ts'

const result: Result = {
  ...empty('detection'),
  rates: [
    { case: 'all', subject: 'countersign', metric: 'detected', ...share(9, 10) },
    { case: 'all', subject: 'a | rival', metric: 'flagged', ...share(1, 10) },
    { case: 'A payments', subject: 'countersign', metric: 'detected', ...share(1, 1) },
  ],
  rows: [row({ case: 'warm', subject: 'countersign', metric: 'report', unit: 'ms' }, [1, 2, 3])],
  bars: [{ name: 'attacks found', value: 9, target: '= 10', holds: false }],
  leftOut: ['one case,\nnot proven'],
}
const league: League = {
  ...{ version: '0.1.0', commit: 'abc', date: '2026-11-30T00:00:00.000Z', isHeldBackRead: false },
  parts: [
    { command: 'npm run bench -- detection', tookS: 3, result, failure: null },
    { command: 'npm run bench -- gateway', tookS: 1, result: null, failure: 'it ended with 1' },
  ],
}

test('promise: the table gives every share with its cases and interval, and says what missed and what did not run', () => {
  const text = render(league, new Map([['npm run bench -- detection', 'detection.svg']]))
  expect(text).toContain('| all | 9/10, 90.0 % (59.6 to 98.2) | 1/10, 10.0 % (1.8 to 40.4) |')
  // A tool without this case has an empty cell, not a zero.
  expect(text).toContain('| A payments | 1/1, 100.0 % (20.6 to 100.0) |  |')
  expect(text).toContain('| attacks found | 9 | = 10 | **missed** |')
  expect(text).toContain('No result after 1 s: it ended with 1.')
  expect(text).toContain('- one case, not proven')
  expect(text).toContain('was not read')
  expect(text).toContain('a \\| rival: flagged')
})

test('a chart says in text what its bars show, and text cannot become markup', () => {
  const rates = rateChart('<all>', [{ case: 'all', subject: '<b>&', metric: 'x', ...share(9, 10) }])
  expect(rates).toContain('9/10 (90.0 %)')
  expect(rates).toContain('&lt;b&gt;&amp;: x')
  expect(rates).not.toMatch(/<(?:b|all)>/)
  expect(timeChart('t', [row({ case: 'c', subject: 's', metric: 'm', unit: 'ms' }, [1, 1, 4])])).toContain(
    'p99 4.00 ms',
  )
})
