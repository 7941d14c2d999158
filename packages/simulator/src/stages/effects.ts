import type { Unexplained } from '../effects/Write.ts'
import type { NotChecked } from '../model/Finding.ts'
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
    const notChecked = unexplainedLines(value.unexplained)
    return { status: 'done', value, touched: value.touched, blocks: value.blockHashesAsked, notChecked }
  },
}

/** Stored words that are named one by one; of the others only the number is told. */
const MAX_LINES = 8

function unexplainedLines(words: readonly Unexplained[]): NotChecked[] {
  const what = 'stored words about you'
  const lines = words.slice(0, MAX_LINES).map(({ contract, slot }) => ({
    what,
    why: `${contract} changed its slot ${slot}, and nothing that it tells says what that means for you`,
  }))
  const rest = words.length - lines.length
  return rest > 0 ? [...lines, { what, why: `${rest} more slots changed in the same way` }] : lines
}
