import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a power without an event and without a getter': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'join', [world.thief])] }
    },
    'the same, to a contract': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'join', [await world.deploy('Sweep')])] }
    },
  },
  leave: {
    'an entry of the user’s own': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'deposit', [], { value: 5n })] }
    },
  },
}
