import type { StageName } from './FoundBy.ts'

/** What one stage cost, over all rounds. */
export interface Timing {
  readonly stage: StageName | 'prepare' | 'fork'
  readonly rounds: number
  readonly ms: number
  /** Accounts and slots that it asked for and that had not been handed over. */
  readonly reads: number
  /** Times that an EVM was asked to run something for it. */
  readonly runs: number
}

/** Counts rounds, time, reads and runs by stage. It is no part of a report, which is a function of request, block and policy. */
export class Timings {
  /**
   * What the engines spent on it, in milliseconds: of the processor, where the system tells that. Waiting for a provider, for a
   * turn or for another's run is not in it.
   */
  engineMs = 0
  readonly #stages = new Map<Timing['stage'], { rounds: number; ms: number; reads: number; runs: number }>()

  async of<T>(stage: Timing['stage'], work: () => Promise<T> | T): Promise<T> {
    const startMs = performance.now()
    try {
      return await work()
    } finally {
      const one = this.#of(stage)
      one.rounds += 1
      one.ms += performance.now() - startMs
    }
  }

  read(stage: Timing['stage'], items: number): void {
    this.#of(stage).reads += items
  }

  ran(stage: Timing['stage'], runs: number): void {
    this.#of(stage).runs += runs
  }

  get list(): readonly Timing[] {
    return [...this.#stages].map(([stage, each]) => ({ stage, ...each }))
  }

  #of(stage: Timing['stage']) {
    let one = this.#stages.get(stage)
    if (one === undefined) this.#stages.set(stage, (one = { rounds: 0, ms: 0, reads: 0, runs: 0 }))
    return one
  }
}
