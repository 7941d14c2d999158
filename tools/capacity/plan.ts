import type { Result, Row } from '../../bench/src/Result.ts'

/** A cost or a part of the load, and where its number is from. */
export interface Input {
  readonly value: number
  readonly unit: string
  readonly source: string
}

export type Inputs = Readonly<Record<string, Input>>

const BENCH = '2 cores, 30 Nov 2026'
const input = (value: number, unit: string, source: string): Input => ({ value, unit, source })

/** What is used where neither a bench nor the command line says something else. */
export const STANDARD = {
  sessionsPerDay: input(10_000_000, 'sessions a day', 'the target'),
  peakFactor: input(3, 'times the mean', 'assumed: a day has a busy hour'),
  simulationsPerSession: input(3, 'simulations', 'assumed: at staging, at the last look, once more'),
  requestsPerSession: input(60, 'requests', 'assumed: polls and streams of published clients'),
  writesPerSession: input(30, 'commits', 'assumed: messages, events, states of proposals, audit entries'),
  minutesOpen: input(6, 'minutes a stream is open', 'assumed'),
  bytesPerSession: input(60_000, 'bytes kept', 'assumed'),
  daysKept: input(90, 'days', 'assumed'),
  callsPerSimulation: input(
    40,
    'calls to a provider',
    'assumed: one batch for a contract that is known, two for another',
  ),
  coresPerMachine: input(16, 'cores', 'the plan'),
  memoryPerMachineGiB: input(32, 'GiB', 'the plan'),
  simulationsPerCoreS: input(126, 'a second and core', `bench simulator, approve and swap, other amounts, ${BENCH}`),
  requestsPerCoreS: input(7_750, 'a second and core', `bench gateway --only auth, ${BENCH}`),
  commitsPerS: input(
    2_000,
    'a second, one database',
    `bench gateway --only durable, the rate it was held at, ${BENCH}`,
  ),
  bytesPerStream: input(20_000, 'bytes', `bench gateway --only streams, ${BENCH}`),
  baseMiB: input(135, 'MiB an instance', `bench gateway --only streams, ${BENCH}`),
  providerCallsPerS: input(5_000, 'calls a second, one plan', 'assumed: a large plan of a hosted provider'),
} as const satisfies Inputs

export interface Need {
  readonly what: string
  readonly needed: number
  readonly of: string
}

export interface Break {
  readonly what: string
  readonly atSessionsPerDay: number
  readonly advice: string
}

/** Share of a resource that is planned with: above it queues grow faster than they empty. */
const FULL = 0.7
const DAY_S = 86_400
/** The bar of the simulator's bench that a mixed load is closest to. */
const SWAPS = /^full reports a second, .*swap.*another amount/

