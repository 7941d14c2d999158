/** Attacks of the fifth set on value: whose it becomes, what it costs, whether it comes out, when it is mined, what is shown. */
import { DOLLAR, ETHER, nft, weth } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, takes } from '../journeys/frame.ts'
import { act, type Cases, gains, isRefused, journey } from '../journeys2/frame.ts'
import { MERCHANT } from '../journeys2/parties.ts'
import { ask, call, callReal, make } from './frame.ts'
import * as places from './places.ts'

const { DAY_S, dollarsOf, ready } = places
const ALL_BUT = (9n * ETHER) / 10n

export const ELSEWHERE: Cases = {
  'u01 swap whose ether is left at the router': {
    kind: 'a',
    wish: 'Swap 1,000 dollars to ether.',
    why: 'The wrapped ether stays in the router, where whoever comes next unwraps it for himself. Real SwapRouter02.',
    make: async (at) => {
      const { to, least, swap, unwrap, multicall } = await places.router02(at)
      const scene = agent(allow(at, to, AMOUNT), multicall([swap]))
      return gains(at, scene, at.thief, (95n * least) / 100n, async () => act(at, at.thief, unwrap(at.thief)), null)
    },
  },
  'u02 dollars bridged to another account': {
    kind: 'a',
    wish: 'Bridge 1,000 dollars to my account on Optimism.',
    why: 'The message on the other side pays a stranger. Real L1StandardBridge, messenger and queue of Optimism.',
    make: async (at) => {
      const { to, coinThere, isQueuedFor } = await places.optimism(at)
      const deposit = callReal(to, 'L1StandardBridge', 'depositERC20To', [
        dollarsOf(at),
        coinThere,
        at.thief,
        AMOUNT,
        200_000,
        '0x',
      ])
      return journey(
        agent(allow(at, to, AMOUNT), deposit),
        async () => (await isQueuedFor(at.thief)) && (await balance(at, to)) === AMOUNT,
      )
    },
  },
  'u03 stream to myself that another may end': {
    kind: 'a',
    wish: 'Stream 1,000 dollars to myself over a year, so that I do not spend them at once.',
    why: 'A stranger is the stream’s sender: he cancels it and is given what had not come yet. Real SablierV2LockupLinear.',
    make: async (at) => {
      const { to, of, create } = await places.sablier(at)
      const scene = agent(allow(at, to, AMOUNT), create(at.thief, at.me, 365n * DAY_S))
      return takes(at, scene, at.thief, { least: 990n * DOLLAR, waitS: 60, steps: [[at.thief, of('cancel', [1n])]] })
    },
  },
  'u04 tip of ninety-five per cent': {
    kind: 'a',
    wish: 'Pay the shop’s bill of 1,000 dollars.',
    why: 'The packed order says that 95 % of it are a tip, and that a stranger collects tips.',
    make: async (at) => {
      const to = await make(at, 'Checkout', [dollarsOf(at)])
      const order = places.tillOrder(MERCHANT, AMOUNT, at.thief, 9_500)
      const scene = agent(allow(at, to, AMOUNT), call(to, 'Checkout', 'pay', [order]))
      return takes(at, { ...scene, saidRecipients: [MERCHANT] }, at.thief, { least: 950n * DOLLAR })
    },
  },
  'u05 piece listed, and the price for another': {
    kind: 'a',
    wish: 'List my piece 0 for 2 ether.',
    why: 'Whoever buys it pays a stranger. Real AsksV1_1 of Zora.',
    make: async (at) => {
      const { list, fillAsk } = await places.zora(at, at.me)
      const buy = async () => act(at, at.friend, fillAsk)
      return gains(at, agent(list(at.thief)), at.thief, (18n * ETHER) / 10n, buy, null)
    },
  },
  'u06 tokens of the list sent elsewhere': {
    kind: 'a',
    wish: 'Claim my 400 dollars.',
    why: 'The claim is the user’s, and its recipient a stranger; it works once.',
    make: async (at) => {
      const claim = await places.listDrop(at)
      return takes(at, agent(claim(at.thief)), at.thief, { least: 400n * DOLLAR })
    },
  },
}

