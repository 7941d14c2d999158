import type { ChainConfig } from '@countersign/server'

/** What to try first: only what works on a chain that is configured. */
export function suggestion(
  url: string,
  chains: readonly Pick<ChainConfig, 'isLocal' | 'nativeSymbol' | 'tokens' | 'exchange'>[],
): string {
  const local = chains.find(({ isLocal }) => isLocal)
  const chain = local ?? chains.find(({ exchange }) => exchange !== null) ?? chains[0]
  const wallet = local === undefined ? 'your wallet' : 'the test wallet'
  const dollars = chain?.tokens.find(({ symbol }) => symbol === 'USDC')
  const what =
    chain === undefined
      ? 'help'
      : chain.exchange !== null && dollars !== undefined
        ? `swap 1 ${chain.nativeSymbol} for USDC`
        : 'balance'
  return `Try: open ${url}, connect ${wallet}, and type "${what}".`
}
