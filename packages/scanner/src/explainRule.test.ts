import { expect, test } from 'vitest'
import { explainRule, rulesLike } from './explainRule.ts'
import { RULES } from './rules/index.ts'

test('every rule can be explained: with what it flags, what it leaves alone, and one plain sentence of what to do', () => {
  for (const { name } of RULES) {
    const found = explainRule(name)
    expect(found?.bad.length, name).toBeGreaterThan(0)
    expect(found?.good.length, name).toBeGreaterThan(0)
    for (const sentence of [found?.looks_for, found?.because, found?.remediation])
      expect(sentence, name).toMatch(/^["“`A-Z].{8,}\.$/)
  }
})

test('a name that no rule has is answered with names like it', () => {
  expect(explainRule('fetch-execute')).toBeNull()
  expect(explainRule('../scan')).toBeNull()
  expect(rulesLike('fetch-execute')[0]).toBe('fetch-then-execute')
  expect(rulesLike('zzz')).toEqual([])
})
