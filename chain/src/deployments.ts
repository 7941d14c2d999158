import { encodeFunctionData, getAddress, type Abi, type Address, type Hex } from 'viem'
import { GUARD, GUARD_CODE } from '@countersign/simulator'
import { loadArtifact, permit2Code } from './artifacts.ts'
import { deploy, send, type Rpc } from './rpc.ts'

/** Where everything stands on the local chain. The same on every machine: one deployer, one order. */
export interface Addresses {
  readonly weth: Address
  readonly usdc: Address
  readonly usdcImplementation: Address
  readonly dai: Address
  readonly usdt: Address
  readonly link: Address
  readonly uniswapV2Factory: Address
  readonly uniswapV2Router: Address
  readonly uniswapV3Factory: Address
  readonly uniswapV3Router: Address
  readonly uniswapV3PositionManager: Address
  readonly uniswapV3Quoter: Address
  readonly permit2: Address
  readonly multicall3: Address
  readonly nft: Address
  readonly multiToken: Address
  readonly outcomeGuard: Address
}

/** Permit2 and Multicall3 live at the same address on every chain. */
export const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
export const MULTICALL3 = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** The price the pools start at: 2 500 dollars an ether, a round number near the long-term average. */
export const USDC_PER_ETH = 2_500n

const ETHER = 10n ** 18n
const DOLLAR = 10n ** 6n
const FAR_FUTURE = 2n ** 40n

/**
 * Deploys tokens, both Uniswaps with deep pools, Permit2, Multicall3 and two NFT collections.
 *
 * @param deployer - An unlocked, funded account; it owns and mints the tokens.
 */
export async function deployAll(rpc: Rpc, deployer: Address): Promise<Addresses> {
  const call = (to: Address, name: string, functionName: string, args: readonly unknown[], value?: bigint) =>
    send(rpc, {
      from: deployer,
      to,
      data: encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args: args as unknown[] }),
      ...(value === undefined ? {} : { value }),
    })

  const weth = await deploy(rpc, deployer, 'WETH9')
  const usdcImplementation = await deploy(rpc, deployer, 'Usdc')
  const initialize = encodeFunctionData({
    abi: loadArtifact('Usdc').abi,
    functionName: 'initialize',
    args: ['USD Coin', 'USDC', deployer],
  })
  const usdc = await deploy(rpc, deployer, 'ERC1967Proxy', [usdcImplementation, initialize])
  const dai = await deploy(rpc, deployer, 'Dai')
  const usdt = await deploy(rpc, deployer, 'Usdt')
  const link = await deploy(rpc, deployer, 'ERC20PresetMinterPauser', ['ChainLink Token', 'LINK'])
  await call(usdc, 'Usdc', 'mint', [deployer, 100_000_000n * DOLLAR])
  await call(dai, 'Dai', 'mint', [deployer, 100_000_000n * ETHER])
  await call(usdt, 'Usdt', 'mint', [deployer, 100_000_000n * DOLLAR])
  await call(link, 'ERC20PresetMinterPauser', 'mint', [deployer, 10_000_000n * ETHER])
  await call(weth, 'WETH9', 'deposit', [], 10_000n * ETHER)

  const uniswapV2Factory = await deploy(rpc, deployer, 'UniswapV2Factory', [deployer])
  const uniswapV2Router = await deploy(rpc, deployer, 'UniswapV2Router02', [uniswapV2Factory, weth])
  const pools: readonly [Address, string, bigint, Address, string, bigint][] = [
    [weth, 'WETH9', 2_000n * ETHER, usdc, 'Usdc', 2_000n * USDC_PER_ETH * DOLLAR],
    [weth, 'WETH9', 1_000n * ETHER, dai, 'Dai', 1_000n * USDC_PER_ETH * ETHER],
    [usdc, 'Usdc', 2_000_000n * DOLLAR, dai, 'Dai', 2_000_000n * ETHER],
    [weth, 'WETH9', 500n * ETHER, link, 'ERC20PresetMinterPauser', 83_333n * ETHER],
    [usdc, 'Usdc', 1_000_000n * DOLLAR, usdt, 'Usdt', 1_000_000n * DOLLAR],
  ]
  for (const [tokenA, nameA, amountA, tokenB, nameB, amountB] of pools) {
    await call(tokenA, nameA, 'approve', [uniswapV2Router, amountA])
    await call(tokenB, nameB, 'approve', [uniswapV2Router, amountB])
    await call(uniswapV2Router, 'UniswapV2Router02', 'addLiquidity', [
      tokenA,
      tokenB,
      amountA,
      amountB,
      0n,
      0n,
      deployer,
      FAR_FUTURE,
    ])
  }

  const uniswapV3Factory = await deploy(rpc, deployer, 'UniswapV3Factory')
  const uniswapV3Router = await deploy(rpc, deployer, 'SwapRouter', [uniswapV3Factory, weth])
  // The third argument draws the position's picture; nothing here looks at it.
  const uniswapV3PositionManager = await deploy(rpc, deployer, 'NonfungiblePositionManager', [
    uniswapV3Factory,
    weth,
    MULTICALL3,
  ])
  const uniswapV3Quoter = await deploy(rpc, deployer, 'QuoterV2', [uniswapV3Factory, weth])
  await openV3Pool(call, { weth, usdc, uniswapV3PositionManager, deployer })

  await rpc('anvil_setCode', [PERMIT2, permit2Code()])
  const multicall = await deploy(rpc, deployer, 'Multicall3')
  await rpc('anvil_setCode', [MULTICALL3, await rpc<Hex>('eth_getCode', [multicall, 'latest'])])

  // The code that its deployment leaves: a transaction less, so that every other address stays as it was.
  await rpc('anvil_setCode', [GUARD.address, GUARD_CODE])

  const nft = await deploy(rpc, deployer, 'ERC721PresetMinterPauserAutoId', ['Local Collection', 'LOCAL', ''])
  const multiToken = await deploy(rpc, deployer, 'ERC1155PresetMinterPauser', [''])

  const found = {
    weth,
    usdc,
    usdcImplementation,
    dai,
    usdt,
    link,
    uniswapV2Factory,
    uniswapV2Router,
    uniswapV3Factory,
    uniswapV3Router,
    uniswapV3PositionManager,
    uniswapV3Quoter,
    permit2: PERMIT2,
    multicall3: MULTICALL3,
    nft,
    multiToken,
    outcomeGuard: GUARD.address,
  } as const
  return Object.fromEntries(
    Object.entries(found).map(([name, address]) => [name, getAddress(address)]),
  ) as unknown as Addresses
}

