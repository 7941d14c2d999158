/** The law of no history: what was simulated before changes no field of a report. */
import { Digest, type Hex } from '@countersign/base'
import { Report, type Call, type SimulationRequest, type Simulator } from '../src/index.ts'
import { ATTACKS, BENIGN } from './index.ts'
import { SCENES } from './historyScenes.ts'
import type { Scene, World } from './World.ts'

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Chance = ReturnType<typeof chance>

/** A request with a name for failures. */
interface Named {
  readonly name: string
  readonly request: SimulationRequest
}

/** A report that came out otherwise after others than it does in a simulator that has simulated nothing. */
export interface Broken {
  readonly name: string
  /** The requests before it, newest last. */
  readonly after: readonly string[]
  /** Fields of the report that differ. */
  readonly fields: readonly string[]
  readonly fresh: string
  readonly used: string
}

/** The whole report as people and programs get it. No receipt is issued here, and the clock stands. */
export function spelled(report: Report.Report): Record<string, unknown> {
  return JSON.parse(JSON.stringify(Report.toWire(report))) as Record<string, unknown>
}

/** Requests that share one scene, in other words: another account, amount, number of steps, or look-ahead. */
function variants({ name, request }: Named, world: World, random: Chance, count: number): Named[] {
  const made: Named[] = []
  for (let i = 0; i < count; i += 1) {
    const kinds = VARIANTS.filter(({ fits }) => fits(request))
    const { kind, change } = kinds[random(kinds.length)] as (typeof VARIANTS)[number]
    made.push({ name: `${name}, ${kind} ${i}`, request: change(request, world, random) })
  }
  return made
}

const VARIANTS: readonly {
  readonly kind: string
  fits(request: SimulationRequest): boolean
  change(request: SimulationRequest, world: World, random: Chance): SimulationRequest
}[] = [
  {
    kind: 'another account',
    fits: isPlain,
    change: (request, world, random) => ({ ...request, from: random(2) === 0 ? world.friend : world.thief }),
  },
  {
    kind: 'another amount',
    fits: isPlain,
    change: (request, _, random) => {
      const divisor = [2n, 1_000n, 10n ** 12n, 10n ** 30n][random(4)] ?? 2n
      return { ...request, calls: request.calls.map((call) => scaled(call, divisor)) }
    },
  },
  {
    kind: 'another account and amount',
    fits: isPlain,
    change: (request, world) => ({
      ...request,
      from: world.friend,
      calls: request.calls.map((call) => scaled(call, 10n ** 15n)),
    }),
  },
  { kind: 'look-ahead off', fits: () => true, change: (request) => ({ ...request, isLookAhead: false }) },
  {
    kind: 'proposed by an agent',
    fits: () => true,
    change: (request) => ({ ...request, isAgentProposed: request.isAgentProposed !== true }),
  },
  { kind: 'nothing known', fits: () => true, change: (request) => ({ ...request, known: [] }) },
  {
    kind: 'once more',
    fits: ({ calls }) => calls.length > 0,
    change: (request) => ({ ...request, calls: [...request.calls, ...request.calls] }),
  },
  {
    kind: 'at most so much gas',
    fits: ({ calls }) => calls.length > 0,
    change: (request) => ({ ...request, calls: request.calls.map((call) => ({ ...call, gasLimit: 1_000_000n })) }),
  },
]

/** Documents and authorizations are somebody's: another account or amount makes them another thing. */
function isPlain({ calls, signature }: SimulationRequest): boolean {
  return (signature ?? null) === null && calls.length > 0 && calls.every((call) => call.authorizationList === undefined)
}

/** The call with its value, and every argument that looks like an amount, so many times smaller. */
function scaled(call: Call, divisor: bigint): Call {
  let data = call.data.slice(0, 10)
  for (let at = 10; at < call.data.length; at += 64) {
    const word = call.data.slice(at, at + 64)
    const value = word.length === 64 ? BigInt(`0x${word}`) : 0n
    // Small numbers are offsets, ids and flags; addresses fill twenty bytes.
    const isAmount = value > 1_000n && value < 2n ** 120n
    data += isAmount ? (value / divisor || 1n).toString(16).padStart(64, '0') : word
  }
  return { ...call, value: call.value === 0n ? 0n : call.value / divisor || 1n, data: data as Hex.Hex }
}

