import { envKey } from '../memory/keys.ts'
import type { AccessSet } from '../model/Access.ts'
import { flipSwitches } from './flipSwitches.ts'
import { forkOf, hasNoEffects, outcomeOf } from './parts.ts'
import { readAllEffects } from './readAllEffects.ts'
import type { Stage } from './Stage.ts'

/** Stored switches that somebody could turn between the preview and the signature. */
export const switches: Stage<'switches'> = {
  name: 'switches',
  needs: ['plan', 'execute', 'effects'],
  skip(job, found) {
    if (found.get('execute') === null) return 'not-applicable'
    const line = (why: string) => [{ what: 'stored switches', why }]
    if (hasNoEffects(found)) return line('it fails already')
    if ((job.request.signature ?? null) !== null) return line('they are not tried for a document')
    return job.request.isLookAhead === false ? line('look-ahead was not asked for') : null
  },
  async run({ memory }, job, found) {
    const { request } = found.need('plan')
    const [run, main] = [found.need('execute'), found.need('effects')]
    const key = { ...job.key, env: envKey(job.env) }
    // A node's opinion of a block is asked again.
    const known = job.node === null ? memory.switches.get(key) : undefined
    if (known !== undefined) return { status: 'done', ...known }
    const touched: AccessSet = new Map()
    const { switches: value, leftOut } = await flipSwitches({
      fork: forkOf(job),
      access: job.access,
      request,
      run,
      effects: main,
      outcome: outcomeOf(request.from, main),
      readEffects: (fork, other, variant) => readAllEffects(memory, job, { fork, request, run: other, variant, main }),
      touched,
    })
    const notChecked =
      leftOut === 0 ? [] : [{ what: 'stored switches', why: `${leftOut} more stored flags were not turned` }]
    if (job.node === null) job.learned.push(() => memory.switches.set(key, { value, touched, notChecked }))
    return { status: 'done', value, touched, notChecked }
  },
}
