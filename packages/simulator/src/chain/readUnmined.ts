import { Address, Digest, Hex } from '@countersign/base'
import {
  recoverTransactionAddress,
  serializeTransaction,
  type TransactionSerializable,
  type TransactionSerialized,
} from 'viem'
import type { Unmined } from '../model/Unmined.ts'

/** The fields of a transaction in JSON-RPC that its signature covers, and the signature. */
type Signed = Readonly<Record<string, unknown>>

/**
 * A transaction that waits to be mined, believed for its signature alone: the fields are serialized again, and both the
 * hash and the signer must come out. A provider can hide what waits, but make up nothing.
 *
 * @returns null where it does not verify, or is of a type that is not simulated as somebody's base (blobs,
 *   authorizations, what is not known).
 */
export async function readUnmined(wire: Signed, chainId: number): Promise<Unmined | null> {
  try {
    const call = callOf(wire)
    const serialized = serializeTransaction(transactionOf(wire, call, chainId), signatureOf(wire))
    const hash = Digest.keccak256(serialized)
    const signer = await recoverTransactionAddress({ serializedTransaction: serialized as TransactionSerialized })
    const isIt = hash === String(wire['hash']).toLowerCase() && Address.isEqual(signer, String(wire['from']))
    return isIt ? { hash, call } : null
  } catch {
    return null
  }
}

function callOf(wire: Signed): Unmined['call'] {
  const type = Number(wire['type'] ?? '0x0')
  if (type !== 0 && type !== 1 && type !== 2) throw new Error('not simulated')
  const price = type === 2 ? 'maxFeePerGas' : 'gasPrice'
  const { to } = wire
  return {
    to: to === null || to === undefined ? null : Address.parse(to as string),
    value: quantity(wire['value']),
    data: Hex.parse(wire['input'] as string),
    nonce: quantity(wire['nonce']),
    gasLimit: quantity(wire['gas']),
    maxFeePerGasWei: quantity(wire[price]),
    maxPriorityFeePerGasWei: quantity(wire[type === 2 ? 'maxPriorityFeePerGas' : 'gasPrice']),
    type,
    accessList: ((wire['accessList'] ?? []) as readonly { address: string; storageKeys: readonly string[] }[]).map(
      ({ address, storageKeys }) => ({
        address: Address.parse(address),
        storageKeys: storageKeys.map((key) => Hex.parse(key)),
      }),
    ),
    label: null,
  }
}

function transactionOf(wire: Signed, call: Unmined['call'], chainId: number): TransactionSerializable {
  const { to, value, data, type, gasLimit, accessList = [] } = call
  const base = { to, value, data, nonce: Number(call.nonce), gas: gasLimit }
  const [cap, tip] = [call.maxFeePerGasWei ?? 0n, call.maxPriorityFeePerGasWei ?? 0n]
  const list = accessList.map(({ address, storageKeys }) => ({ address, storageKeys: [...storageKeys] }))
  if (type === 2)
    return { ...base, type: 'eip1559', chainId, maxFeePerGas: cap, maxPriorityFeePerGas: tip, accessList: list }
  if (type === 1) return { ...base, type: 'eip2930', chainId, gasPrice: cap, accessList: list }
  // Before EIP-155 a signature named no chain.
  const isForOne = quantity(wire['v']) >= 35n
  return { ...base, type: 'legacy', gasPrice: cap, ...(isForOne ? { chainId } : {}) }
}

function signatureOf(wire: Signed) {
  const [r, s] = [wire['r'], wire['s']].map((each) => `0x${quantity(each).toString(16).padStart(64, '0')}` as Hex.Hex)
  if (r === undefined || s === undefined) throw new Error('not signed')
  if (wire['yParity'] === undefined) return { r, s, v: quantity(wire['v']) }
  return { r, s, yParity: Number(quantity(wire['yParity'])) }
}

function quantity(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw new Error('not a quantity')
  return BigInt(value)
}
