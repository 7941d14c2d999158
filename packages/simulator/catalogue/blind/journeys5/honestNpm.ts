/** Honest journeys of the fifth set on contracts that npm packages publish. */
import { DOLLAR, ETHER, nft, usdc } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, deployerOf, keeps } from '../journeys/frame.ts'
import { act, asks, type Cases, isRefused, journey, partsOf, signed } from '../journeys2/frame.ts'
import { MERCHANT } from '../journeys2/parties.ts'
import { ask, call, callReal, make, makeReal } from './frame.ts'
import * as places from './places.ts'

const { DAY_S, dollarsOf } = places

export const BRIDGED: Cases = {
  'w01 dollars for ether, unwrapped': {
    kind: 'honest, npm',
    wish: 'Swap 1,000 dollars to at least 0.39 ether.',
    why: 'The ether comes. Real SwapRouter02.',
    make: async (at) => {
      const { to, least, swap, unwrap, multicall } = await places.router02(at)
      const scene = agent(allow(at, to, AMOUNT), multicall([swap, unwrap(at.me).data]))
      return keeps(at, scene, least - ETHER / 100n, { of: null })
    },
  },
  'w02 dollars bridged to myself': {
    kind: 'honest, npm',
    wish: 'Bridge 1,000 dollars to my account on Optimism.',
    why: 'The message on the other side pays the user. Real L1StandardBridge, messenger and queue of Optimism.',
    make: async (at) => {
      const { to, coinThere, isQueuedFor } = await places.optimism(at)
      const deposit = callReal(to, 'L1StandardBridge', 'depositERC20', [
        ...[dollarsOf(at), coinThere, AMOUNT, 200_000, '0x'],
      ])
      return journey(agent(allow(at, to, AMOUNT), deposit), async () => isQueuedFor(at.me))
    },
  },
  'w03 stream to a friend': {
    kind: 'honest, npm',
    wish: 'Stream 1,000 dollars to my friend over a year; I may end it.',
    why: 'After a tenth of it the user ends it: the rest comes back. Real SablierV2LockupLinear.',
    make: async (at) => {
      const { to, of, create } = await places.sablier(at)
      const scene = agent(allow(at, to, AMOUNT), create(at.me, at.friend, 360n * DAY_S))
      return keeps(at, { ...scene, saidRecipients: [at.friend] }, -101n * DOLLAR, {
        waitS: 36 * 86_400,
        steps: [[at.me, of('cancel', [1n])]],
      })
    },
  },
  'w04 what has come of my stream': {
    kind: 'honest, npm',
    wish: 'Take out what has come of my stream.',
    why: 'A tenth of it has, and comes. Real SablierV2LockupLinear.',
    make: async (at) => {
      const { to, of, create } = await places.sablier(at)
      await act(at, deployerOf(at), allow(at, to, AMOUNT), create(deployerOf(at), at.me, 360n * DAY_S))
      await at.pass(36 * 86_400)
      return keeps(at, agent(of('withdrawMax', [1n, at.me])), 99n * DOLLAR)
    },
  },
  'w05 order of dollars for DAI': {
    kind: 'honest, npm',
    wish: 'Offer my friend 1,000 dollars for 995 DAI.',
    why: 'The friend takes it, and the DAI come. Real SwapERC20 of AirSwap.',
    make: async (at) => {
      const { to, order, take } = await places.airswap(at)
      const dai = at.chain.addresses.dai
      await at.send(allow(at, to, AMOUNT))
      await at.chain.fund(at.friend, { dai: 1_000n * ETHER })
      await act(at, at.friend, at.call('Dai', dai, 'approve', [to, 1_000n * ETHER]))
      const document = order(at.friend, 995n * ETHER)
      const before = await balance(at, at.me, dai)
      return journey({ ...asks(document), saidRecipients: [at.friend] }, async () => {
        await act(at, at.friend, take(995n * ETHER, partsOf(await signed(at, document))))
        return (await balance(at, at.me, dai)) - before === 995n * ETHER
      })
    },
  },
  'w06 key that signs for me, taken back': {
    kind: 'honest, npm',
    wish: 'Nobody is to sign AirSwap orders for me any more.',
    why: 'What the key signs is refused. Real SwapERC20 of AirSwap.',
    make: async (at) => {
      const { to, of, order, take } = await places.airswap(at)
      const key = places.foreignKey()
      await at.send(of('authorize', [key.address]))
      await at.send(allow(at, to, AMOUNT))
      return journey(agent(of('revoke', [])), async () => {
        const signature = await key.signTypedData(order(at.friend, 0n) as never)
        return isRefused(at, at.friend, take(0n, partsOf(signature)))
      })
    },
  },
}

