import { Clock, type Address } from '@countersign/base'
import * as Revocation from '../chains/Revocation.ts'
import type { listApprovals } from '../chains/listApprovals.ts'

/** Standing approvals as they are answered. They hold nothing that a token's maker wrote. */
export function approvalsToWire(
  chainId: number,
  address: Address.Address,
  { block, fromBlock, isComplete, approvals: list }: Awaited<ReturnType<typeof listApprovals>>,
) {
  return {
    address,
    chain_id: chainId,
    block: block.toString(),
    from_block: fromBlock.toString(),
    is_complete: isComplete,
    approvals: list.map(({ kind, contract, token, spender, amount, isUnlimited, tokenId, expiresMs }) => ({
      revoke: Revocation.callOf({ kind, contract, token, spender, tokenId }),
      kind,
      contract,
      token,
      spender,
      amount: amount?.toString() ?? null,
      unlimited: isUnlimited,
      token_id: tokenId?.toString() ?? null,
      expires_at: expiresMs === null || expiresMs > 8.64e15 ? null : Clock.iso(expiresMs),
    })),
  }
}
