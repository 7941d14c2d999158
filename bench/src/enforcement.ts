import { openWorld } from '@countersign/simulator/catalogue'
import {
  AT_ONCE,
  HOSTILE,
  KINDS,
  LATER,
  measureScenes,
  measureSwitches,
  runRoutes,
  type EnforcedRun,
  type RouteRun,
  type SceneRun,
  type SwitchRun,
} from '@countersign/simulator/enforced'
import { empty, row, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

const OURS = 'countersign'
/**
 * The kind of variants that is held back: no rule is written or changed by it, and its figures stand apart. The other kinds are
 * played beside it.
 */
const HELD_BACK = 'proxy-1167'
/** Kinds of variants that the short run plays; the long one plays all. */
const SHORT: readonly string[] = ['hashed', 'namespace', 'names', 'proxy-1967']
const MOST_OVERHEAD = { median: 40_000, p95: 60_000 } as const

/**
 * Batches that carry the outcome guard, really sent: routes of wallets, attacks that change between preview and block, honest cases at
 * once and later, and what the guard costs.
 */
export async function run(
  log: (text: string) => void,
  { only = null, isLong = false }: { only?: string | null; isLong?: boolean } = {},
): Promise<Result> {
  const result = empty('enforcement')
  const rates: Rate[] = []
  const left: string[] = []
  const world = await openWorld()
  const simulator = await world.open()
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    async routes() {
      countRoutes(result, await runRoutes(world, simulator, log))
    },
    async switches() {
      countSwitches(await measureSwitches(world, simulator, { kinds: [null], log }), {
        ...{ result, rates, left, name: 'switches' },
      })
    },
    async attacks() {
      const runs = await measureScenes(world, simulator, {
        ...{ only: (seed) => seed.isAttack && isOfCatalogue(seed), moves: HOSTILE, kinds: [null], log },
      })
      countAttacks(runs, { result, rates, left, name: 'attacks' })
    },
    async variants() {
      const played = KINDS.filter(({ name }) => isLong || name === HELD_BACK || SHORT.includes(name))
      // A variant changes nothing of what is true of a scene: only those that change as they are written are played in all kinds.
      const written = await measureScenes(world, simulator, {
        ...{ only: (seed) => seed.isAttack && isOfCatalogue(seed), moves: HOSTILE, kinds: [null], log },
      })
      const changed = new Set(written.filter(({ runs }) => runs.some(isWorse)).map(({ name }) => name))
      for (const [name, kinds] of [
        ['held back', played.filter((kind) => kind.name === HELD_BACK)],
        ['variants', played.filter((kind) => kind.name !== HELD_BACK)],
      ] as const) {
        const runs = await measureScenes(world, simulator, {
          ...{ only: (seed) => changed.has(seed.name), moves: HOSTILE, kinds, log },
        })
        countAttacks(runs, { result, rates, left, name: `attacks, ${name}` })
        countSwitches(await measureSwitches(world, simulator, { kinds, log }), {
          ...{ result, rates, left, name: `switches, ${name}` },
        })
      }
    },
    async honest() {
      const runs = await measureScenes(world, simulator, {
        ...{ only: (seed) => !seed.isAttack && isOfCatalogue(seed), moves: [AT_ONCE, LATER], kinds: [null], log },
      })
      countHonest(runs, { result, rates, left })
    },
  }
  try {
    for (const [name, part] of Object.entries(parts)) if (only === null || only === name) await part()
  } finally {
    await simulator.close()
    await world.close()
  }
  result.rates = rates
  result.leftOut = left
  return result
}

/** Families of the catalogue have one letter; the blind scenes have names. */
function isOfCatalogue({ family }: { readonly family: string }): boolean {
  return family.length === 1
}

interface Into {
  readonly result: Result
  readonly rates: Rate[]
  readonly left: string[]
}

function countRoutes(result: Result, routes: readonly RouteRun[]): void {
  for (const { route, status, gas, arrived, isSuccessTurned, told } of routes) {
    const isEnforced = status !== 'none'
    if (gas !== null)
      result.rows.push(
        row({ case: `route: ${route}`, subject: OURS, metric: 'gas', unit: 'gas' }, [Number(gas.guarded - gas.plain)]),
      )
    // What moved when the price was turned: nothing where it is enforced; where it is not, the loss took place.
    const lost = arrived.guardedTurned ?? arrived.plainTurned
    const isRight = isEnforced ? lost === 0n && (isSuccessTurned === false || told !== null) : lost > 0n
    result.bars.push({
      name: `route ${route}: ${isEnforced ? 'nothing moved when the price was turned' : 'not enforced, and shown as such'}`,
      value: isRight ? 1 : 0,
      target: '= 1',
      holds: isRight,
    })
  }
}

const nameOf = ({ name, mutation }: SceneRun): string => `${name}${mutation === null ? '' : ` (${mutation})`}`

