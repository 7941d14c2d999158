import { Address } from '@countersign/base'
import type { ChainConfig } from '@countersign/server'

type Known = Omit<ChainConfig, 'rpcUrl' | 'isLocal' | 'faucet'>

/** Ethereum's own, checked against the projects' deployment pages; more chains come with the canonical token lists. */
const MAINNET = {
  weth: Address.parse('0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'),
  usdc: Address.parse('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'),
  dai: Address.parse('0x6B175474E89094C44Da98b954EedeAC495271d0F'),
  usdt: Address.parse('0xdAC17F958D2ee523a2206206994597C13D831ec7'),
  uniswapV2Router: Address.parse('0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D'),
  permit2: Address.parse('0x000000000022D473030F116dDEE9F6B43aC78BA3'),
}

const NAMES: Readonly<Record<number, string>> = {
  1: 'Ethereum',
  10: 'Optimism',
  137: 'Polygon',
  8453: 'Base',
  42161: 'Arbitrum One',
  11155111: 'Sepolia',
  31337: 'Local chain',
}

/** What we vouch for on a chain. A chain without an entry works, with no tokens known by name. */
export function wellKnownChain(chainId: number): Known {
  const base = {
    chainId,
    name: NAMES[chainId] ?? `Chain ${chainId}`,
    nativeSymbol: chainId === 137 ? 'POL' : 'ETH',
    explorerUrl: null,
  }
  if (chainId !== 1) return { ...base, tokens: [], contracts: [], exchange: null }
  return {
    ...base,
    explorerUrl: 'https://etherscan.io',
    tokens: [
      { chainId, address: MAINNET.weth, symbol: 'WETH', name: 'Wrapped Ether', decimals: 18 },
      { chainId, address: MAINNET.usdc, symbol: 'USDC', name: 'USD Coin', decimals: 6 },
      { chainId, address: MAINNET.dai, symbol: 'DAI', name: 'Dai Stablecoin', decimals: 18 },
      { chainId, address: MAINNET.usdt, symbol: 'USDT', name: 'Tether USD', decimals: 6 },
    ],
    contracts: [
      { chainId, address: MAINNET.uniswapV2Router, name: 'Uniswap V2 router', kind: 'spender' },
      { chainId, address: MAINNET.permit2, name: 'Permit2', kind: 'spender' },
    ],
    exchange: { kind: 'uniswap-v2', router: MAINNET.uniswapV2Router, wrappedNative: MAINNET.weth },
  }
}
