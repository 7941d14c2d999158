/** Where the fourth set goes: contracts of npm packages in which the user has something already. */
import { Address, type Hex } from '@countersign/base'
import { concat, encodeAbiParameters, hashTypedData, keccak256, namehash, toHex, zeroAddress, zeroHash } from 'viem'
import type { Call } from '../../../src/index.ts'
import { DOMAIN, fields } from '../../documents.ts'
import { DOLLAR, ETHER, usdc, weth } from '../../moves.ts'
import type { World } from '../../World.ts'
import { AMOUNT, deployerOf } from '../journeys/frame.ts'
import { v3Close } from '../journeys/places.ts'
import { act } from '../journeys2/frame.ts'
import { MERCHANT, type Place } from '../journeys2/parties.ts'
import { ask, call, callReal, make, makeReal } from './frame.ts'

export const DAY_S = 86_400n
export const dollarsOf = (at: World): Place => at.chain.addresses.usdc
export const fill = (at: World, to: Place, dollars: bigint) =>
  at.send(usdc(at, 'transfer', [to, dollars]), deployerOf(at))

/** Uniswap's vote token, all of it the holder's. */
export const uni = (at: World, holder: Place) => makeReal(at, 'Uni', [holder, deployerOf(at), at.nowS + 1_000n * DAY_S])
export const votesDocument = (at: World, token: Place, delegatee: Place) => ({
  types: {
    EIP712Domain: fields('string name,uint256 chainId,address verifyingContract'),
    Delegation: fields('address delegatee,uint256 nonce,uint256 expiry'),
  },
  primaryType: 'Delegation',
  domain: { name: 'Uniswap', chainId: at.chain.chainId, verifyingContract: token },
  message: { delegatee, nonce: '0', expiry: String(at.nowS + DAY_S) },
})

const KEY = [
  { name: 'rewardToken', type: 'address' },
  { name: 'pool', type: 'address' },
  { name: 'startTime', type: 'uint256' },
  { name: 'endTime', type: 'uint256' },
  { name: 'refundee', type: 'address' },
] as const

/** A position of the user's, and a programme of Uniswap's staker that has begun. */
export async function v3Staker(at: World) {
  const { manager, tokenId } = await v3Close(at, at.me)
  const { usdc: dollar, weth: wrapped, uniswapV3Factory } = at.chain.addresses
  const to = await makeReal(at, 'UniswapV3Staker', [uniswapV3Factory, manager, 30n * DAY_S, 365n * DAY_S])
  const find = at.call('UniswapV3Factory', uniswapV3Factory, 'getPool', [dollar, wrapped, 500])
  const pool = Address.parse(`0x${(await at.read(find)).slice(26)}`)
  const reward = await uni(at, deployerOf(at))
  const key = {
    ...{ rewardToken: reward, pool, startTime: at.nowS + 60n, endTime: at.nowS + 60n * DAY_S },
    refundee: deployerOf(at),
  }
  await at.send(callReal(reward, 'Uni', 'approve', [to, 1_000n * ETHER]), deployerOf(at))
  await at.send(callReal(to, 'UniswapV3Staker', 'createIncentive', [key, 1_000n * ETHER]), deployerOf(at))
  await at.pass(120)
  const position = (name: string, args: readonly unknown[]) =>
    at.call('NonfungiblePositionManager', manager, name, args)
  const data = encodeAbiParameters([{ type: 'tuple', components: KEY }], [key as never])
  const ownerOf = async () => Address.parse(`0x${(await at.read(position('ownerOf', [tokenId]))).slice(26)}`)
  return { to, key, tokenId, reward, stake: position('safeTransferFrom', [at.me, to, tokenId, data]), ownerOf }
}

export const label = (text: string): Hex.Hex => keccak256(toHex(text))
/** The name service, with a resolver; the deployer has the root. */
export async function nameService(at: World) {
  const registry = await makeReal(at, 'ENSRegistry')
  const resolver = await makeReal(at, 'PublicResolver', [registry])
  return { registry, resolver, node: namehash('alice') as Hex.Hex }
}
/** The user has the name `alice`. */
export async function named(at: World) {
  const all = await nameService(at)
  const give = callReal(all.registry, 'ENSRegistry', 'setSubnodeOwner', [zeroHash, label('alice'), at.me])
  await at.send(give, deployerOf(at))
  await at.send(callReal(all.registry, 'ENSRegistry', 'setResolver', [all.node, all.resolver]))
  return all
}
export async function accountOf(at: World, resolver: Place, node: Hex.Hex): Promise<Place> {
  return Address.parse(`0x${(await at.read(callReal(resolver, 'PublicResolver', 'addr', [node]))).slice(26)}`)
}

