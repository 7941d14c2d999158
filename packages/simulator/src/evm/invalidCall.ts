import { Wei } from '@countersign/base'
import type { Call } from '../model/Call.ts'

/** EIP-3860: creation code is at most this long. */
const MAX_CREATION_BYTES = 49_152
/** EIP-2681: the last nonce that a transaction can have. */
const MAX_NONCE = 2n ** 64n - 2n
const MAX_UINT64 = 2n ** 64n - 1n

/**
 * Why no block can hold a transaction, whatever the state: the rule of the protocol that it breaks. Null when it breaks
 * none. Gas limits and balances are judged apart, because they depend on the block and the account.
 *
 * @param nonce - What the account's next nonce is when this call is its turn.
 */
export function invalidCall(call: Call, { nonce }: { nonce: bigint }): string | null {
  const bytes = (call.data.length - 2) / 2
  if (call.to === null && bytes > MAX_CREATION_BYTES)
    return `its creation code has ${bytes} bytes; at most ${MAX_CREATION_BYTES} are allowed (EIP-3860)`
  const { maxFeePerGasWei: cap, maxPriorityFeePerGasWei: tip } = call
  if (cap !== null && tip !== undefined && tip > cap)
    return 'its priority fee is above its fee cap, which no block takes (EIP-1559)'
  if (cap !== null && cap * (call.gasLimit ?? 1n) > Wei.MAX_UINT256)
    return 'its gas limit times its fee cap does not fit into 256 bits'
  if (call.gasLimit !== null && call.gasLimit > MAX_UINT64) return 'its gas limit does not fit into 64 bits'
  if (call.nonce !== undefined && call.nonce > MAX_NONCE)
    return 'its nonce is above what an account can have (EIP-2681)'
  if (call.nonce !== undefined && call.nonce < nonce)
    return `its nonce ${call.nonce} has been used: the account's next is ${nonce}`
  if (call.type === 4 && (call.authorizationList ?? []).length === 0)
    return 'a transaction of type 4 needs at least one authorization (EIP-7702)'
  return null
}
