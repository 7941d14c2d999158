import { agent, make, call } from '../../../catalogue/blind/journeys/frame.ts'
import { ETHER } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** A campaign that pays its maker from so much on, and everybody back otherwise. */
const campaign = async (world: World, goal: bigint) =>
  agent(call(await make(world, 'Campaign', [goal, world.thief]), 'Campaign', 'contribute', [], ETHER))

export const cases: RuleCases = {
  flag: { 'a campaign whose goal anything meets': (world) => campaign(world, 1n) },
  leave: { 'a campaign that pays back': (world) => campaign(world, 50n * ETHER) },
}
