import { expect, test } from 'vitest'
import { Speech } from './Speech.ts'

/** What is sent of an answer that comes in pieces, one every `everyMs`. */
function shown(length: number, { piece = 1, everyMs = 0.1 } = {}): { times: number; characters: number } {
  const speech = new Speech()
  let times = 0
  let characters = 0
  for (let i = 0; i * piece < length; i += 1) {
    if (!speech.add('x'.repeat(piece), i * everyMs)) continue
    times += 1
    characters += speech.text.length
  }
  return { times, characters }
}

test('promise: an answer of 60,000 pieces of one character is shown in proportion to its length and time, not squared', () => {
  const fast = shown(60_000)
  // 6 s of text. Shown at each piece it would be 1,800,000,000 characters.
  expect(fast.times).toBeLessThanOrEqual(60)
  expect(fast.characters).toBeLessThan(60_000 * 60)
  const slow = shown(60_000, { everyMs: 1 })
  expect(slow.characters).toBeLessThan(60_000 * 2 * 60)
})

test('the first piece is shown immediately, and a short answer at least ten times a second', () => {
  const speech = new Speech()
  expect(speech.add('H', 0)).toBe(true)
  expect(speech.add('e', 50)).toBe(false)
  expect(speech.add('l', 100)).toBe(true)
  expect(speech.text).toBe('Hel')
  speech.clear()
  expect(speech.text).toBe('')
})
