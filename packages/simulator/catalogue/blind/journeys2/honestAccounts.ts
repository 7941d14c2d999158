/** Honest: real contracts of Safe, MetaMask, ERC-4337, Seaport and proxies. */
import { concatHex, encodeFunctionData, encodePacked, size } from 'viem'
import { DOLLAR, ETHER, usdc } from '../../moves.ts'
import { agent, AMOUNT, balance, deployerOf, keeps } from '../journeys/frame.ts'
import { PEOPLE } from '../journeys/places.ts'
import { boxed, upgrade } from './attacksRights.ts'
import { authorising, bring, redeem } from './attacksSigned.ts'
import {
  abiOf,
  act,
  ask,
  asks,
  call,
  callReal,
  type Cases,
  isRefused,
  journey,
  make,
  makeReal,
  signed,
  word,
} from './frame.ts'
import * as Parties from './parties.ts'
import { MERCHANT, run, safe, seaport, zero } from './parties.ts'

const FIRST = `0x${'1'.padStart(40, '0')}`

export const SAFES: Cases = {
  'n21 a new Safe of two owners': {
    kind: 'honest, npm',
    wish: 'Make a Safe for my friend and me, both to sign.',
    why: 'Safe’s factory; the owners are those named.',
    make: async (at) => {
      const singleton = await makeReal(at, 'Safe')
      const factory = await makeReal(at, 'SafeProxyFactory')
      const handler = await makeReal(at, 'CompatibilityFallbackHandler')
      const how = Parties.setup([at.me, at.friend], handler, 2n)
      const create = callReal(factory, 'SafeProxyFactory', 'createProxyWithNonce', [singleton, how, 3n])
      const to = `0x${(await at.read(create)).slice(26)}` as Parties.Place
      return journey({ ...agent(create), saidRecipients: [at.friend] }, async () => {
        const owners = (await ask(at, to, 'Safe', 'getOwners')) as readonly string[]
        return owners.length === 2 && owners.includes(at.me) && owners.includes(at.friend)
      })
    },
  },
  'n22 an owner’s key exchanged': {
    kind: 'honest, npm',
    wish: 'Put my friend’s new address in the place of the old one in our Safe.',
    why: 'Safe’s swapOwner to the address that the user named; the user stays an owner.',
    make: async (at) => {
      const to = await safe(at, [at.me, PEOPLE[2]])
      const swap = callReal(to, 'Safe', 'swapOwner', [at.me, PEOPLE[2], at.friend])
      return journey({ ...agent(run(at, to, swap)), saidRecipients: [at.friend] }, async () => {
        const isOld = await ask(at, to, 'Safe', 'isOwner', [PEOPLE[2]])
        return isOld === false && (await ask(at, to, 'Safe', 'isOwner', [at.friend])) === true
      })
    },
  },
  'n23 payroll from the Safe': {
    kind: 'honest, npm',
    wish: 'Pay our three people 300 dollars each from the Safe.',
    why: 'Safe’s MultiSendCallOnly, by delegatecall as intended; all receivers were named.',
    make: async (at) => {
      const to = await safe(at)
      const through = await makeReal(at, 'MultiSendCallOnly')
      const parts = PEOPLE.map((who) => usdc(at, 'transfer', [who, 300n * DOLLAR])).map(({ to: target, data }) =>
        encodePacked(
          ['uint8', 'address', 'uint256', 'uint256', 'bytes'],
          [0, target ?? zero, 0n, BigInt(size(data)), data],
        ),
      )
      const all = callReal(through, 'MultiSendCallOnly', 'multiSend', [concatHex(parts)])
      return journey({ ...agent(run(at, to, all, { operation: 1 })), saidRecipients: PEOPLE }, async () => {
        const got = await Promise.all(PEOPLE.map((who) => balance(at, who)))
        return got.every((each) => each === 300n * DOLLAR)
      })
    },
  },
  'n24 Safe document of a payment': {
    kind: 'honest, npm',
    wish: 'Sign the Safe’s payment of 250 dollars to my friend.',
    why: 'A plain call without refund; the receiver was named.',
    make: async (at) => {
      const to = await safe(at)
      const inner = usdc(at, 'transfer', [at.friend, 250n * DOLLAR])
      const document = Parties.safeDocument(at, to, inner)
      const before = await balance(at, at.friend)
      return journey({ ...asks(document), saidRecipients: [at.friend] }, async () => {
        await act(at, MERCHANT, Parties.runSigned(to, inner, 0, await signed(at, document)))
        return (await balance(at, at.friend)) - before === 250n * DOLLAR
      })
    },
  },
  'n25 a module taken out': {
    kind: 'honest, npm',
    wish: 'Remove the old bot’s module from my Safe.',
    why: 'Safe’s disableModule: a right less.',
    make: async (at) => {
      const to = await safe(at)
      await at.send(run(at, to, callReal(to, 'Safe', 'enableModule', [MERCHANT])))
      const pay = usdc(at, 'transfer', [MERCHANT, AMOUNT])
      const take = callReal(to, 'Safe', 'execTransactionFromModule', [pay.to, 0n, pay.data, 0])
      if (BigInt(await at.read(take, MERCHANT)) !== 1n) throw new Error('the module has no right to take away')
      return journey(agent(run(at, to, callReal(to, 'Safe', 'disableModule', [FIRST, MERCHANT]))), () =>
        isRefused(at, MERCHANT, take),
      )
    },
  },
}

