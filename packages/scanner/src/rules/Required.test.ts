import { expect, test } from 'vitest'
import { isInLine, requiredBy, sieve } from './Required.ts'

test('promise: requiredBy: the words that no match can do without, by branch', () => {
  expect(
    requiredBy(/\b(?:disable|turn off)\b[^.\n]{0,30}\bDefender\b|\b(?:add|create)\b[^.\n]{0,20}\bexclusions?\b/g),
  ).toEqual([
    [['disable', 'turn off'], ['defender']],
    [['add', 'create'], ['exclusion']],
  ])
})

test.each([
  ['a branch without words', /secret|\d+/],
  ['an alternative without words', /(?:secret|\w+)/],
  ['a group that may be left out', /(?:secret)?\s/],
  ['a letter that may be left out', /ab?c/],
  ['what is beside the match', /(?<!secret)(?!hidden)(?=words)./],
  ['a class', /[secret]+/],
  ['marks that prose is cleaned of', /```/],
  ['folding beyond ASCII', /secret/iu],
])('promise: requiredBy: asks for nothing because of %s', (_, pattern) => {
  expect(requiredBy(pattern)).toEqual([])
})

/** Pattern, a text that it matches, a text without the words. */
const PAIRS: readonly (readonly [RegExp, string, string])[] = [
  [/\bsend (?:all |any )?(?:data|files?)\b/, 'please send data', 'please keep it'],
  [/se{2,4}cret words/, 'seeecret words', 'other words'],
  [/(?<who>owner|human)s?\b[^.]{0,9}(?:tell|told)/, 'humans were told', 'nobody was told'],
  [/\.mcp\.json|\u0041GENTS\.md/, 'AGENTS.md', 'readme'],
  [/(?:read|open)(?: the)? ~\/\.ssh/, 'open ~/.ssh', 'open the door'],
  [/abcabd|bcabx|cab\b/, 'abcab', 'abxabd'],
  [/(?:one(?:two|three)|four)five/, 'onethreefive', 'onetwo'],
]

test('promise: a pattern that matches is never left out, and one whose words are missing is', () => {
  // Words are learned when they are asked for; the next text is looked through for them.
  for (const [pattern, text] of PAIRS) sieve(text).mayMatch(pattern)
  for (const [pattern, text, other] of PAIRS) {
    expect(pattern.test(text), pattern.source).toBe(true)
    expect(sieve(text.toLowerCase()).mayMatch(pattern), pattern.source).toBe(true)
    expect(sieve(other).mayMatch(pattern), pattern.source).toBe(false)
  }
})

test('promise: the pieces that a pattern is looked for in are all in which it matches', () => {
  let seed = 5
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  const words = PAIRS.flatMap(([, text, other]) => [text, other, ...text.split(' ')])
  let left = 0
  let matched = 0
  for (let round = 0; round < 5_000; round += 1) {
    const pieces = Array.from({ length: 1 + next(6) }, () =>
      Array.from({ length: next(4) }, () => words[next(words.length)] ?? '').join([' ', ', ', '\n'][next(3)]),
    )
    const starts = pieces.map((_, i) => pieces.slice(0, i).reduce((size, piece) => size + piece.length + 1, 0))
    const looked = sieve(pieces.join('\n').toLowerCase(), starts)
    for (const [pattern] of PAIRS) {
      const kept = looked.mayMatch(pattern) ? looked.piecesWith(pattern) : []
      left += kept === null ? 0 : pieces.length - kept.length
      for (const [i, piece] of pieces.entries())
        if (pattern.test(piece)) {
          matched += 1
          expect(kept === null || kept.includes(i), `${pattern.source} in ${JSON.stringify(piece)}`).toBe(true)
        }
    }
  }
  expect(matched).toBeGreaterThan(1_000)
  expect(left).toBeGreaterThan(1_000)
})

test.each<readonly [pattern: RegExp, expected: boolean]>([
  [/a secret/, true],
  [/a[ \t-]secret/, true],
  [/a[^.\n]{0,9}secret/, true],
  [/a[^.\s]{0,9}secret/, true],
  [/a\.secret\b/, true],
  [/a[x\]]secret/, true],
  [/a[^.]{0,9}secret/, false],
  [/a\s+secret/, false],
  [/a[\s-]secret/, false],
  [/a[x\n]secret/, false],
  [/a\W?secret/, false],
  [/a[\d]secret/, true],
  [/a[\x41]secret/, false],
  [/(?=[^\n]b)a secret/, false],
  [/(?<![a-z])a secret/, true],
  [/^a secret/m, false],
  [/a secret$/, false],
  [/a.secret/s, false],
  [/a\nsecret/, false],
])('promise: %s is looked for line by line only where it cannot reach over a line break: %s', (pattern, expected) => {
  expect(isInLine(pattern)).toBe(expected)
})
