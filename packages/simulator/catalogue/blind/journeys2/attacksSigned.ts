/** Signatures that give more than their words say, and batches whose whole is the theft. */
import { Address, type Hex } from '@countersign/base'
import { encodeAbiParameters, encodePacked, keccak256, maxUint256, stringToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Call } from '../../../src/index.ts'
import { DOMAIN, fields } from '../../documents.ts'
import { ETHER, usdc } from '../../moves.ts'
import type { World } from '../../World.ts'
import { agent, allow, AMOUNT, takes } from '../journeys/frame.ts'
import { v3Close } from '../journeys/places.ts'
import {
  abiOf,
  act,
  ask,
  asks,
  call,
  callReal,
  type Cases,
  gains,
  journey,
  make,
  makeReal,
  partsOf,
  signed,
  word,
} from './frame.ts'
import * as Parties from './parties.ts'
import { type Place, safe, seaport } from './parties.ts'

const SWAP = 'Swap(address wanted,uint256 least,address receiver)'
/** Dollars by Permit2 for a least amount of wrapped ether; whoever is the spender takes them. */
export function swapDocument(at: World, spender: Place, wanted: Place, least: bigint) {
  return {
    types: {
      EIP712Domain: fields('string name,uint256 chainId,address verifyingContract'),
      PermitWitnessTransferFrom: fields(
        'TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Swap witness',
      ),
      Swap: fields('address wanted,uint256 least,address receiver'),
      TokenPermissions: fields('address token,uint256 amount'),
    },
    primaryType: 'PermitWitnessTransferFrom',
    domain: { name: 'Permit2', chainId: at.chain.chainId, verifyingContract: at.chain.addresses.permit2 },
    message: {
      permitted: { token: at.chain.addresses.usdc, amount: String(AMOUNT) },
      ...{ spender, nonce: '11', deadline: String(at.nowS + 1_800n) },
      witness: { wanted, least: String(least), receiver: at.me },
    },
  }
}
export const permitOf = (document: ReturnType<typeof swapDocument>) => {
  const { permitted, nonce, deadline } = document.message
  return {
    permitted: { token: permitted.token, amount: BigInt(permitted.amount) },
    nonce: BigInt(nonce),
    deadline: BigInt(deadline),
  }
}
/** A request that the forwarder carries out in the user's name. */
export const requestDocument = (at: World, forwarder: Place, to: Place, data: Hex.Hex) => ({
  types: {
    EIP712Domain: DOMAIN,
    ForwardRequest: fields('address from,address to,uint256 value,uint256 gas,uint256 nonce,bytes data'),
  },
  primaryType: 'ForwardRequest',
  domain: { name: 'MinimalForwarder', version: '0.0.1', chainId: at.chain.chainId, verifyingContract: forwarder },
  message: { from: at.me, to, value: '0', gas: '200000', nonce: '0', data },
})
export const forward = (document: ReturnType<typeof requestDocument>, signature: Hex.Hex): Call => {
  const { from, to, data } = document.message
  return callReal(document.domain.verifyingContract, 'MinimalForwarder', 'execute', [
    { from, to, value: 0n, gas: 200_000n, nonce: 0n, data },
    signature,
  ])
}
/** What a delegate sends to do something with a delegation. */
export function redeem(document: ReturnType<typeof Parties.delegationDocument>, signature: Hex.Hex, inner: Call): Call {
  const { message } = document
  const shape = abiOf('DelegationManager').find((each) => 'name' in each && each.name === 'disableDelegation')
  const input = shape !== undefined && 'inputs' in shape ? shape.inputs?.[0] : undefined
  if (input === undefined) throw new Error('no shape')
  const caveats = message.caveats.map((each) => ({ ...each, args: '0x' }))
  const context = encodeAbiParameters([{ ...input, type: 'tuple[]' }], [[{ ...message, salt: 0n, caveats, signature }]])
  const what = encodePacked(['address', 'uint256', 'bytes'], [inner.to as Hex.Hex, inner.value ?? 0n, inner.data])
  return callReal(document.domain.verifyingContract, 'DelegationManager', 'redeemDelegations', [
    ...[[context], [`0x${'0'.repeat(64)}`], [what]],
  ])
}
/** Sends what a call authorises, where the sending of scenes leaves it out: another account brings it. */
export async function bring(at: World, { authorizationList = [] }: Call): Promise<void> {
  const key = at.chain.accounts.find(({ address }) => address === at.friend)?.privateKey
  if (key === undefined || (await at.chain.rpc('eth_getCode', [at.me, 'latest'])) !== '0x') return
  const nonce = Number(BigInt(await at.chain.rpc<string>('eth_getTransactionCount', [at.friend, 'latest'])))
  const list = authorizationList.map(({ chainId, address, nonce: theirs, yParity, r, s }) => ({
    ...{ chainId: Number(chainId), address, nonce: Number(theirs), yParity, r: word(r), s: word(s) },
  }))
  const raw = await privateKeyToAccount(key).signTransaction({
    ...{ type: 'eip7702', chainId: at.chain.chainId, nonce, to: at.friend, gas: 200_000n },
    ...{ maxFeePerGas: 100_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n, authorizationList: list },
  })
  await at.chain.rpc('eth_sendRawTransaction', [raw])
}
/** The user's own transaction that gives the account code. */
export async function authorising(at: World, code: Place): Promise<Call> {
  const key = at.chain.accounts.find(({ address }) => address === at.me)?.privateKey
  if (key === undefined) throw new Error('no key')
  const nonce = Number(BigInt(await at.chain.rpc<string>('eth_getTransactionCount', [at.me, 'latest'])))
  const { chainId } = at.chain
  const one = await privateKeyToAccount(key).signAuthorization({ address: code, chainId, nonce: nonce + 1 })
  const list: NonNullable<Call['authorizationList']> = [
    {
      chainId: BigInt(chainId),
      address: code,
      nonce: BigInt(nonce + 1),
      yParity: one.yParity ?? 0,
      r: BigInt(one.r),
      s: BigInt(one.s),
    },
  ]
  return { ...at.pay(at.me, 0n), authorizationList: list }
}