export const ACCOUNTS: Cases = {
  'n26 gas deposit for my account': {
    kind: 'honest, npm',
    wish: 'Put 0.3 ether as gas for my smart account.',
    why: 'ERC-4337’s EntryPoint books it for the user, who takes it out again.',
    make: async (at) => {
      const to = await makeReal(at, 'EntryPoint')
      const put = callReal(to, 'EntryPoint', 'depositTo', [at.me], (3n * ETHER) / 10n)
      const out = callReal(to, 'EntryPoint', 'withdrawTo', [at.me, (3n * ETHER) / 10n])
      return keeps(at, agent(put), -ETHER / 100n, { of: null, steps: [[at.me, out]] })
    },
  },
  'n27 delegation with a cap': {
    kind: 'honest, npm',
    wish: 'Let the merchant take up to 50 dollars.',
    why: 'MetaMask’s delegation with its cap on one token; one dollar more is refused.',
    make: async (at) => {
      const manager = await Parties.delegating(at)
      const enforcer = await makeReal(at, 'ERC20TransferAmountEnforcer')
      const terms = encodePacked(['address', 'uint256'], [at.chain.addresses.usdc, 50n * DOLLAR])
      const document = Parties.delegationDocument(at, manager, MERCHANT, [{ enforcer, terms }])
      return journey({ ...asks(document), saidRecipients: [MERCHANT] }, async () => {
        const signature = await signed(at, document)
        const take = (amount: bigint) => redeem(document, signature, usdc(at, 'transfer', [MERCHANT, amount]))
        const isCapped = await isRefused(at, MERCHANT, take(51n * DOLLAR))
        await act(at, MERCHANT, take(50n * DOLLAR))
        const isSpent = await isRefused(at, MERCHANT, take(1n))
        return isCapped && isSpent && (await balance(at, MERCHANT)) === 50n * DOLLAR
      })
    },
  },
  'n28 delegation ended': {
    kind: 'honest, npm',
    wish: 'End the delegation to the old assistant.',
    why: 'MetaMask’s disableDelegation: the signed paper is worth nothing afterwards.',
    make: async (at) => {
      const manager = await Parties.delegating(at)
      const document = Parties.delegationDocument(at, manager, MERCHANT, [])
      const signature = await signed(at, document)
      const { message } = document
      const end = callReal(manager, 'DelegationManager', 'disableDelegation', [{ ...message, salt: 0n, signature }])
      const take = redeem(document, signature, usdc(at, 'transfer', [MERCHANT, 1n]))
      await at.read(take, MERCHANT)
      return journey(agent(end), () => isRefused(at, MERCHANT, take))
    },
  },
  'n29 account given MetaMask’s code': {
    kind: 'honest, npm',
    wish: 'Make my account able to batch, with MetaMask’s code.',
    why: 'EIP7702StatelessDeleGator obeys the account’s own key and the entry point alone.',
    make: async (at) => {
      const manager = await makeReal(at, 'DelegationManager', [deployerOf(at)])
      const code = await makeReal(at, 'EIP7702StatelessDeleGator', [manager, await makeReal(at, 'EntryPoint')])
      const each = await authorising(at, code)
      return journey(agent(each), async () => {
        await bring(at, each)
        const now = await at.chain.rpc<string>('eth_getCode', [at.me, 'latest'])
        const pay = encodePacked(
          ['address', 'uint256', 'bytes'],
          [at.chain.addresses.usdc, 0n, usdc(at, 'transfer', [at.thief, 1n]).data],
        )
        const data = encodeFunctionData({
          abi: abiOf('EIP7702StatelessDeleGator'),
          functionName: 'execute',
          args: [word(0n), pay],
        })
        const isClosed = await isRefused(at, at.thief, { ...at.pay(at.me, 0n), data })
        const isSet = now.toLowerCase() === `0xef0100${code.slice(2).toLowerCase()}`
        if (!isSet || !isClosed) throw new Error(`set ${isSet}, closed ${isClosed}: ${now}, not ${code}`)
        return true
      })
    },
  },
  'n30 box upgraded': {
    kind: 'honest, npm',
    wish: 'Upgrade my box to version two.',
    why: 'ProxyAdmin of OpenZeppelin; the new code only adds a way for each to take all of theirs.',
    make: async (at) => {
      const [admin, proxy] = await boxed(at)
      const code = await make(at, 'BoxTwo')
      const out = call(proxy, 'BoxTwo', 'takeAll')
      return keeps(at, agent(upgrade(admin, proxy, code)), (19n * ETHER) / 10n, { of: null, steps: [[at.me, out]] })
    },
  },
  'n31 piece listed with fee and royalty': {
    kind: 'honest, npm',
    wish: 'List my piece for 1 ether.',
    why: 'Seaport: 92.5 per cent are the user’s, 5 the maker’s by ERC-2981, 2.5 the market’s.',
    make: async (at) => {
      const market = await seaport(at)
      const piece = await Parties.art(at)
      await at.send(call(piece, 'Art', 'setApprovalForAll', [market, true]))
      const order = Parties.orderOf(at, {
        offerer: at.me,
        offer: [Parties.item(2, piece, 2n, 1n)],
        consideration: [
          Parties.item(0, zero, 0n, (925n * ETHER) / 1000n, at.me),
          Parties.item(0, zero, 0n, (50n * ETHER) / 1000n, MERCHANT),
          Parties.item(0, zero, 0n, (25n * ETHER) / 1000n, PEOPLE[0]),
        ],
      })
      const document = Parties.orderDocument(at, market, order)
      const before = await balance(at, at.me, null)
      return journey(asks(document), async () => {
        await act(at, at.friend, Parties.fulfil(market, order, await signed(at, document), ETHER))
        return (await balance(at, at.me, null)) - before === (925n * ETHER) / 1000n
      })
    },
  },
  'n32 piece bought with royalty': {
    kind: 'honest, npm',
    wish: 'Buy piece 3 for 0.5 ether.',
    why: 'Seaport: the seller’s order, a tenth of which goes to maker and market.',
    make: async (at) => {
      const market = await seaport(at)
      const piece = await make(at, 'Art', [at.friend, MERCHANT])
      await act(at, at.friend, call(piece, 'Art', 'setApprovalForAll', [market, true]))
      const order = Parties.orderOf(at, {
        offerer: at.friend,
        offer: [Parties.item(2, piece, 3n, 1n)],
        consideration: [
          Parties.item(0, zero, 0n, (45n * ETHER) / 100n, at.friend),
          Parties.item(0, zero, 0n, (5n * ETHER) / 100n, MERCHANT),
        ],
      })
      // The seller has validated the order on the chain, so that it needs no signature any more.
      const parameters = { ...order, totalOriginalConsiderationItems: 2n }
      await act(at, at.friend, callReal(market, 'Seaport', 'validate', [[{ parameters, signature: '0x' }]]))
      return keeps(at, agent(Parties.fulfil(market, order, '0x', ETHER / 2n)), 1n, { of: piece })
    },
  },
  'n33 collectible sent to my Safe': {
    kind: 'honest, npm',
    wish: 'Move my collectible to my Safe.',
    why: 'OpenZeppelin’s ERC721 preset and Safe’s own handler; the Safe is the user’s.',
    make: async (at) => {
      const to = await safe(at)
      const piece = await makeReal(at, 'ERC721PresetMinterPauserAutoId', ['Local', 'LOC', ''])
      await at.send(callReal(piece, 'ERC721PresetMinterPauserAutoId', 'mint', [at.me]), deployerOf(at))
      const transfer = callReal(piece, 'ERC721PresetMinterPauserAutoId', 'transferFrom', [at.me, to, 0n])
      return journey({ ...agent(transfer), saidRecipients: [to] }, async () => {
        const back = callReal(piece, 'ERC721PresetMinterPauserAutoId', 'transferFrom', [to, at.me, 0n])
        await at.send(run(at, to, back))
        return (await balance(at, at.me, piece)) === 1n
      })
    },
  },
}
