import { quiet } from '../quiet.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flagContext: {
    'one payment, on a machine that was too busy to watch it': { engine: { ...quiet, isUnwatched: true } },
  },
  flag: {
    'seven hundred transfers in one call': async (world) => {
      const storm = await world.deploy('EventStorm')
      return { calls: [world.call('EventStorm', storm, 'storm', [700n])] }
    },
  },
  leave: {
    'a hundred of them': async (world) => {
      const storm = await world.deploy('EventStorm')
      return { calls: [world.call('EventStorm', storm, 'storm', [100n])] }
    },
  },
}