/** A WETH/USDC pool at 0.05 %, with liquidity over the whole range. */
async function openV3Pool(
  call: (to: Address, name: string, functionName: string, args: readonly unknown[], value?: bigint) => Promise<unknown>,
  {
    weth,
    usdc,
    uniswapV3PositionManager,
    deployer,
  }: { weth: Address; usdc: Address; uniswapV3PositionManager: Address; deployer: Address },
): Promise<void> {
  const isWethFirst = BigInt(weth) < BigInt(usdc)
  const [amount0, amount1] = isWethFirst
    ? [1_000n * ETHER, 1_000n * USDC_PER_ETH * DOLLAR]
    : [1_000n * USDC_PER_ETH * DOLLAR, 1_000n * ETHER]
  const [token0, token1] = isWethFirst ? [weth, usdc] : [usdc, weth]
  // sqrt(amount1 / amount0) in Q64.96 (Uniswap v3 core, "sqrtPriceX96").
  const sqrtPriceX96 = squareRoot((amount1 << 192n) / amount0)
  await call(uniswapV3PositionManager, 'NonfungiblePositionManager', 'createAndInitializePoolIfNecessary', [
    token0,
    token1,
    500,
    sqrtPriceX96,
  ])
  await call(weth, 'WETH9', 'approve', [uniswapV3PositionManager, 1_000n * ETHER])
  await call(usdc, 'Usdc', 'approve', [uniswapV3PositionManager, 1_000n * USDC_PER_ETH * DOLLAR])
  await call(uniswapV3PositionManager, 'NonfungiblePositionManager', 'mint', [
    {
      token0,
      token1,
      fee: 500,
      // The whole range, rounded to the tick spacing of 10.
      tickLower: -887_270,
      tickUpper: 887_270,
      amount0Desired: amount0,
      amount1Desired: amount1,
      amount0Min: 0n,
      amount1Min: 0n,
      recipient: deployer,
      deadline: FAR_FUTURE,
    },
  ])
}

/** Integer square root by Newton's method. */
export function squareRoot(value: bigint): bigint {
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2))
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}
