import { ETHER, permit2Approve } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** With an ether of the user's. */
const filled = async (world: World) => {
  const quiet = await world.deploy('QuietGrant')
  await world.send(world.call('QuietGrant', quiet, 'deposit', [], { value: ETHER }))
  return quiet
}

export const cases: RuleCases = {
  flag: {
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
  },
  leave: {
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
