import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastClause, lastClauseWithMarks } from './lastClause.ts'

const texts = fc.string({
  unit: fc.constantFrom('a', ' ', '.', '!', '?', ':', '\n', '\u4e00', '\ud83d'),
  maxLength: 30,
})

test('law: it finds what the patterns find that it stands for', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(0, 1, 2, 5, 12), (text, max) => {
      expect(lastClause(text, max)).toBe(new RegExp(`[^.!?\\n]{0,${max}}$`).exec(text)?.[0])
      expect(lastClauseWithMarks(text, max)).toBe(new RegExp(`[^.!?\\n]{0,${max}}[.!?:]{0,2}$`).exec(text)?.[0])
    }),
    { numRuns: 2_000 },
  )
})
