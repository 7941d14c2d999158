/**
 * Where something makes a verdict milder, whoever writes the contract may bring that something about: an empty balance
 * that is filled later, a coin that is paid back beside, a name, a lock that opens, a flag behind others. Written from
 * the rules' code, each attack as a doubt about one condition of it.
 */
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import { keccak256, toHex } from 'viem'
import { dai, ETHER } from '../../moves.ts'
import type { Scene, World } from '../../World.ts'
import { contractsOf, one, type Kind } from '../frame.ts'

const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))
const deployer = (at: World) => at.chain.accounts[0]?.address as Address.Address

/** A contract in which the user has an ether. */
async function kept(at: World, name: string): Promise<Address.Address> {
  const to = await make(at, name)
  await at.send(call(to, name, 'deposit', [], ETHER))
  return to
}
const prefer = async (at: World, name: string, args: readonly unknown[] = [7n], value = 0n): Promise<Scene> =>
  one(call(await kept(at, 'Preferences'), 'Preferences', name, args, value))
async function locked(at: World, name: string): Promise<Scene> {
  const to = await kept(at, 'Preferences')
  await at.send(call(to, 'Preferences', 'protect', [at.me, at.thief]), deployer(at))
  return one(call(to, 'Preferences', name, [at.thief]))
}
async function lateVault(at: World): Promise<Address.Address> {
  const token = await at.deploy('PlainToken')
  await at.send(at.call('PlainToken', token, 'mint', [at.me, 9n * ETHER]))
  const to = await make(at, 'LateVault', [token])
  await at.send(at.call('PlainToken', token, 'approve', [to, 9n * ETHER]))
  await at.send(call(to, 'LateVault', 'deposit', [9n * ETHER]))
  await at.send(at.call('PlainToken', token, 'approve', [to, 0n]))
  return to
}
async function box(at: World, seconds: bigint): Promise<Scene> {
  return one(call(await make(at, 'ClosingBox', [seconds]), 'ClosingBox', 'deposit', [], ETHER))
}
async function members(at: World): Promise<Address.Address> {
  const to = await make(at, 'Members')
  await at.send(call(to, 'Members', 'found'))
  await at.send(call(to, 'Members', 'join', [], ETHER), at.friend)
  await at.enrich(to, 5n * ETHER)
  return to
}
const member = async (at: World, name: string, args: readonly unknown[] = [], value = 0n) =>
  one(call(await members(at), 'Members', name, args, value))

