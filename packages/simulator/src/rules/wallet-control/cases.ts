import { DOLLAR, usdc } from '../../../catalogue/moves.ts'
import { execute, guard, openSafe, safe } from '../../../catalogue/safe.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'a module is added to the user’s Safe': async (world) => {
      const at = await openSafe(world)
      const module = await world.deploy('Sweep')
      return { calls: [execute(world, at, { to: at, value: 0n, data: safe('enableModule', [module]) })] }
    },
    'an owner is added': async (world) => {
      const at = await openSafe(world)
      const data = safe('addOwnerWithThreshold', [world.thief, 1n])
      return { calls: [execute(world, at, { to: at, value: 0n, data })] }
    },
    'the guard is removed': async (world) => {
      const at = await openSafe(world)
      await guard(world, at)
      const data = safe('setGuard', ['0x0000000000000000000000000000000000000000'])
      return { calls: [execute(world, at, { to: at, value: 0n, data })] }
    },
  },
  leave: {
    'the Safe pays': async (world) => {
      const at = await openSafe(world)
      return { calls: [execute(world, at, usdc(world, 'transfer', [world.friend, 5n * DOLLAR]))] }
    },
    'an owner that the intent allows': async (world) => {
      const at = await openSafe(world)
      const data = safe('addOwnerWithThreshold', [world.friend, 1n])
      return {
        calls: [execute(world, at, { to: at, value: 0n, data })],
        intent: [{ name: 'allowed_authority', kind: 'module', contract: at, subject: world.friend }],
      }
    },
  },
}
