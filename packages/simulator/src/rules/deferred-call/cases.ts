import { abi, batch, delegateTo, DOLLAR, usdc, vouch } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

const SCHEDULE = 'function schedule(address target, uint256 value, bytes data, bytes32 salt)'
const scheduled = async (at: World, to: string): Promise<Scene> => {
  const lock = await at.deploy('Counter')
  await at.chain.rpc('anvil_setCode', [lock, '0x00'])
  const { data } = usdc(at, 'transfer', [to, 5n * DOLLAR])
  return {
    calls: [abi(lock, SCHEDULE, [at.chain.addresses.usdc, 0n, data, `0x${'00'.repeat(32)}`])],
    isAgentProposed: true,
  }
}

export const cases: RuleCases = {
  flag: {
    'a payment to somebody whom an agent chose is scheduled': (at) => scheduled(at, at.thief),
  },
  leave: {
    'a payment to a contact is scheduled': async (at) => ({
      ...(await scheduled(at, at.friend)),
      known: [vouch(at.friend, 'Bob')],
    }),
    'a payment to oneself is scheduled': (at) => scheduled(at, at.me),
    'the same call is made now, in a batch': async (at) => {
      await delegateTo(at, at.me, await at.deploy('Batch'))
      return { calls: [batch(at, [usdc(at, 'transfer', [at.thief, 5n * DOLLAR])])], isAgentProposed: true }
    },
  },
}
