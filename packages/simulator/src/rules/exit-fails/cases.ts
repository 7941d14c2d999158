import { join } from 'node:path'
import { contractsOf } from '../../../catalogue/blind/frame.ts'
import { ETHER, vouch } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const blind = join(import.meta.dirname, '../../../catalogue/blind/value/contracts.json')
const { make, call } = contractsOf(blind)
const deposit = async (world: World, name: string): Promise<Scene> => {
  const to = await make(world, name, [world.thief])
  return { calls: [call(to, name, 'deposit', [], ETHER)] }
}

export const cases: RuleCases = {
  flag: {
    'only the owner withdraws': (world) => deposit(world, 'NeverExit'),
    'the exit pays nothing': (world) => deposit(world, 'HollowExit'),
    'the exit keeps nineteen in twenty': (world) => deposit(world, 'TaxedExit'),
    'locked for a week': (world) => deposit(world, 'LateExit'),
    'asked for, and paid a day later': (world) => deposit(world, 'QueueExit'),
  },
  leave: {
    'an amount can be withdrawn': (world) => deposit(world, 'GoodExit'),
    'all can be taken out at once': (world) => deposit(world, 'AllExit'),
    'a contract that the app knows': async (world) => {
      const scene = await deposit(world, 'NeverExit')
      return {
        ...scene,
        known: (scene.calls ?? []).flatMap(({ to }) => (to === null ? [] : vouch(to, 'Vault', 'spender'))),
      }
    },
    'no function of a known name': (world) => deposit(world, 'NoExit'),
  },
}
