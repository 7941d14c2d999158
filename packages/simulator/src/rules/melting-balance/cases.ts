import { ETHER } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const wrap = async (world: World, name: string): Promise<Scene> => {
  const at = await world.deploy(name)
  return { calls: [world.call(name, at, 'supply', [], { value: ETHER })] }
}

export const cases: RuleCases = {
  flag: { 'a balance that halves each hour': (world) => wrap(world, 'MeltingToken') },
  leave: { 'a balance that grows': (world) => wrap(world, 'RebasingToken') },
}
