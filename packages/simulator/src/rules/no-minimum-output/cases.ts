import { buyDollars, DOLLAR, ETHER, swapDollars } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'any price': (world) => ({ calls: [buyDollars(world, ETHER, 0n)] }),
    'a tenth of the price': (world) => ({ calls: [buyDollars(world, ETHER, 249n * DOLLAR)] }),
    'any price, from a token': (world) => ({ calls: swapDollars(world, 1_000n * DOLLAR, 0n) }),
  },
  leave: {
    'half a percent below the price': (world) => ({ calls: [buyDollars(world, ETHER, 2_475n * DOLLAR)] }),
    'wrapping has no price': (world) => ({
      calls: [world.call('WETH9', world.chain.addresses.weth, 'deposit', [], { value: ETHER })],
    }),
  },
}
