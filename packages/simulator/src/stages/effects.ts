import { forkOf } from './parts.ts'
import { readAllEffects } from './readAllEffects.ts'
import type { Stage } from './Stage.ts'

/** What the run did to balances and grants, read before and after. */
export const effects: Stage<'effects'> = {
  name: 'effects',
  needs: ['plan', 'execute'],
  skip: (_job, found) => (found.get('execute') === null ? 'not-applicable' : null),
  async run({ memory }, job, found) {
    const { request } = found.need('plan')
    const value = await readAllEffects(memory, job, { fork: forkOf(job), request, run: found.need('execute') })
    return { status: 'done', value, touched: value.touched, blocks: value.blockHashesAsked }
  },
}
