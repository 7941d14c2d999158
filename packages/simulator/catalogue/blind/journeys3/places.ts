/** Where the third set goes: its contracts as they stand before the user does anything in the scene. */
import { Hex } from '@countersign/base'
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Call } from '../../../src/index.ts'
import { DOLLAR, ETHER, keyOf, usdc } from '../../moves.ts'
import type { World } from '../../World.ts'
import { allow, AMOUNT, deployerOf } from '../journeys/frame.ts'
import { MERCHANT, type Place } from '../journeys2/parties.ts'
import { call, make } from './frame.ts'

export const DAY_S = 86_400n
const dollarsOf = (at: World) => at.chain.addresses.usdc
const fill = (at: World, to: Place, dollars: bigint) => at.send(usdc(at, 'transfer', [to, dollars]), deployerOf(at))

export async function desk(at: World): Promise<Place> {
  const to = await make(at, 'Desk', [dollarsOf(at)])
  await fill(at, to, 9n * AMOUNT)
  return to
}

/** The user has staked, and the stake has earned 50 dollars. */
export async function staker(at: World): Promise<Place> {
  const to = await make(at, 'Staker', [dollarsOf(at), MERCHANT])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Staker', 'stake', [AMOUNT]))
  await at.send(allow(at, to, 50n * DOLLAR), deployerOf(at))
  await at.send(call(to, 'Staker', 'reward', [50n * DOLLAR]), deployerOf(at))
  return to
}

export const grants = (at: World) => make(at, 'Grants', [dollarsOf(at)])

/** The user has put 3,000 dollars in for wages. */
export async function salaries(at: World): Promise<Place> {
  const to = await make(at, 'Salaries', [dollarsOf(at)])
  await at.send(allow(at, to, 3n * AMOUNT))
  await at.send(call(to, 'Salaries', 'fill', [3n * AMOUNT]))
  return to
}

/** The user has put 1,000 dollars in, and nobody validates with them. */
export async function restaker(at: World): Promise<Place> {
  const to = await make(at, 'Restaker', [dollarsOf(at)])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Restaker', 'deposit', [AMOUNT]))
  return to
}

/** A purse of the user's with 1,000 dollars, and the issuer's slip for 500 points. */
export async function loyalty(at: World, name: 'Loyalty' | 'LoyaltyTwo'): Promise<readonly [Place, Claim]> {
  const to = await make(at, name, [dollarsOf(at), deployerOf(at)])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, name, 'put', [AMOUNT]))
  const kinds = ['address', 'address', 'uint64', 'uint32'].map((type) => ({ type }))
  const slip = keccak256(encodeAbiParameters(kinds, [to, at.me, 500n, 0]))
  const signature = await keyOf(at, deployerOf(at)).signMessage({ message: { raw: slip } })
  const [r, s, v] = [
    Hex.parse(signature.slice(0, 66)),
    Hex.parse(`0x${signature.slice(66, 130)}`),
    signature.slice(130),
  ]
  return [to, (referrer) => call(to, name, 'claim', [500n, referrer, r, s, Number.parseInt(v, 16)])]
}
export type Claim = (referrer: Place) => Call

/** The user has 2 ether in the pool that stakes together. */
export async function queue(at: World): Promise<{ readonly pooled: Place; readonly to: Place }> {
  const pooled = await make(at, 'Pooled')
  const to = await make(at, 'Queue', [pooled])
  await at.send(call(pooled, 'Pooled', 'submit', [], 2n * ETHER))
  return { pooled, to }
}

export async function coveredCalls(at: World): Promise<Place> {
  const to = await make(at, 'CoveredCalls', [dollarsOf(at), MERCHANT])
  await fill(at, to, AMOUNT)
  return to
}

/** The user holds 100 parts of a house; user and friend are admitted. */
export async function deeds(at: World, compliance: Place): Promise<Place> {
  const to = await make(at, 'Deeds', [compliance, at.me, 100n * ETHER])
  for (const who of [at.me, at.friend]) await at.send(call(compliance, 'Compliance', 'admit', [who]), deployerOf(at))
  return to
}
