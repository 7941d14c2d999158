import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { isPlainYaml, readPlainYaml } from './PlainYaml.ts'

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
  'none: null',
  'none: Null',
  'share: 0.50',
  'share: -0.5',
  'share: .5',
  'count: -3',
  'count: -0',
  'rate: 5.0e-05',
  'hash: 61e5',
  'hash: 61c4ec',
  'age: 30d',
  'path: ./a/b',
  'path: ~/a',
  'home: ~x',
  'var: $a.b',
  'what: <a-b>',
  'big: .inf',
  'dotted.key: x',
  'said: "a \\"b\\" \\u00e9\\U0001F510\\n"',
  'said: "a\\x41"',
  'said: "open',
  "said: 'it''s' # comment",
  'said: "a"# none',
  'word: a # comment',
  'word: a #1# b',
  'word: a# b',
  'word: # comment',
  'word: true # comment',
  'word: 12 # comment',
  'wide:  a b  c   # d',
  '   more # comment',
  '     and more (of it)',
  '    - no item',
  '    key: too deep',
  '- one',
  '- two # three',
  '  in the item',
  '\u00a0',
  'odd: a\u00a0#b',
  'smile: \u2705 yes',
  '- "a": b',
  '- 0.5',
  '- null',
  '    ',
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

test('promise: what is surely YAML to the plain reader is YAML to the full parser, lists included', () => {
  let seed = 11
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed % below
  }
  let lists = 0
  for (let round = 0; round < 30_000; round += 1) {
    const text = Array.from({ length: 1 + next(6) }, () => PIECES[next(PIECES.length)] ?? '').join('\n')
    if (!isPlainYaml(text)) continue
    if (text.startsWith('- ')) lists += 1
    expect(parseDocument(text, { logLevel: 'silent' }).errors, JSON.stringify(text)).toEqual([])
  }
  expect(lists).toBeGreaterThan(100)
})

test('promise: reads what skills write beside keys and lists: numbers, comments, quotations with marks, text on several lines', () => {
  const text = [
    'share: 0.50 # of all',
    'none: null',
    'age: 30d',
    'said: "a \\"b\\" \\u00e9" # so',
    "it: 'it''s'",
    'long: begins here',
    '  and goes on (there)',
    'list:',
    '  - one',
    '    more of one',
    'train.dir:',
    '  deep: <name>',
  ].join('\n')
  expect(readPlainYaml(text)?.value).toEqual({
    share: 0.5,
    none: null,
    age: '30d',
    said: 'a "b" \u00e9',
    it: "it's",
    long: 'begins here and goes on (there)',
    list: ['one more of one'],
    'train.dir': { deep: '<name>' },
  })
  expect(readPlainYaml(text)?.value).toEqual(full(text))
})

test('promise: reads nested keys, lists and lines of keys, and leaves the rest to the full parser', () => {
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
    'a: b\n\n  c',
    'a: 1\n  c',
    'a: "b\n  c"',
    '- a',
    'a: "\\x41"',
  ])
    expect(readPlainYaml(other), other).toBeNull()
})

test.each([
  ['a: |\n  b\n    c\nd: e', { a: 'b\n  c\n', d: 'e' }],
  ['a: |-\n  b\n\n  c\n\nd: e', { a: 'b\n\nc', d: 'e' }],
  ['a: >\n  b\n  c\n\n  d\n', { a: 'b c\nd\n' }],
  ['a:\n  b: |\n    c\n  d: e', { a: { b: 'c\n', d: 'e' } }],
  ['a: >\n  b\n    c\n', null],
  ['a: |\n  b \n', null],
  ['a: |\n  b\n   \n', null],
  ['a: |\n    b\n  c\n', null],
  ['a: |\n  b\n# c\nd: e', null],
  ['a: |\nb: c', null],
])('promise: a text of several lines is read as the full parser reads it, or left to it: %j', (text, value) => {
  expect(readPlainYaml(text)?.value ?? null).toEqual(value)
  if (value !== null) expect(full(text)).toEqual(value)
})
