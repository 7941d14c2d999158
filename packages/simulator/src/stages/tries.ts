import type { AccessSet } from '../model/Access.ts'
import type { Tries } from '../model/Evidence.ts'
import type { NotChecked } from '../model/Finding.ts'
import { flowIn } from './flow.ts'
import { tryGrants } from './lookahead/grantees.ts'
import { tryOpenings, tryTakers } from './lookahead/takers.ts'
import { forkOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/**
 * What others can do after the batch: anybody, the people whom a contract knows, and the account of an entry that nothing
 * explains. It stands last and has a budget of its own, so that nothing else ends early because of it.
 */
export const tries: Stage<'tries'> = {
  name: 'tries',
  needs: ['plan', 'execute', 'effects', 'flow', 'lookAhead'],
  // Where nothing was looked at ahead, that is said already.
  skip: (_job, found) => (found.get('lookAhead') === null ? 'not-applicable' : null),
  async run(_tools, job, found) {
    const { request } = found.need('plan')
    const [run, effects, flow] = [found.need('execute'), found.need('effects'), flowIn(job, found)]
    const { deposits } = found.need('lookAhead')
    const touched: AccessSet = new Map()
    const ground = { fork: forkOf(job), access: job.access, run, touched }
    const done = deposits.map(({ contract }) => contract)
    const [taken, opened, granted] = await Promise.all([
      tryTakers(ground, { flow, deposits }),
      tryOpenings(ground, { request, effects, flow }, done),
      tryGrants(ground, { request, effects }),
    ])
    const value: Tries = {
      ...{ grants: granted.grants, deposits: taken, openings: opened.openings },
      untried: { grants: granted.untried, openings: opened.untried },
    }
    return { status: 'done', value, touched, notChecked: untriedLines(value) }
  },
}

/** What could not be tried. */
function untriedLines({ deposits, untried }: Tries): NotChecked[] {
  return [
    ...deposits
      .filter(({ isWhole, takers }) => !isWhole && takers.length === 0)
      .map(({ contract }) => ({
        what: 'who else can take it out',
        why: `not all that others can do with ${contract} could be tried`,
      })),
    ...untried.openings.map((contract) => ({
      what: 'what anybody can take now',
      why: `not all that anybody can do with ${contract} could be tried`,
    })),
    ...untried.grants.map(({ subject, contract }) => ({
      what: 'what an entry allows',
      why: `not all that ${subject} can do by its entry in ${contract} could be tried`,
    })),
  ]
}
