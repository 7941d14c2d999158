import { Address, type Hex } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import { ToolError } from './ToolError.ts'
import type { ToolHost } from './ToolHost.ts'
import type { Exchange } from '../chains/Registry.ts'

/** Uniswap V2's router (`v2-periphery`, UniswapV2Router02). */
const V2 = parseAbi([
  'function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)',
  'function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
  'function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
])

/** Uniswap V3's SwapRouter02 (`swap-router-contracts`) and its two quoters, which take and answer differently. */
const V3 = parseAbi([
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)',
  'function unwrapWETH9(uint256 amountMinimum, address recipient) payable',
  'function multicall(uint256 deadline, bytes[] data) payable returns (bytes[] results)',
])
const QUOTER_V2 = parseAbi([
  'function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, uint160 sqrtPriceLimitX96) params) returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)',
])
const QUOTER_V1 = parseAbi([
  'function quoteExactInputSingle(address tokenIn, address tokenOut, uint24 fee, uint256 amountIn, uint160 sqrtPriceLimitX96) returns (uint256 amountOut)',
])
/** What SwapRouter02 takes for "this router" (`swap-router-contracts`, Constants.ADDRESS_THIS). */
const ROUTER_ITSELF = '0x0000000000000000000000000000000000000002'

/** One side of a swap: the chain's own coin, or a token. */
export type Side =
  | { readonly native: true; readonly symbol: string }
  | { readonly native: false; readonly symbol: string; readonly address: Address.Address }

/** What an exchange would give now, and by which pools. */
export interface Quote {
  readonly exchange: Exchange
  readonly out: bigint
  /** The tokens traded through, the wrapped coin in the place of the coin. */
  readonly path: readonly Address.Address[]
  /** Of Uniswap V3: the pool's fee in hundredths of a basis point. */
  readonly fee: number | null
}

/**
 * Quotes an exact amount on the first exchange that has a pool for the pair.
 *
 * @throws {ToolError} `tools:exchange:absent`, `tools:swap:same`, `tools:swap:unavailable`.
 */
export async function quote(host: ToolHost, give: Side, take: Side, amount: bigint): Promise<Quote> {
  if (host.exchanges.length === 0)
    throw new ToolError(
      'No exchange is configured on this chain.',
      'tools:exchange:absent',
      'Ask the operator to configure one.',
    )
  for (const exchange of host.exchanges) {
    const address = (side: Side): Address.Address => (side.native ? exchange.wrappedNative : side.address)
    const [from, to] = [address(give), address(take)]
    if (from === to) throw new ToolError('These are the same asset.', 'tools:swap:same', 'Name two different tokens.')
    const found =
      exchange.kind === 'uniswap-v2'
        ? await quoteV2(host, exchange, [from, to], amount)
        : await quoteV3(host, exchange, [from, to], amount)
    if (found !== null) return found
  }
  throw new ToolError(
    `${give.symbol} cannot be swapped for ${take.symbol} on the configured exchange.`,
    'tools:swap:unavailable',
    'Try another token or a larger amount.',
  )
}

type Pair = readonly [from: Address.Address, to: Address.Address]

/** By the pair's own pool or through the wrapped coin, whichever gives more. */
async function quoteV2(host: ToolHost, exchange: Exchange, [from, to]: Pair, amount: bigint): Promise<Quote | null> {
  const { wrappedNative } = exchange
  const paths = [[from, to], ...(from === wrappedNative || to === wrappedNative ? [] : [[from, wrappedNative, to]])]
  const outs = await Promise.all(
    paths.map(async (path) => {
      const data = encodeFunctionData({ abi: V2, functionName: 'getAmountsOut', args: [amount, path] })
      const result = await host.read({ to: exchange.router, data })
      if ('reverted' in result || result.data === '0x') return 0n
      return decodeFunctionResult({ abi: V2, functionName: 'getAmountsOut', data: result.data }).at(-1) ?? 0n
    }),
  )
  return bestOf(paths.map((path, i) => ({ exchange, path, out: outs[i] ?? 0n, fee: null })))
}

/** By the fee at which the pair's pool gives the most. */
async function quoteV3(host: ToolHost, exchange: Exchange, [from, to]: Pair, amount: bigint): Promise<Quote | null> {
  const { quoter = null, quoterAbi = null, fees = [] } = exchange
  if (quoter === null) return null
  const outs = await Promise.all(
    fees.map(async (fee) => {
      for (const version of quoterAbi === null ? (['v2', 'v1'] as const) : [quoterAbi]) {
        const result = await host.read({ to: quoter, data: askV3(version, [from, to], fee, amount) })
        // The second and third words are the quoter's other answers.
        if (!('reverted' in result) && result.data.length >= 66) return BigInt(result.data.slice(0, 66))
      }
      return 0n
    }),
  )
  return bestOf(fees.map((fee, i) => ({ exchange, path: [from, to], out: outs[i] ?? 0n, fee })))
}

function askV3(version: 'v1' | 'v2', [tokenIn, tokenOut]: Pair, fee: number, amountIn: bigint): Hex.Hex {
  return version === 'v2'
    ? encodeFunctionData({
        abi: QUOTER_V2,
        functionName: 'quoteExactInputSingle',
        args: [{ tokenIn, tokenOut, amountIn, fee, sqrtPriceLimitX96: 0n }],
      })
    : encodeFunctionData({
        abi: QUOTER_V1,
        functionName: 'quoteExactInputSingle',
        args: [tokenIn, tokenOut, fee, amountIn, 0n],
      })
}

function bestOf(quotes: readonly Quote[]): Quote | null {
  const [first, ...others] = quotes
  if (first === undefined) return null
  const best = others.reduce((a, b) => (b.out > a.out ? b : a), first)
  return best.out === 0n ? null : best
}

/**
 * The call that trades as quoted, for the account alone and within a deadline.
 *
 * @param deadline - Seconds since 1970.
 */
export function tradeCall(
  { exchange, path, fee }: Quote,
  {
    give,
    take,
    amount,
    minimum,
    account,
    deadline,
  }: { give: Side; take: Side; amount: bigint; minimum: bigint; account: Address.Address; deadline: bigint },
): { readonly to: Address.Address; readonly value: bigint; readonly data: Hex.Hex } {
  const value = give.native ? amount : 0n
  const to = exchange.router
  if (exchange.kind === 'uniswap-v2') {
    const data = give.native
      ? encodeFunctionData({
          abi: V2,
          functionName: 'swapExactETHForTokens',
          args: [minimum, path, account, deadline],
        })
      : encodeFunctionData({
          abi: V2,
          functionName: take.native ? 'swapExactTokensForETH' : 'swapExactTokensForTokens',
          args: [amount, minimum, path, account, deadline],
        })
    return { to, value, data }
  }
  const [tokenIn, tokenOut] = path as unknown as Pair
  const trade = encodeFunctionData({
    abi: V3,
    functionName: 'exactInputSingle',
    args: [
      {
        tokenIn,
        tokenOut,
        fee: fee ?? 0,
        recipient: take.native ? Address.parse(ROUTER_ITSELF) : account,
        amountIn: amount,
        amountOutMinimum: minimum,
        sqrtPriceLimitX96: 0n,
      },
    ],
  })
  const unwrap = encodeFunctionData({ abi: V3, functionName: 'unwrapWETH9', args: [minimum, account] })
  const data = encodeFunctionData({
    abi: V3,
    functionName: 'multicall',
    args: [deadline, take.native ? [trade, unwrap] : [trade]],
  })
  return { to, value, data }
}