/** Stages some scenes of the catalogue on one chain, one of them twice: another copy of the same contracts. */
async function stageSome(world: World, random: Chance, size: number): Promise<{ name: string; scene: Scene }[]> {
  const all = [
    ...SCENES,
    ...ATTACKS.map(({ id, stage }) => ({ name: id, stage })),
    ...BENIGN.map(({ title, stage }) => ({ name: title, stage })),
  ]
  const staged: { name: string; scene: Scene }[] = []
  for (let i = 0; staged.length < size && i < 4 * size; i += 1) {
    const picked = all[random(all.length)] as (typeof all)[number]
    const copies = i === 0 ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      // Some cannot be staged beside others, such as one that gives an account code.
      const scene = await Promise.resolve(picked.stage(world)).catch(() => null)
      if (scene !== null) staged.push({ name: `${picked.name}${copy === 0 ? '' : ' (copy)'}`, scene })
    }
  }
  return staged
}

/**
 * Simulates a few requests of one chain each in a simulator of its own, and then all of them in one simulator, forwards
 * and backwards, twice: every ordered pair of them, and each after itself. The reports must be the same.
 *
 * @returns How many ordered pairs were tried, and what broke the law.
 */
export async function compareHistories(
  world: World,
  { seed, scenes = 3, variantsEach = 3 }: { seed: number; scenes?: number; variantsEach?: number },
): Promise<{ readonly pairs: number; readonly broken: readonly Broken[] }> {
  const random = chance(seed)
  return world.inside(
    () => ({}),
    async () => {
      const staged = await stageSome(world, random, scenes)
      await world.pass(12)
      const requests: Named[] = []
      for (const { name, scene } of staged) {
        const request = await world.requestOf(scene).catch(() => null)
        if (request === null) continue
        requests.push({ name, request }, ...variants({ name, request }, world, random, variantsEach))
      }
      const fresh = new Map<Named, Record<string, unknown>>()
      for (const named of requests) fresh.set(named, await alone(world, named.request))
      const forwards = shuffled(requests, random)
      const broken = [
        ...(await walk(world, [...forwards, ...forwards], fresh)),
        ...(await walk(world, forwards.toReversed(), fresh)),
      ]
      return { pairs: requests.length * requests.length, broken }
    },
  )
}

/** The report of a request in a simulator that has simulated nothing; or the error, which must be the same as well. */
export async function alone(world: World, request: SimulationRequest): Promise<Record<string, unknown>> {
  const simulator = await world.open()
  try {
    return await answer(simulator, request)
  } finally {
    await simulator.close()
  }
}

/** The report, or the error in its place. */
export async function answer(simulator: Simulator, request: SimulationRequest): Promise<Record<string, unknown>> {
  try {
    return spelled(await simulator.simulate(request))
  } catch (error) {
    return { error: String(error) }
  }
}

/** All requests one after the other in one simulator. */
export async function walk(
  world: World,
  order: readonly Named[],
  fresh: ReadonlyMap<Named, Record<string, unknown>>,
): Promise<Broken[]> {
  const simulator = await world.open()
  const broken: Broken[] = []
  try {
    for (const [i, named] of order.entries()) {
      const used = await answer(simulator, named.request)
      const was = fresh.get(named) ?? {}
      const fields = [...new Set([...Object.keys(was), ...Object.keys(used)])].filter(
        (field) => JSON.stringify(was[field]) !== JSON.stringify(used[field]),
      )
      if (fields.length === 0) continue
      broken.push({
        name: named.name,
        after: order.slice(0, i).map(({ name }) => name),
        fields,
        fresh: JSON.stringify(Object.fromEntries(fields.map((field) => [field, was[field]]))),
        used: JSON.stringify(Object.fromEntries(fields.map((field) => [field, used[field]]))),
      })
    }
  } finally {
    await simulator.close()
  }
  return broken
}

function shuffled<T>(list: readonly T[], random: Chance): T[] {
  const keyed = list.map((item) => ({ item, at: random(2 ** 31) }))
  return keyed.toSorted((a, b) => a.at - b.at).map(({ item }) => item)
}

/** A short name of a report, for lists. */
export function hashOf(report: Record<string, unknown>): Digest.Digest {
  return Digest.sha256(JSON.stringify(report))
}

export type { Named }
