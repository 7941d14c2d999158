import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, encodeAbiParameters, keccak256, parseAbi, toHex, type Abi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Call, KnownAddress } from '../src/index.ts'
import type { World } from './World.ts'

export const ETHER = 10n ** 18n
export const DOLLAR = 10n ** 6n
export const MAX = 2n ** 256n - 1n
/** A deadline that no test lives to see. */
export const FOREVER = 2n ** 40n

type More = Partial<Call>

export const usdc = (world: World, functionName: string, args: readonly unknown[]): Call =>
  world.call('Usdc', world.chain.addresses.usdc, functionName, args)
export const dai = (world: World, functionName: string, args: readonly unknown[]): Call =>
  world.call('Dai', world.chain.addresses.dai, functionName, args)
export const weth = (world: World, functionName: string, args: readonly unknown[], more: More = {}): Call =>
  world.call('WETH9', world.chain.addresses.weth, functionName, args, more)
export const router = (world: World, functionName: string, args: readonly unknown[], value = 0n): Call =>
  world.call('UniswapV2Router02', world.chain.addresses.uniswapV2Router, functionName, args, { value })
export const nft = (world: World, functionName: string, args: readonly unknown[]): Call =>
  world.call('ERC721PresetMinterPauserAutoId', world.chain.addresses.nft, functionName, args)

/** A call of a function that is written out: `abi(world, to, 'function claim(uint256 id)', [1n])`. */
export function abi(to: string, signature: string, args: readonly unknown[] = [], more: More = {}): Call {
  const parsed = parseAbi([signature] as never) as unknown as Abi
  return {
    to: Address.parse(to),
    value: 0n,
    data: encodeFunctionData({ abi: parsed, args: args as unknown[] } as never),
    gasLimit: null,
    maxFeePerGasWei: null,
    label: null,
    ...more,
  }
}

/** Approve and swap dollars for ether on Uniswap V2. The pool gives about 0.0004 ether a dollar. */
export function swapDollars(world: World, amount: bigint, minimum: bigint): Call[] {
  const { uniswapV2Router, usdc: dollar, weth: wrapped } = world.chain.addresses
  return [
    usdc(world, 'approve', [uniswapV2Router, amount]),
    router(world, 'swapExactTokensForETH', [amount, minimum, [dollar, wrapped], world.me, FOREVER]),
  ]
}

/** Ether for dollars on Uniswap V2, about 2,490 dollars an ether. */
export function buyDollars(world: World, value: bigint, minimum: bigint): Call {
  const path = [world.chain.addresses.weth, world.chain.addresses.usdc]
  return router(world, 'swapExactETHForTokens', [minimum, path, world.me, FOREVER], value)
}

/** Permit2's own approve. */
export function permit2Approve(
  world: World,
  token: string,
  spender: string,
  amount = 2n ** 160n - 1n,
  expiration = 2n ** 48n - 1n,
): Call {
  return abi(
    world.chain.addresses.permit2,
    'function approve(address token, address spender, uint160 amount, uint48 expiration)',
    [token, spender, amount, expiration],
  )
}

/** A pool of a fixture token and wrapped ether, both from the deployer. */
export async function openPool(world: World, token: Address.Address, tokens: bigint, wei: bigint): Promise<void> {
  const deployer = world.chain.accounts[0]?.address as Address.Address
  await world.send(world.call('PlainToken', token, 'mint', [deployer, tokens]), deployer)
  await world.send(
    world.call('PlainToken', token, 'approve', [world.chain.addresses.uniswapV2Router, tokens]),
    deployer,
  )
  await world.send(router(world, 'addLiquidityETH', [token, tokens, 0n, 0n, deployer, FOREVER], wei), deployer)
}

/** Where a Uniswap V2 pool of two tokens is. */
export async function pairOf(world: World, tokenA: string, tokenB: string): Promise<Address.Address> {
  const { data, to } = world.call('UniswapV2Factory', world.chain.addresses.uniswapV2Factory, 'getPair', [
    tokenA,
    tokenB,
  ])
  return Address.fromWord((await world.chain.rpc<string>('eth_call', [{ to, data }, 'latest'])).slice(2))
}

/** The local account's key, which everybody knows. */
export function keyOf(world: World, account: Address.Address) {
  const found = world.chain.accounts.find(({ address }) => address === account)
  return privateKeyToAccount(found?.privateKey as Hex.Hex)
}

/** A signed EIP-7702 authorization. Whoever also sends the transaction uses up a nonce before it is looked at. */
export async function authorize(
  world: World,
  delegate: string,
  { account = world.me, isSender = account === world.me }: { account?: Address.Address; isSender?: boolean } = {},
): Promise<NonNullable<Call['authorizationList']>[number]> {
  const nonce = Number(await world.chain.rpc<string>('eth_getTransactionCount', [account, 'latest']))
  const signed = await keyOf(world, account).signAuthorization({
    address: delegate as Hex.Hex,
    chainId: world.chain.chainId,
    nonce: nonce + (isSender ? 1 : 0),
  })
  return {
    chainId: BigInt(world.chain.chainId),
    address: Address.parse(delegate),
    nonce: BigInt(signed.nonce),
    yParity: signed.yParity ?? 0,
    r: BigInt(signed.r),
    s: BigInt(signed.s),
  }
}

/** Gives an account other code for good, as a mined type-4 transaction would. */
export async function delegateTo(world: World, account: Address.Address, delegate: string): Promise<void> {
  await world.chain.rpc('anvil_setCode', [account, `0xef0100${delegate.slice(2).toLowerCase()}`])
}

/** Calls that the user's own account makes of itself, through `Batch`. */
export function batch(world: World, calls: readonly Call[], more: More = {}): Call {
  return world.call('Batch', world.me, 'execute', [calls.map(({ to, value, data }) => ({ to, value, data }))], more)
}

export const vouch = (
  address: Address.Address,
  name: string,
  kind: KnownAddress['kind'] = 'contact',
): KnownAddress => ({
  address,
  name,
  kind,
})

export const word = (address: string): Hex.Hex => encodeAbiParameters([{ type: 'address' }], [address as Hex.Hex])

/** Moves a contract's code elsewhere and puts a proxy in its place; storage stays where it is. */
export async function putProxy(
  { chain: { rpc } }: { readonly chain: { readonly rpc: World['chain']['rpc'] } },
  address: Address.Address,
  kind: 'ERC-1167' | 'ERC-1967',
): Promise<void> {
  const behind = `0x${keccak256(address).slice(-40)}`
  await rpc('anvil_setCode', [behind, await rpc('eth_getCode', [address, 'latest'])])
  if (kind === 'ERC-1167') {
    await rpc('anvil_setCode', [address, `0x363d3d373d3d3d363d73${behind.slice(2)}5af43d82803e903d91602b57fd5bf3`])
    return
  }
  const slot = (BigInt(keccak256(toHex('eip1967.proxy.implementation'))) - 1n).toString(16).padStart(64, '0')
  await rpc('anvil_setStorageAt', [address, `0x${slot}`, word(behind)])
  // The layout of Solady's LibClone, deployERC1967.
  await rpc('anvil_setCode', [address, `0x363d3d373d3d363d7f${slot}545af43d6000803e6038573d6000fd5b3d6000f3`])
}
