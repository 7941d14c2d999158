/** Where the fifth set goes: contracts of npm packages, and its own, in which the user has something already. */
import { Address, type Hex } from '@countersign/base'
import { concat, decodeAbiParameters, encodeAbiParameters, keccak256, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { DOMAIN, fields } from '../../documents.ts'
import { DOLLAR, ETHER, nft, usdc } from '../../moves.ts'
import type { World } from '../../World.ts'
import type { Call } from '../../../src/index.ts'
import { allow, AMOUNT, deployerOf } from '../journeys/frame.ts'
import { act, type partsOf, word } from '../journeys2/frame.ts'
import { MERCHANT, type Place } from '../journeys2/parties.ts'
import { ask, call, callReal, make, makeReal } from './frame.ts'

export const DAY_S = 86_400n
export const zero = zeroAddress as Place
export const dollarsOf = (at: World): Place => at.chain.addresses.usdc
export const fill = (at: World, to: Place, dollars: bigint) =>
  at.send(usdc(at, 'transfer', [to, dollars]), deployerOf(at))
/** Somebody has dollars, and lets a contract take them. */
export async function ready(at: World, who: Place, spender: Place, dollars: bigint): Promise<void> {
  await fill(at, who, dollars)
  await act(at, who, allow(at, spender, dollars))
}
/** The real collection's piece, and who has it. */
export async function ownerOf(at: World, id: bigint): Promise<Place> {
  return Address.parse(`0x${(await at.read(nft(at, 'ownerOf', [id]))).slice(26)}`)
}

/** The real collection's name and symbol. */
export async function namesOf(at: World): Promise<readonly [string, string]> {
  const text = async (name: string): Promise<string> => {
    const answer = await at.read(nft(at, name, []))
    return decodeAbiParameters([{ type: 'string' }], answer)[0]
  }
  return [await text('name'), await text('symbol')]
}

/** Uniswap's second router for v3: dollars for wrapped ether that stays at the router, and what follows in the same call. */
export async function router02(at: World) {
  const { usdc: tokenIn, weth: tokenOut, uniswapV2Factory, uniswapV3Factory } = at.chain.addresses
  const to = await makeReal(at, 'SwapRouter02', [
    ...[uniswapV2Factory, uniswapV3Factory],
    ...[at.chain.addresses.uniswapV3PositionManager, tokenOut],
  ])
  const least = (39n * ETHER) / 100n
  const of = (name: string, args: readonly unknown[]) => callReal(to, 'SwapRouter02', name, args)
  const recipient = '0x0000000000000000000000000000000000000002'
  const order = { tokenIn, tokenOut, fee: 500, recipient, amountIn: AMOUNT }
  const swap = of('exactInputSingle', [{ ...order, amountOutMinimum: least, sqrtPriceLimitX96: 0n }]).data
  const unwrap = (who: Place) => of('unwrapWETH9', [least, who])
  const multicall = (parts: readonly Hex.Hex[]) => of('multicall', [at.nowS + DAY_S, parts])
  return { to, least, swap, unwrap, multicall }
}

/** Optimism's bridge with its messenger and its queue; the queue's logs say for whom a deposit is. */
export async function optimism(at: World) {
  const manager = await makeReal(at, 'AddressManager')
  const queue = await makeReal(at, 'CanonicalTransactionChain', [manager, 15_000_000n, 32n, 60_000n])
  const set = callReal(manager, 'AddressManager', 'setAddress', ['CanonicalTransactionChain', queue])
  await at.send(set, deployerOf(at))
  const messenger = await makeReal(at, 'L1CrossDomainMessenger')
  await at.send(callReal(messenger, 'L1CrossDomainMessenger', 'initialize', [manager]), deployerOf(at))
  const to = await makeReal(at, 'L1StandardBridge')
  const there = Address.parse('0x4200000000000000000000000000000000000010')
  await at.send(callReal(to, 'L1StandardBridge', 'initialize', [messenger, there]), deployerOf(at))
  const coinThere = Address.parse('0x7f5c764cbc14f9669b88837ca1490cca17c31607')
  /** The finalizing message on the other side: token there and here, from, to, amount. */
  const isQueuedFor = async (who: Place): Promise<boolean> => {
    const logs = await at.chain.rpc<readonly { data: string }[]>('eth_getLogs', [{ address: queue, fromBlock: '0x0' }])
    const message = [dollarsOf(at), coinThere, at.me, who].map((each) => each.slice(2).toLowerCase().padStart(64, '0'))
    return logs.some(({ data }) => data.includes(message.join('')))
  }
  return { to, coinThere, isQueuedFor }
}

/** Sablier's streams of dollars. */
export async function sablier(at: World) {
  const descriptor = await makeReal(at, 'SablierV2NFTDescriptor')
  const to = await makeReal(at, 'SablierV2LockupLinear', [deployerOf(at), descriptor])
  const of = (name: string, args: readonly unknown[]) => callReal(to, 'SablierV2LockupLinear', name, args)
  const create = (sender: Place, recipient: Place, durationS: bigint) =>
    of('createWithDurations', [
      {
        ...{ sender, recipient, totalAmount: AMOUNT, asset: dollarsOf(at), cancelable: true, transferable: true },
        ...{ durations: { cliff: 0, total: durationS }, broker: { account: zero, fee: 0n } },
      },
    ])
  return { to, of, create }
}

/** A lock of Unlock's: memberships of thirty days at ten dollars. */
export async function memberships(at: World) {
  const start = callReal(at.me, 'Unlock', 'initialize', [deployerOf(at)]).data
  const unlock = await make(at, 'BoxProxy', [await makeReal(at, 'Unlock'), start])
  const of = (name: string, args: readonly unknown[]) => callReal(unlock, 'Unlock', name, args)
  const code = await makeReal(at, 'PublicLock')
  await at.send(of('addLockTemplate', [code, 13]), deployerOf(at))
  await at.send(of('setLockTemplate', [code]), deployerOf(at))
  const args = [deployerOf(at), 30n * DAY_S, dollarsOf(at), 10n * DOLLAR, 100n, 'Club']
  const create = of('createUpgradeableLockAtVersion', [callReal(code, 'PublicLock', 'initialize', args).data, 13])
  const to = Address.parse(`0x${(await at.read(create, deployerOf(at))).slice(26)}`)
  await at.send(create, deployerOf(at))
  const lock = (name: string, more: readonly unknown[]) => callReal(to, 'PublicLock', name, more)
  await at.send(lock('updateRefundPenalty', [0n, 0n]), deployerOf(at))
  const purchase = (manager: Place) => lock('purchase', [[10n * DOLLAR], [at.me], [zero], [manager], ['0x']])
  return { to, lock, purchase }
}

/** AirSwap's swaps, an order as a document, and what its taker sends. */
export async function airswap(at: World) {
  const to = await makeReal(at, 'SwapERC20', [0n, 0n, MERCHANT, 10n, 50n])
  const of = (name: string, args: readonly unknown[]) => callReal(to, 'SwapERC20', name, args)
  const expiry = at.nowS + DAY_S
  const order = (senderWallet: Place, senderAmount: bigint, signerAmount = AMOUNT) => ({
    types: {
      EIP712Domain: DOMAIN,
      OrderERC20: fields(
        'uint256 nonce,uint256 expiry,address signerWallet,address signerToken,uint256 signerAmount,uint256 protocolFee,address senderWallet,address senderToken,uint256 senderAmount',
      ),
    },
    primaryType: 'OrderERC20',
    domain: { name: 'SWAP_ERC20', version: '4.3', chainId: at.chain.chainId, verifyingContract: to },
    message: {
      ...{ nonce: '1', expiry: String(expiry), signerWallet: at.me, signerToken: dollarsOf(at) },
      ...{ signerAmount: String(signerAmount), protocolFee: '0', senderWallet },
      ...{ senderToken: at.chain.addresses.dai, senderAmount: String(senderAmount) },
    },
  })
  const take = (senderAmount: bigint, { r, s, v }: ReturnType<typeof partsOf>, signerAmount = AMOUNT) =>
    of('swapLight', [
      ...[1n, expiry, at.me, dollarsOf(at), signerAmount],
      ...[at.chain.addresses.dai, senderAmount, v, r, s],
    ])
  return { to, of, order, take }
}
/** A key of somebody who is nobody here. */
export const foreignKey = () => privateKeyToAccount(keccak256(toHex('somebody else’s key')))

const PERMISSIONS = '0x4b80742de2bf82acb3630000'
export const permissionsOf = (who: Place): Hex.Hex => concat([PERMISSIONS, who.toLowerCase() as Hex.Hex])
export const EVERYTHING = word(0x7f3f7fn)
/** LSP3Profile: where a profile's name and picture are. */
export const PICTURE: Hex.Hex = '0x5ef83ad9559033e6e941db7d7c495acdce616347d28e90c7ce47cbfcfcad3bc5'
/** A universal profile with a thousand dollars, under its key manager; the user is its controller. */
export async function profile(at: World) {
  const to = await makeReal(at, 'UniversalProfile', [at.me])
  const manager = await makeReal(at, 'LSP6KeyManager', [to])
  const of = (name: string, args: readonly unknown[]) => callReal(to, 'UniversalProfile', name, args)
  await at.send(of('setData', [permissionsOf(at.me), EVERYTHING]))
  await at.send(of('transferOwnership', [manager]))
  await at.send(callReal(manager, 'LSP6KeyManager', 'execute', [of('acceptOwnership', []).data]))
  await fill(at, to, AMOUNT)
  return { to, of }
}

/** Zora's market: the user's pieces may be sold by its modules. */
export async function zora(at: World, seller: Place) {
  const fees = await makeReal(at, 'ZoraProtocolFeeSettings')
  const manager = await makeReal(at, 'ZoraModuleManager', [deployerOf(at), fees])
  await at.send(callReal(fees, 'ZoraProtocolFeeSettings', 'init', [manager, zero]), deployerOf(at))
  const coins = await makeReal(at, 'ERC20TransferHelper', [manager])
  const pieces = await makeReal(at, 'ERC721TransferHelper', [manager])
  const royalties = await makeReal(at, 'RoyaltyEngine', [MERCHANT])
  const { weth: wrapped, nft: collection } = at.chain.addresses
  const asks = await makeReal(at, 'AsksV1_1', [coins, pieces, royalties, fees, wrapped])
  const auctions = await makeReal(at, 'ReserveAuctionCoreEth', [pieces, royalties, fees, wrapped])
  for (const each of [asks, auctions]) {
    await at.send(callReal(manager, 'ZoraModuleManager', 'registerModule', [each]), deployerOf(at))
    await act(at, seller, callReal(manager, 'ZoraModuleManager', 'setApprovalForModule', [each, true]))
  }
  await act(at, seller, nft(at, 'setApprovalForAll', [pieces, true]))
  const list = (recipient: Place) =>
    callReal(asks, 'AsksV1_1', 'createAsk', [collection, 0n, 2n * ETHER, zero, recipient, 0])
  const fillAsk: Call = {
    ...callReal(asks, 'AsksV1_1', 'fillAsk', [collection, 0n, zero, 2n * ETHER, zero]),
    value: 2n * ETHER,
  }
  const auction = (name: string, args: readonly unknown[], value = 0n): Call => ({
    ...callReal(auctions, 'ReserveAuctionCoreEth', name, args),
    value,
  })
  return { auctions, list, fillAsk, auction, collection }
}

/** PoolTogether's pool of dollars and its ticket. */
export async function prizes(at: World) {
  const to = await makeReal(at, 'StakePrizePool', [deployerOf(at), dollarsOf(at)])
  const ticket = await makeReal(at, 'Ticket', ['Pool Ticket', 'PUSD', 6, to])
  await at.send(callReal(to, 'StakePrizePool', 'setTicket', [ticket]), deployerOf(at))
  const pool = (name: string, args: readonly unknown[]) => callReal(to, 'StakePrizePool', name, args)
  return { to, ticket, pool }
}

/** A council with a thousand dollars, and a proposal on which the user may vote: five hundred dollars for the merchant. */
export async function council(at: World) {
  const token = await make(at, 'VoteCoin', [at.me])
  const to = await make(at, 'Council', [token])
  await fill(at, to, AMOUNT)
  await at.send(call(token, 'VoteCoin', 'delegate', [at.me]))
  await at.pass(12)
  const what = [[dollarsOf(at)], [0n], [usdc(at, 'transfer', [MERCHANT, AMOUNT / 2n]).data]]
  const about = 'Pay the merchant'
  await at.send(call(to, 'Council', 'propose', [...what, about]), deployerOf(at))
  const hash = keccak256(toHex(about))
  const id = (await ask(at, [to, 'Council'], 'hashProposal', [...what, hash])) as bigint
  await at.pass(12)
  await at.pass(12)
  return { to, token, id, execute: call(to, 'Council', 'execute', [...what, hash]) }
}

/** A box behind a proxy of the user's, with a partner of some kind and two thousand dollars. */
export async function box(at: World, partner: Place): Promise<Place> {
  const code = await make(at, 'PartnerBox')
  const start = call(code, 'PartnerBox', 'start', [at.me, partner]).data
  const to = await make(at, 'BoxProxy', [code, start])
  await fill(at, to, 2n * AMOUNT)
  return to
}

/** The account of the user's piece 0, with a thousand dollars. */
export async function pieceAccount(at: World): Promise<Place> {
  const maker = await make(at, 'PieceAccounts')
  const open = call(maker, 'PieceAccounts', 'open', [at.chain.addresses.nft, 0n])
  const to = Address.parse(`0x${(await at.read(open)).slice(26)}`)
  await at.send(open)
  await fill(at, to, AMOUNT)
  return to
}

/** A guardian as the strongbox knows it. */
export const guardianHash = (who: Place, salt: Hex.Hex): Hex.Hex =>
  keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [who as Hex.Hex, salt]))