/** The settlement of CoW Protocol with wrapped ether in it, and an order of the user's that sells 1,000 dollars. */
export async function cow(at: World, receiver: Place) {
  const list = await makeReal(at, 'GPv2AllowListAuthentication')
  const solver = deployerOf(at)
  await at.send(callReal(list, 'GPv2AllowListAuthentication', 'initializeManager', [solver]), solver)
  await at.send(callReal(list, 'GPv2AllowListAuthentication', 'addSolver', [solver]), solver)
  const to = await makeReal(at, 'GPv2Settlement', [list, MERCHANT])
  const relayer = Address.parse((await ask(at, [to, 'GPv2Settlement'], 'vaultRelayer')) as string)
  await at.send(weth(at, 'transfer', [to, ETHER / 2n]))
  const buyAmount = (39n * ETHER) / 100n
  const validTo = Number(at.nowS + DAY_S)
  const order = { receiver, sellAmount: AMOUNT, buyAmount, validTo, appData: zeroHash, feeAmount: 0n }
  const [sellToken, buyToken] = [dollarsOf(at), at.chain.addresses.weth]
  const digest = hashTypedData({
    types: {
      Order: fields(
        'address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,string buyTokenBalance',
      ),
    },
    primaryType: 'Order',
    domain: { name: 'Gnosis Protocol', version: 'v2', chainId: at.chain.chainId, verifyingContract: to },
    message: {
      ...{ ...order, sellToken, buyToken, kind: 'sell', partiallyFillable: false },
      ...{ sellTokenBalance: 'erc20', buyTokenBalance: 'erc20' },
    },
  } as never)
  const uid = concat([digest, at.me as Hex.Hex, toHex(validTo, { size: 4 })])
  const trade = {
    ...{ ...order, sellTokenIndex: 0n, buyTokenIndex: 1n, flags: 0x60n, executedAmount: AMOUNT, signature: at.me },
  }
  const settle = callReal(to, 'GPv2Settlement', 'settle', [
    ...[[sellToken, buyToken], [buyAmount, AMOUNT], [trade]],
    [[], [], []],
  ])
  const calls = [usdc(at, 'approve', [relayer, AMOUNT]), callReal(to, 'GPv2Settlement', 'setPreSignature', [uid, true])]
  return { calls, settle: () => at.send(settle, solver), buyAmount }
}

/** A shop's till with 2,000 dollars, under an access manager of the user's. */
export async function shop(at: World) {
  const manager = await makeReal(at, 'AccessManager', [at.me])
  const till = await make(at, 'ShopTill', [dollarsOf(at), manager])
  await fill(at, till, 2n * AMOUNT)
  const [pause, payOut] = [call(till, 'ShopTill', 'pause'), call(till, 'ShopTill', 'payOut', [at.me, 1n])].map(
    ({ data }) => data.slice(0, 10),
  )
  return { manager, till, pause, payOut }
}

/** A smart account of the user's with 1,000 dollars: the EntryPoint 0.8, and SimpleAccount behind OpenZeppelin's proxy. */
export async function smartAccount(at: World) {
  const entryPoint = await makeReal(at, 'EntryPoint8')
  const code = await makeReal(at, 'SimpleAccount8', [entryPoint])
  const start = callReal(code, 'SimpleAccount8', 'initialize', [at.me]).data
  const account = await makeReal(at, 'ERC1967Proxy', [code, start])
  await fill(at, account, AMOUNT)
  return { entryPoint, account }
}
export const executed = (account: Place, { to, value, data }: Call): Hex.Hex =>
  callReal(account, 'SimpleAccount8', 'execute', [to, value, data]).data
