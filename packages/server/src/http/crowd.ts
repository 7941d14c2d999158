import { setFlagsFromString } from 'node:v8'

/** From so many open streams on, memory counts for more than pauses. */
const CROWD = 1_000
/** How much the heap may grow before it is collected, in percent of what lives. 0 leaves it to V8: it may triple. */
const CROWDED_PERCENT = 5

/**
 * Counts open streams. While a thousand and more are open the heap is mostly what they hold, and V8's rule (wait until
 * as much again is garbage) doubles it: then it is told to collect sooner, for the whole process. With few streams it
 * is left alone, because collecting more often was measured to make the slowest of a hundred answers two to three times
 * as slow.
 */
export function createCrowd({ tell = setFlagsFromString }: { tell?: (flag: string) => void } = {}): {
  enter(): void
  leave(): void
} {
  let open = 0
  return {
    enter() {
      open += 1
      if (open === CROWD) tell(`--heap-growing-percent=${CROWDED_PERCENT}`)
    },
    leave() {
      open -= 1
      // Not at the same number: one stream that comes and goes tells nothing.
      if (open === CROWD / 2) tell('--heap-growing-percent=0')
    },
  }
}
