/** Where the second set goes: real contracts in which the user has something already. */
import { Address, type Hex } from '@countersign/base'
import { type Abi, encodeFunctionData, parseAbi, zeroAddress } from 'viem'
import type { Call } from '../../../src/index.ts'
import { DOMAIN, fields } from '../../documents.ts'
import { DOLLAR, ETHER, FOREVER, usdc } from '../../moves.ts'
import type { World } from '../../World.ts'
import { allow, AMOUNT, deployerOf } from '../journeys/frame.ts'
import { abiOf, ask, callReal, make, makeReal, word } from './frame.ts'

export type Place = Address.Address
export const MERCHANT = Address.parse('0x51c7a0e94b3d8f26015ae9d7c2b84f6a3e90d175')
export const zero = zeroAddress as Place
export const dai = (at: World, name: string, args: readonly unknown[]) =>
  at.call('Dai', at.chain.addresses.dai, name, args)
export const router = (at: World, name: string, args: readonly unknown[], value = 0n) =>
  at.call('UniswapV2Router02', at.chain.addresses.uniswapV2Router, name, args, { value })

const PERMIT2 = parseAbi([
  'struct TokenPermissions { address token; uint256 amount; }',
  'struct PermitTransferFrom { TokenPermissions permitted; uint256 nonce; uint256 deadline; }',
  'struct Details { address to; uint256 requestedAmount; }',
  'struct Pair { address token; address spender; }',
  'function approve(address token, address spender, uint160 amount, uint48 expiration)',
  'function transferFrom(address from, address to, uint160 amount, address token)',
  'function lockdown(Pair[] approvals)',
  'function permitTransferFrom(PermitTransferFrom permit, Details details, address owner, bytes signature)',
  'function permitWitnessTransferFrom(PermitTransferFrom permit, Details details, address owner, bytes32 witness, string witnessTypeString, bytes signature)',
])
export const permit2 = (at: World, functionName: string, args: readonly unknown[]): Call => ({
  ...at.pay(at.chain.addresses.permit2, 0n),
  data: encodeFunctionData({ abi: PERMIT2 as Abi, functionName, args }) as Hex.Hex,
})
export const multicall3 = (at: World, parts: readonly Readonly<Record<string, unknown>>[], value = 0n): Call => ({
  ...at.pay(at.chain.addresses.multicall3, value),
  data: encodeFunctionData({ abi: MULTICALL, functionName: 'aggregate3Value', args: [parts] }) as Hex.Hex,
})
const MULTICALL: Abi = parseAbi([
  'struct Part { address target; bool allowFailure; uint256 value; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3Value(Part[] calls) payable returns (Result[] returnData)',
])

/** The one Safe of the user, with dollars in it. */
export async function safe(at: World, owners: readonly Place[] = [at.me]): Promise<Place> {
  const singleton = await makeReal(at, 'Safe')
  const factory = await makeReal(at, 'SafeProxyFactory')
  const handler = await makeReal(at, 'CompatibilityFallbackHandler')
  const create = callReal(factory, 'SafeProxyFactory', 'createProxyWithNonce', [singleton, setup(owners, handler), 7n])
  const to = Address.parse(`0x${(await at.read(create)).slice(26)}`)
  await at.send(create)
  await at.send(usdc(at, 'transfer', [to, 2n * AMOUNT]), deployerOf(at))
  return to
}
export const setup = (owners: readonly Place[], handler: Place, threshold = 1n): Hex.Hex =>
  encodeFunctionData({
    abi: abiOf('Safe'),
    functionName: 'setup',
    args: [owners, threshold, zero, '0x', handler, zero, 0n, zero],
  }) as Hex.Hex
/** What an owner sends to run something in the Safe: the owner's sending is the signature. */
export function run(
  at: World,
  to: Place,
  inner: Call,
  more: { operation?: number; fee?: readonly [bigint, Place, Place] } = {},
): Call {
  const [gasPrice, gasToken, receiver] = more.fee ?? [0n, zero, zero]
  const approved = `0x${at.me.slice(2).toLowerCase().padStart(64, '0')}${'0'.repeat(64)}01`
  return callReal(to, 'Safe', 'execTransaction', [
    ...[inner.to, inner.value ?? 0n, inner.data, more.operation ?? 0, 0n],
    ...[gasPrice === 0n ? 0n : 100_000n, gasPrice, gasToken, receiver, approved],
  ])
}
export const safeDocument = (at: World, to: Place, inner: Call, operation = 0) => ({
  types: {
    EIP712Domain: fields('uint256 chainId,address verifyingContract'),
    SafeTx: fields(
      'address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce',
    ),
  },
  primaryType: 'SafeTx',
  domain: { chainId: at.chain.chainId, verifyingContract: to },
  message: {
    ...{ to: inner.to, value: '0', data: inner.data, operation, safeTxGas: '0', baseGas: '0', gasPrice: '0' },
    ...{ gasToken: zero, refundReceiver: zero, nonce: '0' },
  },
})
/** The Safe's transaction of a document, with the signature. */
export const runSigned = (to: Place, inner: Call, operation: number, signature: Hex.Hex): Call =>
  callReal(to, 'Safe', 'execTransaction', [inner.to, 0n, inner.data, operation, 0n, 0n, 0n, zero, zero, signature])