/** Attacks whose batch without guard calls did worse than its preview: each must do nothing with them. */
function countAttacks(
  runs: readonly SceneRun[],
  { result, rates, left, name }: Into & { readonly name: string },
): void {
  let [changed, prevented] = [0, 0]
  const why = new Map<string, number>()
  for (const scene of runs) {
    const because = scene.because ?? scene.runs.find(({ isMined }) => isMined === null)?.enforcement.because ?? null
    if (because !== null) {
      why.set(because, (why.get(because) ?? 0) + 1)
      continue
    }
    for (const each of scene.runs) {
      if (!isWorse(each)) continue
      changed += 1
      if (each.isMined === false) prevented += 1
      else left.push(missed(scene, each))
    }
  }
  for (const [because, count] of why) left.push(`${count} attacks are no guarded batch: ${because}`)
  rates.push({ case: `${name} that changed`, subject: OURS, metric: 'prevented', ...share(prevented, changed) })
  const rate = changed === 0 ? 0 : prevented / changed
  result.bars.push({ name: `${name} that changed, prevented`, value: rate, target: '= 1', holds: rate === 1 })
}

const isWorse = ({ worse }: EnforcedRun): boolean => worse !== null && worse.length > 0

/** Switches: each that turns must do nothing to a guarded batch, but for those that no bound can name, and pass it while nothing turned. */
function countSwitches(
  runs: readonly SwitchRun[],
  { result, rates, left, name }: Into & { readonly name: string },
): void {
  const changed = runs.filter(({ isChanged }) => isChanged)
  const named = changed.filter(({ notExpressible }) => notExpressible === null)
  const prevented = named.filter(({ isPrevented }) => isPrevented)
  const calm = runs.filter(({ because, isCalmMined }) => because === null && isCalmMined)
  const titleOf = ({ name: what, mutation }: SwitchRun): string => `${what}${mutation === null ? '' : ` (${mutation})`}`
  for (const each of runs)
    if (!each.isChanged) left.push(`${name}: nothing to prevent in ${titleOf(each)}`)
    else if (!each.isPrevented) {
      const why = each.notExpressible ?? each.because
      left.push(`${name}: ${why === null ? 'NOT PREVENTED' : `no bound holds (${why})`} ${titleOf(each)}`)
    }
  for (const each of runs)
    if (!calm.includes(each)) left.push(`${name}: REFUSED while nothing was turned: ${titleOf(each)}`)
  rates.push(
    {
      case: `${name} that turn and have a getter`,
      subject: OURS,
      metric: 'prevented',
      ...share(prevented.length, named.length),
    },
    { case: `${name} while nothing is turned`, subject: OURS, metric: 'passed', ...share(calm.length, runs.length) },
  )
  for (const [what, hits, n] of [
    ['that turn, prevented where a getter names it', prevented.length, named.length],
    ['pass while nothing is turned', calm.length, runs.length],
  ] as const) {
    const rate = n === 0 ? 0 : hits / n
    result.bars.push({ name: `${name} ${what}`, value: rate, target: '= 1', holds: rate === 1 })
  }
}

function missed(scene: SceneRun, { move, worse, enforcement }: EnforcedRun): string {
  const open = enforcement.notEnforced.map(({ what }) => what).join(', ')
  return `NOT PREVENTED ${nameOf(scene)}, ${move}: ${(worse ?? []).slice(0, 2).join('; ')}${open === '' ? '' : ` (not enforced: ${open})`}`
}

/** Honest batches that take effect without guard calls: each must with them. */
function countHonest(runs: readonly SceneRun[], { result, rates, left }: Into): void {
  const overhead: number[] = []
  for (const { name } of [AT_ONCE, LATER]) {
    let [all, passed] = [0, 0]
    for (const scene of runs)
      for (const each of scene.runs) {
        if (each.move !== name || each.isMined === null || !each.isPlainMined) continue
        all += 1
        if (each.isMined) passed += 1
        else left.push(`REFUSED ${nameOf(scene)}, ${name}`)
        if (name === AT_ONCE.name && each.enforcement.gasOverhead !== null)
          overhead.push(Number(each.enforcement.gasOverhead))
      }
    rates.push({ case: `honest, ${name}`, subject: OURS, metric: 'passed', ...share(passed, all) })
    const rate = all === 0 ? 0 : passed / all
    result.bars.push({ name: `honest batches that pass, ${name}`, value: rate, target: '>= 0.99', holds: rate >= 0.99 })
  }
  const cost = row({ case: 'gas over the batch without guard', subject: OURS, metric: 'gas', unit: 'gas' }, overhead)
  result.rows.push(cost)
  for (const [name, value, most] of [
    ['median', cost.p50, MOST_OVERHEAD.median],
    ['p95', cost.p95, MOST_OVERHEAD.p95],
  ] as const)
    result.bars.push({ name: `gas overhead, ${name}`, value, target: `<= ${most}`, holds: value <= most })
}
