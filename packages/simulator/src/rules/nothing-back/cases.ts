import { join } from 'node:path'
import { contractsOf } from '../../../catalogue/blind/frame.ts'
import { v3Exact } from '../../../catalogue/blind/journeys/places.ts'
import { ETHER, swapDollars, usdc, vouch, weth } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { Call } from '../../index.ts'
import type { RuleCases } from '../RuleCases.ts'

const keeper = async (world: World, functionName: string): Promise<Call> =>
  world.call('Keeper', await world.deploy('Keeper'), functionName, [], { value: 3n * ETHER })

const tried = contractsOf(join(import.meta.dirname, '../../../catalogue/blind/tried/contracts.json'))
const purse = async (world: World, name: string, people: readonly string[]) => {
  const to = await tried.make(world, name, people)
  return { calls: [tried.call(to, name, 'fill', [], 3n * ETHER)], isAgentProposed: true }
}

export const cases: RuleCases = {
  flag: {
    'a purse that its owner, the user, can empty: a note': (world) => purse(world, 'OwnPurse', [world.me]),
    'the same, and so can a keeper': (world) => purse(world, 'SharedPurse', [world.me, world.thief]),
    'three ether into claim()': async (world) => ({ calls: [await keeper(world, 'claim')], isAgentProposed: true }),
    'the same, chosen by the user': async (world) => ({ calls: [await keeper(world, 'claim')] }),
    'in two halves': async (world) => {
      const at = await world.deploy('Keeper')
      const half = world.call('Keeper', at, 'claim', [], { value: ETHER })
      return { calls: [half, half], isAgentProposed: true }
    },
    'an exchange gets too much, and keeps it': (world) => ({ calls: v3Exact(world, 5n * ETHER, false) }),
  },
  leave: {
    'a deposit that is written down for the user': async (world) => ({
      calls: [await keeper(world, 'deposit')],
      isAgentProposed: true,
    }),
    'a contract that the app names': async (world) => {
      const call = await keeper(world, 'claim')
      return { calls: [call], isAgentProposed: true, known: [vouch(call.to as Call['to'] & string, 'Donations')] }
    },
    'an exchange': (world) => ({ calls: swapDollars(world, 1_000_000_000n, ETHER / 4n), isAgentProposed: true }),
    'the same, and what is left comes back': (world) => ({ calls: v3Exact(world, 5n * ETHER, true) }),
    wrapping: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER })], isAgentProposed: true }),
    'a payment to a person': (world) => ({ calls: [usdc(world, 'transfer', [world.friend, 5n])] }),
  },
}
