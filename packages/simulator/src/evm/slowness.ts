/**
 * How much slower a core of this machine is than the one on which the budgets of the engines were measured. What a budget allows is
 * work, and a slower machine needs longer for the same work: without this an honest transaction would be called hostile there.
 */

/** Of one round of `work` on the machine of the budgets: 2 × Intel Xeon, Node 24.21, 2026-12-01, the least of a hundred rounds. */
const REFERENCE_MS = 1.3
const ROUNDS = 8
/** A machine that is slower than this is not what a server runs on: it is busy, or somebody keeps it so. */
const MOST = 4

let known: number | null = null

/** From 1 to 4; measured once, by the first who asks, in about 12 ms. */
export function slowness(): number {
  known ??= measureSlowness()
  return known
}

/**
 * The least of several short rounds counts: on a busy machine most are interrupted, and hardly ever all of them.
 *
 * @param nowMs, work - For tests.
 */
export function measureSlowness({
  nowMs = () => performance.now(),
  work = calculate,
}: { nowMs?: () => number; work?: () => unknown } = {}): number {
  let leastMs = Infinity
  // One more than is counted: the first is slow until it is compiled.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const startMs = nowMs()
    work()
    if (round > 0) leastMs = Math.min(leastMs, nowMs() - startMs)
  }
  return Math.min(MOST, Math.max(1, leastMs / REFERENCE_MS))
}

/** Whole numbers only, as an interpreter of bytecode works with; each step needs the one before. */
function calculate(): number {
  let value = 1
  for (let step = 0; step < 1_000_000; step += 1) value = (Math.imul(value, 1_103_515_245) + 12_345) | 0
  return value
}
