import { ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'more than there is': (world) => ({ calls: [world.pay(world.friend, 100_000n * ETHER)] }),
    'the second of two payments': (world) => ({
      calls: [world.pay(world.friend, 9_000n * ETHER), world.pay(world.friend, 2_000n * ETHER)],
    }),
  },
  leave: {
    'nearly all, with enough left for the fee': (world) => ({ calls: [world.pay(world.friend, 9_000n * ETHER)] }),
  },
}
