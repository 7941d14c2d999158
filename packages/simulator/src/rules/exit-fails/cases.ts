import { join } from 'node:path'
import { contractsOf } from '../../../catalogue/blind/frame.ts'
import * as journeys from '../../../catalogue/blind/journeys/frame.ts'
import { ETHER, usdc, vouch } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const blind = join(import.meta.dirname, '../../../catalogue/blind/value/contracts.json')
const { make, call } = contractsOf(blind)
const deposit = async (world: World, name: string): Promise<Scene> => {
  const to = await make(world, name, [world.thief])
  return { calls: [call(to, name, 'deposit', [], ETHER)] }
}

/** A stake of dollars for a receipt token. */
const stake = async (world: World, name: string): Promise<Scene> => {
  const to = await journeys.make(world, name, [world.chain.addresses.usdc, world.thief])
  const amount = journeys.AMOUNT
  return { calls: [usdc(world, 'approve', [to, amount]), journeys.call(to, name, 'stake', [amount])] }
}

export const cases: RuleCases = {
  flag: {
    'only the owner withdraws': (world) => deposit(world, 'NeverExit'),
    'the exit pays nothing': (world) => deposit(world, 'HollowExit'),
    'the exit keeps nineteen in twenty': (world) => deposit(world, 'TaxedExit'),
    'a receipt that redeems nothing': (world) => stake(world, 'ReceiptOfNothing'),
    'a receipt that redeems nothing in two hours': (world) => stake(world, 'FeeLater'),
    'an amount and a time in a list, opened by a vote': async (world) => {
      const to = await journeys.make(world, 'VoteVault', [world.thief])
      return { calls: [journeys.call(to, 'TimeVault', 'put', [], ETHER)] }
    },
    'locked for a week': (world) => deposit(world, 'LateExit'),
    'asked for, and paid a day later': (world) => deposit(world, 'QueueExit'),
  },
  leave: {
    'an amount can be withdrawn': (world) => deposit(world, 'GoodExit'),
    'all can be taken out at once': (world) => deposit(world, 'AllExit'),
    'a contract that the app knows': async (world) => {
      const scene = await deposit(world, 'NeverExit')
      return {
        ...scene,
        known: (scene.calls ?? []).flatMap(({ to }) => (to === null ? [] : vouch(to, 'Vault', 'spender'))),
      }
    },
    'a receipt that is redeemed': (world) => stake(world, 'LiquidStake'),
    'coins that are sold, and kept': async (world) => {
      const to = await journeys.make(world, 'Sale', [world.thief])
      return { calls: [journeys.call(to, 'Sale', 'buy', [world.friend], ETHER)] }
    },
    'no function of a known name': (world) => deposit(world, 'NoExit'),
  },
}
