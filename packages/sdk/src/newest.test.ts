/** Answers about one proposal overtake one another: whatever their order, what is shown never goes back. */
import { expect, test } from 'vitest'
import { allNewer, newerOf, withNewer } from './newest.ts'

const at = (version: number | undefined, state: string, id = 'a') => ({
  id,
  state,
  ...(version === undefined ? {} : { version }),
})

/** Every order of a list. */
function orders<T>(all: readonly T[]): readonly T[][] {
  if (all.length < 2) return [[...all]]
  return all.flatMap((first, i) => orders(all.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}

test('promise: in whatever order its answers arrive, the newest state of a proposal stays', () => {
  const answers = [at(3, 'pending'), at(4, 'submitted'), at(5, 'submitted'), at(6, 'settled')]
  for (const order of orders(answers)) {
    const list = order.reduce<readonly ReturnType<typeof at>[]>((known, next) => withNewer(known, next), [])
    const one = order.reduce<ReturnType<typeof at> | null>((known, next) => newerOf(known, next), null)
    expect([order.map(({ version }) => version), list, one]).toEqual([
      order.map(({ version }) => version),
      [answers[3]],
      answers[3],
    ])
  }
})

test('promise: a list that was read before an event arrived takes nothing of it back, and drops what it no longer has', () => {
  const known = [at(6, 'settled'), at(1, 'pending', 'b')]
  const read = [at(5, 'submitted'), at(1, 'pending', 'c')]
  expect(allNewer(known, read)).toEqual([at(6, 'settled'), at(1, 'pending', 'c')])
})

test('promise: of two answers with one version the later is kept; an answer without a version is the oldest', () => {
  expect(newerOf(at(2, 'pending'), at(2, 'pending again'))).toEqual(at(2, 'pending again'))
  expect(newerOf(at(1, 'pending'), at(undefined, 'staged'))).toEqual(at(1, 'pending'))
  expect(newerOf(at(undefined, 'staged'), at(undefined, 'pending'))).toEqual(at(undefined, 'pending'))
})

test('promise: what is known of another proposal never stands in for this one', () => {
  expect(newerOf(at(9, 'settled', 'b'), at(1, 'staged'))).toEqual(at(1, 'staged'))
  expect(withNewer([at(9, 'settled', 'b')], at(1, 'staged'))).toEqual([at(1, 'staged'), at(9, 'settled', 'b')])
})
