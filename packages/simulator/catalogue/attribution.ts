import { keccak256, toHex } from 'viem'
import { delegateTo, DOLLAR, ETHER, usdc } from './moves.ts'
import type { Build, World } from './World.ts'

const coins = (world: World) => world.chain.addresses.usdc

/** Code for the user's own account, and one batch that the account runs. */
async function rootAccount(world: World, setsRoot: boolean): Promise<ReturnType<World['call']>> {
  await delegateTo(world, world.me, await world.deploy('RootAccount'))
  const to = world.me
  const root = world.call('RootAccount', to, 'setRoot', [keccak256(toHex('nine otters'))])
  const acts = [
    { to: world.friend, value: ETHER, data: '0x' },
    ...(setsRoot ? [{ to, value: 0n, data: root.data }] : []),
  ]
  return world.call('RootAccount', to, 'run', [acts])
}

async function stakeHouse(world: World): Promise<ReturnType<typeof world.deploy>> {
  const at = await world.deploy('StakeHouse', [coins(world)])
  await world.send(usdc(world, 'approve', [at, 5_000n * DOLLAR]))
  await world.send(world.call('StakeHouse', at, 'stake', [2_000n * DOLLAR]))
  return at
}

/**
 * Harm that is written where no list of known layouts looks. Written with the findings and a part of the old code in view, so its
 * first score (1 of 11) is not a blind one.
 */
export const WRITTEN_AWAY: Readonly<Record<string, Build>> = {
  'a right under a key of 192 hashed bytes': async (world) => {
    const at = await world.deploy('LongKeys')
    return { calls: [world.call('LongKeys', at, 'greet', [world.thief])] }
  },
  'an heir inside a packed word': async (world) => {
    const at = await world.deploy('Settings')
    return { calls: [world.call('Settings', at, 'nameHeir', [world.thief])] }
  },
  'the holder of a record in a list, beside its amount': async (world) => {
    const at = await world.deploy('VaultList')
    await world.send(world.call('VaultList', at, 'open', [], { value: 2n * ETHER }))
    return { calls: [world.call('VaultList', at, 'tidy', [0n, world.thief])] }
  },
  'an element of the user’s own list of helpers': async (world) => {
    const at = await world.deploy('HelperList')
    await world.send(world.call('HelperList', at, 'add', [world.friend]))
    return { calls: [world.call('HelperList', at, 'add', [world.thief])] }
  },
  'a root in the account’s own storage that names nobody': async (world) => ({
    calls: [await rootAccount(world, true)],
  }),
  'an id that no event names leaves': async (world) => {
    const at = await world.deploy('DustyPieces', [world.thief])
    for (const id of [1n, 2n]) await world.send(world.call('DustyPieces', at, 'mint', [world.me, id, 10n]))
    return { calls: [world.call('DustyPieces', at, 'dust', [1n])] }
  },
  'a role of a contract that the user rules': async (world) => {
    const at = await world.deploy('RoleBook', [world.me])
    return { calls: [world.call('RoleBook', at, 'appoint', [keccak256(toHex('MINTER')), world.thief])] }
  },
  'a ward beside the user’s own': async (world) => {
    const at = await world.deploy('RoleBook', [world.me])
    return { calls: [world.call('RoleBook', at, 'rely', [world.thief])] }
  },
  'an owner behind a byte, in a namespace': async (world) => {
    const at = await world.deploy('SpacedOwner', [world.me])
    return { calls: [world.call('SpacedOwner', at, 'setUp', [2, world.thief])] }
  },
  'a honeypot that tells no transfer': async (world) => {
    const at = await world.deploy('MuteHoneypot', [world.thief])
    return { calls: [world.call('MuteHoneypot', at, 'buy', [], { value: ETHER })] }
  },
}

/** What looks like it and is what people do every day: at most warned of. */
export const WRITTEN_HONESTLY: Readonly<Record<string, Build>> = {
  'a deposit under a key of the user and the token': async (world) => {
    const at = await world.deploy('LongKeys')
    return {
      calls: [
        usdc(world, 'approve', [at, 50n * DOLLAR]),
        world.call('LongKeys', at, 'put', [coins(world), 50n * DOLLAR]),
      ],
    }
  },
  'a time and a counter beside an heir who stays': async (world) => {
    const at = await world.deploy('Settings')
    await world.send(world.call('Settings', at, 'nameHeir', [world.friend]))
    return { calls: [world.call('Settings', at, 'visit')] }
  },
  'the user as heir of their own': async (world) => {
    const at = await world.deploy('Settings')
    return { calls: [world.call('Settings', at, 'nameHeir', [world.me])] }
  },
  'a helper who is let go': async (world) => {
    const at = await world.deploy('HelperList')
    await world.send(world.call('HelperList', at, 'add', [world.friend]))
    return { calls: [world.call('HelperList', at, 'leave')] }
  },
  'a payment by account code with nonce, lock and time': async (world) => ({
    calls: [await rootAccount(world, false)],
    saidRecipients: [world.friend],
  }),
  'a stake taken back': async (world) => {
    const at = await stakeHouse(world)
    return { calls: [world.call('StakeHouse', at, 'leave', [500n * DOLLAR])] }
  },
  'more staked': async (world) => {
    const at = await stakeHouse(world)
    return { calls: [world.call('StakeHouse', at, 'stake', [500n * DOLLAR])] }
  },
  'the time of a claim': async (world) => {
    const at = await stakeHouse(world)
    return { calls: [world.call('StakeHouse', at, 'claim')] }
  },
  'pieces of an id given as asked': async (world) => {
    const at = await world.deploy('DustyPieces', [world.thief])
    await world.send(world.call('DustyPieces', at, 'mint', [world.me, 2n, 10n]))
    return { calls: [world.call('DustyPieces', at, 'give', [world.friend, 2n, 4n])], saidRecipients: [world.friend] }
  },
  'a piece whose owner shares a word with a time, sent as asked': async (world) => {
    const at = await world.deploy('TimedPieces')
    await world.send(world.call('TimedPieces', at, 'mint', [world.me, 8n]))
    const call = world.call('TimedPieces', at, 'transferFrom', [world.me, world.friend, 8n])
    return { calls: [call], saidRecipients: [world.friend] }
  },
  'a vote': async (world) => {
    const at = await world.deploy('Poll')
    return { calls: [world.call('Poll', at, 'vote', [3n, 1n])] }
  },
  'thanks, which anybody may give': async (world) => {
    const at = await world.deploy('RoleBook', [world.friend])
    return { calls: [world.call('RoleBook', at, 'thank', [world.friend])] }
  },
  'a fee in a contract that the user owns': async (world) => {
    const at = await world.deploy('SpacedOwner', [world.me])
    return { calls: [world.call('SpacedOwner', at, 'setFee', [30n])] }
  },
  'the user’s own record closed': async (world) => {
    const at = await world.deploy('VaultList')
    await world.send(world.call('VaultList', at, 'open', [], { value: 2n * ETHER }))
    return { calls: [world.call('VaultList', at, 'close', [0n])] }
  },
}
