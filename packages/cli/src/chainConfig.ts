import type { ChainConfig } from '@countersign/server'
import { Chain } from '@countersign/simulator'

type Known = Omit<ChainConfig, 'rpcUrl' | 'isLocal' | 'faucet'>

/** A chain's record as the server is configured with it. A chain without a record works, with no tokens known by name. */
export function chainConfig(chain: Chain.Chain): Known {
  const { id: chainId, tokens, contracts } = chain
  return {
    chainId,
    record: chain,
    name: chain.name,
    nativeSymbol: Chain.coinOf(chain).symbol,
    explorerUrl: chain.explorer,
    tokens: tokens.map(({ address, symbol, name, decimals, isCanonical }) => ({
      chainId,
      address,
      symbol,
      name,
      decimals,
      isCanonical,
    })),
    contracts: contracts.map(({ address, name, kind }) => ({ chainId, address, name, kind })),
    exchanges: chain.exchanges.flatMap(({ kind, router, quoter, quoterAbi, fees }) =>
      chain.coin?.wrapped == null ? [] : [{ kind, router, quoter, quoterAbi, fees, wrappedNative: chain.coin.wrapped }],
    ),
  }
}
