/** The catalogue of switches and its variants: each sent calm and turned, with and without guard calls. */
import type { Simulator } from '../../src/index.ts'
import type { Mutation } from '../mutations/kinds.ts'
import { staged } from '../mutations/measureMutants.ts'
import type { Seed } from '../mutations/Seed.ts'
import type { World } from '../World.ts'
import { apart, enforceScene, sendBatch, withAmpleGas, withBatchCode, type Batch } from './measureEnforced.ts'
import { keeperOf, SWITCHES, type Staged, type Switch } from './switches/scenes.ts'

/** What came of one switch. */
export interface SwitchRun {
  readonly name: string
  /** Null: as it is written. */
  readonly mutation: string | null
  /** Why no bound can name it; null: it has a getter. */
  readonly notExpressible: string | null
  /** Why nothing is enforced; null where it is. */
  readonly because: string | null
  /** What the enforcement says that it leaves open. */
  readonly notEnforced: readonly string[]
  /** Whether the batch without guard calls does something else once it is turned: otherwise there was nothing to prevent. */
  readonly isChanged: boolean
  /** Whether the guarded batch passes while nothing is turned. */
  readonly isCalmMined: boolean
  /** Whether what the switch turns into does not happen to the guarded batch. */
  readonly isPrevented: boolean
}

/** @param of.kinds - The kinds of variants; null: as they are written. A variant that changes no contract of a scene is left out. */
export async function measureSwitches(
  world: World,
  simulator: Simulator,
  { kinds, log }: { readonly kinds: readonly (Mutation | null)[]; readonly log: (text: string) => void },
): Promise<readonly SwitchRun[]> {
  const runs: SwitchRun[] = []
  for (const each of SWITCHES) {
    for (const mutation of kinds) {
      const run = await playOne(world, simulator, { each, mutation })
      if (run !== null) runs.push(run)
    }
    log(`${runs.length} switches and variants`)
  }
  return runs
}

async function playOne(
  world: World,
  simulator: Simulator,
  { each, mutation }: { each: Switch; mutation: Mutation | null },
): Promise<SwitchRun | null> {
  const seed: Seed = {
    ...{ name: each.name, isAttack: true, family: 'attribution', least: 'warn', rules: null },
    ...{ isAboutEvents: false, isAboutGas: false, build: each.build },
  }
  return staged(world, { seed, mutation }, async (scene, staging) => {
    if (mutation !== null && !staging.isTouched) return null
    await withBatchCode(world)
    const { turn, reads } = scene as Staged
    const { enforcement, batches } = await enforceScene(world, simulator, scene)
    const base = {
      ...{ name: each.name, mutation: mutation?.name ?? null, notExpressible: each.notExpressible ?? null },
      ...{ because: enforcement.because, notEnforced: enforcement.notEnforced.map(({ what }) => what) },
    }
    if (batches === null) return { ...base, isChanged: true, isCalmMined: false, isPrevented: false }
    const send = (batch: Batch, isTurned: boolean) =>
      apart(world, async () => {
        if (!isTurned) await world.pass(12)
        else if (typeof turn === 'number') await world.pass(turn)
        else await world.send(turn, keeperOf(world))
        const isMined = (await sendBatch(world, isTurned ? withAmpleGas(batch) : batch)).status === '0x1'
        return { isMined, read: (await Promise.all(reads.map((call) => world.read(call)))).join() }
      })
    const calm = await send(batches.plain, false)
    const turned = await send(batches.plain, true)
    const guarded = await send(batches.guarded, true)
    return {
      ...base,
      isChanged: calm.isMined && turned.isMined && turned.read !== calm.read,
      isCalmMined: (await send(batches.guarded, false)).isMined,
      isPrevented: !guarded.isMined,
    }
  })
}
