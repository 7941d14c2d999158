import { bigIntToUnpaddedBytes, eoaCode7702RecoverAuthority, SECP256K1_ORDER_DIV_2 } from '@ethereumjs/util'
import { codeOf, isEmpty, NO_CODE, type OverlayState } from './OverlayState.ts'
import { bytesOf, hexOf } from './hex.ts'
import { AUTHORIZATION } from './intrinsicGas.ts'
import type { SignedAuthorization } from '../../model/Call.ts'

/** EIP-7702, PER_AUTH_BASE_COST. */
const AUTHORIZATION_BASE = 12_500n
/** EIP-7702: the code of an account that runs another's. */
const DELEGATION = '0xef0100'
/** EIP-2681. */
const MAX_NONCE = 2n ** 64n - 1n

/**
 * Writes the authorizations of a type-4 transaction. One that does not hold is passed over, as the EIP says.
 *
 * @returns What is refunded, and the authorities: they are warm, whether their word was taken or not.
 */
export function applyAuthorizations(
  state: OverlayState,
  { chainId, list }: { chainId: bigint; list: readonly SignedAuthorization[] },
): { refund: bigint; warm: readonly string[] } {
  let refund = 0n
  const warm: string[] = []
  for (const authorization of list) {
    if (authorization.chainId !== 0n && authorization.chainId !== chainId) continue
    if (authorization.nonce >= MAX_NONCE) continue
    const authority = authorityOf(authorization)
    if (authority === null) continue
    warm.push(authority)
    const account = state.read(authority)
    if (account.code.bytes.length > 0 && !hexOf(account.code.bytes).startsWith(DELEGATION)) continue
    if (account.nonce !== authorization.nonce) continue
    // Only an account that is there already costs less; anvil refunds for empty ones too (revm PR 3097).
    if (!isEmpty(account)) refund += AUTHORIZATION - AUTHORIZATION_BASE
    const isReset = BigInt(authorization.address) === 0n
    const code = isReset ? NO_CODE : codeOf(bytesOf(`${DELEGATION}${authorization.address.slice(2)}`))
    state.write(authority, { balance: account.balance, nonce: account.nonce + 1n, code })
  }
  return { refund, warm }
}

/** Who signed; null for a signature that nobody made. High `s` is refused (EIP-2). */
export function authorityOf({ chainId, address, nonce, yParity, r, s }: SignedAuthorization): string | null {
  if ((yParity !== 0 && yParity !== 1) || s > SECP256K1_ORDER_DIV_2) return null
  try {
    return eoaCode7702RecoverAuthority([
      bigIntToUnpaddedBytes(chainId),
      bytesOf(address),
      bigIntToUnpaddedBytes(nonce),
      bigIntToUnpaddedBytes(BigInt(yParity)),
      bigIntToUnpaddedBytes(r),
      bigIntToUnpaddedBytes(s),
    ]).toString()
  } catch {
    return null
  }
}
