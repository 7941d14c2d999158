/** Scenes whose report a memory with too short a key gets wrong: each has a twin of the same shape and another answer. */
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Scene, World } from './World.ts'

const ETHER = 10n ** 18n

interface HistoryScene {
  readonly name: string
  stage(world: World): Promise<Scene>
}

/** An account's entry of a mapping of mappings that is the first variable. */
function grantSlot(from: string, to: string): bigint {
  const inner = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [from as never, 0n]))
  return BigInt(
    keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [to as never, inner as never])),
  )
}

export const SCENES: readonly HistoryScene[] = [
  {
    name: 'a switch that costs large sums only',
    async stage(world) {
      const at = await world.deploy('LargeSwitch')
      await world.enrich(at, 10n * ETHER)
      return { calls: [world.call('LargeSwitch', at, 'buy', [], { value: ETHER })] }
    },
  },
  {
    name: 'an approval whose look-ahead reads more than it does',
    async stage(world) {
      const at = await world.deploy('LateToken')
      await world.send(world.call('LateToken', at, 'mint', [world.me, 5n * ETHER]))
      return { calls: [world.call('LateToken', at, 'approve', [world.thief, 5n * ETHER])] }
    },
  },
  {
    name: 'a call that does more or less by its gas',
    async stage(world) {
      const at = await world.deploy('GasChooser')
      return { calls: [world.call('GasChooser', at, 'claim', [ETHER])] }
    },
  },
  {
    name: 'a token that renames itself',
    async stage(world) {
      const at = await world.deploy('RenamingToken')
      for (const each of [world.me, world.friend, world.thief])
        await world.send(world.call('RenamingToken', at, 'mint', [each, 5n * ETHER]))
      return { calls: [world.call('RenamingToken', at, 'rename', ['USDC', world.stranger, ETHER])] }
    },
  },
  {
    name: 'an entry that is written by its number',
    async stage(world) {
      const at = await world.deploy('SlotWriter')
      return { calls: [world.call('SlotWriter', at, 'put', [grantSlot(world.me, world.thief), ETHER])] }
    },
  },
  {
    name: 'the same entry by its key',
    async stage(world) {
      const at = await world.deploy('SlotWriter')
      return { calls: [world.call('SlotWriter', at, 'grant', [world.me, world.thief, ETHER])] }
    },
  },
  {
    name: 'a call that reads other opcodes for small sums',
    async stage(world) {
      const at = await world.deploy('AmountReader')
      return { calls: [world.call('AmountReader', at, 'play', [ETHER])] }
    },
  },
]
