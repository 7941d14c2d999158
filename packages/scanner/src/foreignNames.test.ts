import { expect, test } from 'vitest'
import { isForeignKey, isOwnKey } from './facts/isOwnKey.ts'
import { kindOf } from './Skill.ts'

test('promise: an ending that every object has as a name hides no script', () => {
  const script = new TextEncoder().encode('#!/bin/sh\necho hello\n')
  for (const name of ['run.constructor', 'run.__proto__', 'run']) expect(kindOf(name, script, true), name).toBe('shell')
})

test('promise: a key that is named after what every object has is looked at like any other', () => {
  expect(isForeignKey('constructor_api_key', 'api.example.invalid')).toBe(false)
  expect(isOwnKey('constructor_api_key', 'api.example.invalid', '')).toBe(false)
})
