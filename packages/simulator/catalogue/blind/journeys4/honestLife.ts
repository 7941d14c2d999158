/** Honest journeys of the fourth set on contracts of its own. */
import { encodeAbiParameters, keccak256 } from 'viem'
import { DOLLAR, ETHER, nft, usdc } from '../../moves.ts'
import type { Address } from '@countersign/base'
import { agent, allow, AMOUNT, balance, deployerOf, keeps } from '../journeys/frame.ts'
import { act, asks, type Cases, isRefused, journey, partsOf, signed, word } from '../journeys2/frame.ts'
import { dai, MERCHANT } from '../journeys2/parties.ts'
import { ask, call, make } from './frame.ts'
import { DAY_S, dollarsOf, fill, rentals } from './places.ts'

export const MONEY: Cases = {
  's01 reports added to my treasury': {
    kind: 'honest',
    wish: 'Add the reports to my treasury.',
    why: 'The facet only reads; the owner takes the dollars out.',
    make: async (at) => {
      const to = await make(at, 'Facets', [at.me])
      await fill(at, to, 3n * AMOUNT)
      const facet = await make(at, 'Reports')
      const report = call(to, 'Reports', 'report', [dollarsOf(at)])
      const kept = await keeps(at, agent(call(to, 'Facets', 'cut', [[report.data.slice(0, 10)], facet])), 3n * AMOUNT, {
        steps: [[at.me, call(to, 'Facets', 'withdraw', [dollarsOf(at), 3n * AMOUNT])]],
      })
      return {
        ...kept,
        truth: async () => (await ask(at, [to, 'Reports'], 'report', [dollarsOf(at)])) === 3n * AMOUNT && kept.truth(),
      }
    },
  },
  's02 first part of a job paid': {
    kind: 'honest',
    wish: 'Pay my friend the first of three parts of the job.',
    why: 'One part is paid; the others come back when the worker ends it.',
    make: async (at) => {
      const to = await make(at, 'Milestones', [dollarsOf(at)])
      await at.send(allow(at, to, 3n * AMOUNT))
      await at.send(call(to, 'Milestones', 'open', [at.friend, AMOUNT, 3]))
      const before = await balance(at, at.friend)
      const scene = { ...agent(call(to, 'Milestones', 'release', [0n])), saidRecipients: [at.friend] }
      const kept = await keeps(at, scene, 2n * AMOUNT, { steps: [[at.friend, call(to, 'Milestones', 'end', [0n])]] })
      return { ...kept, truth: async () => (await balance(at, at.friend)) - before === AMOUNT && kept.truth() }
    },
  },
  's03 gift taken with its code': {
    kind: 'honest',
    wish: 'Take the gift that is under my code.',
    why: 'The ether comes.',
    make: async (at) => {
      const to = await make(at, 'Codes')
      const hash = keccak256(encodeAbiParameters([{ type: 'bytes32' }], [word(81n)]))
      await act(at, deployerOf(at), call(to, 'Codes', 'put', [hash], ETHER))
      return keeps(at, agent(call(to, 'Codes', 'take', [word(81n)])), (99n * ETHER) / 100n, { of: null })
    },
  },
  's04 group’s purchase on my own seat': {
    kind: 'honest',
    wish: 'Join the group’s purchase with 500 dollars; my seat is number 1.',
    why: 'The goal is missed, and the money comes back.',
    make: async (at) => {
      const to = await make(at, 'GroupBuy', [dollarsOf(at), 100n * AMOUNT, 7n])
      for (const who of [deployerOf(at), at.me, at.friend]) await act(at, who, call(to, 'GroupBuy', 'sit'))
      const scene = agent(allow(at, to, 500n * DOLLAR), call(to, 'GroupBuy', 'pay', [1n, 500n * DOLLAR]))
      return keeps(at, scene, 0n, { waitS: 8 * 86_400, steps: [[at.me, call(to, 'GroupBuy', 'refund', [1n])]] })
    },
  },
  's05 grams of gold for dollars': {
    kind: 'honest',
    wish: 'Give 10 grams of gold back for at least 620 dollars.',
    why: 'They come, less half a per cent.',
    make: async (at) => {
      const to = await make(at, 'Gold', [dollarsOf(at), MERCHANT])
      await fill(at, to, 5n * AMOUNT)
      await act(at, MERCHANT, call(to, 'Gold', 'issue', [at.me, 40_000n]))
      return keeps(at, agent(call(to, 'Gold', 'redeem', [10_000n, 620n * DOLLAR])), 620n * DOLLAR)
    },
  },
  's06 ninety thousand dollars over three vaults': {
    kind: 'honest',
    wish: 'Spread 90,000 dollars over the three vaults.',
    why: 'Everything comes out again.',
    make: async (at) => {
      const vaults: Address.Address[] = []
      for (let i = 0; i < 3; i += 1) vaults.push(await make(at, 'Hive', [dollarsOf(at)]))
      const each = 30_000n * DOLLAR
      const none = `0x${'0'.repeat(40)}`
      const calls = vaults.flatMap((to) => [allow(at, to, each), call(to, 'Hive', 'deposit', [each, none])])
      const booked = async () => {
        for (const to of vaults) if ((await ask(at, [to, 'Hive'], 'sharesOf', [at.me])) !== each) return false
        return true
      }
      const kept = await keeps(at, agent(...calls), 0n, {
        steps: vaults.map((to) => [at.me, call(to, 'Hive', 'leave')] as const),
      })
      return { ...kept, truth: async () => (await booked()) && kept.truth() }
    },
  },
  's07 dollars changed one for one': {
    kind: 'honest',
    wish: 'Change 1,000 dollars into DAI, one for one.',
    why: 'A thousand DAI come.',
    make: async (at) => {
      const to = await make(at, 'Changer', [dollarsOf(at), at.chain.addresses.dai, MERCHANT])
      await at.chain.fund(deployerOf(at), { dai: 5_000n * ETHER })
      await at.send(dai(at, 'transfer', [to, 5_000n * ETHER]), deployerOf(at))
      const scene = agent(allow(at, to, AMOUNT), call(to, 'Changer', 'change', [AMOUNT]))
      return keeps(at, scene, 1_000n * ETHER, { of: at.chain.addresses.dai })
    },
  },
  's08 cover for a deposit': {
    kind: 'honest',
    wish: 'Cover my 1,000 dollars for 90 days, for at most 20 dollars.',
    why: 'The house breaks, and the sum is paid.',
    make: async (at) => {
      const to = await make(at, 'Cover', [dollarsOf(at), MERCHANT])
      await fill(at, to, 5n * AMOUNT)
      const scene = agent(allow(at, to, 20n * DOLLAR), call(to, 'Cover', 'buy', [AMOUNT, 90, 20n * DOLLAR]))
      return keeps(at, scene, 980n * DOLLAR, {
        waitS: 30 * 86_400,
        steps: [
          [MERCHANT, call(to, 'Cover', 'broke')],
          [at.me, call(to, 'Cover', 'claim', [0n])],
        ],
      })
    },
  },
}

