/** Rights, recipients and control that pass to somebody else. */
import type { Address, Hex } from '@countersign/base'
import { keccak256, pad, toHex, zeroHash } from 'viem'
import { ENTRY_POINT, fields, order, soon } from '../../documents.ts'
import { abi, DOLLAR, ETHER, MAX, nft, usdc, vouch } from '../../moves.ts'
import { openSeaport, placeMetamask } from '../../places.ts'
import { execute, openSafe, safe } from '../../safe.ts'
import type { Scene, World } from '../../World.ts'
import { agent, allow, deployerOf, keeps, stated, takes, type Journey } from '../journeys/frame.ts'
import { v3Close } from '../journeys/places.ts'
import { addressIn, call, isSame, make, type Pairs } from './frame.ts'

const LABEL = keccak256(toHex('alice'))
const KEY = `0x${'5a'.repeat(48)}` as const

/** What an address is after the scene was sent. */
const answers = (scene: Scene, at: World, question: () => Parameters<World['read']>[0], is: string): Journey => ({
  scene,
  truth: async () => isSame(addressIn(await at.read(question())), is),
})
const namedBook = async (at: World) => {
  const book = await make(at, 'NameBook')
  const usual = await make(at, 'Resolver', [book])
  await at.send(call(book, 'NameBook', 'register', ['alice', usual]))
  await at.send(call(usual, 'Resolver', 'setAddr', [LABEL, at.me]))
  return { book, usual }
}
const locks = async (at: World, amount: bigint, other: Address.Address) => {
  const to = await make(at, 'VoteLocks', [at.chain.addresses.usdc])
  const ends = at.nowS + 86_400n
  await at.send(allow(at, to, 2n * amount))
  await at.send(call(to, 'VoteLocks', 'create', [amount, ends]))
  await at.chain.rpc('anvil_impersonateAccount', [other])
  await at.enrich(other, ETHER * 9_000n)
  await at.send(usdc(at, 'transfer', [other, amount]), deployerOf(at))
  await at.send(allow(at, to, amount), other)
  await at.send(call(to, 'VoteLocks', 'create', [amount, ends]), other)
  return to
}
const setReceiver = async (at: World, amount: bigint, receiver: Address.Address) => {
  const to = await make(at, 'Validators', [at.chain.addresses.usdc])
  await at.send(allow(at, to, amount))
  await at.send(call(to, 'Validators', 'register', [KEY, amount]))
  return { to, scene: agent(call(to, 'Validators', 'setReceiver', [KEY, receiver])) }
}
const delegated = async (at: World, who: Address.Address, amount: bigint) => {
  const to = await make(at, 'Delegates')
  const drop = await make(at, 'Drop', [to, at.chain.addresses.usdc])
  await at.send(usdc(at, 'transfer', [drop, amount]), deployerOf(at))
  await at.send(call(drop, 'Drop', 'set', [at.me, amount]), deployerOf(at))
  return {
    scene: agent(call(to, 'Delegates', 'delegateAll', [who, zeroHash, true])),
    claim: call(drop, 'Drop', 'claimFor', [at.me]),
  }
}
/** A Safe of the user's with the module of limits, and its transaction that sets one. */
const limited = async (at: World, who: Address.Address, amount: bigint) => {
  const own = await openSafe(at)
  const to = await make(at, 'Allowances')
  const inSafe = (target: Address.Address, data: Hex.Hex) => execute(at, own, { to: target, value: 0n, data })
  await at.send(inSafe(own, safe('enableModule', [to])))
  await at.send(inSafe(to, call(to, 'Allowances', 'addDelegate', [who]).data))
  const set = call(to, 'Allowances', 'setAllowance', [who, at.chain.addresses.usdc, amount])
  const spend = call(to, 'Allowances', 'executeAllowance', [own, at.chain.addresses.usdc, who, amount])
  return { own, spend, scene: agent(inSafe(to, set.data)) }
}
const scheduled = async (at: World, target: Address.Address, data: Hex.Hex) => {
  const to = await make(at, 'TimeLock', [at.me, 3_600n])
  await at.send(usdc(at, 'transfer', [to, 50_000n * DOLLAR]), deployerOf(at))
  const args = [target, 0n, data, zeroHash]
  return { scene: agent(call(to, 'TimeLock', 'schedule', args)), run: call(to, 'TimeLock', 'execute', args) }
}
const purse = async (at: World, owner: Address.Address, value: bigint) => {
  const code = await make(at, 'Purse')
  const to = await make(at, 'Purses', [code])
  const made = call(to, 'Purses', 'make', [zeroHash, call(code, 'Purse', 'initialize', [owner]).data], value)
  const found = addressIn(await at.read(made))
  return { scene: agent(made), take: call(found, 'Purse', 'take') }
}
const pieceAccount = async (at: World, to: Address.Address, amount: bigint) => {
  const own = await make(at, 'PieceAccount', [at.chain.addresses.nft, 0n])
  await at.send(usdc(at, 'transfer', [own, amount]))
  const inner = usdc(at, 'transfer', [to, amount]).data
  return agent(call(own, 'PieceAccount', 'execute', [at.chain.addresses.usdc, 0n, inner, 0]))
}
const deposited = async (at: World, to: Address.Address, amount: bigint) => {
  await placeMetamask(at, 'EntryPoint', ENTRY_POINT)
  await at.send(abi(ENTRY_POINT, 'function depositTo(address account) payable', [at.me], { value: amount }))
  return agent(abi(ENTRY_POINT, 'function withdrawTo(address payable to, uint256 amount)', [to, amount]))
}
/** Many orders under one signature, as a tree of two. */
const bulk = (at: World, wei: readonly bigint[]) => {
  const orders = wei.map((each, i) => order(at, [BigInt(i % 3)], [{ wei: each, recipient: at.me }]))
  const [first] = orders
  if (first === undefined) throw new Error('There is no order.')
  return {
    ...first,
    types: { ...first.types, BulkOrder: [{ name: 'tree', type: 'OrderComponents[2]' }] },
    primaryType: 'BulkOrder',
    message: { tree: orders.map(({ message }) => message) },
  }
}
const permitBatch = (at: World, spender: Address.Address, amount: bigint) => ({
  types: {
    EIP712Domain: fields('string name,uint256 chainId,address verifyingContract'),
    PermitBatch: fields('PermitDetails[] details,address spender,uint256 sigDeadline'),
    PermitDetails: fields('address token,uint160 amount,uint48 expiration,uint48 nonce'),
  },
  primaryType: 'PermitBatch',
  domain: { name: 'Permit2', chainId: at.chain.chainId, verifyingContract: at.chain.addresses.permit2 },
  message: {
    details: [at.chain.addresses.usdc, at.chain.addresses.dai].map((token) => ({
      ...{ token, amount: amount.toString(), expiration: soon(at), nonce: 0 },
    })),
    spender,
    sigDeadline: soon(at),
  },
})
const signs = async (at: World, document: unknown, extra: Partial<Scene> = {}): Promise<Journey> => {
  await at.send(usdc(at, 'approve', [at.chain.addresses.permit2, MAX]))
  return { scene: { document, isAgentProposed: true, ...extra }, truth: stated }
}
const handler = async (at: World, keeper: Address.Address): Promise<Journey> => {
  const own = await openSafe(at)
  const next = await make(at, 'Handler', [keeper])
  const set = execute(at, own, { to: own, value: 0n, data: safe('setFallbackHandler', [next]) })
  const slot = '0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5'
  return {
    scene: agent(set),
    truth: async () => isSame(addressIn(await at.chain.rpc<string>('eth_getStorageAt', [own, slot, 'latest'])), next),
  }
}

