/**
 * Who is named in what the user sets up: who is paid for a listed piece, and who may pay out of a purse. Each container of the
 * record (a struct, a word, a list, a key, a constant of the code) is a scene of its own, with its twin, and every scene
 * carries the proof that it does what it claims.
 */
import { join } from 'node:path'
import { concat, stringToHex, toHex, type Address as Hexes } from 'viem'
import type { Address } from '@countersign/base'
import { DOLLAR, ETHER, nft, usdc } from '../../moves.ts'
import type { World } from '../../World.ts'
import { contractsOf } from '../frame.ts'
import { agent, AMOUNT, balance, deployerOf, keeps, takes, type Journey, type Make } from '../journeys/frame.ts'
import { act } from '../journeys2/frame.ts'

const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))

interface Sale {
  readonly sell: (payee: Address.Address) => ReturnType<typeof call>
  readonly buy: ReturnType<typeof call>
}
const PRICE = 2n * ETHER
type Place = (at: World) => Promise<Sale>

async function shop(at: World, name: string, args: readonly unknown[] = []): Promise<Address.Address> {
  const to = await make(at, name, args)
  await at.send(nft(at, 'setApprovalForAll', [to, true]))
  return to
}
const PLACES: Readonly<Record<string, Place>> = {
  'a struct by collection and number': async (at) => {
    const [to, pieces] = [await shop(at, 'Shelf'), at.chain.addresses.nft]
    return {
      sell: (payee) => call(to, 'Shelf', 'sell', [pieces, 0n, PRICE, payee]),
      buy: call(to, 'Shelf', 'buy', [pieces, 0n], PRICE),
    }
  },
  'one word by number': async (at) => {
    const to = await shop(at, 'Rack', [at.chain.addresses.nft])
    return {
      sell: (payee) => call(to, 'Rack', 'sell', [0n, PRICE, payee]),
      buy: call(to, 'Rack', 'buy', [0n], PRICE),
    }
  },
  'an element of a list': async (at) => {
    const [to, pieces] = [await shop(at, 'Stall'), at.chain.addresses.nft]
    return {
      sell: (payee) => call(to, 'Stall', 'sell', [pieces, 0n, PRICE, payee]),
      buy: call(to, 'Stall', 'buy', [0n], PRICE),
    }
  },
}

/** The piece is listed, and whoever buys it pays somebody. */
async function listed(at: World, place: Place, payee: Address.Address): Promise<Journey> {
  const { sell, buy } = await place(at)
  const before = await balance(at, payee, null)
  return {
    scene: agent(sell(payee)),
    truth: async () => {
      await at.enrich(at.stranger, 2n * PRICE)
      await act(at, at.stranger, buy)
      // The user pays for gas.
      return (await balance(at, payee, null)) - before > (9n * PRICE) / 10n
    },
  }
}

/** A purse of the user's with a thousand dollars. */
async function purse(at: World, name: string): Promise<Address.Address> {
  const to = await make(at, name, [at.chain.addresses.usdc, at.me])
  await at.send(usdc(at, 'transfer', [to, AMOUNT]), deployerOf(at))
  return to
}
const packed = (who: Address.Address, most: bigint) => concat([who.toLowerCase() as Hexes, toHex(most, { size: 12 })])

export const LISTED: Readonly<Record<string, { readonly attack: Make; readonly honest: Make }>> = Object.fromEntries(
  Object.entries(PLACES).map(([name, place]) => [
    name,
    { attack: (at) => listed(at, place, at.thief), honest: (at) => listed(at, place, at.me) },
  ]),
)

export const PURSES: Readonly<Record<string, { readonly attack: Make; readonly honest: Make }>> = {
  'a key of its own': {
    attack: async (at) => {
      const to = await purse(at, 'Purse')
      const steps = [[at.thief, call(to, 'Purse', 'pay', [at.thief, AMOUNT])]] as const
      return takes(at, agent(call(to, 'Purse', 'help', [at.thief])), at.thief, { least: AMOUNT, steps })
    },
    // A name of letters, as long as an account.
    honest: async (at) => {
      const to = await purse(at, 'Purse')
      const name = stringToHex('holidays on Iceland', { size: 32 })
      const steps = [[at.me, call(to, 'Purse', 'pay', [at.me, AMOUNT])]] as const
      return keeps(at, agent(call(to, 'Purse', 'aim', [name, 900n * DOLLAR])), AMOUNT, { steps })
    },
  },
  'the first bytes of a key': {
    attack: async (at) => {
      const to = await purse(at, 'Fob')
      const steps = [[at.thief, call(to, 'Fob', 'pay', [at.thief, AMOUNT])]] as const
      const help = call(to, 'Fob', 'help', [packed(at.thief, 2n ** 96n - 1n)])
      return takes(at, agent(help), at.thief, { least: AMOUNT, steps })
    },
    // A name of letters again.
    honest: async (at) => {
      const to = await purse(at, 'Fob')
      const steps = [[at.me, call(to, 'Fob', 'pay', [at.me, AMOUNT])]] as const
      const name = stringToHex('holidays on Iceland', { size: 20 })
      return keeps(at, agent(call(to, 'Fob', 'aim', [name, 900n * DOLLAR])), AMOUNT, { steps })
    },
  },
}
