import { BaseError, type Hex } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Chain } from '../Chain.ts'
import { GAS_PRICE_ORACLE, recognise, TELLTALES, type Engine } from '../Engine.ts'
import { expectResult, type RpcAnswer, type RpcEndpoint } from '../rpc/Rpc.ts'

/** GasPriceOracle as every OP Stack chain has it (ethereum-optimism/optimism, `src/L2/GasPriceOracle.sol`). */
const ORACLE = parseAbi(['function getL1Fee(bytes data) view returns (uint256)'])

/** Asks for the telltale codes at a block and says which engine may judge the chain. One request. */
export async function detectEngine(
  endpoint: RpcEndpoint,
  { chain, blockHash }: { chain: Chain; blockHash: Hex.Hex },
): Promise<Pick<Engine, 'kind' | 'profile' | 'why'>> {
  const answers = await endpoint.batch(
    TELLTALES.map((address) => ({ method: 'eth_getCode', params: [address, { blockHash }] })),
  )
  return recognise(
    chain,
    answers.map((answer) => expectResult<string>(answer, 'eth_getCode')),
  )
}

/**
 * What an OP Stack chain, or Scroll, charges for each transaction's data on the layer below, in wei, at a block's prices. It comes on
 * top of gas times price. The oracle adds the room for the signature itself (`getL1Fee`, "unsigned fully RLP-encoded
 * transaction"). Prices move with the layer below: it is an estimate, never a limit.
 *
 * @param unsigned - Serialised transactions without their signatures, type byte included: all are asked in one request.
 * @throws {L1FeeError} `simulation:l1fee:unreadable` when the oracle does not answer as an oracle; {UpstreamError}.
 */
export async function l1FeesWei(
  endpoint: RpcEndpoint,
  unsigned: readonly Hex.Hex[],
  blockHash: Hex.Hex,
  oracle: string = GAS_PRICE_ORACLE,
): Promise<readonly bigint[]> {
  const questions = unsigned.map((each) => encodeFunctionData({ abi: ORACLE, functionName: 'getL1Fee', args: [each] }))
  const answers = await endpoint.batch(
    questions.map((data) => ({ method: 'eth_call', params: [{ to: oracle, data }, { blockHash }] })),
  )
  return questions.map((_, i) => readFee(answers[i]))
}

function readFee(answer: RpcAnswer | undefined): bigint {
  if (answer?.ok === false && answer.code === 3) throw new L1FeeError(answer.message)
  const result = expectResult<Hex.Hex>(answer, 'getL1Fee')
  try {
    return decodeFunctionResult({ abi: ORACLE, functionName: 'getL1Fee', data: result })
  } catch (error) {
    throw new L1FeeError(error)
  }
}

export class L1FeeError extends BaseError {
  override readonly name = 'simulator.L1FeeError'
  constructor(cause: unknown) {
    super('The fee for data on the layer below could not be read.', {
      code: 'simulation:l1fee:unreadable',
      kind: 'upstream',
      hint: 'Check that the RPC URL is that of this chain. The fee shown would be too low without it.',
      cause,
    })
  }
}
