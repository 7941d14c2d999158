import type { Clock } from '@countersign/base'

/** Samples that took longer say too little, in milliseconds. */
const MAX_ROUND_TRIP_MS = 500

/**
 * The database's clock, which all instances share whatever their machines' clocks say: its difference from this process's
 * monotonic clock, from the samples that came back fastest. A sample is taken as of when it was asked, so the time here is
 * never ahead of the database's by more than the two clocks drift, and behind by a round trip at most.
 */
export class DatabaseClock implements Clock.Clock {
  #offsetMs = 0
  #bestMs = Number.POSITIVE_INFINITY

  /** @param ask - The database's time, in milliseconds since the epoch. */
  async sample(ask: () => Promise<number>): Promise<void> {
    const startMs = performance.now()
    const databaseMs = await ask()
    const tookMs = performance.now() - startMs
    // Machines drift: an old sample counts less and less.
    this.#bestMs *= 1.1
    if (tookMs > MAX_ROUND_TRIP_MS && Number.isFinite(this.#bestMs)) return
    if (tookMs > this.#bestMs) return
    this.#bestMs = tookMs
    this.#offsetMs = databaseMs - (startMs + tookMs)
  }

  nowMs(): number {
    return Math.floor(performance.now() + this.#offsetMs)
  }
}
