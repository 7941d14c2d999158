/** Where the journeys go: contracts in which the user has something already, and real ones. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Address, type Hex } from '@countersign/base'
import { getContractAddress, zeroHash } from 'viem'
import { DOMAIN, fields } from '../../documents.ts'
import { DOLLAR, ETHER, FOREVER, usdc, weth } from '../../moves.ts'
import type { Scene, World } from '../../World.ts'
import type { Call } from '../../../src/index.ts'
import { agent, allow, AMOUNT, call, deployerOf, make } from './frame.ts'

/** People that the user pays. */
export const PEOPLE = [
  Address.parse('0x3a1e5d7c9b20f4e68d13a7c5920be4f61d8873c0'),
  Address.parse('0x8c4f02a9d6e1b7353f90c8ad14e6270b95df3a11'),
  Address.parse('0xe25b908f41c7a3d6005d9e7f83b1c264af80d936'),
] as const

export async function multi(at: World): Promise<Address.Address> {
  const to = await make(at, 'Multi', [at.chain.addresses.usdc])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Multi', 'deposit', [7n, AMOUNT, at.me]))
  return to
}
export async function pieces(at: World, count: bigint): Promise<Address.Address> {
  const to = await make(at, 'Piece', [deployerOf(at)])
  await at.send(call(to, 'Piece', 'mint', [count], (count * ETHER) / 20n))
  return to
}
/** Something to claim for the user, from a full till. */
export async function claims(at: World, name: string): Promise<Address.Address> {
  const to = await make(at, name, [at.chain.addresses.usdc, at.thief])
  await at.send(usdc(at, 'transfer', [to, 9_000n * DOLLAR]), deployerOf(at))
  await at.send(call(to, name, 'set', [at.me, AMOUNT]), deployerOf(at))
  return to
}
export async function bank(at: World): Promise<Address.Address> {
  const to = await make(at, 'Bank', [at.chain.addresses.usdc])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Bank', 'supply', [AMOUNT, at.me]))
  await at.send(usdc(at, 'transfer', [to, 9_000n * DOLLAR]), deployerOf(at))
  return to
}
export async function streams(at: World): Promise<Address.Address> {
  const to = await make(at, 'Streams', [at.chain.addresses.usdc])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Streams', 'deposit', [AMOUNT]))
  return to
}
export async function vault(at: World, mine = 0n): Promise<Address.Address> {
  const to = await make(at, 'Vault4626', [at.chain.addresses.usdc])
  await at.send(usdc(at, 'approve', [to, 5n * AMOUNT]), deployerOf(at))
  await at.send(call(to, 'Vault4626', 'deposit', [5n * AMOUNT, deployerOf(at)]), deployerOf(at))
  if (mine > 0n) {
    await at.send(allow(at, to, mine))
    await at.send(call(to, 'Vault4626', 'deposit', [mine, at.me]))
  }
  return to
}
export async function vesting(at: World): Promise<Address.Address> {
  const to = await make(at, 'Vesting2', [at.chain.addresses.usdc])
  await at.send(usdc(at, 'approve', [to, AMOUNT]), deployerOf(at))
  await at.send(call(to, 'Vesting2', 'open', [at.me, AMOUNT]), deployerOf(at))
  await at.pass(40 * 86_400)
  return to
}
export async function shop(at: World): Promise<readonly [Address.Address, Address.Address]> {
  const piece = await make(at, 'Piece', [PEOPLE[0]])
  const to = await make(at, 'Shop', [piece, PEOPLE[0], PEOPLE[1]])
  await at.send(call(piece, 'Piece', 'mint', [2n], ETHER / 10n), deployerOf(at))
  for (const id of [1n, 2n])
    await at.send(call(piece, 'Piece', 'transferFrom', [deployerOf(at), to, id]), deployerOf(at))
  return [to, piece]
}
export async function items(at: World): Promise<Address.Address> {
  const to = await make(at, 'Items')
  await at.send(call(to, 'Items', 'drop', [at.me, 1n, 4n]), deployerOf(at))
  await at.send(call(to, 'Items', 'drop', [at.me, 2n, 1n]), deployerOf(at))
  return to
}
export async function names(at: World): Promise<Address.Address> {
  const to = await make(at, 'Names')
  await at.send(call(to, 'Names', 'register', ['alice'], ETHER / 10n))
  return to
}
export async function desk(at: World): Promise<Address.Address> {
  const to = await make(at, 'Desk', [at.chain.addresses.usdc])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'Desk', 'deposit', [AMOUNT]))
  return to
}

export const created = (from: Address.Address, nonce: bigint): Address.Address =>
  Address.parse(getContractAddress({ from: from as Hex.Hex, nonce }))
export function creationOf(name: string): Hex.Hex {
  const all = JSON.parse(readFileSync(join(import.meta.dirname, 'contracts.json'), 'utf8')) as Record<
    string,
    { bytecode: Hex.Hex }
  >
  return all[name]?.bytecode ?? '0x'
}

const manager = (at: World) => at.chain.addresses.uniswapV3PositionManager
const position = (at: World, name: string, args: readonly unknown[]) =>
  at.call('NonfungiblePositionManager', manager(at), name, args)
