import { randomFrom } from './randomFrom.ts'

/** Plays steps of the history of a seed against a model. What they disagree about, with the steps; null when they agree. */
export type PlayHistory = (seed: number, steps: readonly Step[]) => Promise<string | null>

/** One step of a history: it draws from a stream of its own, so that the others stay what they are when it is left out. */
export interface Step {
  readonly number: number
  random(): number
}

/** How many histories are played for each noun, and from which seed on. */
export const HISTORIES = Number(process.env['COUNTERSIGN_HISTORIES'] ?? 2_500)
export const FIRST_SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 1)

/**
 * Plays histories from consecutive seeds. One that disagrees is made shorter as long as it still does.
 *
 * @returns How many steps were played.
 * @throws With the seed, the shortest history found and how to play it again.
 */
export async function runHistories(
  play: PlayHistory,
  { first = FIRST_SEED, seeds = HISTORIES, steps }: { first?: number; seeds?: number; steps: number },
): Promise<number> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const all = Array.from({ length: steps }, (_, i) => i)
    const found = await play(seed, stepsOf(seed, all))
    if (found === null) continue
    const short = await shrink(all, async (left) => (await play(seed, stepsOf(seed, left))) !== null)
    const what = (await play(seed, stepsOf(seed, short))) ?? found
    throw new HistoryError(
      `seed ${seed}, ${short.length} of ${steps} steps (${short.join(' ')}): ${what}\nAgain: COUNTERSIGN_SEED=${seed} COUNTERSIGN_HISTORIES=1`,
    )
  }
  return seeds * steps
}

function stepsOf(seed: number, numbers: readonly number[]): Step[] {
  return numbers.map((number) => ({ number, random: randomFrom(seed * 1_009 + number) }))
}

/** Leaves out as many steps as it can, in ever smaller pieces. */
export async function shrink<T>(
  all: readonly T[],
  fails: (left: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = all
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length;) {
      const fewer = [...left.slice(0, at), ...left.slice(at + size)]
      if (fewer.length < left.length && (await fails(fewer))) left = fewer
      else at += size
    }
  }
  return left
}

/** The product and its model disagree. */
export class HistoryError extends TypeError {}