export async function strongbox(at: World): Promise<Place> {
  const to = await make(at, 'Strongbox', [at.me])
  await fill(at, to, AMOUNT)
  return to
}
/** A session of a game: its key, its end and the most it may pay. */
export const session = (key: Place, until: bigint, most: bigint): Hex.Hex =>
  concat([key.toLowerCase() as Hex.Hex, toHex(until, { size: 5 }), toHex(most, { size: 7 })])

/** A list of two, the user first, with 400 dollars each; and the user's proof. */
export async function listDrop(at: World) {
  const leaf = (who: Place) =>
    keccak256(
      keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [who as Hex.Hex, 400n * DOLLAR])),
    )
  const [own, other] = [leaf(at.me), leaf(MERCHANT)]
  const root = keccak256(concat(own < other ? [own, other] : [other, own]))
  const to = await make(at, 'ListDrop', [dollarsOf(at), root])
  await fill(at, to, AMOUNT)
  return (recipient: Place) => call(to, 'ListDrop', 'claim', [400n * DOLLAR, recipient, [other]])
}

/** An exchange on which the user has a thousand dollars, and an action of the user's as a document. */
export async function exchange(at: World) {
  const to = await make(at, 'ExchangeLedger', [dollarsOf(at)])
  await at.send(allow(at, to, AMOUNT))
  await at.send(call(to, 'ExchangeLedger', 'deposit', [AMOUNT]))
  const payload = (kind: number, who: Place, amount: bigint): Hex.Hex =>
    encodeAbiParameters([{ type: 'uint8' }, { type: 'address' }, { type: 'uint256' }], [kind, who as Hex.Hex, amount])
  const document = (bytes: Hex.Hex) => ({
    types: { EIP712Domain: DOMAIN, Action: fields('bytes payload,uint256 nonce') },
    primaryType: 'Action',
    domain: { name: 'Exchange', version: '1', chainId: at.chain.chainId, verifyingContract: to },
    message: { payload: bytes, nonce: '0' },
  })
  const submit = (bytes: Hex.Hex, { r, s, v }: ReturnType<typeof partsOf>) =>
    call(to, 'ExchangeLedger', 'submit', [at.me, bytes, r, s, v])
  return { to, payload, document, submit }
}

/** The user's position of Uniswap v3 as a thing that a signature can lend. */
export const positionPermit = (at: World, manager: Place, spender: Place, tokenId: bigint) => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address spender,uint256 tokenId,uint256 nonce,uint256 deadline'),
  },
  primaryType: 'Permit',
  domain: {
    name: 'Uniswap V3 Positions NFT-V1',
    version: '1',
    chainId: at.chain.chainId,
    verifyingContract: manager,
  },
  message: { spender, tokenId: String(tokenId), nonce: '0', deadline: String(at.nowS + DAY_S) },
})

/** An order at the till, packed: shop, amount, who collects the tip, the tip in hundredths of a per cent. */
export const tillOrder = (shop: Place, amount: bigint, collector: Place, bps: number): Hex.Hex =>
  concat([shop as Hex.Hex, toHex(amount, { size: 8 }), collector as Hex.Hex, toHex(bps, { size: 2 })])
