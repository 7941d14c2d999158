import { abi } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'the user’s proxy gets other code': async (world) => {
      const good = await world.deploy('ImplGood')
      const bad = await world.deploy('ImplBad')
      const proxy = await world.deploy('TransparentUpgradeableProxy', [good, world.me, '0x'])
      return { calls: [abi(proxy, 'function upgradeTo(address implementation)', [bad])] }
    },
  },
  leave: {
    'the proxy is used': async (world) => {
      const good = await world.deploy('ImplGood')
      const proxy = await world.deploy('TransparentUpgradeableProxy', [good, world.friend, '0x'])
      return { calls: [world.call('ImplGood', proxy, 'deposit', [], { value: 1n })] }
    },
    'a new proxy is made': async (world) => {
      const good = await world.deploy('ImplGood')
      return { calls: [{ ...world.pay(world.me, 0n), to: null, data: world.creationOf('ERC1967Proxy', [good, '0x']) }] }
    },
  },
}
