import { buyDollars, dai, DOLLAR, ETHER, vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a deposit comes back while a flag is set': async (world) => {
      const flip = await world.deploy('Flip')
      return { calls: [world.call('Flip', flip, 'deposit', [], { value: ETHER })] }
    },
  },
  leave: {
    'a contract that the app names': async (world) => {
      const flip = await world.deploy('Flip')
      return {
        calls: [world.call('Flip', flip, 'deposit', [], { value: ETHER })],
        known: [vouch(flip, 'Deposit box', 'infrastructure')],
      }
    },
    'a pool’s lock makes the swap fail, and nothing worse': (world) => ({
      calls: [buyDollars(world, ETHER, 2_475n * DOLLAR)],
    }),
    'a market that counts deposits': async (world) => {
      const pool = await world.deploy('Staking', [world.chain.addresses.dai])
      await world.send(dai(world, 'approve', [pool, 100n * ETHER]))
      return { calls: [world.call('Staking', pool, 'stake', [40n * ETHER])] }
    },
  },
}
