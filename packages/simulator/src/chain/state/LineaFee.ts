import type { Hex } from '@countersign/base'
import { expectResult, lacksMethod, type RpcEndpoint } from '../rpc/Rpc.ts'

/** A call as it would be sent, on the state that the ones before it leave. */
export interface Priced {
  readonly transaction: Readonly<Record<string, unknown>>
  readonly overrides: Readonly<Record<string, unknown>>
}

/**
 * What Linea asks as the priority fee of each call, per unit of gas: what its data costs on the layer below is part of it and
 * depends on the call (docs.linea.build, "linea_estimateGas"). One request for all calls.
 *
 * @returns null where the node does not tell.
 */
export async function lineaTipsWei(endpoint: RpcEndpoint, calls: readonly Priced[]): Promise<readonly bigint[] | null> {
  const answers = await endpoint.batch(
    calls.map(({ transaction, overrides }) => ({ method: 'linea_estimateGas', params: [transaction, overrides] })),
  )
  const isTold = answers.every((answer) => answer.ok || !(lacksMethod(answer) || answer.code === 3))
  if (!isTold) return null
  return answers.map((answer) =>
    BigInt(expectResult<{ readonly priorityFeePerGas: Hex.Hex }>(answer, 'linea_estimateGas').priorityFeePerGas),
  )
}
