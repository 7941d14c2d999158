import { envKey } from '../memory/keys.ts'
import type { AccessSet } from '../model/Access.ts'
import { forkOf, hasNoEffects, outcomeOf } from './parts.ts'
import { readAllEffects } from './readAllEffects.ts'
import { runEnvironments } from './runEnvironments.ts'
import type { Stage } from './Stage.ts'

/** The batch in every other block that may come, compared with the expected one. */
export const environments: Stage<'environments'> = {
  name: 'environments',
  needs: ['plan', 'execute', 'effects'],
  skip(_job, found) {
    if (found.get('execute') === null) return 'not-applicable'
    return hasNoEffects(found) ? [{ what: 'other environments', why: 'it fails already' }] : null
  },
  async run({ memory }, job, found) {
    const key = { ...job.key, env: envKey(job.env) }
    // A node's opinion of a block is asked again.
    const known = job.node === null ? memory.environments.get(key) : undefined
    if (known !== undefined) return { status: 'done', ...known }
    const { request } = found.need('plan')
    const [run, main] = [found.need('execute'), found.need('effects')]
    const touched: AccessSet = new Map()
    const value = await runEnvironments({
      fork: forkOf(job),
      access: job.access,
      request,
      header: job.header,
      run,
      effects: main,
      outcome: outcomeOf(request.from, main),
      readEffects: (fork, other) => readAllEffects(memory, job, { fork, request, run: other, main }),
      touched,
    })
    if (job.node === null) job.learned.push(() => memory.environments.set(key, { value, touched }))
    return { status: 'done', value, touched }
  },
}

/** Block overrides without which another block cannot be told from the expected one. */
const NEEDED = ['time', 'feeRecipient'] as const

/** The same in the chain's own node, as far as it takes block overrides. */
export const environmentsOnNode: Stage<'environments'> = {
  ...environments,
  skip(job, found, tools) {
    const missing = NEEDED.filter((name) => job.node?.overrides.has(name) !== true)
    if (missing.length > 0)
      return [{ what: 'environments', why: `the node does not take block overrides (${missing.join(', ')})` }]
    return environments.skip(job, found, tools)
  },
  async run(tools, job, found) {
    const result = await environments.run(tools, job, found)
    const line = { what: 'environments', why: 'block number and hashes stay as the chain’s own node has them' }
    return result.status === 'done' ? { ...result, notChecked: [...(result.notChecked ?? []), line] } : result
  },
}
