import { setFlagsFromString } from 'node:v8'

/** From so many open streams on, memory counts for more than pauses. */
const CROWD = 1_000
/** How much the heap may grow before it is collected, in percent of what lives. 0 leaves it to V8: it may triple. */
const CROWDED_PERCENT = 5
const FLAG = 'heap-growing-percent'

/** Open streams by what is told of them: V8 is one for all servers in a process. */
const counts = new WeakMap<(flag: string) => void, { open: number }>()

/**
 * Counts open streams. While a thousand and more are open the heap is mostly what they hold, and V8's rule (wait until
 * as much again is garbage) doubles it: then it is told to collect sooner, for the whole process. With few streams it
 * is left alone, because collecting more often was measured to make the slowest of a hundred answers two to three times
 * as slow. Servers in one process count together, and an operator who set the flag keeps it.
 */
export function createCrowd({
  tell = setFlagsFromString,
  operatorFlags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''],
}: { tell?: (flag: string) => void; operatorFlags?: readonly string[] } = {}): {
  enter(): void
  leave(): void
} {
  const count = counts.get(tell) ?? { open: 0 }
  counts.set(tell, count)
  const isOperators = operatorFlags.some((flag) => flag.replaceAll('_', '-').includes(FLAG))
  const say = (percent: number): void => {
    if (!isOperators) tell(`--${FLAG}=${percent}`)
  }
  return {
    enter() {
      count.open += 1
      if (count.open === CROWD) say(CROWDED_PERCENT)
    },
    leave() {
      count.open -= 1
      // Not at the same number: one stream that comes and goes tells nothing.
      if (count.open === CROWD / 2) say(0)
    },
  }
}