const sorted = (at: World) => {
  const { usdc: dollar, weth: wrapped } = at.chain.addresses
  return BigInt(dollar) < BigInt(wrapped) ? [dollar, wrapped] : [wrapped, dollar]
}
export async function v3Mint(at: World, recipient: Address.Address): Promise<readonly [Scene, Address.Address]> {
  const [token0, token1] = sorted(at)
  const isDollarFirst = token0 === at.chain.addresses.usdc
  const args = {
    ...{ token0, token1, fee: 500, tickLower: -887_270, tickUpper: 887_270 },
    amount0Desired: isDollarFirst ? 2_500n * DOLLAR : ETHER,
    amount1Desired: isDollarFirst ? ETHER : 2_500n * DOLLAR,
    ...{ amount0Min: 0n, amount1Min: 0n, recipient, deadline: FOREVER },
  }
  return [
    agent(
      allow(at, manager(at), 2_500n * DOLLAR),
      weth(at, 'approve', [manager(at), ETHER]),
      position(at, 'mint', [args]),
    ),
    manager(at),
  ]
}
export async function v3Close(at: World, recipient: Address.Address) {
  const [scene] = await v3Mint(at, at.me)
  const mint = scene.calls?.[2] as Call
  for (const each of scene.calls?.slice(0, 2) ?? []) await at.send(each)
  const answer = (await at.read(mint)).slice(2)
  await at.send(mint)
  const [tokenId, liquidity] = [BigInt(`0x${answer.slice(0, 64)}`), BigInt(`0x${answer.slice(64, 128)}`)]
  const most = 2n ** 128n - 1n
  const inner = [
    position(at, 'decreaseLiquidity', [{ tokenId, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: FOREVER }]).data,
    position(at, 'collect', [{ tokenId, recipient, amount0Max: most, amount1Max: most }]).data,
  ]
  return { manager: manager(at), inner, tokenId }
}
const swapRouter = (at: World, name: string, args: readonly unknown[], value = 0n) =>
  at.call('SwapRouter', at.chain.addresses.uniswapV3Router, name, args, { value })
/** Dollars for ether, unwrapped for somebody. */
export async function v3Sell(at: World, recipient: Address.Address): Promise<Call> {
  await at.send(allow(at, at.chain.addresses.uniswapV3Router, AMOUNT))
  const { usdc: tokenIn, weth: tokenOut, uniswapV3Router } = at.chain.addresses
  const swap = swapRouter(at, 'exactInputSingle', [
    {
      ...{ tokenIn, tokenOut, fee: 500, recipient: uniswapV3Router, deadline: FOREVER },
      ...{ amountIn: AMOUNT, amountOutMinimum: (39n * ETHER) / 100n, sqrtPriceLimitX96: 0n },
    },
  ]).data
  return swapRouter(at, 'multicall', [[swap, swapRouter(at, 'unwrapWETH9', [(39n * ETHER) / 100n, recipient]).data]])
}
/** Two thousand dollars exactly, and more ether than that takes; what is left is asked back or not. */
export function v3Exact(at: World, value: bigint, isRefunded: boolean): Call[] {
  const { usdc: tokenOut, weth: tokenIn } = at.chain.addresses
  const swap = swapRouter(at, 'exactOutputSingle', [
    {
      ...{ tokenIn, tokenOut, fee: 500, recipient: at.me, deadline: FOREVER },
      ...{ amountOut: 2_000n * DOLLAR, amountInMaximum: value, sqrtPriceLimitX96: 0n },
    },
  ]).data
  const refund = swapRouter(at, 'refundETH', []).data
  return [swapRouter(at, 'multicall', [isRefunded ? [swap, refund] : [swap]], value)]
}

/** A withdrawal of the desk, as a document. */
export const withdrawal = (at: World, to: Address.Address, receiver: Address.Address) => ({
  types: {
    EIP712Domain: DOMAIN,
    Withdrawal: fields('address account,address receiver,uint256 amount,uint256 nonce'),
  },
  primaryType: 'Withdrawal',
  domain: { name: 'Desk', version: '1', chainId: at.chain.chainId, verifyingContract: to },
  message: { account: at.me, receiver, amount: AMOUNT.toString(), nonce: '0' },
})
/** An order of CoW Protocol: dollars for wrapped ether. */
export const cow = (at: World, receiver: Address.Address, buyAmount: bigint) => ({
  types: {
    EIP712Domain: DOMAIN,
    Order: fields(
      'address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,string buyTokenBalance',
    ),
  },
  primaryType: 'Order',
  domain: {
    ...{ name: 'Gnosis Protocol', version: 'v2', chainId: at.chain.chainId },
    verifyingContract: '0x9008D19f58AAbD9eD0D60971565AA8510560ab41',
  },
  message: {
    ...{ sellToken: at.chain.addresses.usdc, buyToken: at.chain.addresses.weth, receiver },
    ...{ sellAmount: AMOUNT.toString(), buyAmount: buyAmount.toString(), validTo: Number(at.nowS + 1_200n) },
    ...{ appData: zeroHash, feeAmount: '0', kind: 'sell', partiallyFillable: false },
    ...{ sellTokenBalance: 'erc20', buyTokenBalance: 'erc20' },
  },
})
