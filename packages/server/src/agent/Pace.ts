import { setTimeout as sleep } from 'node:timers/promises'

/** Pieces of a model's answer that are worked on in one go: each is some 50 µs, most of it the AI SDK's. */
const PIECES_AT_ONCE = 20
/** How long all turns together rest after so many. Milliseconds. */
const REST_MS = 2
/** How long one turn rests: it works on 2,000 pieces a second, several times what models write. Milliseconds. */
const OWN_REST_MS = 10

/**
 * Shares the event loop between turns whose models write and everybody else. A model may send tens of thousands of pieces
 * at once, and any number of turns may run: however many, they take turns, a millisecond of work each, and rest between
 * them, so that they leave half of the time to requests.
 */
export class Pace {
  readonly #restMs: number
  readonly #ownRestMs: number
  readonly #waiting: (() => void)[] = []
  #isBusy = false

  constructor({ restMs = REST_MS, ownRestMs = OWN_REST_MS }: { restMs?: number; ownRestMs?: number } = {}) {
    this.#restMs = restMs
    this.#ownRestMs = ownRestMs
  }

  /** Counts the pieces of one turn: to be waited for before each piece is worked on. */
  turn(): () => Promise<void> | undefined {
    let pieces = 0
    return () => {
      pieces += 1
      return pieces % PIECES_AT_ONCE === 0 ? this.#rest() : undefined
    }
  }

  async #rest(): Promise<void> {
    await sleep(this.#ownRestMs)
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      if (!this.#isBusy) this.#next()
    })
  }

  /** Lets one turn go on, and the next after a rest. */
  #next(): void {
    const go = this.#waiting.shift()
    this.#isBusy = go !== undefined
    if (go === undefined) return
    setTimeout(() => this.#next(), this.#restMs)
    go()
  }
}

/** All turns of a process share one event loop. */
export const PACE = new Pace()
