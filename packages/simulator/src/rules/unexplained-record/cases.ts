import { ETHER } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

async function vault(world: World, name: string, args: readonly unknown[], value = 0n): Promise<Scene> {
  const at = await world.deploy('PreferenceVault')
  await world.send(world.call('PreferenceVault', at, 'deposit', [], { value: ETHER }))
  return { calls: [world.call('PreferenceVault', at, name, args, { value })], isAgentProposed: true }
}

export const cases: RuleCases = {
  flag: {
    'preferences in a vault': (world) => vault(world, 'prefer', [7n]),
    'the same, chosen by the user': async (world) => ({
      ...(await vault(world, 'prefer', [7n])),
      isAgentProposed: false,
    }),
  },
  leave: {
    'a deposit there': (world) => vault(world, 'deposit', [], ETHER),
    'what was deposited comes back': (world) => vault(world, 'withdraw', []),
    'a vote where nothing is kept': async (world) => {
      const at = await world.deploy('Poll')
      return { calls: [world.call('Poll', at, 'vote', [3n, 1n])], isAgentProposed: true }
    },
  },
}
