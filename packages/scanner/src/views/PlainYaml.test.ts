import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { readPlainYaml } from './PlainYaml.ts'

/** What the full parser says, or null where it objects. */
function full(text: string): unknown {
  const document = parseDocument(text, { strict: true, resolveKnownTags: false, logLevel: 'silent', schema: 'core' })
  return document.errors.length > 0 ? null : document.toJS()
}

const PIECES = [
  'name: a-skill',
  'name: a: b',
  'about: "Adds, two: numbers #1"',
  "about: 'Adds'",
  "about: 'it''s'",
  'about: "a\\nb"',
  'version: 1.0.2',
  'version: 1.0',
  'count: 12',
  'count: 012',
  'count: 0x1f',
  'is: true',
  'is: No',
  'none: ~',
  'empty:',
  'list:',
  '- one',
  '  - two words',
  '  - three: four',
  '- - five',
  '  deep: value',
  '    deeper: value # comment',
  '    deepest:',
  '  more words of the value',
  'text: |',
  'text: >-',
  'flow: [a, b]',
  'flow: {a: b}',
  'anchor: &a b',
  'alias: *a',
  'tag: !!js/function x',
  '__proto__: x',
  '# comment',
  '---',
  '...',
  '%YAML 1.2',
  'über: gut',
  'wort: über (sehr) gut',
  'colon: ends:',
  'tab:\tx',
  'trail: x   ',
  '',
  ' odd: x',
  'a b: c',
  '"quoted": c',
  'e: 1e3',
  'd: 2026-01-01',
  '@at: x',
  'at: @x',
  'tick: `x`',
  'fold: >',
  'keep: |-',
  '  one line',
  '  - another: line',
  '   more',
  '  # no comment',
  '  - key: value',
  '    second: value',
  '- key: [x]',
  'words: [one, two-three]',
  'words: [on, 1]',
  'json: {"a":{"b":["c","d"],"e":1.50,"f":null}}',
  'twice: {"a":1,"a":2}',
  'slash: /a/b',
  'yes: true',
  'yea: True',
  '[x]: y',
  'late: ]',
  'open: [a',
  'pct: %x',
]

test('promise: what the plain reader reads, the full parser reads the same way', () => {
  let seed = 7
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed % below
  }
  let count = 0
  for (let round = 0; round < 30_000; round += 1) {
    const text = Array.from({ length: 1 + next(6) }, () => PIECES[next(PIECES.length)] ?? '').join('\n')
    const plain = readPlainYaml(text)
    if (plain === null) continue
    count += 1
    expect(plain.value, JSON.stringify(text)).toEqual(full(text))
  }
  expect(count).toBeGreaterThan(2_000)
})

test('reads nested keys, lists and lines of keys, and leaves the rest to the full parser', () => {
  expect(readPlainYaml('name: a\n\nmetadata:\n  tags:\n    - one\n    - two\n  n: 3\nlast: x')).toEqual({
    value: { name: 'a', metadata: { tags: ['one', 'two'], n: 3 }, last: 'x' },
    lines: { name: 0, metadata: 2, last: 7 },
  })
  for (const other of [
    'a: |2\n  b',
    'a: &b c',
    'a: !t b',
    '__proto__: a',
    'a: b\na: c',
    'a: b\n  c',
    '- a',
    'a: b # c',
  ])
    expect(readPlainYaml(other), other).toBeNull()
})
