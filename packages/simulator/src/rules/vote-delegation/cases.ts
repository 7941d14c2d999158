import { make, call } from '../../../catalogue/blind/keptContracts.ts'
import { vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'votes go to somebody unknown': async (world) => ({
      calls: [call(await make(world, 'Votes'), 'Votes', 'delegate', [world.stranger])],
    }),
  },
  leave: {
    'the user votes with the user’s own tokens': async (world) => ({
      calls: [call(await make(world, 'Votes'), 'Votes', 'delegate', [world.me])],
    }),
    'votes that the intent gives': async (world) => {
      const at = await make(world, 'Votes')
      return {
        calls: [call(at, 'Votes', 'delegate', [world.friend])],
        known: [vouch(world.friend, 'Bob')],
        intent: [{ name: 'allowed_authority', kind: 'votes', contract: at, subject: world.friend }],
      }
    },
  },
}