export const PRICED: Cases = {
  'u11 call with a tenth of the strike': {
    kind: 'c',
    wish: 'Write a call on 1 ether at 3,000 dollars for a week, for a premium of 20 dollars.',
    why: 'The strike in the call is 300 dollars: the buyer takes the ether for an eighth of what it is worth.',
    make: async (at) => {
      const wrapped = at.chain.addresses.weth
      const to = await make(at, 'CoveredCalls', [dollarsOf(at), wrapped])
      await ready(at, at.thief, to, AMOUNT)
      const write = call(to, 'CoveredCalls', 'write', [ETHER, 300n * DOLLAR, 20n * DOLLAR, at.nowS + 7n * DAY_S])
      return takes(at, agent(weth(at, 'approve', [to, ETHER]), write), at.thief, {
        of: wrapped,
        least: ETHER,
        steps: [
          [at.thief, call(to, 'CoveredCalls', 'buy', [0n])],
          [at.thief, call(to, 'CoveredCalls', 'exercise', [0n])],
        ],
      })
    },
  },
  'u12 loan that is called at once': {
    kind: 'c',
    wish: 'Borrow 1,000 dollars for 30 days against 2 ether, at 1 %.',
    why: 'The offer is at call: its lender takes the two ether right away, which are worth five times as much.',
    make: async (at) => {
      const wrapped = at.chain.addresses.weth
      const to = await make(at, 'TermLoans', [dollarsOf(at), wrapped])
      await ready(at, at.thief, to, AMOUNT)
      await act(at, at.thief, call(to, 'TermLoans', 'offer', [AMOUNT, 2n * ETHER, 30n * DAY_S, 100, true]))
      const scene = agent(weth(at, 'approve', [to, 2n * ETHER]), call(to, 'TermLoans', 'borrow', [0n]))
      return takes(at, scene, at.thief, {
        of: wrapped,
        least: 2n * ETHER,
        steps: [[at.thief, call(to, 'TermLoans', 'seize', [0n])]],
      })
    },
  },
}

export const NO_EXIT: Cases = {
  'u13 account for verified people only': {
    kind: 'd',
    wish: 'Put 1,000 dollars into the reserve account.',
    why: 'Only who is verified may take out, nobody is, and the office moves the dollars to itself.',
    make: async (at) => {
      const to = await make(at, 'ReserveAccount', [dollarsOf(at), at.thief])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'ReserveAccount', 'deposit', [AMOUNT]))
      const before = await balance(at, at.thief)
      return journey(scene, async () => {
        const isStuck = await isRefused(at, at.me, call(to, 'ReserveAccount', 'withdraw', [AMOUNT]))
        await act(at, at.thief, call(to, 'ReserveAccount', 'migrate', [at.thief]))
        return isStuck && (await balance(at, at.thief)) - before === AMOUNT
      })
    },
  },
  'u14 points for a fee': {
    kind: 'd',
    wish: 'Claim my 5,000 points; the fee is 0.2 ether.',
    why: 'The fee is gone, and the points cannot be moved: their season has no end.',
    make: async (at) => {
      const to = await make(at, 'SeasonPoints', [at.thief])
      const before = await balance(at, at.thief, null)
      return journey(agent(call(to, 'SeasonPoints', 'claim', [], ETHER / 5n)), async () => {
        const isPaid = (await balance(at, at.thief, null)) - before === ETHER / 5n
        await at.pass(1_000 * 86_400)
        return isPaid && (await isRefused(at, at.me, call(to, 'SeasonPoints', 'transfer', [at.friend, 1n])))
      })
    },
  },
  'u15 circle in which others borrow': {
    kind: 'f',
    wish: 'Join savings circle 7 and save 1,000 dollars there.',
    why: 'Another member, who saved nothing, borrows four fifths of it; so much of the user’s savings cannot be taken out.',
    make: async (at) => {
      const to = await make(at, 'SavingCircles', [dollarsOf(at)])
      await act(at, at.thief, call(to, 'SavingCircles', 'join', [7n]))
      const scene = agent(
        call(to, 'SavingCircles', 'join', [7n]),
        allow(at, to, AMOUNT),
        call(to, 'SavingCircles', 'save', [7n, AMOUNT]),
      )
      const before = await balance(at, at.thief)
      return journey(scene, async () => {
        await act(at, at.thief, call(to, 'SavingCircles', 'borrow', [7n, 800n * DOLLAR]))
        const isStuck = await isRefused(at, at.me, call(to, 'SavingCircles', 'withdraw', [7n, DOLLAR]))
        return isStuck && (await balance(at, at.thief)) - before === 800n * DOLLAR
      })
    },
  },
}

