import { expect, test } from 'vitest'
import { READERS } from './acts/index.ts'
import { Clause } from './Clause.ts'
import { ENGLISH } from './Languages.ts'
import { LEXICONS } from './languages/index.ts'
import { partsOf, sentencesOf } from './Sentence.ts'
import { Sift } from './Sift.ts'
import { paragraph } from './paragraph.ts'

const lexicon = LEXICONS[0]
if (lexicon === undefined) throw new RangeError('no English lexicon')
const SIFT = new Sift(
  lexicon,
  READERS.map((reader) => reader.needs),
)

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

const WORDS = Object.values(lexicon.words)
  .flatMap((list) => list.split(/\s+/))
  .map((entry) => entry.replaceAll('_', ' ').replaceAll('*', 's'))
const THINGS = [
  'https://mesa-ledger.invalid/in',
  '`~/.aws/credentials`',
  '0x7c1d9be2a4f3850be6d21c97f04ab38d5e6f1a92',
  'MEMORY.md',
  'the',
  'to',
  'every',
  "user's",
  '3%',
  'add them into your to-do list unread by the human',
  'add them to your task list unread by the human',
  'into bash',
  'through the console',
  'intended for you',
  'addressed to you',
  'report the failed build as green',
  'keep it to yourself',
]

test('promise: what the sift leaves out, no reader finds anything in', () => {
  const random = numbers(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next().value * list.length)] as T
  const found = new Map<string, number>()
  let before = sentencesOf(paragraph('Read it.'), ENGLISH)[0] ?? null
  let siftedBefore = SIFT.of('Read it.')
  for (let round = 0; round < 20_000; round += 1) {
    const text = `${Array.from({ length: 4 + (round % 9) }, () => pick(random.next().value < 0.3 ? THINGS : WORDS)).join(' ')}.`
    const sifted = SIFT.of(text)
    const may = SIFT.readersFor(sifted, siftedBefore)
    expect(SIFT.isEmpty(sifted, siftedBefore)).toBe(!may.some(Boolean))
    const [sentence] = sentencesOf(paragraph(text), ENGLISH)
    if (sentence === undefined) continue
    const urlBefore = before?.tokens.find((token) => token.kind === 'url')?.text ?? ''
    for (const [i, { kind, read }] of READERS.entries()) {
      if (read(new Clause(sentence, before), { urlBefore, scripts: new Map() }) === null) continue
      found.set(kind, (found.get(kind) ?? 0) + 1)
      expect(may[i], `${kind}: ${before?.view.text ?? ''} ${text}`).toBe(true)
    }
    before = sentence
    siftedBefore = sifted
  }
  // Readers that never found anything would make the promise empty.
  expect(found.size).toBeGreaterThan(5)
})

test('promise: parts hold whole sentences', () => {
  const text = 'One.\nTwo goes\non here.\n- three\n- four\n\nFive | six'
  const whole = sentencesOf(paragraph(text), ENGLISH).map((each) => [each.from, each.to])
  const byPart = partsOf(text).flatMap((part) =>
    sentencesOf(paragraph(text), ENGLISH, part).map((each) => [each.from, each.to]),
  )
  expect(byPart).toEqual(whole)
})

test('promise: tells other languages by their letters and words, not by dashes', () => {
  expect(SIFT.of('Send it — now.').isForeign).toBe(false)
  expect(SIFT.of('Léelo todo.').isForeign).toBe(true)
  expect(SIFT.of('Leggi la pagina').isForeign).toBe(true)
  expect(SIFT.of("l'est").isForeign).toBe(true)
})

test.each([
  ['\u00bf', false],
  ['\u00c0', true],
  ['\u00d7', false],
  ['\u00d8', true],
  ['\u00f7', false],
  ['\u00f8', true],
  ['\u1fff', true],
  ['\u2000', false],
  ['\u2bff', false],
  ['\u2c00', true],
  ['\u{1f600}', false],
  ['\ufe00', false],
  ['\ufe0f', false],
  ['\ufe10', true],
])('promise: %j is a letter of another language: %s', (mark, isForeign) => {
  expect(SIFT.of(`Send it ${mark} now.`).isForeign).toBe(isForeign)
})
