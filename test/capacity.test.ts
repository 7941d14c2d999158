import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costsOf, plan, STANDARD, type Inputs } from '../tools/capacity/plan.ts'
import { empty } from '../bench/src/Result.ts'

const names = Object.keys(STANDARD)
/** What a smaller number of is better. */
const LOAD = names.filter((name) =>
  /Per(?:Session|Day|Simulation)$|^(?:peakFactor|minutesOpen|bytesPerStream|baseMiB|daysKept)$/.test(name),
)
const inputs = fc
  .record(Object.fromEntries(names.map((name) => [name, fc.integer({ min: 1, max: 1_000_000 })])))
  .map((values): Inputs =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit: '', source: 'made up' }])),
  )
const more = (given: Inputs, name: string): Inputs => {
  const found = given[name]
  return found === undefined ? given : { ...given, [name]: { ...found, value: found.value * 2 } }
}

test('more load never needs fewer of anything, and more capacity never more', () => {
  fc.assert(
    fc.property(inputs, fc.constantFrom(...names), (given, name) => {
      // The baseline of an instance must leave memory for streams.
      const sized = { ...given, memoryPerMachineGiB: { value: 1_000_000, unit: '', source: 'made up' } }
      const before = plan(sized)
      const after = plan(more(sized, name))
      const isLoad = LOAD.includes(name)
      for (const [i, { what, needed }] of before.needs.entries()) {
        const then = after.needs[i]?.needed ?? Number.NaN
        if (isLoad) expect(then, what).toBeGreaterThanOrEqual(needed)
        else expect(then, what).toBeLessThanOrEqual(needed)
      }
    }),
    { numRuns: 300 },
  )
})

test('at the figure at which a thing breaks one of it is enough, and just above it is not', () => {
  const { breaks } = plan(STANDARD)
  const at = breaks.find(({ what }) => what.startsWith('one database'))?.atSessionsPerDay ?? 0
  const databases = (sessions: number): number | undefined =>
    plan({ ...STANDARD, sessionsPerDay: { ...STANDARD.sessionsPerDay, value: sessions } }).needs.find(
      ({ what }) => what === 'databases',
    )?.needed
  expect(databases(at * 0.999)).toBe(1)
  expect(databases(at * 1.001)).toBe(2)
  expect(breaks.map(({ atSessionsPerDay }) => atSessionsPerDay)).toEqual(
    breaks.map(({ atSessionsPerDay }) => atSessionsPerDay).toSorted((a, b) => a - b),
  )
})

test('costs are taken from the bench that measured them, a core each', () => {
  const gateway = { ...empty('gateway'), machine: '4 × Some CPU, 8 GiB' }
  gateway.rows.push({
    case: 'auth',
    subject: 'ours',
    metric: 'throughput',
    unit: '1/s',
    n: 10,
    p50: 40_000,
    p95: 1,
    p99: 1,
  })
  expect(costsOf(gateway)['requestsPerCoreS']?.value).toBe(10_000)
  const simulator = { ...empty('simulator'), machine: '2 × Some CPU, 8 GiB' }
  const bar = { name: 'full reports a second, approve and swap, another amount', value: 250, target: '', holds: true }
  expect(costsOf({ ...simulator, bars: [bar] })['simulationsPerCoreS']?.value).toBe(125)
  expect(costsOf(empty('mandates'))).toEqual({})
})
