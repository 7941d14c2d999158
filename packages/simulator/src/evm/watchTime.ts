import type { CpuClock } from './anvil/cpuTime.ts'
import { EngineStarvedError, EngineUntoldError, isExhaustion } from './EngineLimitError.ts'

/** However busy the machine is, nobody waits longer than this for one request. */
export const MAX_WALL_MS = 6_000
/** How often the processor time of workers is read while they run. */
export const CPU_READ_MS = 40

/** Tells a run that is not over in its time from one that did not get it. */
export interface TimeWatch {
  /** How much longer to wait, once the time on the wall is over; 0 when that was enough. */
  moreMs(): number
  /** The error of a run that was ended, with what the clocks say about it. */
  explain(error: unknown): unknown
}

/**
 * @param allowedMs - Of processor time, where the clock tells it; else on the wall.
 * @param maxWallMs - However little of the processor it got.
 */
export function watchTime(
  cpu: CpuClock,
  { startMs, allowedMs, maxWallMs }: { startMs: number; allowedMs: number; maxWallMs: number },
): TimeWatch {
  let starvedMs: number | null = null
  let isUntold = false
  return {
    moreMs() {
      const usedMs = cpu.since(startMs)
      isUntold = usedMs === null
      if (usedMs === null || usedMs >= allowedMs) return 0
      if (performance.now() - startMs < maxWallMs) return Math.max(20, allowedMs - usedMs)
      starvedMs = usedMs
      return 0
    },
    explain(error) {
      if (starvedMs !== null) return new EngineStarvedError(starvedMs, maxWallMs, error)
      return isUntold && isExhaustion(error) ? new EngineUntoldError(error) : error
    },
  }
}