export const KINDS: readonly Kind[] = [
  {
    title: 'a record that decides later',
    rules: ['unexplained-record', 'unknown-grant'],
    attacks: {
      'as it is': (at) => prefer(at, 'prefer'),
      'the smallest coin comes back beside': (at) => prefer(at, 'preferForACoin'),
      'the smallest coin is paid for it': (at) => prefer(at, 'preferForAFee', [7n], 1n),
      'a rounding of what is kept falls beside': (at) => prefer(at, 'preferAndRound'),
      'a flag that is one': (at) => prefer(at, 'prefer', [1n]),
      'a flag that is the time': (at) => prefer(at, 'preferNow', []),
      'a lock that is opened': (at) => locked(at, 'unlock'),
      'a number that goes down': (at) => locked(at, 'lower'),
      'before the balance is filled, in one batch': async (at) => {
        const to = await make(at, 'Preferences')
        return one(call(to, 'Preferences', 'prefer', [7n]), call(to, 'Preferences', 'deposit', [], ETHER))
      },
      'beside a right that is taken back': async (at) => {
        const to = await kept(at, 'Preferences')
        await at.send(dai(at, 'approve', [to, 5n]))
        return one(dai(at, 'approve', [to, 0n]), call(to, 'Preferences', 'prefer', [7n]))
      },
      'behind twenty registers of no value': async (at) => {
        const to = await kept(at, 'Preferences')
        const crowd = await make(at, 'Crowd', [to, 20n])
        return one(call(crowd, 'Crowd', 'all', [3n]), call(to, 'Preferences', 'prefer', [7n]))
      },
      'over tokens whose contract stands in a variable': async (at) =>
        one(call(await lateVault(at), 'LateVault', 'prefer', [7n])),
      'over coins that another contract holds': async (at) =>
        one(call(await kept(at, 'FrontVault'), 'FrontVault', 'prefer', [7n])),
    },
    honest: {
      'a motto and a colour where nothing is kept': async (at) =>
        one(call(await make(at, 'Guestbook'), 'Guestbook', 'sign', [keccak256(toHex('carpe diem')), 3n])),
      'a deposit': async (at) => one(call(await kept(at, 'Preferences'), 'Preferences', 'deposit', [], ETHER)),
      'a deposit, and one more': async (at) => {
        const to = await make(at, 'Preferences')
        const deposit = call(to, 'Preferences', 'deposit', [], ETHER)
        return one(deposit, deposit)
      },
      'what was deposited comes back': async (at) =>
        one(call(await kept(at, 'Preferences'), 'Preferences', 'withdraw')),
      'the same where another contract holds it': async (at) =>
        one(call(await kept(at, 'FrontVault'), 'FrontVault', 'withdraw')),
    },
  },
  {
    title: 'a power that is named',
    rules: ['unknown-grant'],
    attacks: {
      'to an account that the user named': async (at) => ({
        ...one(call(await kept(at, 'Helpers'), 'Helpers', 'help', [at.thief, 1])),
        saidRecipients: [at.thief],
      }),
      'as a level': async (at) => one(call(await kept(at, 'Helpers'), 'Helpers', 'help', [at.thief, 3])),
    },
    honest: {},
  },
  {
    title: 'a way out that closes',
    rules: ['exit-fails'],
    attacks: {
      'within ten minutes': (at) => box(at, 600n),
      'within a day': (at) => box(at, 86_400n),
    },
    honest: { 'not for years': (at) => box(at, 100_000_000n) },
  },
  {
    title: 'a balance that is gone later',
    rules: ['melting-balance', 'unsellable'],
    attacks: {
      'after a day': async (at) => one(call(await make(at, 'DayToken'), 'DayToken', 'buy', [], ETHER)),
    },
    honest: {},
  },
  {
    title: 'a switch behind others',
    rules: ['outcome-switchable'],
    attacks: {
      'eight that decide nothing': async (at) => {
        const to = await make(at, 'ManyFlags')
        await at.enrich(to, 5n * ETHER)
        return one(call(to, 'ManyFlags', 'buy', [], ETHER))
      },
    },
    honest: {},
  },
  {
    title: 'elements of a set that can be listed',
    rules: ['unknown-grant', 'ownership-transfer', 'kept-falls', 'proceeds-elsewhere'],
    attacks: {
      'another is given the user’s own level': (at) => member(at, 'appoint', [at.stranger, 3n]),
      'half of what is kept is gone': async (at) => {
        const to = await members(at)
        await at.send(call(to, 'Members', 'join', [], 2n * ETHER))
        return one(call(to, 'Members', 'tidy'))
      },
      'what is paid is written down for another': (at) => member(at, 'gift', [at.stranger], ETHER),
    },
    honest: {
      'what is paid is written down for the user': (at) => member(at, 'join', [], ETHER),
      'and comes back': async (at) => {
        const to = await members(at)
        await at.send(call(to, 'Members', 'join', [], 2n * ETHER))
        return one(call(to, 'Members', 'leave'))
      },
      'for a friend, as the user said': async (at) => ({
        ...(await member(at, 'gift', [at.friend], ETHER)),
        saidRecipients: [at.friend],
      }),
    },
  },
]

/** What is known to fail, by its title, and why. `test.fails`: the day that it is right, this list says so. */
export const KNOWN: Readonly<Record<string, string>> = {}
