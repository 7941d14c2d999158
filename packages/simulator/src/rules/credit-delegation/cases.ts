import { ETHER } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'credit is delegated without an event': async (world) => {
      const debt = await world.deploy('DebtToken')
      return { calls: [world.call('DebtToken', debt, 'approveDelegation', [world.thief, 100n * ETHER])] }
    },
  },
  leave: {
    'a delegation is taken back': async (world) => {
      const debt = await world.deploy('DebtToken')
      await world.send(world.call('DebtToken', debt, 'approveDelegation', [world.thief, 100n * ETHER]))
      return { calls: [world.call('DebtToken', debt, 'approveDelegation', [world.thief, 0n])] }
    },
  },
}
