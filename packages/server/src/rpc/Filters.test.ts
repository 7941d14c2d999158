import { expect, test } from 'vitest'
import { Filters } from './Filters.ts'

const alice = { family: 'alice', chainId: 1 }

test('promise: only the key that made a filter finds it, on the chain where it was made', () => {
  const filters = new Filters()
  const id = filters.keep(alice, '0x1')
  expect(id).toMatch(/^0x[0-9a-f]{32}$/)
  expect(filters.find(alice, id)).toBe('0x1')
  for (const other of [
    { ...alice, family: 'bob' },
    { ...alice, chainId: 10 },
  ]) {
    expect(filters.find(other, id)).toBeNull()
    filters.drop(other, id)
  }
  expect(filters.find(alice, '0x1')).toBeNull()
  expect(filters.find(alice, 1)).toBeNull()
  expect(filters.find(alice, id)).toBe('0x1')
  filters.drop(alice, id)
  expect(filters.find(alice, id)).toBeNull()
})

test('promise: keeps at most 100 of a key; the oldest of its own goes', () => {
  const filters = new Filters()
  const bobs = filters.keep({ ...alice, family: 'bob' }, '0xb')
  const ids = Array.from({ length: 101 }, (_, i) => filters.keep(alice, `0x${i}`))
  expect(filters.find(alice, ids[0])).toBeNull()
  expect(filters.find(alice, ids[1])).toBe('0x1')
  expect(filters.find({ ...alice, family: 'bob' }, bobs)).toBe('0xb')
})
