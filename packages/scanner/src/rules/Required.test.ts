import { expect, test } from 'vitest'
import { requiredBy, sieve } from './Required.ts'

test('requiredBy: the words that no match can do without, by branch', () => {
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
])('requiredBy: asks for nothing because of %s', (_, pattern) => {
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