export const CLUBS: Cases = {
  'w07 picture of my profile': {
    kind: 'honest, npm',
    wish: 'Set the picture of my profile.',
    why: 'It is set, and nobody else may do anything. Real UniversalProfile and LSP6KeyManager.',
    make: async (at) => {
      const { to, of } = await places.profile(at)
      const pays = of('execute', [0n, dollarsOf(at), 0n, usdc(at, 'transfer', [at.friend, 1n]).data])
      return journey(
        agent(of('setData', [places.PICTURE, '0x6f357c6a'])),
        async () =>
          (await ask(at, [to, 'UniversalProfile'], 'getData', [places.PICTURE])) === '0x6f357c6a' &&
          (await isRefused(at, at.friend, pays)),
      )
    },
  },
  'w08 dollars out of my profile': {
    kind: 'honest, npm',
    wish: 'Take 300 dollars out of my profile to this account.',
    why: 'They come. Real UniversalProfile and LSP6KeyManager.',
    make: async (at) => {
      const { of } = await places.profile(at)
      const pays = usdc(at, 'transfer', [at.me, 300n * DOLLAR]).data
      return keeps(at, agent(of('execute', [0n, dollarsOf(at), 0n, pays])), 300n * DOLLAR)
    },
  },
  'w09 friend who may spend fifty tokens': {
    kind: 'honest, npm',
    wish: 'Let my friend spend 50 of my club tokens.',
    why: 'The friend spends fifty and not one more. Real LSP7Mintable.',
    make: async (at) => {
      const to = await makeReal(at, 'LSP7Mintable', ['Club Token', 'CLUB', at.me, 0n, false])
      const of = (name: string, args: readonly unknown[]) => callReal(to, 'LSP7Mintable', name, args)
      await at.send(of('mint', [at.me, 200n * ETHER, true, '0x']))
      const scene = agent(of('authorizeOperator', [at.friend, 50n * ETHER, '0x']))
      return journey({ ...scene, saidRecipients: [at.friend] }, async () => {
        await act(at, at.friend, of('transfer', [at.me, at.friend, 50n * ETHER, true, '0x']))
        const isOver = await isRefused(at, at.friend, of('transfer', [at.me, at.friend, 1n, true, '0x']))
        return isOver && (await balance(at, at.me, to)) === 150n * ETHER
      })
    },
  },
  'w10 membership for thirty days': {
    kind: 'honest, npm',
    wish: 'Buy me a membership for 10 dollars.',
    why: 'The user is a member, and nobody can take it away. Real PublicLock of Unlock.',
    make: async (at) => {
      const { to, lock, purchase } = await places.memberships(at)
      return journey(agent(allow(at, to, 10n * DOLLAR), purchase(places.zero)), async () => {
        const isSafe = await isRefused(at, at.friend, lock('transferFrom', [at.me, at.friend, 1n]))
        return isSafe && (await ask(at, [to, 'PublicLock'], 'getHasValidKey', [at.me])) === true
      })
    },
  },
  'w11 membership given back': {
    kind: 'honest, npm',
    wish: 'Cancel my membership and give me back what is left.',
    why: 'Two thirds of it are, and come. Real PublicLock of Unlock.',
    make: async (at) => {
      const { to, lock, purchase } = await places.memberships(at)
      await at.send(allow(at, to, 10n * DOLLAR))
      await at.send(purchase(places.zero))
      await at.pass(10 * 86_400)
      return keeps(at, agent(lock('cancelAndRefund', [1n])), (66n * DOLLAR) / 10n)
    },
  },
  'w12 piece listed for two ether': {
    kind: 'honest, npm',
    wish: 'List my piece 0 for 2 ether.',
    why: 'Whoever buys it pays the user. Real AsksV1_1 of Zora.',
    make: async (at) => {
      const { list, fillAsk } = await places.zora(at, at.me)
      return keeps(at, agent(list(at.me)), (18n * ETHER) / 10n, { of: null, steps: [[at.friend, fillAsk]] })
    },
  },
  'w13 bid in an auction': {
    kind: 'honest, npm',
    wish: 'Bid 1 ether for piece 2.',
    why: 'A friend bids more, and the ether comes back. Real ReserveAuctionCoreEth of Zora.',
    make: async (at) => {
      await at.send(nft(at, 'transferFrom', [at.me, MERCHANT, 2n]))
      const { auctions, auction, collection } = await places.zora(at, MERCHANT)
      const what = [collection, 2n]
      await act(at, MERCHANT, auction('createAuction', [...what, DAY_S, ETHER / 2n, MERCHANT, 0n]))
      const kept = await keeps(at, agent(auction('createBid', what, ETHER)), -ETHER / 100n, {
        of: null,
        steps: [[at.friend, auction('createBid', what, 2n * ETHER)]],
      })
      const isHeld = async () => (await balance(at, auctions, null)) === ETHER
      return { ...kept, truth: async () => (await isHeld()) && kept.truth() }
    },
  },
}

