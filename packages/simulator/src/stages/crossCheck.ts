import type { AccessSet } from '../model/Access.ts'
import { compareEngines } from './compareEngines.ts'
import { forkOf, isUnanswered } from './parts.ts'
import type { Stage } from './Stage.ts'

/** The same run on the second engine, for a share of requests. */
export const crossCheck: Stage<'crossCheck'> = {
  name: 'crossCheck',
  needs: ['plan', 'execute'],
  skip(job, found, { pool }) {
    if (pool === null)
      return [{ what: 'a second engine', why: 'this platform has one engine only, so none checks on it' }]
    if ((job.request.signature ?? null) !== null) return [{ what: 'second engine', why: 'documents run on one engine' }]
    if (found.get('execute') === null) return 'not-applicable'
    return job.isSampled ? null : [{ what: 'second engine', why: 'not sampled' }]
  },
  async run(_tools, job, found) {
    const { request } = found.need('plan')
    const touched: AccessSet = new Map()
    try {
      const run = found.need('execute')
      const value = await compareEngines(forkOf(job), job.access, { request, run, touched })
      return { status: 'done', value, touched }
    } catch (error) {
      if (!isUnanswered(error)) throw error
      return { status: 'unseen', notChecked: [{ what: 'second engine', why: error.message }] }
    }
  },
}
