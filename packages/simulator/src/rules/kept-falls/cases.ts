import type { Address } from '@countersign/base'
import { call as call3 } from '../../../catalogue/blind/journeys3/frame.ts'
import { salaries } from '../../../catalogue/blind/journeys3/places.ts'
import { agent, call, make, stakes } from '../../../catalogue/blind/keptContracts.ts'
import { DOLLAR, ETHER, usdc } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const stake = async (world: World, name: string, args: readonly unknown[] = []) =>
  call(await stakes(world), 'Stakes', name, args)

async function lender(world: World) {
  const to = await make(world, 'Lender', [world.chain.addresses.usdc, world.thief])
  await world.send(usdc(world, 'transfer', [to, 500n * DOLLAR]))
  return to
}

/** Wages out of what the user has put in, for the friend and whoever else is given. */
async function hire(world: World, more: readonly Address.Address[]) {
  const to = await salaries(world)
  const who = [world.friend, ...more]
  const line = call3(to, 'Salaries', 'hire', [who, who.map(() => 300n), world.nowS + 2_592_000n])
  return { ...agent(line), saidRecipients: [world.friend] }
}

export const cases: RuleCases = {
  flag: {
    'half of a stake is gone': async (world) => agent(await stake(world, 'rebalanceNested', [3n])),
    'the same, chosen by the user': async (world) => ({ calls: [await stake(world, 'rebalanceNested', [3n])] }),
    'a debt of the user’s rises': async (world) =>
      agent(call(await lender(world), 'Lender', 'refresh', [90n * DOLLAR])),
    'wages for one more, whom nobody named': async (world) => hire(world, [world.thief]),
  },
  leave: {
    'wages for somebody whom the user named': async (world) => hire(world, []),
    'a stake is taken back': async (world) => agent(await stake(world, 'withdrawNested', [3n, ETHER])),
    'a stake moves to another pool': async (world) => agent(await stake(world, 'movePool', [3n, 4n])),
    'a loan': async (world) => agent(call(await lender(world), 'Lender', 'borrow', [90n * DOLLAR])),
    'a debt is paid off': async (world) => {
      const to = await lender(world)
      await world.send(call(to, 'Lender', 'borrow', [90n * DOLLAR]))
      const repay = call(to, 'Lender', 'repay', [90n * DOLLAR])
      return { calls: [usdc(world, 'approve', [to, 90n * DOLLAR]), repay] }
    },
  },
}
