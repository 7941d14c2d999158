/** Attacks of the fourth set on what comes back: whose it is, what it costs, whether it comes out, and when it is mined. */
import { encodeAbiParameters, keccak256 } from 'viem'
import { DOLLAR, ETHER, swapDollars } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, deployerOf, takes } from '../journeys/frame.ts'
import { act, type Cases, gains, isRefused, journey, word } from '../journeys2/frame.ts'
import { ask, call, callReal, make } from './frame.ts'
import { accountFactory, dollarsOf, fill, v3Staker } from './places.ts'

export const CREDITED: Cases = {
  'r01 vault whose tag turns me into another': {
    kind: 'a',
    wish: 'Put 1,000 dollars into the vault.',
    why: 'The shares are booked for the sender’s address XOR the tag, which is the stranger. No address of his is in the call.',
    make: async (at) => {
      const to = await make(at, 'Hive', [dollarsOf(at)])
      const tag = `0x${(BigInt(at.me) ^ BigInt(at.thief)).toString(16).padStart(40, '0')}`
      return takes(at, agent(allow(at, to, AMOUNT), call(to, 'Hive', 'deposit', [AMOUNT, tag])), at.thief, {
        least: AMOUNT,
        steps: [[at.thief, call(to, 'Hive', 'leave')]],
      })
    },
  },
  'r02 part of a group’s purchase on another’s seat': {
    kind: 'a',
    wish: 'Join the group’s purchase with 500 dollars; my seat is number 1.',
    why: 'Seat 2 is paid for, which is the stranger’s: he has the refund.',
    make: async (at) => {
      const to = await make(at, 'GroupBuy', [dollarsOf(at), 100n * AMOUNT, 7n])
      for (const who of [deployerOf(at), at.me, at.thief]) await act(at, who, call(to, 'GroupBuy', 'sit'))
      const scene = agent(allow(at, to, 500n * DOLLAR), call(to, 'GroupBuy', 'pay', [2n, 500n * DOLLAR]))
      return takes(at, scene, at.thief, {
        least: 500n * DOLLAR,
        waitS: 8 * 86_400,
        steps: [[at.thief, call(to, 'GroupBuy', 'refund', [2n])]],
      })
    },
  },
  'r03 position staked and handed on': {
    kind: 'a',
    wish: 'Stake my position.',
    why: 'The second step gives the deposit to a stranger, who takes the position out. Real UniswapV3Staker.',
    make: async (at) => {
      const { to, key, tokenId, stake, ownerOf } = await v3Staker(at)
      const scene = agent(stake, callReal(to, 'UniswapV3Staker', 'transferDeposit', [tokenId, at.thief]))
      return journey(scene, async () => {
        await act(
          at,
          at.thief,
          callReal(to, 'UniswapV3Staker', 'unstakeToken', [key, tokenId]),
          callReal(to, 'UniswapV3Staker', 'withdrawToken', [tokenId, at.thief, '0x']),
        )
        return (await ownerOf()) === at.thief
      })
    },
  },
}

export const PRICED: Cases = {
  'r09 auction that keeps what is over': {
    kind: 'c',
    wish: 'Buy piece 1 at the auction’s price of now, about 0.2 ether; what is over comes back.',
    why: 'All of the ether goes to the seller.',
    make: async (at) => {
      const piece = await make(at, 'Tiles', [at.thief, 3n])
      const to = await make(at, 'DutchTwo', [piece, at.thief])
      await act(at, at.thief, call(piece, 'Tiles', 'approve', [to, 1n]))
      await at.pass(16 * 3_600 + 60)
      return gains(at, agent(call(to, 'Dutch', 'buy', [1n], ETHER)), at.thief, (9n * ETHER) / 10n, undefined, null)
    },
  },
  'r10 quote that trades before and after me': {
    kind: 'c',
    wish: 'Refresh the quote, swap 60,000 dollars to ether, confirm the quote.',
    why: 'The two calls about the quote trade around the swap, which has no least amount. Real Uniswap v2.',
    make: async (at) => {
      const { uniswapV2Router, usdc: dollar, weth: wrapped } = at.chain.addresses
      const to = await make(at, 'Quotes', [uniswapV2Router, dollar, wrapped, at.thief])
      await at.chain.fund(deployerOf(at), { usdc: 1_000_000n * DOLLAR })
      await fill(at, to, 1_000_000n * DOLLAR)
      const scene = agent(
        call(to, 'Quotes', 'refresh'),
        ...swapDollars(at, 60_000n * DOLLAR, 0n),
        call(to, 'Quotes', 'confirm'),
      )
      return takes(at, scene, at.thief, {
        least: 1_005_000n * DOLLAR,
        steps: [[at.thief, call(to, 'Quotes', 'draw')]],
      })
    },
  },
  'r11 change that forgets the decimals': {
    kind: 'c',
    wish: 'Change 1,000 dollars into DAI, one for one.',
    why: 'One for one in the smallest units: a thousand-millionth of a DAI comes.',
    make: async (at) => {
      const dai = at.chain.addresses.dai
      const to = await make(at, 'ChangerTwo', [dollarsOf(at), dai, at.thief])
      await at.send(at.call('Dai', dai, 'transfer', [to, ETHER]))
      return takes(at, agent(allow(at, to, AMOUNT), call(to, 'Changer', 'change', [AMOUNT])), at.thief, {
        least: AMOUNT,
        steps: [[at.thief, call(to, 'Changer', 'draw')]],
      })
    },
  },
}