/** A user operation of the account as a document, and what a bundler sends with its signature. */
export function operation(at: World, entryPoint: Place, account: Place, callData: Hex.Hex) {
  const message = {
    ...{ sender: account, nonce: '0', initCode: '0x', callData, preVerificationGas: '50000' },
    ...{ accountGasLimits: `0x${300_000n.toString(16).padStart(32, '0')}${300_000n.toString(16).padStart(32, '0')}` },
    ...{ gasFees: zeroHash, paymasterAndData: '0x' },
  }
  const document = {
    types: {
      EIP712Domain: DOMAIN,
      PackedUserOperation: fields(
        'address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData',
      ),
    },
    primaryType: 'PackedUserOperation',
    domain: { name: 'ERC4337', version: '1', chainId: at.chain.chainId, verifyingContract: entryPoint },
    message,
  }
  const handle = (signature: Hex.Hex, bundler: Place) =>
    act(at, bundler, callReal(entryPoint, 'EntryPoint8', 'handleOps', [[{ ...message, signature }], bundler]))
  return { document, handle }
}
export async function accountFactory(at: World, owner: Place) {
  const factory = await makeReal(at, 'SimpleAccountFactory', [await makeReal(at, 'EntryPoint7')])
  const account = Address.parse((await ask(at, [factory, 'SimpleAccountFactory'], 'getAddress', [owner, 5n])) as string)
  return { account, create: callReal(factory, 'SimpleAccountFactory', 'createAccount', [owner, 5n]) }
}

/** Uniswap v4: a pool of dollars and DAI with 50,000 of each. */
export async function v4(at: World) {
  const [dollar, other] = [dollarsOf(at), at.chain.addresses.dai]
  const manager = await makeReal(at, 'PoolManager', [deployerOf(at)])
  const swapper = await makeReal(at, 'PoolSwapTest', [manager])
  const filler = await makeReal(at, 'PoolModifyLiquidityTest', [manager])
  const isDollarFirst = BigInt(dollar) < BigInt(other)
  const [currency0, currency1] = isDollarFirst ? [dollar, other] : [other, dollar]
  const key = { currency0, currency1, fee: 500, tickSpacing: 10, hooks: zeroAddress }
  const price = isDollarFirst ? 2n ** 96n * 10n ** 6n : 2n ** 96n / 10n ** 6n
  await at.send(callReal(manager, 'PoolManager', 'initialize', [key, price]), deployerOf(at))
  await at.chain.fund(deployerOf(at), { usdc: 60_000n * DOLLAR, dai: 60_000n * ETHER })
  for (const coin of [
    usdc(at, 'approve', [filler, 2n ** 255n]),
    at.call('Dai', other, 'approve', [filler, 2n ** 255n]),
  ])
    await at.send(coin, deployerOf(at))
  const range = { tickLower: -887_270, tickUpper: 887_270, liquidityDelta: 5n * 10n ** 16n, salt: zeroHash }
  await at.send(callReal(filler, 'PoolModifyLiquidityTest', 'modifyLiquidity', [key, range, '0x']), deployerOf(at))
  const limit = isDollarFirst ? 4_295_128_740n : 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341n
  const sell = (amount: bigint): Call =>
    callReal(swapper, 'PoolSwapTest', 'swap', [
      key,
      { zeroForOne: isDollarFirst, amountSpecified: -amount, sqrtPriceLimitX96: limit },
      { takeClaims: false, settleUsingBurn: false },
      '0x',
    ])
  return { swapper, sell }
}

/** A piece of the user's that may be let, and the lease as a document. */
export async function rentals(at: World, lessee: Place, until: bigint) {
  const piece = await make(at, 'Tiles', [at.me, 2n])
  const to = await make(at, 'Rentals')
  await at.send(call(piece, 'Tiles', 'approve', [to, 1n]))
  const rent = ETHER / 10n
  const document = {
    types: {
      EIP712Domain: DOMAIN,
      Lease: fields('address piece,uint256 id,address lessee,uint256 rent,uint256 until,uint256 nonce'),
    },
    primaryType: 'Lease',
    domain: { name: 'Rentals', version: '1', chainId: at.chain.chainId, verifyingContract: to },
    message: { piece, id: '1', lessee, rent: String(rent), until: String(until), nonce: '0' },
  }
  const take = ({ r, s, v }: { r: Hex.Hex; s: Hex.Hex; v: number }) =>
    call(to, 'Rentals', 'take', [at.me, piece, 1n, until, r, s, v], rent)
  return { piece, to, document, take, back: call(to, 'Rentals', 'back', [piece, 1n]) }
}
