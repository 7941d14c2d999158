import type { Address } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, erc20Abi } from 'viem'
import type { Chain } from './Chain.ts'

/**
 * What a token says that a spender may take of its owner, in its smallest unit: nothing where no contract is, null where it
 * gives no amount.
 */
export async function allowanceOf(
  state: ReturnType<Chain['at']>,
  { token, owner, spender }: { token: Address.Address; owner: Address.Address; spender: Address.Address },
): Promise<bigint | null> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'allowance', args: [owner, spender] })
  const outcome = await state.call({ to: token, data })
  if (outcome.status === 'returned' && outcome.data.length === 66)
    return decodeFunctionResult({ abi: erc20Abi, functionName: 'allowance', data: outcome.data })
  return (await state.code(token)) === '0x' ? 0n : null
}
