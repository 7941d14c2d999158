import type { PublicConfig } from '@countersign/sdk'

/**
 * What to try on a chain, in sentences that work there: nothing is offered that needs a token which is not listed for it.
 *
 * @param chainId - The chain of the wallet; undefined before one is connected: the first that is served.
 */
export function suggestionsFor(
  { chains, tokens }: Pick<PublicConfig, 'chains' | 'tokens'>,
  chainId: number | undefined,
): readonly [string, ...string[]] {
  const chain = chains.find(({ chain_id: id }) => id === chainId) ?? chains[0]
  const coin = chain?.native?.symbol ?? null
  const hasDollars = tokens.some((token) => token.chain_id === chain?.chain_id && token.symbol === 'USDC')
  const trades = coin === null || coin === 'USDC' || !hasDollars ? [] : [`swap 1 ${coin} for USDC`]
  const prices = trades.length === 0 ? [] : [`price of ${coin}`]
  const [trade] = trades
  const others = ['what is my balance?', ...prices, 'help'] as const
  return trade === undefined ? others : [trade, ...others]
}
