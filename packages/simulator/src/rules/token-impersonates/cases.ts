import type { Address } from '@countersign/base'
import { dai, vouch } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const TOKEN = 'ERC20PresetMinterPauser'

/** A token that its maker named so. */
async function named(world: World, symbol: string): Promise<Address.Address> {
  const token = await world.deploy(TOKEN, [symbol, symbol])
  world.name(token, 'that token')
  return token
}
/** Its maker gives the user the right to mint, so that the user receives some in one call. */
async function receive(world: World, symbol: string): Promise<Scene> {
  const token = await named(world, symbol)
  const deployer = world.chain.accounts[0]?.address as Address.Address
  const minter = '0x9f2df0fed2c77648de5860a4cc508cd0818c85b8b8a1ab4ceeef8d981c8956a6'
  await world.send(world.call(TOKEN, token, 'grantRole', [minter, world.me]), deployer)
  return { calls: [world.call(TOKEN, token, 'mint', [world.me, 1_000n])] }
}

export const cases: RuleCases = {
  flag: {
    'the same symbol at another address': (world) => receive(world, 'USDC'),
    'a Cyrillic letter in the symbol': (world) => receive(world, 'USD\u{421}'),
    'a hidden character in the symbol': (world) => receive(world, 'U\u{200b}SDC'),
    'the name in the place of the symbol': (world) => receive(world, 'usd coin'),
    'the chain’s own coin': (world) => receive(world, '\u{415}\u{422}\u{41d}'),
    'given away': async (world) => {
      const { calls } = await receive(world, 'DAI')
      for (const call of calls ?? []) await world.send(call)
      const token = calls?.[0]?.to as Address.Address
      return {
        calls: [world.call(TOKEN, token, 'transfer', [world.friend, 1n])],
        known: [vouch(world.friend, 'Bob')],
      }
    },
  },
  leave: {
    'the token itself': (world) => ({
      calls: [dai(world, 'transfer', [world.friend, 1n])],
      known: [vouch(world.friend, 'Bob')],
    }),
    'a bridged one that says so': (world) => receive(world, 'USDC.e'),
    'a receipt for it': (world) => receive(world, 'aUSDC'),
    'another name': (world) => receive(world, 'SOME'),
    'the same name, but the app has the token in its registry': async (world) => {
      const scene = await receive(world, 'USDC')
      return { ...scene, known: [vouch(scene.calls?.[0]?.to as Address.Address, 'Bridged dollars', 'token')] }
    },
  },
}