export const LIBRARIES: Cases = {
  'w14 dollars into the prize pool': {
    kind: 'honest, npm',
    wish: 'Put 1,000 dollars into the prize pool.',
    why: 'A thousand tickets come, for which the dollars come back. Real StakePrizePool and Ticket of PoolTogether.',
    make: async (at) => {
      const { to, ticket, pool } = await places.prizes(at)
      const scene = agent(allow(at, to, AMOUNT), pool('depositTo', [at.me, AMOUNT]))
      const kept = await keeps(at, scene, 0n, { steps: [[at.me, pool('withdrawFrom', [at.me, AMOUNT])]] })
      return { ...kept, truth: async () => (await balance(at, at.me, ticket)) === AMOUNT && kept.truth() }
    },
  },
  'w15 chances of my tickets for a friend': {
    kind: 'honest, npm',
    wish: 'Let my friend have the chances of my tickets.',
    why: 'The friend has the chances, and the user the tickets and the dollars. Real Ticket of PoolTogether.',
    make: async (at) => {
      const { to, ticket, pool } = await places.prizes(at)
      await at.send(allow(at, to, AMOUNT))
      await at.send(pool('depositTo', [at.me, AMOUNT]))
      const scene = { ...agent(callReal(ticket, 'Ticket', 'delegate', [at.friend])), saidRecipients: [at.friend] }
      const kept = await keeps(at, scene, AMOUNT, { steps: [[at.me, pool('withdrawFrom', [at.me, AMOUNT])]] })
      return {
        ...kept,
        truth: async () => (await ask(at, [ticket, 'Ticket'], 'delegateOf', [at.me])) === at.friend && kept.truth(),
      }
    },
  },
  'w16 old tokens wrapped into new ones': {
    kind: 'honest, npm',
    wish: 'Turn my 1,000 KEEP into T.',
    why: 'About 4,780 come, and for them the KEEP come back. Real VendingMachine, T and KeepToken.',
    make: async (at) => {
      const keep = await makeReal(at, 'KeepToken')
      const token = await makeReal(at, 'T')
      const args = [keep, token, 1_000_000n * ETHER, 4_780_000n * ETHER]
      const to = await makeReal(at, 'VendingMachine', args)
      await at.send(callReal(token, 'T', 'mint', [to, 4_780_000n * ETHER]), deployerOf(at))
      await at.send(callReal(keep, 'KeepToken', 'transfer', [at.me, 1_000n * ETHER]), deployerOf(at))
      const scene = agent(
        callReal(keep, 'KeepToken', 'approve', [to, 1_000n * ETHER]),
        callReal(to, 'VendingMachine', 'wrap', [1_000n * ETHER]),
      )
      return keeps(at, scene, 4_779n * ETHER, { of: token })
    },
  },
  'w17 yes to a proposal': {
    kind: 'honest, npm',
    wish: 'Vote yes on the proposal that pays the merchant 500 dollars.',
    why: 'It passes, and the council pays the merchant. OpenZeppelin’s Governor 5.',
    make: async (at) => {
      const { to, id, execute } = await places.council(at)
      const before = await balance(at, MERCHANT)
      return journey(agent(call(to, 'Council', 'castVote', [id, 1])), async () => {
        for (let i = 0; i < 22; i += 1) await at.pass(12)
        await act(at, at.friend, execute)
        return (await balance(at, MERCHANT)) - before === AMOUNT / 2n
      })
    },
  },
  'w18 dollars wrapped': {
    kind: 'honest, npm',
    wish: 'Wrap 1,000 dollars.',
    why: 'A thousand wrapped ones come, for which the dollars come back. OpenZeppelin’s ERC20Wrapper.',
    make: async (at) => {
      const to = await make(at, 'WrappedDollar', [dollarsOf(at)])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'WrappedDollar', 'depositFor', [at.me, AMOUNT]))
      const kept = await keeps(at, scene, 0n, {
        steps: [[at.me, call(to, 'WrappedDollar', 'withdrawTo', [at.me, AMOUNT])]],
      })
      return { ...kept, truth: async () => (await balance(at, at.me, to)) === AMOUNT && kept.truth() }
    },
  },
  'w19 three tickets in one call': {
    kind: 'honest, npm',
    wish: 'Buy three tickets at the desk for 30 shop coins.',
    why: 'Three tickets come. OpenZeppelin’s ERC1363.',
    make: async (at) => {
      const token = await make(at, 'ShopCoin', [at.me])
      const to = await make(at, 'TicketDesk', [token, MERCHANT])
      // `transferAndCall` has two forms; the one with empty data is a call of its own.
      const scene = agent(call(token, 'ShopCoin', 'transferAndCall', [to, 30n * ETHER]))
      return journey(scene, async () => (await ask(at, [to, 'TicketDesk'], 'tickets', [at.me])) === 3n)
    },
  },
  'w20 dollars out of my piece’s account': {
    kind: 'honest, npm',
    wish: 'Take the 1,000 dollars out of the account of my piece 0.',
    why: 'They come. solady’s ERC6551.',
    make: async (at) => {
      const to = await places.pieceAccount(at)
      const pays = usdc(at, 'transfer', [at.me, AMOUNT]).data
      return keeps(at, agent(call(to, 'PieceAccount', 'execute', [dollarsOf(at), 0n, pays, 0])), AMOUNT)
    },
  },
  'w21 dollars staked for a share': {
    kind: 'honest, npm',
    wish: 'Stake 1,000 dollars for rewards.',
    why: 'They come back after ten days, and rewards with them. Staking20Base of thirdweb.',
    make: async (at) => {
      const reward = await make(at, 'VoteCoin', [deployerOf(at)])
      const to = await make(at, 'DollarStaking', [deployerOf(at), dollarsOf(at), reward, at.chain.addresses.weth])
      const of = (name: string, args: readonly unknown[] = []) => call(to, 'DollarStaking', name, args)
      await at.send(call(reward, 'VoteCoin', 'approve', [to, 10_000n * ETHER]), deployerOf(at))
      await at.send(of('depositRewardTokens', [10_000n * ETHER]), deployerOf(at))
      const scene = agent(allow(at, to, AMOUNT), of('stake', [AMOUNT]))
      const kept = await keeps(at, scene, 0n, {
        waitS: 10 * 86_400,
        steps: [
          [at.me, of('claimRewards')],
          [at.me, of('withdraw', [AMOUNT])],
        ],
      })
      return { ...kept, truth: async () => (await kept.truth()) && (await balance(at, at.me, reward)) >= 99n * ETHER }
    },
  },
  'w22 till given to my other account': {
    kind: 'honest, npm',
    wish: 'Give my till to my other account, which has asked for it.',
    why: 'The account that was named owns it and pays the dollars out to the user. solady’s Ownable.',
    make: async (at) => {
      const to = await make(at, 'OwnedTill', [at.me])
      await places.fill(at, to, AMOUNT)
      await act(at, at.friend, call(to, 'OwnedTill', 'requestOwnershipHandover'))
      const scene = agent(call(to, 'OwnedTill', 'completeOwnershipHandover', [at.friend]))
      return keeps(at, { ...scene, saidRecipients: [at.friend] }, AMOUNT, {
        steps: [[at.friend, call(to, 'OwnedTill', 'payOut', [dollarsOf(at), at.me, AMOUNT])]],
      })
    },
  },
  'w23 box that counts behind what it had': {
    kind: 'honest, npm',
    wish: 'Update my box to the version that counts withdrawals.',
    why: 'The owner stays the owner and takes everything out. OpenZeppelin’s UUPS and proxy.',
    make: async (at) => {
      const to = await places.box(at, MERCHANT)
      const code = await make(at, 'PartnerBoxTallied')
      const scene = agent(call(to, 'PartnerBox', 'upgradeToAndCall', [code, '0x']))
      const kept = await keeps(at, scene, 2n * AMOUNT, {
        steps: [[at.me, call(to, 'PartnerBoxTallied', 'withdraw', [dollarsOf(at), 2n * AMOUNT])]],
      })
      return {
        ...kept,
        truth: async () => (await kept.truth()) && (await ask(at, [to, 'PartnerBoxTallied'], 'count')) === 1n,
      }
    },
  },
}