/** @throws {Error} for a name that is missing. */
export function plan(given: Inputs): { readonly needs: readonly Need[]; readonly breaks: readonly Break[] } {
  const of = (name: keyof typeof STANDARD): number => {
    const found = given[name]
    if (found === undefined) throw new Error(`${name} is missing.`)
    return found.value
  }
  const peak = (of('sessionsPerDay') / DAY_S) * of('peakFactor')
  const simulations = peak * of('simulationsPerSession')
  const requests = peak * of('requestsPerSession')
  const writes = peak * of('writesPerSession')
  const streams = peak * of('minutesOpen') * 60
  const cores = of('coresPerMachine') * FULL
  const simulationMachines = Math.ceil(simulations / (of('simulationsPerCoreS') * cores))
  const requestMachines = Math.ceil(requests / (of('requestsPerCoreS') * cores))
  const memoryBytes = (of('memoryPerMachineGiB') * 2 ** 30 - of('baseMiB') * 2 ** 20) * FULL
  const streamMachines = Math.ceil((streams * of('bytesPerStream')) / memoryBytes)
  const databases = Math.ceil(writes / (of('commitsPerS') * FULL))
  const providerPlans = Math.ceil((simulations * of('callsPerSimulation')) / (of('providerCallsPerS') * FULL))
  const keptTiB = (of('sessionsPerDay') * of('bytesPerSession') * of('daysKept')) / 2 ** 40

  /** The load at which one of a thing is full, in sessions a day. */
  const fullAt = (capacityPerS: number, perSession: number): number =>
    ((capacityPerS * FULL) / perSession / of('peakFactor')) * DAY_S
  const breaks: Break[] = [
    {
      what: 'one database takes no more commits',
      atSessionsPerDay: fullAt(of('commitsPerS'), of('writesPerSession')),
      advice: 'Partition by app: an app has all its sessions, keys and its audit record in one database.',
    },
    {
      what: 'one provider plan is used up',
      atSessionsPerDay: fullAt(of('providerCallsPerS'), of('simulationsPerSession') * of('callsPerSimulation')),
      advice: 'Run nodes of your own beside the simulators; the cache of a block is shared by all that simulate on it.',
    },
    {
      what: `one machine of ${of('coresPerMachine')} cores simulates no more`,
      atSessionsPerDay: fullAt(of('simulationsPerCoreS') * of('coresPerMachine'), of('simulationsPerSession')),
      advice: 'Add machines: simulations share nothing but the cache of their block.',
    },
    {
      what: `one machine of ${of('coresPerMachine')} cores answers no more requests`,
      atSessionsPerDay: fullAt(of('requestsPerCoreS') * of('coresPerMachine'), of('requestsPerSession')),
      advice: 'Add instances behind the proxy: any of them serves any session.',
    },
    {
      what: 'one machine holds no more open streams',
      atSessionsPerDay: (memoryBytes / of('bytesPerStream') / (of('minutesOpen') * 60) / of('peakFactor')) * DAY_S,
      advice: 'Add instances: a stream may be at any of them.',
    },
  ]
  return {
    needs: [
      { what: 'sessions begun', needed: round(peak), of: 'a second' },
      { what: 'simulations', needed: round(simulations), of: 'a second' },
      { what: 'machines that simulate', needed: simulationMachines, of: `of ${of('coresPerMachine')} cores` },
      { what: 'requests', needed: round(requests), of: 'a second' },
      {
        what: 'machines that answer',
        needed: Math.max(requestMachines, streamMachines),
        of: `of ${of('coresPerMachine')} cores`,
      },
      { what: 'streams open', needed: round(streams), of: 'at once' },
      { what: 'commits', needed: round(writes), of: 'a second' },
      { what: 'databases', needed: databases, of: 'primaries, an app in one of them' },
      { what: 'calls to providers', needed: round(simulations * of('callsPerSimulation')), of: 'a second' },
      {
        what: 'provider plans',
        needed: providerPlans,
        of: `of ${of('providerCallsPerS').toLocaleString('en')} calls a second`,
      },
      { what: 'kept', needed: round(keptTiB), of: `TiB over ${of('daysKept')} days` },
    ],
    breaks: breaks.sort((a, b) => a.atSessionsPerDay - b.atSessionsPerDay),
  }
}

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}

/** The costs that a bench measured; a bench of another kind gives none. */
export function costsOf(result: Result): Inputs {
  const source = `bench ${result.bench}, ${result.machine}, ${result.date.slice(0, 10)}`
  const cores = Number(/^(\d+) ×/.exec(result.machine)?.[1] ?? 2)
  const median = (wanted: (row: Row) => boolean): number | null => result.rows.find(wanted)?.p50 ?? null
  const found: Record<string, Input> = {}
  const keep = (name: keyof typeof STANDARD, value: number | null): void => {
    if (value !== null && value > 0) found[name] = { value, unit: STANDARD[name].unit, source }
  }
  const perCore = (value: number | null): number | null => (value === null ? null : value / cores)
  if (result.bench === 'gateway')
    keep(
      'requestsPerCoreS',
      perCore(median(({ metric, subject }) => metric === 'throughput' && subject.startsWith('ours'))),
    )
  if (result.bench === 'simulator')
    keep('simulationsPerCoreS', perCore(result.bars.find(({ name }) => SWAPS.test(name))?.value ?? null))
  return found
}
