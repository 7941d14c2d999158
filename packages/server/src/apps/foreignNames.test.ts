import { expect, test } from 'vitest'
import { directionOf } from '../provenance/ToolFrame.ts'
import { kindOf } from './documents/Document.ts'
import { roleOf } from './ToolSpec.ts'

test('promise: a name that every object has is no kind of document, no role and no direction', () => {
  expect(kindOf('notes.constructor')).toBeNull()
  expect(roleOf({ roles: {}, input: {} } as never, { pointer: '/constructor', value: 'x' } as never)).toBeNull()
  const frame = { requests: [{ text: 'constructor please' }] } as never
  expect(directionOf(frame, ['constructor', 'sell'])).toBe('constructor')
})
