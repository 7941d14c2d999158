import { Address, Digest, type Hex } from '@countersign/base'
import { parseTransaction, recoverTransactionAddress, serializeTransaction, type TransactionSerialized } from 'viem'

/** A signed transaction, as its bytes say it. */
export interface Signed {
  readonly bytes: Hex.Hex
  readonly hash: Hex.Hex
  readonly from: Address.Address
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly nonce: number
  /** Null where the bytes have none. */
  readonly gas: bigint | null
  /** The most that a unit of gas may cost. */
  readonly feeWeiPerGas: bigint
}

/** The most bytes of a transaction that nodes relay (geth, `txMaxSize`: 128 KiB). */
const MAX_RAW_BYTES = 2 ** 17

/**
 * Reads the bytes of a signed transaction, strictly: what is judged is all that they say. Blobs and authorizations are
 * more than the calls that a report speaks of, and bytes for no chain are good on every one.
 *
 * @returns why they cannot be used, as the end of a sentence, where they cannot.
 */
export async function readSigned(given: unknown, chainId: number): Promise<Signed | { readonly unusable: string }> {
  if (typeof given !== 'string' || !/^0x(?:[0-9a-f]{2})+$/i.test(given) || given.length > 2 * MAX_RAW_BYTES + 2)
    return { unusable: 'the transaction is not bytes' }
  const bytes = given.toLowerCase() as Hex.Hex
  let transaction: ReturnType<typeof parseTransaction>
  let from: Address.Address
  try {
    transaction = parseTransaction(bytes)
    from = Address.parse(await recoverTransactionAddress({ serializedTransaction: bytes as TransactionSerialized }))
  } catch {
    return { unusable: 'the bytes are not a signed transaction' }
  }
  const { type, to, value, data, gas, nonce, gasPrice, maxFeePerGas } = transaction
  if (type === 'eip4844') return { unusable: 'a transaction with blobs (type 3) is not judged here' }
  if (type === 'eip7702') return { unusable: 'an authorization (type 4) hands the account to other code' }
  if (type !== 'legacy' && type !== 'eip2930' && type !== 'eip1559')
    return { unusable: 'this type of transaction is not known' }
  if (transaction.chainId === undefined) return { unusable: 'no chain in the bytes: they could be sent on every chain' }
  if (transaction.chainId !== chainId)
    return { unusable: `chain ${transaction.chainId} of the bytes, chain ${chainId} of the request` }
  if (!isCanonical(transaction, bytes)) return { unusable: 'the encoding of the bytes is not canonical' }
  return {
    bytes,
    hash: Digest.keccak256(bytes),
    from,
    to: to === undefined || to === null ? null : Address.parse(to),
    value: value ?? 0n,
    data: data ?? '0x',
    nonce: nonce ?? 0,
    gas: gas ?? null,
    feeWeiPerGas: maxFeePerGas ?? gasPrice ?? 0n,
  }
}

function isCanonical(transaction: ReturnType<typeof parseTransaction>, bytes: Hex.Hex): boolean {
  const { r, s, v, yParity } = transaction
  if (r === undefined || s === undefined) return false
  try {
    const signature = { r, s, ...(v === undefined ? {} : { v }), ...(yParity === undefined ? {} : { yParity }) }
    return serializeTransaction(transaction as never, signature as never) === bytes
  } catch {
    return false
  }
}