export const KEPT_IN: Cases = {
  'r12 deposit under a code that is known': {
    kind: 'd',
    wish: 'Put 1 ether under my code.',
    why: 'The hash is of the site’s code, not of the user’s: the site opens it.',
    make: async (at) => {
      const to = await make(at, 'Codes')
      const code = word(77n)
      const scene = agent(
        call(to, 'Codes', 'put', [keccak256(encodeAbiParameters([{ type: 'bytes32' }], [code]))], ETHER),
      )
      return gains(
        at,
        scene,
        at.thief,
        (9n * ETHER) / 10n,
        async () => act(at, at.thief, call(to, 'Codes', 'take', [code])),
        null,
      )
    },
  },
  'r13 smart account of another': {
    kind: 'd',
    wish: 'Make me a smart account and put 1 ether in.',
    why: 'The account’s owner is the stranger. Real SimpleAccountFactory and SimpleAccount.',
    make: async (at) => {
      const { account, create } = await accountFactory(at, at.thief)
      return gains(
        at,
        agent(create, at.pay(account, ETHER)),
        at.thief,
        (9n * ETHER) / 10n,
        async () => act(at, at.thief, callReal(account, 'SimpleAccount7', 'execute', [at.thief, ETHER, '0x'])),
        null,
      )
    },
  },
}

export const WHEN: Cases = {
  'r14 wharf that looks for a mast': {
    kind: 'e',
    wish: 'Moor 1 ether.',
    why: 'As soon as a contract is at an address that had none, the ether is the keeper’s; he puts it there just before.',
    make: async (at) => {
      const to = await make(at, 'Wharf', [at.thief])
      const made = await gains(
        at,
        agent(call(to, 'Wharf', 'moor', [], ETHER)),
        at.thief,
        (9n * ETHER) / 10n,
        undefined,
        null,
      )
      return { ...made, surround: async () => act(at, at.thief, call(to, 'Wharf', 'raise')) }
    },
  },
  'r15 turnstile that counts': {
    kind: 'e',
    wish: 'Deposit 1 ether at the turnstile.',
    why: 'Every second guest’s ether is the keeper’s, who passes with one wei just before.',
    make: async (at) => {
      const to = await make(at, 'Turnstile', [at.thief])
      const made = await gains(
        at,
        agent(call(to, 'Turnstile', 'pass', [], ETHER)),
        at.thief,
        (9n * ETHER) / 10n,
        undefined,
        null,
      )
      return { ...made, surround: async () => act(at, at.thief, call(to, 'Turnstile', 'pass', [], 1n)) }
    },
  },
  'r16 purser who knows what I have': {
    kind: 'e',
    wish: 'Stow 1 ether.',
    why: 'It is booked only if the sender has so much left to the last wei, which is so where no gas is paid.',
    make: async (at) => {
      const to = await make(at, 'Purser', [at.thief])
      const left = (await balance(at, at.me, null)) - ETHER
      const scene = agent(call(to, 'Purser', 'stow', [left], ETHER))
      return gains(at, scene, at.thief, (9n * ETHER) / 10n, undefined, null)
    },
  },
}

export const SHOWN: Cases = {
  'r22 coin that only its holder sees': {
    kind: 'h',
    wish: 'Buy the yield dollar with 1,000 dollars; it gives a tenth on top.',
    why: 'The balance is shown to the holder alone and cannot be moved; the dollars are the keeper’s.',
    make: async (at) => {
      const to = await make(at, 'Mirage', [dollarsOf(at), at.thief])
      const scene = agent(allow(at, to, AMOUNT), call(to, 'Mirage', 'buy', [AMOUNT]))
      const before = await balance(at, at.thief)
      return journey(scene, async () => {
        const isShown = (await ask(at, [to, 'Mirage'], 'balanceOf', [at.me])) === 1_100n * DOLLAR
        const isStuck = await isRefused(at, at.me, call(to, 'Mirage', 'transfer', [at.friend, 1n]))
        await act(at, at.thief, call(to, 'Mirage', 'draw'))
        return isShown && isStuck && (await balance(at, at.thief)) - before === AMOUNT
      })
    },
  },
  'r23 tide that goes out for all but one': {
    kind: 'h',
    wish: 'Buy 1,000 dollars of the rebasing coin.',
    why: 'The keeper lowers everybody’s balance but his own and redeems what it was.',
    make: async (at) => {
      const to = await make(at, 'Tide', [dollarsOf(at), at.thief])
      return takes(at, agent(allow(at, to, AMOUNT), call(to, 'Tide', 'buy', [AMOUNT])), at.thief, {
        least: 999n * DOLLAR,
        steps: [
          [at.thief, call(to, 'Tide', 'rebase', [1n])],
          [at.thief, call(to, 'Tide', 'redeem')],
        ],
      })
    },
  },
}
