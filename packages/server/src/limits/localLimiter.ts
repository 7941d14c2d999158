import type { Clock } from '@countersign/base'
import * as Gcra from './Gcra.ts'
import type { Limiter } from './Limiter.ts'

/** How many buckets are remembered: about 200 bytes each. */
const MAX_BUCKETS = 100_000

/**
 * Limits in this process's memory: exact for one process, and all there is without Redis.
 *
 * @param clock - A monotonic clock by default, so that setting the machine's time back frees nobody.
 */
export function createLocalLimiter({ clock = MONOTONIC }: { clock?: Clock.Clock } = {}): Limiter {
  const table = new Backlogs(MAX_BUCKETS)
  return {
    charge: (charges) => chargeLocally(table, charges, clock.nowMs(), 1, 'local'),
    mode: () => 'local',
    close: async () => undefined,
  }
}

/** Milliseconds that never go back. */
export const MONOTONIC: Clock.Clock = { nowMs: () => performance.now() }

/** When each window of each bucket will be empty again; the least recently charged bucket goes first. */
export class Backlogs {
  readonly #until = new Map<string, number>()
  readonly #max: number
  constructor(max: number) {
    this.#max = max
  }
  get size(): number {
    return this.#until.size
  }
  /** How full it is now, in milliseconds of refill. */
  read(name: string, nowMs: number): number {
    const until = this.#until.get(name)
    return until === undefined || until <= nowMs ? 0 : until - nowMs
  }
  write(name: string, backlogMs: number, nowMs: number): void {
    this.#until.delete(name)
    this.#until.set(name, nowMs + backlogMs)
    if (this.#until.size > this.#max) this.#evict(nowMs)
  }
  /** Empty buckets are no loss; only when all are in use does the oldest go. */
  #evict(nowMs: number): void {
    let looked = 0
    for (const [name, until] of this.#until) {
      if (until <= nowMs) this.#until.delete(name)
      looked += 1
      if (looked >= 1_000) break
    }
    while (this.#until.size > this.#max) {
      const [oldest] = this.#until.keys()
      if (oldest === undefined) return
      this.#until.delete(oldest)
    }
  }
}

/**
 * One decision over a table. `share` is how many instances divide a limit between them: each admits its part at its
 * part of the rate, from the fill they all last knew.
 */
export function chargeLocally(
  table: Backlogs,
  charges: readonly Gcra.Charge[],
  nowMs: number,
  share: number,
  source: Gcra.Decision['source'],
): Gcra.Decision {
  const states: Gcra.WindowState[] = []
  const after: [string, number][] = []
  let retryAfterMs = 0
  for (const { bucket, windows, cost } of charges) {
    for (const window of windows) {
      const name = `${bucket}|${window.name}`
      const before = table.read(name, nowMs)
      // The share makes a unit dearer; one unit must still fit, or a small limit would close for everybody.
      const price = Math.min(cost * share, window.limit)
      const full = Gcra.fill(before, window, price)
      if (cost > 0 && !Gcra.holds(full, window)) {
        retryAfterMs = Math.max(retryAfterMs, full - window.windowMs)
        states.push(Gcra.stateOf(before, window))
      } else {
        after.push([name, full])
        states.push(Gcra.stateOf(full, window))
      }
    }
  }
  const allowed = retryAfterMs === 0
  if (allowed) {
    for (const [name, full] of after) if (full > 0) table.write(name, full, nowMs)
    return { allowed, states, retryAfterMs, source }
  }
  // Nothing was charged: what the others would have been charged is given back in what the client reads.
  const unchanged = charges.flatMap(({ bucket, windows }) =>
    windows.map((window) => Gcra.stateOf(table.read(`${bucket}|${window.name}`, nowMs), window)),
  )
  return { allowed, states: unchanged, retryAfterMs, source }
}