export const SIGNED: Cases = {
  'e01 listing whose price is another’s': {
    kind: 'e',
    wish: 'List my piece for 1 ether.',
    why: 'All but one wei of the price goes to a stranger. Real Seaport.',
    make: async (at) => {
      const market = await seaport(at)
      const piece = await Parties.art(at)
      await at.send(call(piece, 'Art', 'setApprovalForAll', [market, true]))
      const order = Parties.orderOf(at, {
        offerer: at.me,
        offer: [Parties.item(2, piece, 2n, 1n)],
        consideration: [
          Parties.item(0, Parties.zero, 0n, 1n, at.me),
          Parties.item(0, Parties.zero, 0n, ETHER, at.thief),
        ],
      })
      const document = Parties.orderDocument(at, market, order)
      return gains(
        at,
        asks(document),
        at.thief,
        ETHER,
        async () => act(at, at.friend, Parties.fulfil(market, order, await signed(at, document), ETHER + 1n)),
        null,
      )
    },
  },
  'e02 swap with a promise that binds nobody': {
    kind: 'e',
    wish: 'Swap 1,000 dollars for at least 0.39 ether.',
    why: 'The spender is a stranger’s account, so that the promised amount is only a word. Real Permit2.',
    make: async (at) => {
      const { permit2, weth } = at.chain.addresses
      await at.send(allow(at, permit2, maxUint256))
      const least = (39n * ETHER) / 100n
      const document = swapDocument(at, at.thief, weth, least)
      const kinds = [{ type: 'bytes32' }, { type: 'address' }, { type: 'uint256' }, { type: 'address' }] as const
      const witness = keccak256(encodeAbiParameters(kinds, [keccak256(stringToHex(SWAP)), weth, least, at.me]))
      return gains(at, asks(document), at.thief, AMOUNT, async () =>
        act(
          at,
          at.thief,
          Parties.permit2(at, 'permitWitnessTransferFrom', [
            permitOf(document),
            { to: at.thief, requestedAmount: AMOUNT },
            ...[at.me, witness, `Swap witness)${SWAP}TokenPermissions(address token,uint256 amount)`],
            await signed(at, document),
          ]),
        ),
      )
    },
  },
  'e03 request without gas that sends the coins away': {
    kind: 'e',
    wish: 'Claim my chips without paying gas.',
    why: 'The request’s bytes are a transfer of all chips to a stranger. Real MinimalForwarder, OpenZeppelin’s ERC2771Context.',
    make: async (at) => {
      const forwarder = await makeReal(at, 'MinimalForwarder')
      const chip = await make(at, 'Chip', [forwarder, at.me])
      const { data } = call(chip, 'Chip', 'transfer', [at.thief, 5_000n * ETHER])
      const document = requestDocument(at, forwarder, chip, data)
      return gains(
        at,
        asks(document),
        at.thief,
        5_000n * ETHER,
        async () => act(at, at.friend, forward(document, await signed(at, document))),
        chip,
      )
    },
  },
  'e04 Safe transaction that swaps its owner': {
    kind: 'e',
    wish: 'Confirm that I still use my Safe.',
    why: 'The document’s bytes put a stranger in the user’s place. Real Safe.',
    make: async (at) => {
      const to = await safe(at)
      const inner = callReal(to, 'Safe', 'swapOwner', [`0x${'1'.padStart(40, '0')}`, at.me, at.thief])
      const document = Parties.safeDocument(at, to, inner)
      return journey(asks(document), async () => {
        await act(at, at.friend, Parties.runSigned(to, inner, 0, await signed(at, document)))
        const isTheirs = await ask(at, to, 'Safe', 'isOwner', [at.thief])
        return isTheirs === true && (await ask(at, to, 'Safe', 'isOwner', [at.me])) === false
      })
    },
  },
  'e05 session that is only a hash': {
    kind: 'e',
    wish: 'Log in to the strongbox.',
    why: 'The hash is of a withdrawal to a stranger.',
    make: async (at) => {
      const to = await make(at, 'Strongbox', [at.chain.addresses.usdc])
      await at.send(allow(at, to, AMOUNT))
      await at.send(call(to, 'Strongbox', 'put', [AMOUNT]))
      const inner = encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [at.thief, AMOUNT])
      const document = {
        types: { EIP712Domain: DOMAIN, Session: fields('bytes32 contents') },
        primaryType: 'Session',
        domain: { name: 'Strongbox', version: '1', chainId: at.chain.chainId, verifyingContract: to },
        message: { contents: keccak256(inner) },
      }
      return gains(at, asks(document), at.thief, AMOUNT, async () => {
        const { r, s, v } = partsOf(await signed(at, document))
        await act(at, at.thief, call(to, 'Strongbox', 'run', [inner, r, s, v]))
      })
    },
  },
  'e06 delegation without any limit': {
    kind: 'e',
    wish: 'Let the assistant read my portfolio.',
    why: 'The delegation has no caveat: the delegate acts as the account. Real DelegationManager of MetaMask, account under EIP-7702.',
    make: async (at) => {
      const manager = await Parties.delegating(at)
      const document = Parties.delegationDocument(at, manager, at.thief, [])
      return gains(at, asks(document), at.thief, AMOUNT, async () =>
        act(at, at.thief, redeem(document, await signed(at, document), usdc(at, 'transfer', [at.thief, AMOUNT]))),
      )
    },
  },
  'e07 code for the account that obeys one more': {
    kind: 'e',
    wish: 'Make my account able to batch.',
    why: 'The code batches for the account itself and for a stranger built into it, by EIP-7702.',
    make: async (at) => {
      const code = await make(at, 'Conductor', [at.thief])
      const each = await authorising(at, code)
      const pay = usdc(at, 'transfer', [at.thief, AMOUNT])
      const take = call(at.me, 'Conductor', 'execute', [[{ to: pay.to, value: 0n, data: pay.data }]])
      return gains(at, agent(each), at.thief, AMOUNT, async () => {
        await bring(at, each)
        await act(at, at.thief, take)
      })
    },
  },
  'e08 permit for a position': {
    kind: 'e',
    wish: 'Verify that the Uniswap position is mine.',
    why: 'It permits a stranger to take the position. Real NonfungiblePositionManager of Uniswap v3.',
    make: async (at) => {
      const { manager, tokenId } = await v3Close(at, at.me)
      const deadline = at.nowS + 86_400n
      const document = {
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
        message: { spender: at.thief, tokenId: String(tokenId), nonce: '0', deadline: String(deadline) },
      }
      const position = (name: string, args: readonly unknown[]) =>
        at.call('NonfungiblePositionManager', manager, name, args)
      return gains(
        at,
        asks(document),
        at.thief,
        1n,
        async () => {
          const { r, s, v } = partsOf(await signed(at, document))
          await act(
            at,
            at.thief,
            position('permit', [at.thief, tokenId, deadline, v, r, s]),
            position('transferFrom', [at.me, at.thief, tokenId]),
          )
        },
        Address.parse(manager),
      )
    },
  },
}

