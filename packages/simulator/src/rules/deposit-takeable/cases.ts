import { join } from 'node:path'
import { contractsOf } from '../../../catalogue/blind/frame.ts'
import { agent, make, call } from '../../../catalogue/blind/journeys/frame.ts'
import { ETHER } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** A campaign that pays its maker from so much on, and everybody back otherwise. */
const campaign = async (world: World, goal: bigint) =>
  agent(call(await make(world, 'Campaign', [goal, world.thief]), 'Campaign', 'contribute', [], ETHER))

const tried = contractsOf(join(import.meta.dirname, '../../../catalogue/blind/tried/contracts.json'))

/** An ether into a vault of which anybody may do something with what it holds. */
const vault = async (world: World, name: string) =>
  agent(tried.call(await tried.make(world, name), name, 'deposit', [], ETHER))

export const cases: RuleCases = {
  flag: {
    'a campaign whose goal anything meets': (world) => campaign(world, 1n),
    'a vault that pays whoever asks': (world) => vault(world, 'GenerousVault'),
  },
  leave: {
    'a campaign that pays back': (world) => campaign(world, 50n * ETHER),
    'a vault that anybody may tell to put its ether to work': (world) => vault(world, 'WorkingVault'),
  },
}
