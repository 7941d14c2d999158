import { expect, test } from 'vitest'
import * as Table from './Table.ts'

test('promise: a table answers the names that it was made of, and none that every object has', () => {
  const table = Table.of({ md: 'markdown' })
  expect(table['md']).toBe('markdown')
  for (const name of [...Object.getOwnPropertyNames(Object.prototype), 'txt']) expect(table[name], name).toBeUndefined()
})
