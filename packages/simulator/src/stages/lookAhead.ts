import type { AccessSet } from '../model/Access.ts'
import type { Ahead } from '../model/Evidence.ts'
import type { NotChecked } from '../model/Finding.ts'
import { lookAhead as playNext } from './lookahead/lookAhead.ts'
import { flowIn } from './flow.ts'
import { forkOf, hasNoEffects, logsOfRun } from './parts.ts'
import type { Stage } from './Stage.ts'

/** What those who gained an authority could take next, and whether what was bought can be sold again. */
export const lookAhead: Stage<'lookAhead'> = {
  name: 'lookAhead',
  needs: ['plan', 'execute', 'effects', 'flow'],
  skip(job, found) {
    if (found.get('execute') === null) return 'not-applicable'
    if (hasNoEffects(found)) return [{ what: 'look-ahead', why: 'it fails already' }]
    return job.request.isLookAhead === false ? [{ what: 'look-ahead', why: 'it was not asked for' }] : null
  },
  async run(_tools, job, found) {
    const { request } = found.need('plan')
    const [run, effects] = [found.need('execute'), found.need('effects')]
    const touched: AccessSet = new Map()
    const logs = logsOfRun(run)
    const value = await playNext(forkOf(job), job.access, {
      ...{ request, run, effects, logs, touched },
      flow: flowIn(job, found),
    })
    return {
      status: 'done',
      value,
      touched,
      notChecked: [
        ...value.unplayed.map(({ subject, kind, contract }) => ({
          what: 'look-ahead',
          why: `what ${subject} could do next with ${kind} at ${contract} could not be tried`,
        })),
        ...leftOutLines(value.leftOut),
        ...value.exits
          .filter(({ status }) => status === 'unknown')
          .map(({ contract }) => ({
            what: 'a way out',
            why: `no function of ${contract} was found that pays out what you put in`,
          })),
      ],
    }
  },
}

/** How many were too many to be tried; those that come first are strangers' and large ones. */
function leftOutLines({ grants, bought, deposits, balances }: Ahead['leftOut']): NotChecked[] {
  return [
    ...(grants === 0 ? [] : [{ what: 'look-ahead', why: `what ${grants} more grants allow next was not tried` }]),
    ...(bought === 0 ? [] : [{ what: 'look-ahead', why: `${bought} more tokens that arrive were not sold back` }]),
    ...(balances === 0
      ? []
      : [{ what: 'look-ahead', why: `${balances} more balances that arrive were not read again later` }]),
    ...(deposits === 0 ? [] : [{ what: 'a way out', why: `the way out of ${deposits} more deposits was not tried` }]),
  ]
}