export const THINGS: Cases = {
  's09 piece at a price that falls': {
    kind: 'honest',
    wish: 'Buy piece 1 at the auction’s price of now, about 0.2 ether; what is over comes back.',
    why: 'The piece comes, and 0.8 ether with it.',
    make: async (at) => {
      const piece = await make(at, 'Tiles', [MERCHANT, 3n])
      const to = await make(at, 'Dutch', [piece, MERCHANT])
      await act(at, MERCHANT, call(piece, 'Tiles', 'approve', [to, 1n]))
      await at.pass(16 * 3_600 + 60)
      const kept = await keeps(at, agent(call(to, 'Dutch', 'buy', [1n], ETHER)), (-21n * ETHER) / 100n, { of: null })
      return {
        ...kept,
        truth: async () => (await ask(at, [piece, 'Tiles'], 'ownerOf', [1n])) === at.me && kept.truth(),
      }
    },
  },
  's10 everything into my new purse': {
    kind: 'honest',
    wish: 'Open my new purse and move everything there: dollars, DAI, piece 0 and 5 ether.',
    why: 'The purse is the user’s, who takes things out of it.',
    make: async (at) => {
      const maker = await make(at, 'PurseMaker')
      const purse = (await ask(at, [maker, 'PurseMaker'], 'purseOf', [at.me])) as Address.Address
      const [dollars, coins] = [await balance(at, at.me), await balance(at, at.me, at.chain.addresses.dai)]
      const scene = agent(
        call(maker, 'PurseMaker', 'open'),
        usdc(at, 'transfer', [purse, dollars]),
        dai(at, 'transfer', [purse, coins]),
        nft(at, 'transferFrom', [at.me, purse, 0n]),
        at.pay(purse, 5n * ETHER),
      )
      const out = ({ to, data }: { to: Address.Address | null; data: string }) =>
        [at.me, call(purse, 'Purse', 'run', [to, 0n, data])] as const
      const kept = await keeps(at, scene, 0n, {
        steps: [out(usdc(at, 'transfer', [at.me, dollars])), out(nft(at, 'transferFrom', [purse, at.me, 0n]))],
      })
      const isIn = async () => (await balance(at, purse, null)) === 5n * ETHER && (await balance(at, at.me)) === 0n
      return { ...kept, truth: async () => (await isIn()) && kept.truth() }
    },
  },
  's11 two chests opened': {
    kind: 'honest',
    wish: 'Open two of my chests.',
    why: 'Two things come, whichever the block decides.',
    make: async (at) => {
      const to = await make(at, 'Chests')
      await at.send(call(to, 'Chests', 'give', [at.me, 3n]), deployerOf(at))
      return journey(agent(call(to, 'Chests', 'open', [2n])), async () => {
        let things = 0n
        for (const kind of [0n, 1n, 2n]) things += (await ask(at, [to, 'Chests'], 'things', [at.me, kind])) as bigint
        return things === 2n && (await ask(at, [to, 'Chests'], 'keys', [at.me])) === 1n
      })
    },
  },
  's12 piece let for a week': {
    kind: 'honest',
    wish: 'Let my piece to my friend for a week, for 0.1 ether.',
    why: 'The rent comes, and after the week the piece.',
    make: async (at) => {
      const { piece, document, take, back } = await rentals(at, at.friend, at.nowS + 7n * DAY_S)
      return journey({ ...asks(document), saidRecipients: [at.friend] }, async () => {
        const before = await balance(at, at.me, null)
        await act(at, at.friend, take(partsOf(await signed(at, document))))
        const isPaid = (await balance(at, at.me, null)) - before === ETHER / 10n
        await at.pass(8 * 86_400)
        await at.send(back)
        return isPaid && (await ask(at, [piece, 'Tiles'], 'ownerOf', [1n])) === at.me
      })
    },
  },
  's13 subscription of a year': {
    kind: 'honest',
    wish: 'Subscribe at 10 dollars a month, for a year.',
    why: 'Nothing is taken early, and nothing after it is cancelled.',
    make: async (at) => {
      const to = await make(at, 'Plans', [dollarsOf(at)])
      await act(at, MERCHANT, call(to, 'Plans', 'offer', [10n * DOLLAR, 30n * DAY_S]))
      const scene = {
        ...agent(allow(at, to, 120n * DOLLAR), call(to, 'Plans', 'subscribe', [0n])),
        saidRecipients: [MERCHANT],
      }
      const before = await balance(at, at.me)
      const charge = call(to, 'Plans', 'charge', [0n, at.me])
      return journey(scene, async () => {
        const isNotEarly = await isRefused(at, MERCHANT, charge)
        await at.pass(31 * 86_400)
        await act(at, MERCHANT, charge)
        await at.send(call(to, 'Plans', 'cancel', [0n]))
        await at.pass(31 * 86_400)
        const isOver = await isRefused(at, MERCHANT, charge)
        return isNotEarly && isOver && before - (await balance(at, at.me)) === 20n * DOLLAR
      })
    },
  },
}