export const BATCHES: Cases = {
  'f02 kitty that is closed for another': {
    kind: 'f',
    wish: 'Pay into the kitty and close it for myself.',
    why: 'Each part is harmless; the second names who gets what the third pays.',
    make: async (at) => {
      const to = await make(at, 'Kitty', [at.chain.addresses.usdc])
      const scene = agent(
        allow(at, to, AMOUNT),
        call(to, 'Kitty', 'put', [AMOUNT]),
        call(to, 'Kitty', 'setPayee', [at.thief]),
        call(to, 'Kitty', 'close'),
      )
      return takes(at, scene, at.thief, { least: AMOUNT })
    },
  },
  'f03 listing for one wei, approval taken back': {
    kind: 'f',
    wish: 'List two pieces on the market and take my approval back.',
    why: 'They are held for a price of one wei, reserved for a stranger. OpenZeppelin’s ERC721.',
    make: async (at) => {
      const to = await make(at, 'Bazaar', [Parties.MERCHANT])
      const piece = await Parties.art(at)
      const scene = agent(
        call(piece, 'Art', 'setApprovalForAll', [to, true]),
        call(to, 'Bazaar', 'list', [piece, 1n, 1n, at.thief]),
        call(to, 'Bazaar', 'list', [piece, 3n, 1n, at.thief]),
        call(piece, 'Art', 'setApprovalForAll', [to, false]),
      )
      return gains(
        at,
        scene,
        at.thief,
        2n,
        () => act(at, at.thief, call(to, 'Bazaar', 'buy', [0n], 1n), call(to, 'Bazaar', 'buy', [1n], 1n)),
        piece,
      )
    },
  },
  'f04 allowance inside Permit2': {
    kind: 'f',
    wish: 'Approve Permit2 for a later swap.',
    why: 'The second part lets a stranger draw through it. Real Permit2.',
    make: async (at) => {
      const { permit2, usdc: token } = at.chain.addresses
      const scene = agent(
        allow(at, permit2, AMOUNT),
        Parties.permit2(at, 'approve', [token, at.thief, AMOUNT, Number(at.nowS) + 30 * 86_400]),
      )
      const take = Parties.permit2(at, 'transferFrom', [at.me, at.thief, AMOUNT, token])
      return takes(at, scene, at.thief, { steps: [[at.thief, take]], least: AMOUNT })
    },
  },
  'b07 approval of a contract that does what anybody says': {
    kind: 'b',
    wish: 'Prepare a batch payment of 1,000 dollars through Multicall3.',
    why: 'Multicall3 calls whatever anybody asks it to: a stranger moves the dollars. The real contract’s code.',
    make: async (at) => {
      const { multicall3 } = at.chain.addresses
      const move = usdc(at, 'transferFrom', [at.me, at.thief, AMOUNT])
      const take = Parties.multicall3(at, [{ target: move.to, allowFailure: false, value: 0n, callData: move.data }])
      return takes(at, agent(allow(at, multicall3, AMOUNT)), at.thief, { steps: [[at.thief, take]], least: AMOUNT })
    },
  },
}
