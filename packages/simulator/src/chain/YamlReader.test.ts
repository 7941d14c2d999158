import { expect, test } from 'vitest'
import { YamlReader } from './YamlReader.ts'

const faultsOf = (text: string): string[] =>
  new YamlReader(text, { aliases: true }).faults.map(({ because }) => because)
const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

// Each of these took minutes, in the one thread that answers everybody.
test('promise: a text with tens of thousands of keys is read once, and not once for every key', () => {
  const text = many(45_000, (i) => `k${i}: 1`)
  expect(faultsOf(text)).toEqual([])
  expect(faultsOf(`${text}\nk0: 2`)).toEqual(['Map keys must be unique'])
})
test('promise: a text with tens of thousands of aliases is refused without a walk for each of them', () => {
  const text = `x: &a 1\n${many(40_000, (i) => `k${i}: *a`)}`
  expect(faultsOf(text)[0]).toBe('The alias "a" would multiply what it stands for.')
})
test('promise: a text that is wrong tens of thousands of times is refused without a copy of it for each time', () => {
  expect(faultsOf(`{${'}{'.repeat(20_000)}`).length).toBeGreaterThan(0)
})
test.each([
  ['lists', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ['mappings', `${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ['entries on one line', `a:\n  ${'- '.repeat(5_000)}1`],
  ['lists without end', `a: ${'['.repeat(45_000)}${']'.repeat(45_000)}`],
])('promise: a text is refused that nests without end: %s', (_, text) => {
  expect(faultsOf(text)).toContain('Values lie more than 100 levels deep in each other.')
})
test('refuses a text with more places for values than may be parsed', () => {
  expect(faultsOf(`[${'1,'.repeat(50_001)}]`)).toEqual(['The text holds more than 50000 values.'])
})
test('keeps the place of a key that stands twice, in a mapping within another one as well', () => {
  const { faults } = new YamlReader('a:\n  b: 1\n  c: 2\n  b: 3\n')
  expect(faults).toMatchObject([
    { line: 4, column: 3, because: 'Map keys must be unique', help: 'Keep one of the two.' },
  ])
})
test('an alias stands for the last anchor of its name before it, and for none after it', () => {
  const reader = new YamlReader('a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { aliases: true })
  expect(reader.value(reader.root)).toEqual({ a: 1, b: 1, c: 2, d: 2 })
  expect(faultsOf('a: *x\nb: &x 1\n')).toHaveLength(1)
  expect(faultsOf('a: &x [*x]\n')).toEqual(['The alias "x" would multiply what it stands for.'])
})
