import { encodeFunctionData, parseAbi, toHex } from 'viem'
import { batch, delegateTo, ETHER } from '../../../catalogue/moves.ts'
import type { World } from '../../../catalogue/World.ts'
import type { Call } from '../../index.ts'
import type { RuleCases } from '../RuleCases.ts'

const claim = encodeFunctionData({ abi: parseAbi(['function claimRewards(uint256 pool)']), args: [7n] })
const call = (to: Call['to'], data: Call['data'], value = 0n): Call => ({
  to,
  value,
  data,
  gasLimit: null,
  maxFeePerGasWei: null,
  label: null,
})
const inside = async (world: World, calls: readonly Call[]) => {
  await delegateTo(world, world.me, await world.deploy('Batch'))
  return { calls: [batch(world, calls)] }
}

export const cases: RuleCases = {
  flag: {
    'ether with a call, on a network without the contract': (world) => ({
      calls: [call(world.stranger, claim, ETHER)],
    }),
    'a call without value': (world) => ({ calls: [call(world.stranger, claim)] }),
    'a call of a person with an account': (world) => ({ calls: [call(world.thief, claim, 1n)] }),
    'inside a batch': (world) => inside(world, [call(world.stranger, claim, ETHER)]),
    'a memo beside a payment': (world) => ({ calls: [call(world.friend, toHex('Invoice 2031, thank you'), ETHER)] }),
  },
  leave: {
    'a plain payment': (world) => ({ calls: [world.pay(world.stranger, ETHER)] }),
    'a payment inside a batch': (world) => inside(world, [world.pay(world.stranger, ETHER)]),
    'a contract made by the step before': async (world) => {
      const nonce = BigInt((await world.chain.rpc('eth_getTransactionCount', [world.me, 'latest'])) as string)
      const { getContractAddress } = await import('viem')
      const at = getContractAddress({ from: world.me, nonce })
      return {
        calls: [call(null, world.creationOf('Counter')), call(at as Call['to'], '0xd09de08a')],
      }
    },
    'a precompiled contract': () => ({
      calls: [call('0x0000000000000000000000000000000000000002' as Call['to'], '0x12345678')],
    }),
  },
}
