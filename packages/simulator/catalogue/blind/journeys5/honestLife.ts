/** Honest journeys of the fifth set on contracts of its own. */
import { keccak256, toHex } from 'viem'
import { DOLLAR, ETHER, nft, weth } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, keeps } from '../journeys/frame.ts'
import { PEOPLE } from '../journeys/places.ts'
import { act, asks, type Cases, gains, isRefused, journey, partsOf, signed, word } from '../journeys2/frame.ts'
import { MERCHANT } from '../journeys2/parties.ts'
import { ask, call, make } from './frame.ts'
import * as places from './places.ts'

const { DAY_S, dollarsOf, fill, ready } = places

export const COUNTERS: Cases = {
  'v01 bill of the shop, with a tip': {
    kind: 'honest',
    wish: 'Pay the shop’s bill of 100 dollars, with 2 % of it for the waiter.',
    why: 'The shop has 98 dollars and the waiter two.',
    make: async (at) => {
      const to = await make(at, 'Checkout', [dollarsOf(at)])
      const waiter = PEOPLE[0]
      const order = places.tillOrder(MERCHANT, 100n * DOLLAR, waiter, 200)
      const scene = agent(allow(at, to, 100n * DOLLAR), call(to, 'Checkout', 'pay', [order]))
      const [shopHad, waiterHad] = [await balance(at, MERCHANT), await balance(at, waiter)]
      return journey({ ...scene, saidRecipients: [MERCHANT, waiter] }, async () => {
        const [shop, tip] = [(await balance(at, MERCHANT)) - shopHad, (await balance(at, waiter)) - waiterHad]
        return shop === 98n * DOLLAR && tip === 2n * DOLLAR
      })
    },
  },
  'v02 call on an ether for a premium': {
    kind: 'honest',
    wish: 'Write a call on 1 ether at 3,000 dollars for a week, for a premium of 20 dollars.',
    why: 'The premium comes, nobody exercises, and the ether comes back.',
    make: async (at) => {
      const wrapped = at.chain.addresses.weth
      const to = await make(at, 'CoveredCalls', [dollarsOf(at), wrapped])
      await ready(at, MERCHANT, to, AMOUNT)
      const ends = at.nowS + 7n * DAY_S
      const write = call(to, 'CoveredCalls', 'write', [ETHER, 3_000n * DOLLAR, 20n * DOLLAR, ends])
      const before = await balance(at, at.me, wrapped)
      const kept = await keeps(at, agent(weth(at, 'approve', [to, ETHER]), write), 20n * DOLLAR, {
        steps: [[MERCHANT, call(to, 'CoveredCalls', 'buy', [0n])]],
      })
      return {
        ...kept,
        truth: async () => {
          const isPaid = await kept.truth()
          await at.pass(8 * 86_400)
          await at.send(call(to, 'CoveredCalls', 'reclaim', [0n]))
          return isPaid && (await balance(at, at.me, wrapped)) === before
        },
      }
    },
  },
  'v03 loan for thirty days': {
    kind: 'honest',
    wish: 'Borrow 1,000 dollars for 30 days against 1 ether, at 1 %.',
    why: 'The lender cannot take the ether before, and it comes back for 1,010 dollars.',
    make: async (at) => {
      const wrapped = at.chain.addresses.weth
      const to = await make(at, 'TermLoans', [dollarsOf(at), wrapped])
      await ready(at, MERCHANT, to, AMOUNT)
      await act(at, MERCHANT, call(to, 'TermLoans', 'offer', [AMOUNT, ETHER, 30n * DAY_S, 100, false]))
      const scene = agent(weth(at, 'approve', [to, ETHER]), call(to, 'TermLoans', 'borrow', [0n]))
      const [dollars, ethers] = [await balance(at, at.me), await balance(at, at.me, wrapped)]
      return journey(scene, async () => {
        const hasCome = (await balance(at, at.me)) - dollars === AMOUNT
        const isSafe = await isRefused(at, MERCHANT, call(to, 'TermLoans', 'seize', [0n]))
        await at.pass(20 * 86_400)
        await at.send(allow(at, to, 1_010n * DOLLAR))
        await at.send(call(to, 'TermLoans', 'repay', [0n]))
        const isBack = (await balance(at, at.me, wrapped)) === ethers
        return hasCome && isSafe && isBack && dollars - (await balance(at, at.me)) === 10n * DOLLAR
      })
    },
  },
  'v04 launch tokens while the sale is open': {
    kind: 'honest',
    wish: 'Buy launch tokens with 1,000 dollars.',
    why: 'Twenty tokens a dollar come, and until the launch they can be given back.',
    make: async (at) => {
      const to = await make(at, 'LaunchSale', [dollarsOf(at), MERCHANT, at.nowS + 30n * DAY_S])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'LaunchSale', 'contribute', [AMOUNT]))
      const kept = await keeps(at, scene, 0n, { steps: [[at.me, call(to, 'LaunchSale', 'giveBack')]] })
      return { ...kept, truth: async () => (await balance(at, at.me, to)) === 20n * AMOUNT && kept.truth() }
    },
  },
  'v05 dollars moved into the cellar': {
    kind: 'honest',
    wish: 'Put 1,000 dollars into the cellar.',
    why: 'They are the user’s there, and come out.',
    make: async (at) => {
      const to = await make(at, 'Cellar', [dollarsOf(at), 50n * AMOUNT])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'Cellar', 'deposit', [AMOUNT, at.me]))
      return keeps(at, scene, 0n, { steps: [[at.me, call(to, 'Cellar', 'withdraw', [AMOUNT])]] })
    },
  },
  'v06 withdrawal from the exchange': {
    kind: 'honest',
    wish: 'Sign the withdrawal of 500 dollars from the exchange to this account.',
    why: 'They come, and 500 stay on the exchange.',
    make: async (at) => {
      const { to, payload, document, submit } = await places.exchange(at)
      const bytes = payload(1, at.me, AMOUNT / 2n)
      const before = await balance(at, at.me)
      return journey(asks(document(bytes)), async () => {
        await act(at, MERCHANT, submit(bytes, partsOf(await signed(at, document(bytes)))))
        const left = await ask(at, [to, 'ExchangeLedger'], 'balanceOf', [at.me])
        return left === AMOUNT / 2n && (await balance(at, at.me)) - before === AMOUNT / 2n
      })
    },
  },
  'v07 goods paid into escrow': {
    kind: 'honest',
    wish: 'Pay 300 dollars into escrow for my order at the merchant; if it does not come in two weeks, I want them back.',
    why: 'It does not come, and they come back.',
    make: async (at) => {
      const to = await make(at, 'GoodsEscrow', [dollarsOf(at)])
      const order = keccak256(toHex('order 81'))
      const open = call(to, 'GoodsEscrow', 'open', [order, MERCHANT, 300n * DOLLAR, 14])
      const scene = { ...agent(allow(at, to, 300n * DOLLAR), open), saidRecipients: [MERCHANT] }
      return keeps(at, scene, 0n, {
        waitS: 15 * 86_400,
        steps: [[at.me, call(to, 'GoodsEscrow', 'takeBack', [order])]],
      })
    },
  },
  'v08 goods have come': {
    kind: 'honest',
    wish: 'My order has come: release the 300 dollars to the merchant.',
    why: 'The merchant has what was put aside for him, and nothing else is taken.',
    make: async (at) => {
      const to = await make(at, 'GoodsEscrow', [dollarsOf(at)])
      const order = keccak256(toHex('order 82'))
      await at.send(allow(at, to, 300n * DOLLAR))
      await at.send(call(to, 'GoodsEscrow', 'open', [order, MERCHANT, 300n * DOLLAR, 14]))
      const mine = await balance(at, at.me)
      const scene = { ...agent(call(to, 'GoodsEscrow', 'received', [order])), saidRecipients: [MERCHANT] }
      const made = await gains(at, scene, MERCHANT, 300n * DOLLAR)
      return { ...made, truth: async () => (await balance(at, at.me)) === mine && made.truth() }
    },
  },
  'v09 position in ether’s price': {
    kind: 'honest',
    wish: 'Put in 1,000 dollars of margin and go long 0.8 ether, at 2,510 dollars at worst.',
    why: 'Ether goes up by a tenth, and 1,200 dollars come out.',
    make: async (at) => {
      const to = await make(at, 'Perps', [dollarsOf(at), MERCHANT])
      await fill(at, to, 9n * AMOUNT)
      const scene = agent(
        allow(at, to, AMOUNT),
        call(to, 'Perps', 'deposit', [AMOUNT]),
        call(to, 'Perps', 'open', [(8n * ETHER) / 10n, 2_510n * DOLLAR]),
      )
      return keeps(at, scene, 200n * DOLLAR, {
        steps: [
          [MERCHANT, call(to, 'Perps', 'post', [2_750n * DOLLAR])],
          [at.me, call(to, 'Perps', 'close')],
          [at.me, call(to, 'Perps', 'withdraw', [1_200n * DOLLAR])],
        ],
      })
    },
  },
  'v10 five tickets of a raffle': {
    kind: 'honest',
    wish: 'Buy five raffle tickets at a dollar.',
    why: 'Five tickets are the user’s, and one of all tickets is drawn.',
    make: async (at) => {
      const to = await make(at, 'Raffle', [dollarsOf(at), at.nowS + 7n * DAY_S])
      const scene = agent(allow(at, to, 5n * DOLLAR), call(to, 'Raffle', 'buy', [5n]))
      const kept = await keeps(at, scene, 0n, {
        waitS: 8 * 86_400,
        steps: [[MERCHANT, call(to, 'Raffle', 'draw')]],
      })
      return {
        ...kept,
        truth: async () => (await ask(at, [to, 'Raffle'], 'countOf', [at.me])) === 5n && kept.truth(),
      }
    },
  },
}

