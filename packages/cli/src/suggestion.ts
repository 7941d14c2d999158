import type { ChainConfig } from '@countersign/server'

/** What to try first: only what works on a chain that is configured. */
export function suggestion(
  url: string,
  chains: readonly Pick<ChainConfig, 'isLocal' | 'nativeSymbol' | 'tokens' | 'exchanges'>[],
): string {
  const local = chains.find(({ isLocal }) => isLocal)
  const chain = local ?? chains.find(({ exchanges }) => exchanges.length > 0) ?? chains[0]
  const wallet = local === undefined ? 'your wallet' : 'the test wallet'
  const dollars = chain?.tokens.find(({ symbol }) => symbol === 'USDC')
  const what =
    chain === undefined
      ? 'help'
      : chain.exchanges.length > 0 && dollars !== undefined
        ? `swap 1 ${chain.nativeSymbol} for USDC`
        : 'balance'
  return `Try: open ${url}, connect ${wallet}, and type "${what}".`
}
