import { describe, expect, test } from 'vitest'
import { terminal } from './io.ts'

/** What a terminal, or a pipe, is written. */
function written(text: string, { isTTY = true, env = {} }: { isTTY?: boolean; env?: NodeJS.ProcessEnv } = {}): string {
  let said = ''
  const stream = { isTTY, columns: 100, on: () => undefined, write: (part: string) => (said += part) }
  const io = terminal({ stdout: stream, stderr: stream, env })
  io.out(text)
  const out = said
  said = ''
  io.err(text)
  expect(said).toBe(out)
  return out
}

describe('promise: no text of others moves what a terminal shows', () => {
  test.each([
    ['the title of the window', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
    ['the cursor, and what stood there', '\u001b[2K\rreleased', '\\u001b[2K\\u000dreleased'],
    ['the same in one character', '\u009b2K', '\\u009b2K'],
    ['the clipboard', '\u001b]52;c;cm0=\u001b\\', '\\u001b]52;c;cm0=\\u001b\\'],
    ['text that is not shown', '\u001b[8mhidden', '\\u001b[8mhidden'],
    ['the direction of the line', 'a\u202eb', 'a\\u202eb'],
    ['a letter that nobody sees', 'a\u200bb', 'a\\u200bb'],
  ])('%s', (_, text, shown) => {
    expect(written(text)).toBe(`${shown}\n`)
  })

  test('colours of ours stay, where colours are wanted', () => {
    expect(written('\u001b[31mred\u001b[39m\tand\nmore')).toBe('\u001b[31mred\u001b[39m\tand\nmore\n')
    expect(written('\u001b[31mred', { env: { NO_COLOR: '1' } })).toBe('\\u001b[31mred\n')
  })
})

test('a pipe gets the bytes as they are: exports are hashed', () => {
  expect(written('{"a":"\u009b"}', { isTTY: false })).toBe('{"a":"\u009b"}\n')
})
