import { nft } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a whole collection, to a person': (world) => ({ calls: [nft(world, 'setApprovalForAll', [world.thief, true])] }),
    'one token of it': (world) => ({ calls: [nft(world, 'approve', [world.thief, 1n])] }),
    'a whole collection, to a contract that the app vouches for': (world) => ({
      calls: [nft(world, 'setApprovalForAll', [world.chain.addresses.uniswapV2Router, true])],
    }),
  },
  leave: {
    'it is taken back': async (world) => {
      await world.send(nft(world, 'setApprovalForAll', [world.thief, true]))
      return { calls: [nft(world, 'setApprovalForAll', [world.thief, false])] }
    },
    'a token is given away, not opened': (world) => ({
      calls: [nft(world, 'transferFrom', [world.me, world.friend, 1n])],
    }),
  },
}
