import { readTrades } from '../effects/readTrades.ts'
import type { AccessSet } from '../model/Access.ts'
import { forkOf, hasNoEffects, logsOfRun } from './parts.ts'
import type { Stage } from './Stage.ts'

/** The pools that the run traded with, and their prices before it. */
export const prices: Stage<'prices'> = {
  name: 'prices',
  needs: ['plan', 'execute', 'effects'],
  // Nothing is traded by what fails.
  skip: (_job, found) => (hasNoEffects(found) ? 'not-applicable' : null),
  async run(_tools, job, found) {
    const touched: AccessSet = new Map()
    const { trades, notChecked } = await readTrades(forkOf(job), job.access, {
      from: job.user,
      tokenChanges: found.need('effects').tokenChanges,
      logs: logsOfRun(found.need('execute')),
      touched,
    })
    return { status: 'done', value: trades, touched, notChecked }
  },
}
