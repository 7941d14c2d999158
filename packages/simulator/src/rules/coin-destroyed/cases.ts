import { make, call } from '../../../catalogue/blind/keptContracts.ts'
import { ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a contract that is its own heir': async (world) => ({
      calls: [call(await make(world, 'Mortal'), 'Mortal', 'endItself', [], 2n * ETHER)],
    }),
  },
  leave: {
    'a contract whose heir is the user': async (world) => ({
      calls: [call(await make(world, 'Mortal'), 'Mortal', 'endFor', [world.me], 2n * ETHER)],
    }),
  },
}