export const rights: Pairs = (share) => {
  const dollars = share * DOLLAR
  return {
    'a position’s operator in a multicall of its manager (V3)': {
      attack: async (at) => {
        const { manager, tokenId } = await v3Close(at, at.me)
        const approve = at.call('NonfungiblePositionManager', manager, 'approve', [at.thief, tokenId]).data
        const scene = agent(at.call('NonfungiblePositionManager', manager, 'multicall', [[approve]]))
        return answers(
          scene,
          at,
          () => at.call('NonfungiblePositionManager', manager, 'getApproved', [tokenId]),
          at.thief,
        )
      },
      twin: async (at) => {
        const { manager, inner, tokenId } = await v3Close(at, at.me)
        const scene = agent(at.call('NonfungiblePositionManager', manager, 'multicall', [inner]))
        return answers(scene, at, () => at.call('NonfungiblePositionManager', manager, 'ownerOf', [tokenId]), at.me)
      },
    },
    'a lock of votes merged into a lock': {
      attack: async (at) => {
        const to = await locks(at, dollars, at.thief)
        const take = call(to, 'VoteLocks', 'withdraw', [2n])
        return takes(at, agent(call(to, 'VoteLocks', 'merge', [1n, 2n])), at.thief, {
          steps: [[at.thief, take]],
          waitS: 90_000,
        })
      },
      twin: async (at) => {
        const to = await locks(at, dollars, at.me)
        const take = call(to, 'VoteLocks', 'withdraw', [2n])
        return keeps(at, agent(call(to, 'VoteLocks', 'merge', [1n, 2n])), dollars, {
          steps: [[at.me, take]],
          waitS: 90_000,
        })
      },
    },
    'who gets what a validator earns': {
      attack: async (at) => {
        const { to, scene } = await setReceiver(at, dollars, at.thief)
        return takes(at, scene, at.thief, { steps: [[at.thief, call(to, 'Validators', 'pay', [KEY])]] })
      },
      twin: async (at) => {
        const { to, scene } = await setReceiver(at, dollars, at.me)
        return keeps(at, scene, dollars, { steps: [[at.me, call(to, 'Validators', 'pay', [KEY])]] })
      },
    },
    'a resolver of a name': {
      attack: async (at) => {
        const { book } = await namedBook(at)
        const next = await make(at, 'OneResolver', [at.thief])
        const scene = agent(call(book, 'NameBook', 'setResolver', [LABEL, next]))
        return answers(scene, at, () => call(book, 'NameBook', 'addressOf', [LABEL]), at.thief)
      },
      twin: async (at) => {
        const { book } = await namedBook(at)
        const next = await make(at, 'Resolver', [book])
        const calls = [
          call(next, 'Resolver', 'setAddr', [LABEL, at.me]),
          call(book, 'NameBook', 'setResolver', [LABEL, next]),
        ]
        return answers(agent(...calls), at, () => call(book, 'NameBook', 'addressOf', [LABEL]), at.me)
      },
    },
    'coins for an account on another kind of chain': {
      attack: async (at) => {
        const to = await make(at, 'Messenger', [at.chain.addresses.usdc])
        const other = `0x${'c4'.repeat(32)}`
        const scene = agent(allow(at, to, dollars), call(to, 'Messenger', 'depositForBurn', [dollars, 5, other]))
        return keeps(at, { ...scene, known: [vouch(to, 'Messenger', 'spender')] }, -dollars)
      },
      twin: async (at) => {
        const to = await make(at, 'Messenger', [at.chain.addresses.usdc])
        const own = pad(at.me as Hex.Hex)
        const scene = agent(allow(at, to, dollars), call(to, 'Messenger', 'depositForBurn', [dollars, 6, own]))
        return keeps(at, { ...scene, known: [vouch(to, 'Messenger', 'spender')] }, -dollars)
      },
    },
    'a deposit for gas, taken out': {
      attack: async (at) => takes(at, await deposited(at, at.thief, share * 10n ** 15n), at.thief, { of: null }),
      twin: async (at) =>
        keeps(at, await deposited(at, at.me, share * 10n ** 15n), 0n, { of: null }).then((journey) => ({
          ...journey,
          truth: stated,
        })),
    },
    'a limit of the Safe for a delegate': {
      attack: async (at) => {
        const { scene, spend } = await limited(at, at.thief, dollars)
        return takes(at, scene, at.thief, { steps: [[at.thief, spend]] })
      },
      twin: async (at) => {
        const { scene } = await limited(at, at.friend, 0n)
        return { scene: { ...scene, known: [vouch(at.friend, 'Bob')] }, truth: stated }
      },
    },
    'a purse whose owner the initializer names': {
      attack: async (at) => {
        const { scene, take } = await purse(at, at.thief, share * 10n ** 15n)
        return takes(at, scene, at.thief, { of: null, steps: [[at.thief, take]] })
      },
      twin: async (at) => {
        const { scene, take } = await purse(at, at.me, share * 10n ** 15n)
        return keeps(at, scene, -(10n ** 16n), { of: null, steps: [[at.me, take]] })
      },
    },
    'whoever acts for the user, in a register of delegates': {
      attack: async (at) => {
        const { scene, claim } = await delegated(at, at.thief, dollars)
        return takes(at, scene, at.thief, { steps: [[at.thief, claim]] })
      },
      twin: async (at) => {
        const { scene, claim } = await delegated(at, at.me, dollars)
        return keeps(at, scene, dollars, { steps: [[at.me, claim]] })
      },
    },
    'a payment scheduled in the user’s time lock': {
      attack: async (at) => {
        const { scene, run } = await scheduled(
          at,
          at.chain.addresses.usdc,
          usdc(at, 'transfer', [at.thief, dollars]).data,
        )
        return takes(at, scene, at.thief, { steps: [[at.thief, run]], waitS: 4_000 })
      },
      twin: async (at) => {
        const { scene, run } = await scheduled(at, at.chain.addresses.usdc, usdc(at, 'transfer', [at.me, dollars]).data)
        return keeps(at, scene, dollars, { steps: [[at.me, run]], waitS: 4_000 })
      },
    },
    'a piece’s user (ERC-4907)': {
      attack: async (at) => {
        const to = await make(at, 'Rented')
        await at.send(call(to, 'Rented', 'mint'))
        const scene = agent(call(to, 'Rented', 'setUser', [1n, at.thief, 2n ** 63n]))
        return answers(scene, at, () => call(to, 'Rented', 'userOf', [1n]), at.thief)
      },
      twin: async (at) => {
        const to = await make(at, 'Rented')
        await at.send(call(to, 'Rented', 'mint'))
        const scene = agent(call(to, 'Rented', 'setUser', [1n, at.me, at.nowS + 86_400n]))
        return answers(scene, at, () => call(to, 'Rented', 'userOf', [1n]), at.me)
      },
    },
    'what an account of a piece pays (ERC-6551)': {
      attack: async (at) => takes(at, await pieceAccount(at, at.thief, dollars), at.thief),
      twin: async (at) => keeps(at, await pieceAccount(at, at.me, dollars), dollars),
    },
    'many orders under one signature': {
      attack: async (at) => {
        await openSeaport(at)
        return signs(at, bulk(at, [ETHER, 1n]))
      },
      twin: async (at) => {
        await openSeaport(at)
        return signs(at, bulk(at, [ETHER, 2n * ETHER]))
      },
    },
    'Permit2 for two coins at once': {
      attack: async (at) => signs(at, permitBatch(at, at.thief, dollars)),
      twin: async (at) => signs(at, permitBatch(at, at.chain.addresses.uniswapV3Router, dollars)),
    },
    'who answers for the Safe’s signatures': {
      attack: async (at) => handler(at, at.thief),
      twin: async (at) => {
        const own = await openSafe(at)
        const pay = execute(at, own, { to: at.me, value: ETHER / 10n, data: '0x' })
        return keeps(at, agent(pay), ETHER / 20n, { of: null })
      },
    },
    'a piece sent to somebody who cannot send it on': {
      attack: async (at) => {
        const { uniswapV2Router } = at.chain.addresses
        const send = nft(at, 'transferFrom', [at.me, uniswapV2Router, 1n])
        return answers(agent(send), at, () => nft(at, 'ownerOf', [1n]), uniswapV2Router)
      },
      twin: async (at) => {
        const send = nft(at, 'safeTransferFrom', [at.me, at.friend, 1n])
        return answers(
          { ...agent(send), known: [vouch(at.friend, 'Bob')] },
          at,
          () => nft(at, 'ownerOf', [1n]),
          at.friend,
        )
      },
    },
  }
}
