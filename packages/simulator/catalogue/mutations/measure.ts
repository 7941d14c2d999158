/** Draws variants by chance and measures them: a fixed seed draws the same ones. */
import { openWorld } from '../openWorld.ts'
import { MUTATIONS, type Mutation } from './kinds.ts'
import { fits, playMutant, truthOf, type Outcome } from './measureMutants.ts'
import { SEEDS, type Seed } from './Seed.ts'
import type { Sent } from './truth.ts'

/** What was measured. */
export interface Measured {
  /** Proven variants and those that do not count. */
  readonly outcomes: readonly Outcome[]
  /** Misses and false blocks, each with the smallest mutation that shows it. */
  readonly missed: readonly { readonly outcome: Outcome; readonly smallest: string }[]
}

/** A generator of 32 bits by xorshift (Marsaglia 2003, "Xorshift RNGs"). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/**
 * Plays variants until so many were proven.
 *
 * @param max - Null: every one that there is.
 * @param mutations - Names of kinds; null: all.
 */
export async function measure({
  max,
  seed,
  log,
  mutations = null,
  from = () => true,
}: {
  max: number | null
  seed: number
  log: (text: string) => void
  mutations?: readonly string[] | null
  /** Which scenes are changed. */
  from?: (scene: Seed) => boolean
}): Promise<Measured> {
  const next = chance(seed)
  const kinds = MUTATIONS.filter(({ name }) => mutations === null || mutations.includes(name))
  const pairs = SEEDS.filter(from)
    .flatMap((scene) => kinds.filter((kind) => fits(scene, kind)).map((kind) => ({ scene, kind, at: next() })))
    .sort((a, b) => a.at - b.at)
  const world = await openWorld()
  const truths = new Map<Seed, Sent | null>()
  const outcomes: Outcome[] = []
  const missed: Measured['missed'][number][] = []
  let proven = 0
  async function play(scene: Seed, kind: Mutation): Promise<Outcome | null> {
    if (!truths.has(scene)) truths.set(scene, await truthOf(world, scene))
    const truth = truths.get(scene) ?? null
    return truth === null ? null : playMutant(world, { seed: scene, mutation: kind, truth })
  }
  async function smallestOf({ seed: scene, mutation, isRight }: Outcome): Promise<string> {
    for (const name of mutation.parts ?? []) {
      const part = MUTATIONS.find((kind) => kind.name === name)
      const other = part === undefined ? null : await play(scene, part)
      if (other !== null && other.void === null && other.isRight === isRight) return name
    }
    return mutation.name
  }
  try {
    for (const { scene, kind } of pairs) {
      if (max !== null && proven >= max) break
      const outcome = await play(scene, kind)
      if (outcome === null) continue
      outcomes.push(outcome)
      if (outcome.void !== null) continue
      proven += 1
      if (!outcome.isRight) {
        const smallest = await smallestOf(outcome)
        missed.push({ outcome, smallest })
        log(`${outcome.seed.isAttack ? 'missed' : 'false block'}: ${scene.name} (${smallest})`)
      }
      if (proven % 50 === 0) log(`${proven} variants, ${missed.length} wrong`)
    }
  } finally {
    await world.close()
  }
  return { outcomes, missed }
}
