import { join } from 'node:path'
import type { Address } from '@countersign/base'
import { contractsOf } from '../../../catalogue/blind/frame.ts'
import { call, callReal, make, makeReal } from '../../../catalogue/blind/journeys2/frame.ts'
import { ROOT } from '../../../catalogue/blind/journeys2/parties.ts'
import { PURSES } from '../../../catalogue/blind/named/scenes.ts'
import { DOLLAR, ETHER, permit2Approve, usdc } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** With an ether of the user's. */
const filled = async (world: World) => {
  const quiet = await world.deploy('QuietGrant')
  await world.send(world.call('QuietGrant', quiet, 'deposit', [], { value: ETHER }))
  return quiet
}

/** A setting of the user's where 1,000 dollars are kept. */
const set = async (world: World, word: bigint) => {
  const to = await make(world, 'Compounder', [world.chain.addresses.usdc])
  await world.send(usdc(world, 'approve', [to, 1_000n * DOLLAR]))
  await world.send(call(to, 'Compounder', 'put', [1_000n * DOLLAR]))
  return { calls: [call(to, 'Compounder', 'setPreferences', [word])], isAgentProposed: true }
}

/** A purse whose code names the user as its owner, for good. */
const purse = async (world: World, name: string, side: 'attack' | 'honest'): Promise<Scene> =>
  (await PURSES[name]?.[side](world))?.scene ?? {}

/** A stranger becomes a helper, and the intent names both. */
const meant = async (world: World, name: string, amount?: string): Promise<Scene> => {
  const scene = await purse(world, name, 'attack')
  const bound = amount === undefined ? {} : { amount }
  const permission = { kind: 'unknown_grant', contract: scene.calls?.[0]?.to, subject: world.thief, ...bound }
  return { ...scene, intent: [{ name: 'allowed_authority', ...permission }] }
}
const tried = contractsOf(join(import.meta.dirname, '../../../catalogue/blind/tried/contracts.json'))

/** The friend, whom the user named, is the user's ward where 1,000 dollars of the user's are kept. */
const cared = async (world: World, name: string, saidRecipients: readonly Address.Address[] = [world.friend]) => {
  const to = await tried.make(world, name, [world.chain.addresses.usdc])
  await world.send(usdc(world, 'approve', [to, 1_000n * DOLLAR]))
  await world.send(tried.call(to, name, 'put', [1_000n * DOLLAR]))
  return { calls: [tried.call(to, name, 'care', [world.friend])], isAgentProposed: true, saidRecipients }
}

/** The friend, whom the user named, may charge so much of 1,000 dollars in a purse. */
const limited = async (world: World, most: bigint, saidRecipients: readonly Address.Address[] = [world.friend]) => {
  const to = await make(world, 'Purse', [world.chain.addresses.usdc])
  await world.send(usdc(world, 'approve', [to, 1_000n * DOLLAR]))
  await world.send(call(to, 'Purse', 'fill', [1_000n * DOLLAR]))
  const who = `0x${world.friend.slice(2).padStart(64, '0')}`
  return { calls: [call(to, 'Purse', 'prefer', [who, most])], isAgentProposed: true, saidRecipients }
}

export const cases: RuleCases = {
  flag: {
    'a helper whom the intent names': (world) => meant(world, 'a key of its own'),
    'a helper whom the intent names with an amount, where none is written': (world) =>
      meant(world, 'a key of its own', '50000000'),
    'a helper whom the intent names with less than is written': (world) =>
      meant(world, 'the first bytes of a key', '50000000'),
    'a helper whom the intent names with as much as is written': (world) =>
      meant(world, 'the first bytes of a key', (2n ** 96n - 1n).toString()),
    'a helper of a purse whose owner is a constant of its code': (world) => purse(world, 'a key of its own', 'attack'),
    'the same in the first bytes of a key, with an amount': (world) =>
      purse(world, 'the first bytes of a key', 'attack'),
    'a limit of twenty dollars, which holds': (world) => limited(world, 20n * DOLLAR),
    'the same, for somebody whom the agent chose': (world) => limited(world, 20n * DOLLAR, []),
    'a limit of more than there is': (world) => limited(world, 2n ** 200n),
    'a ward who can do nothing but greet': (world) => cared(world, 'GreetingWards'),
    'the same, for somebody whom the agent chose, who greets': (world) => cared(world, 'GreetingWards', []),
    'a ward who takes': (world) => cared(world, 'TakingWards'),
    'a ward who takes with a word that nobody guesses': (world) => cared(world, 'WordWards'),
    'a ward who takes after a year': (world) => cared(world, 'LateWards'),
    'a power without an event and without a getter': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'join', [world.thief])] }
    },
    'the same, to a contract': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'join', [await world.deploy('Sweep')])] }
    },
    'where it has something in reach': async (world) => {
      const quiet = await filled(world)
      return { calls: [world.call('QuietGrant', quiet, 'join', [world.thief])] }
    },
    'the same, to an account that the user named as the recipient': async (world) => {
      const quiet = await filled(world)
      return { calls: [world.call('QuietGrant', quiet, 'join', [world.thief])], saidRecipients: [world.thief] }
    },
    'twenty bytes of a setting that nobody has used and that no argument is': async (world) =>
      set(world, (3n << 160n) | 0x5d1f3a9b7c2e4d6f8091a2b3c4d5e6f708192a3bn),
    'the same bytes as an account that exists': async (world) => set(world, (3n << 160n) | BigInt(world.thief)),
  },
  leave: {
    'a name of letters, as long as an account': (world) => purse(world, 'a key of its own', 'honest'),
    'the same in the first bytes of a key': (world) => purse(world, 'the first bytes of a key', 'honest'),
    'the state of a document whose type is hashed first': async (world) => {
      const manager = await makeReal(world, 'DelegationManager', [world.me])
      const delegation = { delegate: world.thief, delegator: world.me, authority: ROOT, caveats: [], salt: 0n }
      const end = callReal(manager, 'DelegationManager', 'disableDelegation', [{ ...delegation, signature: '0x' }])
      return { calls: [end], isAgentProposed: true }
    },
    'Permit2 keeps its allowances by owner, token and spender': async (world) => {
      const { usdc, uniswapV3Router } = world.chain.addresses
      return { calls: [permit2Approve(world, usdc, uniswapV3Router, 5n, world.nowS + 1_800n)] }
    },
    'an entry of the user’s own': async (world) => {
      const quiet = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', quiet, 'deposit', [], { value: 5n })] }
    },
  },
}
