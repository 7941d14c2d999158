/** A seeded sample of `npm run bench -- detection --mutations`, whose misses are named there. */
import { expect, test } from 'vitest'
import { measure } from './index.ts'

/** Kinds that need the compiler are played on the smallest set of contracts. */
const SOURCES = ['hashed', 'namespace', 'names']
const CHAIN = ['proxy-1967', 'amount', 'in-one']

test.each([
  ['other sources', SOURCES, (family: string) => family === 'blind: value'],
  ['the same contracts in other surroundings', CHAIN, () => true],
] as const)('promise: %s change no verdict', async (_, mutations, isFrom) => {
  const { outcomes, missed } = await measure({
    ...{ max: 20, seed: 20_351_130, mutations, log: () => undefined },
    from: ({ family }) => isFrom(family),
  })
  const proven = outcomes.filter((outcome) => outcome.void === null)
  expect(proven.length).toBe(20)
  expect(missed.map(({ outcome, smallest }) => `${outcome.seed.name} (${smallest}): ${outcome.verdict}`)).toEqual([])
})