/** The user's pieces of a collection with royalties. */
export const art = (at: World) => make(at, 'Art', [at.me, MERCHANT])
export async function seaport(at: World): Promise<Place> {
  const controller = await makeReal(at, 'LocalConduitController')
  return makeReal(at, 'Seaport', [controller])
}
interface Side {
  readonly offerer: Place
  readonly offer: readonly Record<string, string | number>[]
  readonly consideration: readonly Record<string, string | number>[]
}
export const orderOf = (at: World, { offerer, offer, consideration }: Side) => ({
  ...{ offerer, zone: zero, offer, consideration, orderType: 0 },
  ...{ startTime: String(at.nowS - 60n), endTime: String(at.nowS + 86_400n) },
  ...{ zoneHash: word(0n), salt: '81', conduitKey: word(0n) },
})
export const item = (
  itemType: number,
  token: Place,
  identifierOrCriteria: bigint,
  amount: bigint,
  recipient?: Place,
) => ({
  ...{ itemType, token, identifierOrCriteria: String(identifierOrCriteria) },
  ...{ startAmount: String(amount), endAmount: String(amount), ...(recipient === undefined ? {} : { recipient }) },
})
export const orderDocument = (at: World, market: Place, order: ReturnType<typeof orderOf>) => ({
  types: {
    EIP712Domain: DOMAIN,
    OrderComponents: fields(
      'address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter',
    ),
    OfferItem: fields(
      'uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount',
    ),
    ConsiderationItem: fields(
      'uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount,address recipient',
    ),
  },
  primaryType: 'OrderComponents',
  domain: { name: 'Seaport', version: '1.6', chainId: at.chain.chainId, verifyingContract: market },
  message: { ...order, counter: '0' },
})
export const fulfil = (market: Place, order: ReturnType<typeof orderOf>, signature: Hex.Hex, value: bigint): Call => ({
  ...callReal(market, 'Seaport', 'fulfillOrder', [
    {
      parameters: { ...order, totalOriginalConsiderationItems: BigInt(order.consideration.length) },
      signature,
    },
    word(0n),
  ]),
  value,
})

/** Liquidity of the user in the pair of ether and dollars. */
export async function liquidity(at: World): Promise<readonly [Place, bigint]> {
  const { uniswapV2Router, usdc: dollar, weth: wrapped, uniswapV2Factory } = at.chain.addresses
  await at.send(allow(at, uniswapV2Router, 2_500n * DOLLAR))
  await at.send(router(at, 'addLiquidityETH', [dollar, 2_500n * DOLLAR, 0n, 0n, at.me, FOREVER], ETHER))
  const find = at.call('UniswapV2Factory', uniswapV2Factory, 'getPair', [dollar, wrapped])
  const pair = Address.parse(`0x${(await at.read(find)).slice(26)}`)
  return [pair, (await ask(at, pair, 'UniswapV2Pair', 'balanceOf', [at.me])) as bigint]
}

/** An account with MetaMask's delegation code, and the manager. */
export async function delegating(at: World): Promise<Place> {
  const manager = await makeReal(at, 'DelegationManager', [deployerOf(at)])
  const entryPoint = await makeReal(at, 'EntryPoint')
  const code = await makeReal(at, 'EIP7702StatelessDeleGator', [manager, entryPoint])
  await at.chain.rpc('anvil_setCode', [at.me, `0xef0100${code.slice(2).toLowerCase()}`])
  return manager
}
export interface Caveat {
  readonly enforcer: Place
  readonly terms: Hex.Hex
}
export const ROOT: Hex.Hex = `0x${'f'.repeat(64)}`
export const delegationDocument = (at: World, manager: Place, delegate: Place, caveats: readonly Caveat[]) => ({
  types: {
    EIP712Domain: DOMAIN,
    Delegation: fields('address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt'),
    Caveat: fields('address enforcer,bytes terms'),
  },
  primaryType: 'Delegation',
  domain: { name: 'DelegationManager', version: '1', chainId: at.chain.chainId, verifyingContract: manager },
  message: { delegate, delegator: at.me, authority: ROOT, caveats, salt: '0' },
})
