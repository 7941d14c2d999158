import { DOLLAR, MAX, usdc } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'oneself is approved, and the tokens go by transferFrom': (world) => ({
      calls: [
        usdc(world, 'approve', [world.me, 500n * DOLLAR]),
        usdc(world, 'transferFrom', [world.me, world.stranger, 500n * DOLLAR]),
      ],
    }),
    'oneself is approved, without limit': (world) => ({ calls: [usdc(world, 'approve', [world.me, MAX])] }),
    'an allowance of oneself grows': (world) => ({ calls: [usdc(world, 'increaseAllowance', [world.me, 5n])] }),
  },
  leave: {
    'a permission for oneself is taken back': (world) => ({ calls: [usdc(world, 'approve', [world.me, 0n])] }),
    'a permission for somebody else': (world) => ({ calls: [usdc(world, 'approve', [world.friend, 5n])] }),
    'one’s own tokens by transferFrom, as an old permission lets': async (world) => {
      await world.send(usdc(world, 'approve', [world.me, 5n]))
      return { calls: [usdc(world, 'transferFrom', [world.me, world.friend, 5n])] }
    },
  },
}
