/** The scenes of the catalogue and their variants, each enforced and really sent. */
import type { Simulator } from '../../src/index.ts'
import { MUTATIONS, type Mutation } from '../mutations/kinds.ts'
import { fits, staged } from '../mutations/measureMutants.ts'
import { SEEDS, type Seed } from '../mutations/Seed.ts'
import type { World } from '../World.ts'
import { measureEnforced, withBatchCode, type EnforcedRun, type Move } from './measureEnforced.ts'

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
 * @param of.mutations - How many kinds of variants each scene is played in, from the first on; 0: as it is written alone.
 */
export async function measureScenes(
  world: World,
  simulator: Simulator,
  {
    only,
    moves,
    mutations,
    log,
  }: {
    readonly only: (seed: Seed) => boolean
    readonly moves: readonly Move[]
    readonly mutations: number
    readonly log: (text: string) => void
  },
): Promise<readonly SceneRun[]> {
  const kinds = MUTATIONS.filter(({ calls, amount }) => calls === undefined && amount === undefined)
  const runs: SceneRun[] = []
  for (const seed of SEEDS.filter(only)) {
    const variants: (Mutation | null)[] = [null, ...kinds.filter((kind) => fits(seed, kind)).slice(0, mutations)]
    for (const mutation of variants) {
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
      const runs = await measureEnforced(world, simulator, { scene, moves })
      return { ...base, runs, because: null }
    })
  } catch (error) {
    return none(`it cannot be staged: ${error instanceof Error ? error.message.slice(0, 120) : String(error)}`)
  }
}
