import type { Digest } from '@countersign/base'
import { Timings, type ReadSet, type Simulator } from '@countersign/simulator'
import type { Admission, Lane } from '../limits/Admission.ts'
import * as Job from './jobs/Job.ts'

/** Workers of the same installation, while there are any. */
export interface Workers extends Pick<Elsewhere, 'run'> {
  /** Whether one that lives serves the chain. */
  isServed(): boolean
}

/** Where a job can run beside this process. */
export interface Elsewhere {
  run(job: Job.Job): Promise<Job.Answer>
  close(): Promise<void>
}

/** Read sets of simulations that ran elsewhere are kept for so many of the newest: receipts are issued from them at once. */
const KEPT_READ_SETS = 500

/**
 * A simulator whose runs are admitted in turn, so that no tenant starves another. Those of tenants
 * that exhaust engines run in a process of their own, which has engines and caches of its own and gives way to this one.
 */
export function admitted(
  common: Simulator,
  { admission, apart, workers = null }: { admission: Admission; apart: Elsewhere; workers?: Workers | null },
): Simulator {
  const readSets = new Map<Digest.Digest, ReadSet.ReadSet>()
  const keep = ({ report, readSet }: Extract<Job.Answer, { kind: 'simulate' }>): typeof report => {
    if (readSet !== null) readSets.set(report.readSet.digest, readSet)
    const [oldest] = readSets.keys()
    if (readSets.size > KEPT_READ_SETS && oldest !== undefined) readSets.delete(oldest)
    return report
  }
  /** The answer of another process; null where this one does it. */
  const elsewhere = async (lane: Lane, job: Job.Job): Promise<Job.Answer | null> => {
    // What exhausts engines keeps to the process of its own: workers serve those whom it would hold up.
    if (lane === 'apart') return apart.run(job)
    if (workers?.isServed() !== true) return null
    try {
      return await workers.run(job)
    } catch (error) {
      // It was taken back, because the last worker went.
      if (error instanceof Job.NoAnswerError && error.why === 'gone') return null
      throw error
    }
  }
  return {
    ...common,
    simulate: (request, { timings = new Timings() } = {}) =>
      admission.run(async (lane, cost) => {
        const answer = await elsewhere(lane, { kind: 'simulate', request })
        if (answer !== null) {
          cost.engineMs = answer.engineMs
          return keep(Job.expect(answer, 'simulate'))
        }
        try {
          return await common.simulate(request, { timings })
        } finally {
          cost.engineMs = timings.engineMs
        }
      }),
    // What an account's factory does here has the limits of a simulation, and no report.
    play: (input) =>
      admission.run(async (lane) => {
        const answer = await elsewhere(lane, { kind: 'play', input })
        return answer === null ? common.play(input) : Job.expect(answer, 'play').played
      }),
    readSet: (digest) => readSets.get(digest) ?? common.readSet(digest),
    async close() {
      await apart.close()
      await common.close()
    },
  }
}
