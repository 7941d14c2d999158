import { batch, delegateTo, ETHER, usdc, vouch } from '../../../catalogue/moves.ts'
import { hookPays } from '../../../catalogue/places.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a token’s hook in the user’s own code pays': async (world) => ({ calls: [await hookPays(world)] }),
  },
  leave: {
    'the account calls itself': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [batch(world, [world.pay(world.friend, ETHER), usdc(world, 'transfer', [world.friend, 5n])])] }
    },
    'ether comes in, and the code keeps quiet': async (world) => {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [world.call('WETH9', world.chain.addresses.weth, 'withdraw', [ETHER])] }
    },
    'a token that the app names calls the hook': async (world) => {
      const call = await hookPays(world)
      return { calls: [call], known: [vouch(call.to ?? world.me, 'Operated', 'infrastructure')] }
    },
  },
}
