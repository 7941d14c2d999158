/** The scenes of the catalogue and their variants, each enforced and really sent. */
import type { Simulator } from '../../src/index.ts'
import { MUTATIONS, type Mutation } from '../mutations/kinds.ts'
import { fits, staged } from '../mutations/measureMutants.ts'
import { SEEDS, type Seed } from '../mutations/Seed.ts'
import type { World } from '../World.ts'
import { measureEnforced, withBatchCode, type EnforcedRun, type Move } from './measureEnforced.ts'

/** Kinds of variants that leave the calls of a scene as they are. */
export const KINDS: readonly Mutation[] = MUTATIONS.filter(
  ({ calls, amount }) => calls === undefined && amount === undefined,
)

/** One scene, or a variant of one, with what came of it under every move. */
export interface SceneRun {
  readonly name: string
  readonly isAttack: boolean
  /** Null: the scene as it is written. */
  readonly mutation: string | null
  readonly runs: readonly EnforcedRun[]
  /** Why it cannot be staged or sent as a batch; null where it was. */
  readonly because: string | null
}

/**
 * Plays scenes with enforcement. A variant changes the contracts of a scene (names, layouts, events, proxies), and not its calls.
 *
 * @param of.only - Which scenes.
 * @param of.kinds - The kinds of variants that each scene is played in, where they fit and change one of its contracts; null: as it is
 *   written.
 */
export async function measureScenes(
  world: World,
  simulator: Simulator,
  {
    only,
    moves,
    kinds,
    log,
  }: {
    readonly only: (seed: Seed) => boolean
    readonly moves: readonly Move[]
    readonly kinds: readonly (Mutation | null)[]
    readonly log: (text: string) => void
  },
): Promise<readonly SceneRun[]> {
  const runs: SceneRun[] = []
  for (const seed of SEEDS.filter(only)) {
    for (const mutation of kinds.filter((kind) => kind === null || fits(seed, kind))) {
      const run = await playOne(world, simulator, { seed, mutation, moves })
      if (run !== null) runs.push(run)
      if (runs.length % 20 === 0) log(`${runs.length} scenes and variants`)
    }
  }
  return runs
}

async function playOne(
  world: World,
  simulator: Simulator,
  { seed, mutation, moves }: { seed: Seed; mutation: Mutation | null; moves: readonly Move[] },
): Promise<SceneRun | null> {
  const base = { name: seed.name, isAttack: seed.isAttack, mutation: mutation?.name ?? null }
  const none = (because: string): SceneRun => ({ ...base, runs: [], because })
  try {
    return await staged(world, { seed, mutation }, async (scene, staging) => {
      if (mutation !== null && !staging.isTouched) return null
      if (scene.calls === undefined) return none('it is a signature')
      if ((scene.from ?? world.me) !== world.me) return none('it is sent from another account')
      await withBatchCode(world)
      const runs = await measureEnforced(world, simulator, { scene, moves, hasAmpleGas: seed.isAttack })
      return { ...base, runs, because: null }
    })
  } catch (error) {
    return none(`it cannot be staged: ${error instanceof Error ? error.message.slice(0, 120) : String(error)}`)
  }
}
