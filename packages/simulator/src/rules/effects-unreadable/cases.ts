import { weth, ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a token falls silent': async (world) => {
      const token = await world.deploy('MuteToken')
      await world.send(world.call('MuteToken', token, 'mint', [world.me, 10_000n]))
      return { calls: [world.call('MuteToken', token, 'claim')] }
    },
  },
  leave: {
    'a contract that never tells a balance': async (world) => {
      const counter = await world.deploy('Counter')
      return { calls: [world.call('Counter', counter, 'increment')] }
    },
    'a collection’s new token, which had no owner before': async (world) => {
      const minter = await world.deploy('Minter')
      return { calls: [world.call('Minter', minter, 'mint', [], { value: ETHER / 20n })] }
    },
    'a token that says what it does': (world) => ({ calls: [weth(world, 'withdraw', [1n])] }),
  },
}
