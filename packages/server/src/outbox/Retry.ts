/** The first and the longest wait between two attempts, and how long a message is tried (mandates.md, section 7). Milliseconds. */
export const FIRST_WAIT_MS = 10_000
export const LONGEST_WAIT_MS = 6 * 3_600_000
export const GIVE_UP_MS = 24 * 3_600_000

/**
 * When the next attempt is due: 10 s after the first, each wait three times the one before, at most 6 h.
 *
 * @param attempts - How many were made, at least 1.
 * @returns Milliseconds since the epoch; null when the message would be older than 24 h by then.
 */
export function nextAttempt({
  atMs,
  nowMs,
  attempts,
}: {
  atMs: number
  nowMs: number
  attempts: number
}): number | null {
  const nextMs = nowMs + Math.min(FIRST_WAIT_MS * 3 ** (attempts - 1), LONGEST_WAIT_MS)
  return nextMs > atMs + GIVE_UP_MS ? null : nextMs
}
