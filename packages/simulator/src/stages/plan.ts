import type { AccessSet } from '../model/Access.ts'
import { planSignature } from '../signatures/planSignature.ts'
import { forkOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** What is run: the calls as asked, and behind them what the holder of a signature could do with it. */
export const plan: Stage<'plan'> = {
  name: 'plan',
  needs: [],
  skip: () => null,
  async run(_tools, job) {
    const { request } = job
    const signature = request.signature ?? null
    if (signature === null) return { status: 'done', value: { request, findings: [] } }
    const touched: AccessSet = new Map()
    const fork = forkOf(job)
    const planned = await planSignature(fork, job.access, { signature, from: request.from, touched })
    return {
      status: 'done',
      touched,
      value: {
        request: { ...request, calls: [...request.calls, ...planned.calls] },
        findings: planned.findings,
      },
      notChecked: signature.notChecked,
    }
  },
}

/** The same where there is no fork to ask: the document's uses as it has them. */
export const planOnNode: Stage<'plan'> = {
  name: 'plan',
  needs: [],
  skip: () => null,
  run: (_tools, { planned }) => ({
    status: 'done',
    value: { request: planned, findings: planned.signature?.findings ?? [] },
    notChecked: planned.signature?.notChecked ?? [],
  }),
}
