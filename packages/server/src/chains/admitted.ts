import type { Digest } from '@countersign/base'
import { Timings, type ReadSet, type Simulator } from '@countersign/simulator'
import type { Admission } from '../limits/Admission.ts'
import * as Job from './jobs/Job.ts'

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
  { admission, apart }: { admission: Admission; apart: Elsewhere },
): Simulator {
  const readSets = new Map<Digest.Digest, ReadSet.ReadSet>()
  const keep = ({ report, readSet }: Extract<Job.Answer, { kind: 'simulate' }>): typeof report => {
    if (readSet !== null) readSets.set(report.readSet.digest, readSet)
    const [oldest] = readSets.keys()
    if (readSets.size > KEPT_READ_SETS && oldest !== undefined) readSets.delete(oldest)
    return report
  }
  return {
    ...common,
    simulate: (request, { timings = new Timings() } = {}) =>
      admission.run(async (lane, cost) => {
        if (lane === 'common') {
          try {
            return await common.simulate(request, { timings })
          } finally {
            cost.engineMs = timings.engineMs
          }
        }
        const answer = await apart.run({ kind: 'simulate', request })
        cost.engineMs = answer.engineMs
        return keep(Job.expect(answer, 'simulate'))
      }),
    // What an account's factory does here has the limits of a simulation, and no report.
    play: (input) =>
      admission.run(async (lane) => {
        if (lane === 'common') return common.play(input)
        return Job.expect(await apart.run({ kind: 'play', input }), 'play').played
      }),
    readSet: (digest) => readSets.get(digest) ?? common.readSet(digest),
    async close() {
      await apart.close()
      await common.close()
    },
  }
}
