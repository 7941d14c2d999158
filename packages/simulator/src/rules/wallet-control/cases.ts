import type { Address } from '@countersign/base'
import { DOLLAR, usdc } from '../../../catalogue/moves.ts'
import { execute, guard, openSafe, safe } from '../../../catalogue/safe.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** The second owner of the Safe is exchanged for the friend. */
const exchanged = async (world: World, saidRecipients: readonly Address.Address[]) => {
  const at = await openSafe(world)
  const add = safe('addOwnerWithThreshold', [world.stranger, 1n])
  await world.send(execute(world, at, { to: at, value: 0n, data: add }))
  const data = safe('swapOwner', ['0x0000000000000000000000000000000000000001', world.stranger, world.friend])
  return { calls: [execute(world, at, { to: at, value: 0n, data })], saidRecipients, isAgentProposed: true }
}

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
    'an owner whom the user named as the recipient is added': async (world) => {
      const at = await openSafe(world)
      const data = safe('addOwnerWithThreshold', [world.friend, 1n])
      const calls = [execute(world, at, { to: at, value: 0n, data })]
      return { calls, saidRecipients: [world.friend], isAgentProposed: true }
    },
    'an owner whom the user named takes another’s place': async (world) => exchanged(world, [world.friend]),
    'the same, where the agent chose the new owner': async (world) => exchanged(world, []),
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