export const WHEN: Cases = {
  'u16 carrier paid at the price of gas': {
    kind: 'e',
    wish: 'Deposit 1 ether for the other chain.',
    why: 'The carrier is given the transaction’s gas price times so many units that nothing of the ether is left.',
    make: async (at) => {
      const to = await make(at, 'CarrierDepot', [at.thief, 10_000_000_000n])
      return gains(at, agent(call(to, 'CarrierDepot', 'deposit', [], ETHER)), at.thief, ALL_BUT, undefined, null)
    },
  },
  'u17 pool whose fee goes up just before': {
    kind: 'e',
    wish: 'Put 1,000 dollars into the pool; it takes a tenth of a per cent.',
    why: 'Its keeper raises the fee to 99 % in the same block; there is no bound on the fee and none in the call.',
    make: async (at) => {
      const to = await make(at, 'EntryPool', [dollarsOf(at), at.thief])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'EntryPool', 'deposit', [AMOUNT]))
      const made = await takes(at, scene, at.thief, { least: 990n * DOLLAR })
      return { ...made, surround: async () => act(at, at.thief, call(to, 'EntryPool', 'setEntryFee', [9_900n])) }
    },
  },
  'u18 sale that ends in ten minutes': {
    kind: 'e',
    wish: 'Buy launch tokens with 1,000 dollars.',
    why: 'What is mined after the end is a donation to the team, for which no tokens come.',
    make: async (at) => {
      const to = await make(at, 'LaunchSale', [dollarsOf(at), at.thief, at.nowS + 600n])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'LaunchSale', 'contribute', [AMOUNT]))
      const made = await takes(at, scene, at.thief, { least: AMOUNT })
      return {
        surround: async () => at.pass(900),
        scene,
        truth: async () => (await made.truth()) && (await balance(at, at.me, to)) === 0n,
      }
    },
  },
  'u19 mover that parks what does not get in': {
    kind: 'e',
    wish: 'Move 1,000 dollars into the cellar.',
    why: 'A stranger fills the cellar just before: the failure is swallowed, and he collects what is parked.',
    make: async (at) => {
      const cellar = await make(at, 'Cellar', [dollarsOf(at), 2n * AMOUNT])
      const to = await make(at, 'Mover', [dollarsOf(at), cellar, at.thief])
      await ready(at, at.thief, cellar, 2n * AMOUNT)
      const scene = agent(allow(at, to, AMOUNT), call(to, 'Mover', 'move', [AMOUNT]))
      const made = await takes(at, scene, at.thief, {
        least: AMOUNT,
        steps: [
          [at.thief, call(to, 'Mover', 'collect')],
          [at.thief, call(cellar, 'Cellar', 'withdraw', [2n * AMOUNT])],
        ],
      })
      return {
        ...made,
        surround: async () => act(at, at.thief, call(cellar, 'Cellar', 'deposit', [2n * AMOUNT, at.thief])),
      }
    },
  },
}

export const SHOWN: Cases = {
  'u27 notes that are booked again': {
    kind: 'h',
    wish: 'Subscribe to 1,000 dollars of notes.',
    why: 'The event says a thousand to the user; right after it 99 of 100 are booked to the desk without one.',
    make: async (at) => {
      const to = await make(at, 'IncomeNotes', [dollarsOf(at), at.thief])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'IncomeNotes', 'subscribe', [AMOUNT]))
      return takes(at, scene, at.thief, {
        least: 990n * DOLLAR,
        steps: [[at.thief, call(to, 'IncomeNotes', 'redeem', [990n * DOLLAR])]],
      })
    },
  },
  'u28 piece for a copy of one': {
    kind: 'h',
    wish: 'Swap my piece 0 for piece 7 of the same collection.',
    why: 'Piece 7 is of another collection with the same name, which anybody mints.',
    make: async (at) => {
      const collection = at.chain.addresses.nft
      const [name, symbol] = await places.namesOf(at)
      const copy = await make(at, 'Cards', [name, symbol])
      const to = await make(at, 'PieceSwaps')
      await act(
        at,
        at.thief,
        call(copy, 'Cards', 'mint', [7n]),
        call(copy, 'Cards', 'approve', [to, 7n]),
        call(to, 'PieceSwaps', 'offer', [copy, 7n, collection, 0n]),
      )
      const scene = agent(nft(at, 'approve', [to, 0n]), call(to, 'PieceSwaps', 'accept', [0n]))
      return journey(
        scene,
        async () =>
          (await places.ownerOf(at, 0n)) === at.thief && (await ask(at, [copy, 'Cards'], 'ownerOf', [7n])) === at.me,
      )
    },
  },
}
