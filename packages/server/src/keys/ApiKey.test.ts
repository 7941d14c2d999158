import { expect, test } from 'vitest'
import * as ApiKey from './ApiKey.ts'

const RANDOM = Uint8Array.from({ length: 20 }, (_, i) => i)

test('promise: a key is written and read back; the app may hold hyphens', () => {
  const text = ApiKey.format('my-app-2', RANDOM)
  expect(text).toMatch(/^sk-my-app-2-[0-9a-f]{48}$/)
  expect(ApiKey.parse(text)).toEqual({ app: 'my-app-2', text })
})

test('promise: one wrong character anywhere is refused before any look-up', () => {
  const text = ApiKey.format('demo', RANDOM)
  for (let i = 0; i < text.length; i += 1) {
    const wrong = text.slice(0, i) + (text[i] === 'a' ? 'b' : 'a') + text.slice(i + 1)
    expect(ApiKey.parse(wrong)).toBeNull()
  }
  for (const wrong of ['', 'sk-', 'sk-demo-', `${text} `, text.toUpperCase(), text.slice(0, -1), `${text}0`])
    expect(ApiKey.parse(wrong)).toBeNull()
})

test('promise: another pepper is another digest', () => {
  const text = ApiKey.format('demo', RANDOM)
  expect(ApiKey.digest(text, new Uint8Array(32))).not.toBe(ApiKey.digest(text, new Uint8Array(32).fill(1)))
  expect(ApiKey.isSameDigest('ab', 'abcd')).toBe(false)
})
