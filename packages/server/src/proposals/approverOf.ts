import type { Address } from '@countersign/base'
import type { Chain } from '../chains/Chain.ts'
import { isSignedBy, recovers, type Signed } from '../chains/isSignedBy.ts'

/**
 * Who of the approvers signed it: by recovery, or by its contract's own word on every chain that it is about. At a contract's address
 * on another chain somebody else may have one.
 *
 * @param chainIds - That of the mandate, and that of what would happen.
 * @returns Null: none of them.
 * @throws {ChainReadError} of kind `upstream` when a chain does not answer: that is no yes and no no.
 */
export async function approverOf(
  chains: { get(chainId: number): Pick<Chain, 'head' | 'at' | 'play'> | undefined },
  {
    of,
    chainIds,
    signed,
  }: { of: readonly Address.Address[]; chainIds: readonly number[]; signed: Omit<Signed, 'account'> },
): Promise<Address.Address | null> {
  for (const account of of) if (await recovers({ ...signed, account })) return account
  const asked = [...new Set(chainIds)].map((chainId) => chains.get(chainId))
  for (const account of of) {
    const said = await Promise.all(
      asked.map(async (chain) => chain !== undefined && (await isSignedBy(chain, { ...signed, account }))),
    )
    if (said.length > 0 && said.every(Boolean)) return account
  }
  return null
}