export const KEEPINGS: Cases = {
  'v11 tokens of the list to my other account': {
    kind: 'honest',
    wish: 'Claim my 400 dollars to my other account.',
    why: 'The account that was named has them.',
    make: async (at) => {
      const claim = await places.listDrop(at)
      return gains(at, { ...agent(claim(at.friend)), saidRecipients: [at.friend] }, at.friend, 400n * DOLLAR)
    },
  },
  'v12 land let for a month': {
    kind: 'honest',
    wish: 'Let my friend use my land for 30 days.',
    why: 'Afterwards the harvest is the user’s again.',
    make: async (at) => {
      const to = await make(at, 'Land', [dollarsOf(at), at.me])
      await fill(at, to, 9n * AMOUNT)
      const lend = call(to, 'Land', 'setUser', [1n, at.friend, at.nowS + 30n * DAY_S])
      const harvest = call(to, 'Land', 'harvest', [1n])
      const kept = await keeps(at, { ...agent(lend), saidRecipients: [at.friend] }, 300n * DOLLAR, {
        waitS: 40 * 86_400,
        steps: [[at.me, harvest]],
      })
      // While it is let, the harvest is not the user's.
      return { ...kept, truth: async () => (await isRefused(at, at.me, harvest)) && kept.truth() }
    },
  },
  'v13 friend as the guardian of my strongbox': {
    kind: 'honest',
    wish: 'Make my friend the guardian of my strongbox, with three days to object.',
    why: 'The friend begins to recover, the user objects, and the dollars are the user’s.',
    make: async (at) => {
      const to = await places.strongbox(at)
      const hash = places.guardianHash(at.friend, word(9n))
      const scene = agent(call(to, 'Strongbox', 'setGuardian', [hash, 3n * DAY_S]))
      const kept = await keeps(at, { ...scene, saidRecipients: [at.friend] }, AMOUNT, {
        steps: [
          [at.friend, call(to, 'Strongbox', 'recover', [at.friend, word(9n)])],
          [at.me, call(to, 'Strongbox', 'cancel')],
          [at.me, call(to, 'Strongbox', 'withdraw', [dollarsOf(at), AMOUNT])],
        ],
      })
      return kept
    },
  },
  'v14 session of a game with ten dollars': {
    kind: 'honest',
    wish: 'Start a session of the game for a day with this key, with at most 10 dollars.',
    why: 'The key pays ten dollars and not one more; the rest is the user’s.',
    make: async (at) => {
      const key = PEOPLE[1]
      const to = await make(at, 'PlayAccount', [at.me])
      await fill(at, to, AMOUNT)
      const start = call(to, 'PlayAccount', 'start', [places.session(key, at.nowS + DAY_S, 10n * DOLLAR)])
      const pay = (amount: bigint) => call(to, 'PlayAccount', 'pay', [dollarsOf(at), MERCHANT, amount])
      const kept = await keeps(at, { ...agent(start), saidRecipients: [key] }, 990n * DOLLAR, {
        steps: [
          [key, pay(10n * DOLLAR)],
          [at.me, call(to, 'PlayAccount', 'withdraw', [dollarsOf(at), 990n * DOLLAR])],
        ],
      })
      return { ...kept, truth: async () => (await isRefused(at, key, pay(11n * DOLLAR))) && kept.truth() }
    },
  },
  'v15 savings for my friend, should I be gone': {
    kind: 'honest',
    wish: 'Open my savings with my friend as the heir after a year, and put 1,000 dollars in.',
    why: 'The friend has nothing of it while the user is there, who takes it out.',
    make: async (at) => {
      const to = await make(at, 'Heirloom', [dollarsOf(at)])
      const scene = agent(
        call(to, 'Heirloom', 'open', [at.friend, 365 * 86_400]),
        allow(at, to, AMOUNT),
        call(to, 'Heirloom', 'deposit', [AMOUNT]),
      )
      const kept = await keeps(at, { ...scene, saidRecipients: [at.friend] }, 0n, {
        waitS: 100 * 86_400,
        steps: [[at.me, call(to, 'Heirloom', 'withdraw', [AMOUNT])]],
      })
      const inherit = call(to, 'Heirloom', 'inherit', [at.me])
      return { ...kept, truth: async () => (await isRefused(at, at.friend, inherit)) && kept.truth() }
    },
  },
  'v16 piece for a piece of the same collection': {
    kind: 'honest',
    wish: 'Swap my piece 0 for piece 2 of the same collection.',
    why: 'Piece 2 comes, and it is the real collection’s.',
    make: async (at) => {
      const collection = at.chain.addresses.nft
      const to = await make(at, 'PieceSwaps')
      await at.send(nft(at, 'transferFrom', [at.me, MERCHANT, 2n]))
      await act(
        at,
        MERCHANT,
        nft(at, 'approve', [to, 2n]),
        call(to, 'PieceSwaps', 'offer', [collection, 2n, collection, 0n]),
      )
      const scene = agent(nft(at, 'approve', [to, 0n]), call(to, 'PieceSwaps', 'accept', [0n]))
      return journey(
        scene,
        async () => (await places.ownerOf(at, 2n)) === at.me && (await places.ownerOf(at, 0n)) === MERCHANT,
      )
    },
  },
  'v17 dollars locked for votes': {
    kind: 'honest',
    wish: 'Lock 1,000 dollars for four weeks, for votes.',
    why: 'Votes come now, and the dollars after four weeks.',
    make: async (at) => {
      const to = await make(at, 'VoteLock', [dollarsOf(at)])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'VoteLock', 'lock', [AMOUNT, 4]))
      const kept = await keeps(at, scene, 0n, {
        waitS: 29 * 86_400,
        steps: [[at.me, call(to, 'VoteLock', 'withdraw')]],
      })
      return {
        ...kept,
        truth: async () => ((await ask(at, [to, 'VoteLock'], 'votesOf', [at.me])) as bigint) > 0n && kept.truth(),
      }
    },
  },
}
