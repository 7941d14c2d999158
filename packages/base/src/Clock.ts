/** Time, handed in. Milliseconds since the Unix epoch. */
export interface Clock {
  nowMs(): number
}

/** The machine's clock. */
export const system: Clock = { nowMs: () => Date.now() }

/** A clock that stands still until it is told to move; for tests. */
export function fixed(startMs: number): Clock & { advanceMs(ms: number): void } {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    advanceMs: (ms) => {
      nowMs += ms
    },
  }
}

/** ISO 8601 UTC, as every wire format here spells time. */
export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
