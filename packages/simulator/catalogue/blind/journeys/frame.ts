/** What the journeys share: scenes that carry the proof of what they claim, and contracts of their own. */
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import type { Call } from '../../../src/index.ts'
import { DOLLAR, ETHER, usdc } from '../../moves.ts'
import type { Scene, World } from '../../World.ts'
import { contractsOf } from '../frame.ts'

export const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))

/** A scene, and what is so after it was really sent. */
export interface Journey {
  readonly scene: Scene
  /** Whether the harm, or the benefit, is there; the scene's calls were sent. */
  truth(): Promise<boolean>
  /** The surroundings of the block in which it is sent, where they decide. */
  surround?(): Promise<void>
  /** As often is it sent, each time in another block, until the harm is there. */
  readonly tries?: number
}
export type Make = (world: World) => Promise<Journey>

export const deployerOf = (at: World) => at.chain.accounts[0]?.address as Address.Address
export const AMOUNT = 1_000n * DOLLAR
export const agent = (...calls: Call[]): Scene => ({ calls, isAgentProposed: true })
export const allow = (at: World, spender: Address.Address, amount: bigint) => usdc(at, 'approve', [spender, amount])
const hex = (value: bigint) => value.toString(16).padStart(64, '0')

/** What an account has: dollars unless a token is given, `null` for ether. A piece's id counts as held or not. */
export async function balance(at: World, who: Address.Address, token?: Address.Address | null): Promise<bigint> {
  if (token === null) return BigInt(await at.chain.rpc<string>('eth_getBalance', [who, 'latest']))
  const data = `0x70a08231${hex(BigInt(who))}` as const
  return BigInt(await at.read({ ...at.pay(token ?? at.chain.addresses.usdc, 0n), data }))
}

interface Then {
  /** Dollars unless given; `null` for ether. */
  readonly of?: Address.Address | null
  /** What is done after the scene, and by whom, after so many seconds. */
  readonly steps?: readonly (readonly [Address.Address, Call])[]
  readonly waitS?: number
}
async function goOn(at: World, { of, steps = [], waitS = 0 }: Then, mayFail: boolean): Promise<void> {
  if (waitS > 0) await at.pass(waitS)
  for (const [from, each] of steps) {
    await at.chain.rpc('anvil_impersonateAccount', [from])
    // Who was never used has no ether for gas.
    if (of !== null && (await balance(at, from, null)) < ETHER / 100n) await at.enrich(from, ETHER)
    try {
      await at.send(each, from)
    } catch (error) {
      if (!mayFail) throw error
    }
  }
}
/** Somebody who is nobody to the user ends with at least so much. */
export async function takes(
  at: World,
  scene: Scene,
  by: Address.Address,
  then: Then & { readonly least?: bigint } = {},
): Promise<Journey> {
  const before = await balance(at, by, then.of)
  return {
    scene,
    truth: async () => {
      await goOn(at, then, false)
      // Who does something pays for its gas.
      return (await balance(at, by, then.of)) - before >= (then.least ?? 1n)
    },
  }
}
/** With all that the user can do, what was given does not come back. */
export async function never(at: World, scene: Scene, lost: bigint, then: Then): Promise<Journey> {
  const before = await balance(at, at.me, then.of)
  return {
    scene,
    truth: async () => {
      await goOn(at, then, true)
      return (await balance(at, at.me, then.of)) - before <= -lost
    },
  }
}
/** In the end the user has at least so much more (or less, below zero), by what the user does. */
export async function keeps(at: World, scene: Scene, least: bigint, then: Then = {}): Promise<Journey> {
  const before = await balance(at, at.me, then.of)
  return {
    scene,
    truth: async () => {
      await goOn(at, then, false)
      return (await balance(at, at.me, then.of)) - before >= least
    },
  }
}
/** A document whose words are its truth: its contract is not on the local chain. */
export const stated = async (): Promise<boolean> => Promise.resolve(true)
