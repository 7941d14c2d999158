import type { Hex } from '@countersign/base'
import { decodeAbiParameters, toFunctionSelector } from 'viem'
import type { CallFrame } from '../model/Step.ts'

/** The least that a call accepts: of a swap, or of the payment at its end. */
export interface Minimum {
  readonly kind: 'swap' | 'payout'
  readonly amount: bigint
}

/** Where the minimum stands among the arguments of the swaps we know (Uniswap V2 and V3, and their many copies). */
const SWAP_MINIMUM_AT: Readonly<Record<string, number>> = {
  'swapExactETHForTokens(uint256,address[],address,uint256)': 0,
  'swapExactETHForTokensSupportingFeeOnTransferTokens(uint256,address[],address,uint256)': 0,
  'swapExactTokensForETH(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForTokens(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForETHSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)': 1,
}
/** Uniswap V3, PeripheryPayments.sol: what is left is paid out, and must be at least so much. */
const PAYOUT_MINIMUM_AT: Readonly<Record<string, number>> = {
  'unwrapWETH9(uint256,address)': 0,
  'sweepToken(address,uint256,address)': 1,
}

/** Uniswap V3's router, of which the minimum stands within a struct. */
const SINGLE = 'exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))'
const PATH = 'exactInput((bytes,address,uint256,uint256,uint256))'
/** Selectors of swaps that name a minimum. */
export const SWAP_SELECTORS: ReadonlySet<string> = new Set(
  [...Object.keys(SWAP_MINIMUM_AT), SINGLE, PATH].map((signature) => toFunctionSelector(`function ${signature}`)),
)

/** The minimum that one call names; null when it is neither a swap nor a payout that is known here. */
export function minimumOf({ signature, args }: Pick<CallFrame, 'signature' | 'args'>): Minimum | null {
  if (signature === null || args === null) return null
  const [swap, payout] = [SWAP_MINIMUM_AT[signature], PAYOUT_MINIMUM_AT[signature]]
  if (swap !== undefined) return { kind: 'swap', amount: args[swap] as bigint }
  if (payout !== undefined) return { kind: 'payout', amount: args[payout] as bigint }
  if (!/^exactInput(Single)?\(/.test(signature)) return null
  const { amountOutMinimum } = args[0] as { amountOutMinimum?: bigint }
  return amountOutMinimum === undefined ? null : { kind: 'swap', amount: amountOutMinimum }
}

/** execute(bytes,bytes[],uint256) and execute(bytes,bytes[]) of Uniswap's Universal Router. */
const EXECUTE = ['0x3593564c', '0x24856bc3']
/** Universal Router, Commands.sol: the lowest six bits are the command. */
const COMMAND_MASK = 0x3f
const COMMANDS: Readonly<Record<number, { readonly kind: Minimum['kind']; readonly at: number }>> = {
  0x00: { kind: 'swap', at: 2 }, // V3_SWAP_EXACT_IN(recipient, amountIn, amountOutMin, path, payerIsUser)
  0x04: { kind: 'payout', at: 2 }, // SWEEP(token, recipient, amountMin)
  0x08: { kind: 'swap', at: 2 }, // V2_SWAP_EXACT_IN(recipient, amountIn, amountOutMin, path, payerIsUser)
  0x0c: { kind: 'payout', at: 1 }, // UNWRAP_WETH(recipient, amountMin)
}

/** The minimums of a list of commands; empty when the data are none. */
export function minimumsOfCommands(data: Hex.Hex): Minimum[] {
  if (!EXECUTE.includes(data.slice(0, 10))) return []
  try {
    const [commands, inputs] = decodeAbiParameters([{ type: 'bytes' }, { type: 'bytes[]' }], `0x${data.slice(10)}`)
    return inputs.flatMap((input, i): Minimum[] => {
      const command = COMMANDS[Number.parseInt(commands.slice(2 + 2 * i, 4 + 2 * i), 16) & COMMAND_MASK]
      if (command === undefined) return []
      const word = input.slice(2 + 64 * command.at, 66 + 64 * command.at)
      return word.length === 64 ? [{ kind: command.kind, amount: BigInt(`0x${word}`) }] : []
    })
  } catch {
    // It only looks like a list of commands; what it does is judged by its effects.
    return []
  }
}
