import type { EngineTransaction } from './protocol.ts'
import { bytesOf } from './hex.ts'

/** Yellow Paper, appendix G. */
const TRANSACTION = 21_000n
const CREATION = 32_000n
/** EIP-2028 and EIP-7623: a zero byte is one token, any other four; a token costs 4, and at least 10 in all. */
const TOKENS_PER_BYTE = 4n
const GAS_PER_TOKEN = 4n
const FLOOR_PER_TOKEN = 10n
/** EIP-3860: each word of creation code, and how long it may be. */
const CREATION_WORD = 2n
const MAX_CREATION_BYTES = 49_152
/** EIP-7702, PER_EMPTY_ACCOUNT_COST. */
export const AUTHORIZATION = 25_000n
/** EIP-2930: each address and each slot of an access list. */
const ACCESS_LIST_ADDRESS = 2_400n
const ACCESS_LIST_SLOT = 1_900n
/** EIP-7825. */
export const MAX_TX_GAS = 2n ** 24n

/** What a transaction costs before its first opcode, and what it costs at least. */
export function intrinsicGas({
  to,
  data,
  authorizationList = [],
  accessList = [],
}: Pick<EngineTransaction, 'to' | 'data' | 'authorizationList' | 'accessList'>): { gas: bigint; floor: bigint } {
  const bytes = bytesOf(data)
  let zeros = 0
  for (const byte of bytes) if (byte === 0) zeros += 1
  const tokens = BigInt(zeros) + BigInt(bytes.length - zeros) * TOKENS_PER_BYTE
  const creation = to === null ? CREATION + BigInt(Math.ceil(bytes.length / 32)) * CREATION_WORD : 0n
  const authorizations = BigInt(authorizationList.length) * AUTHORIZATION
  const slots = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0)
  const listed = BigInt(accessList.length) * ACCESS_LIST_ADDRESS + BigInt(slots) * ACCESS_LIST_SLOT
  return {
    gas: TRANSACTION + tokens * GAS_PER_TOKEN + creation + authorizations + listed,
    floor: TRANSACTION + tokens * FLOOR_PER_TOKEN,
  }
}

/** Why no block can hold the transaction at all; null when one can. */
export function invalidity(
  transaction: EngineTransaction,
  { blockGasLimit }: { blockGasLimit: bigint },
): string | null {
  const { gas, floor } = intrinsicGas(transaction)
  const needed = gas > floor ? gas : floor
  if (transaction.gasLimit < needed) return `the gas limit ${transaction.gasLimit} is below the intrinsic gas ${needed}`
  if (transaction.gasLimit > MAX_TX_GAS) return `the gas limit ${transaction.gasLimit} is above 2^24 (EIP-7825)`
  if (transaction.gasLimit > blockGasLimit) return `the gas limit ${transaction.gasLimit} is above the block's`
  if (transaction.to === null && (transaction.data.length - 2) / 2 > MAX_CREATION_BYTES)
    return 'the creation code is longer than 49152 bytes (EIP-3860)'
  return null
}
