/**
 * Who ends up with the value, blind: scenes written from the kind in words, with contracts of their own, before the
 * rules were. The first score: see the commit that added this file.
 */
import { join } from 'node:path'
import { Address, type Hex } from '@countersign/base'
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Call } from '../../../src/index.ts'
import {
  abi,
  authorize,
  batch,
  dai,
  delegateTo,
  DOLLAR,
  ETHER,
  FOREVER,
  keyOf,
  MAX,
  nft,
  pairOf,
  permit2Approve,
  router,
  swapDollars,
  usdc,
  vouch,
  weth,
} from '../../moves.ts'
import { execute, openSafe } from '../../safe.ts'
import type { Scene, World } from '../../World.ts'
import { contractsOf, one, type Kind } from '../frame.ts'

const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))

const tokenFor = (at: World, spender: Address.Address, amount: bigint) => usdc(at, 'approve', [spender, amount])
const deployerOf = (at: World) => at.chain.accounts[0]?.address as Address.Address
/** People with plain accounts that nobody vouches for. */
const PEOPLE = [
  Address.parse('0x61c9a4d2f0b87e35a1d64c8f29e07b53d8a1f406'),
  Address.parse('0x9d20e7f31b84c65a0f37d8e6a2c951b4f7036ed8'),
] as const

const AMOUNT = 1_000n * DOLLAR
/** A trade of a thousand dollars at the pair with wrapped ether, by a function of `Trader`. */
async function trade(at: World, name: string, rest: readonly unknown[] = []): Promise<Scene> {
  const { usdc: dollar, weth: wrapped } = at.chain.addresses
  const to = await make(at, 'Trader', [at.thief])
  const pair = await pairOf(at, dollar, wrapped)
  return one(tokenFor(at, to, AMOUNT), call(to, 'Trader', name, [pair, dollar, AMOUNT, ...rest]))
}
const v3 = (at: World, recipient: Address.Address) =>
  at.call(
    'SwapRouter',
    at.chain.addresses.uniswapV3Router,
    'exactInputSingle',
    [
      {
        ...{ tokenIn: at.chain.addresses.weth, tokenOut: at.chain.addresses.usdc, fee: 500, recipient },
        ...{ deadline: FOREVER, amountIn: ETHER, amountOutMinimum: 2_485n * DOLLAR, sqrtPriceLimitX96: 0n },
      },
    ],
    { value: ETHER },
  )
const v2 = (at: World, to: Address.Address) => {
  const path = [at.chain.addresses.weth, at.chain.addresses.usdc]
  return router(at, 'swapExactETHForTokens', [2_480n * DOLLAR, path, to, FOREVER], ETHER)
}

/** A contract over dollars, in which the user has something already. */
async function house(at: World, staked = AMOUNT, rewards = 0n) {
  const to = await make(at, 'House', [at.chain.addresses.usdc])
  if (staked > 0n) {
    await at.send(tokenFor(at, to, staked))
    await at.send(call(to, 'House', 'stake', [staked]))
  }
  if (rewards > 0n) {
    await at.send(usdc(at, 'approve', [to, rewards]), deployerOf(at))
    await at.send(call(to, 'House', 'reward', [at.me, rewards]), deployerOf(at))
  }
  return to
}
async function vault(at: World, amount = AMOUNT) {
  const to = await make(at, 'Vault', [at.chain.addresses.usdc])
  if (amount > 0n) {
    await at.send(tokenFor(at, to, amount))
    await at.send(call(to, 'Vault', 'deposit', [amount, at.me]))
  }
  return to
}
async function position(at: World, fees = 100n * DOLLAR) {
  const to = await make(at, 'Positions', [at.chain.addresses.usdc])
  await at.send(tokenFor(at, to, AMOUNT))
  await at.send(call(to, 'Positions', 'open', [AMOUNT, at.me]))
  await at.send(usdc(at, 'approve', [to, fees]), deployerOf(at))
  await at.send(call(to, 'Positions', 'earn', [1n, fees]), deployerOf(at))
  return to
}
async function order(at: World, isFilled: boolean) {
  const { usdc: dollar, dai: other } = at.chain.addresses
  const to = await make(at, 'Orders')
  await at.send(tokenFor(at, to, AMOUNT))
  await at.send(call(to, 'Orders', 'make', [dollar, AMOUNT, other, 990n * ETHER]))
  if (isFilled) {
    await at.send(dai(at, 'approve', [to, 990n * ETHER]), deployerOf(at))
    await at.send(call(to, 'Orders', 'fill', [1n]), deployerOf(at))
  }
  return to
}
async function lender(at: World) {
  const { usdc: dollar, weth: wrapped } = at.chain.addresses
  const to = await make(at, 'Lender', [dollar, wrapped])
  await at.send(usdc(at, 'transfer', [to, 10n * AMOUNT]), deployerOf(at))
  await at.send(weth(at, 'approve', [to, 2n * ETHER]))
  await at.send(call(to, 'Lender', 'lock', [ETHER, at.me]))
  return to
}
async function market(at: World) {
  const to = await make(at, 'Market', [PEOPLE[0], PEOPLE[1]])
  await at.enrich(to, 100n * ETHER)
  await at.send(nft(at, 'transferFrom', [at.me, to, 2n]))
  return to
}
async function liquidity(at: World) {
  const { usdc: dollar, weth: wrapped, uniswapV2Router } = at.chain.addresses
  await at.send(tokenFor(at, uniswapV2Router, 2_500n * DOLLAR))
  await at.send(router(at, 'addLiquidityETH', [dollar, 2_500n * DOLLAR, 0n, 0n, at.me, FOREVER], ETHER))
  const pair = await pairOf(at, dollar, wrapped)
  const held = BigInt(await at.read(abi(pair, 'function balanceOf(address who)', [at.me])))
  return { pair, held }
}
const remove = async (at: World, to: Address.Address): Promise<Scene> => {
  const { pair, held } = await liquidity(at)
  const { usdc: dollar, uniswapV2Router } = at.chain.addresses
  return one(
    abi(pair, 'function approve(address spender, uint256 amount)', [uniswapV2Router, held]),
    router(at, 'removeLiquidityETH', [dollar, held, 2_400n * DOLLAR, (97n * ETHER) / 100n, to, FOREVER]),
  )
}

/** The user's own smart accounts: a plain one that the user owns, and one that is called through an entry point. */
async function owned(at: World) {
  const to = await make(at, 'OwnedAccount', [at.me])
  await at.enrich(to, 5n * ETHER)
  await at.send(usdc(at, 'transfer', [to, AMOUNT]))
  return to
}
const ownedCall = (to: Address.Address, inner: Pick<Call, 'to' | 'value' | 'data'>) =>
  call(to, 'OwnedAccount', 'execute', [inner.to, inner.value, inner.data])
async function operation(at: World, inner: (account: Address.Address) => Pick<Call, 'to' | 'value' | 'data'>) {
  const entry = await make(at, 'MiniEntry')
  const account = await make(at, 'SignedAccount', [at.me, entry])
  await at.enrich(account, 5n * ETHER)
  const { to, value, data } = inner(account)
  const hash = keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'address' }, { type: 'uint256' }, { type: 'bytes' }, { type: 'uint256' }],
      [account, to as Hex.Hex, value, data, 0n],
    ),
  )
  const signature = await keyOf(at, at.me).sign({ hash })
  // r, s, v: as ecrecover has them.
  const op = { sender: account, to, value, data, signature }
  return one(call(entry, 'MiniEntry', 'handleOps', [[op]]))
}
const deposit = async (at: World, name: string, value = ETHER): Promise<Scene> =>
  one(call(await make(at, name, [at.thief]), name, 'deposit', [], value))
const keep = (at: World) => make(at, 'Keep')
const falseOwned = (at: World) => make(at, 'FalseOwned', [at.me])

const scarce = async (at: World, name = 'Scarce') => {
  const token = await make(at, name)
  await at.send(call(token, 'Scarce', 'mint', [at.me, 1_000n * ETHER]))
  await at.send(call(token, 'Scarce', 'mint', [deployerOf(at), 9_000n * ETHER]))
  return token
}
const approving = async (at: World, amount: bigint, name = 'Scarce'): Promise<Scene> => ({
  calls: [call(await scarce(at, name), 'Scarce', 'approve', [await make(at, 'Spender'), amount])],
})

const ELSEWHERE = ['proceeds-elsewhere', 'recipient-inside', 'recipient-unverified', 'nothing-back']

export const KINDS: readonly Kind[] = [
  {
    title: 'the proceeds of a trade go to somebody else',
    rules: ELSEWHERE,
    attacks: {
      'V2, the recipient in the call': (at) => one(v2(at, at.stranger)),
      'V3, the recipient in the call': (at) => one(v3(at, at.stranger)),
      'a contract’s own owner, in no call data': (at) => trade(at, 'swapBest'),
      'nine tenths to the owner': (at) => trade(at, 'swapShared', [at.chain.addresses.weth, 10n]),
      'six tenths to the owner': (at) => trade(at, 'swapShared', [at.chain.addresses.weth, 40n]),
      'kept by the router': (at) => trade(at, 'swapHere'),
      'through a second contract': async (at) =>
        trade(at, 'swapThrough', [at.chain.addresses.weth, await make(at, 'Hop'), at.stranger]),
      'unwrapped on the way': (at) => trade(at, 'swapAndUnwrap', [at.chain.addresses.weth, at.stranger]),
      'staked in the name of a stranger': async (at) => {
        const to = await make(at, 'House', [at.chain.addresses.weth])
        return trade(at, 'swapAndStake', [at.chain.addresses.weth, to, at.stranger])
      },
      'half unused comes back': (at) => trade(at, 'swapHalf', [at.stranger]),
      'unwrapped for a stranger': async (at) => {
        const to = await make(at, 'Unwrapper')
        return one(
          weth(at, 'approve', [to, ETHER]),
          call(to, 'Unwrapper', 'unwrapTo', [at.chain.addresses.weth, ETHER, at.stranger]),
        )
      },
      'a piece is sold and the ether goes to a stranger': async (at) => {
        const to = await market(at)
        return one(
          nft(at, 'approve', [to, 0n]),
          call(to, 'Market', 'sell', [at.chain.addresses.nft, 0n, 4n * ETHER, at.stranger]),
        )
      },
      'a piece is bought for a stranger': async (at) =>
        one(call(await market(at), 'Market', 'buy', [at.chain.addresses.nft, 2n, at.stranger], ETHER)),
      'two trades, one of them for a stranger': (at) => one(v2(at, at.me), v3(at, at.stranger)),
      'a new contract that nobody knows': async (at) => one(v2(at, await make(at, 'Keep'))),
    },
    honest: {
      'V2 for oneself': (at) => one(v2(at, at.me)),
      'V3 for oneself': (at) => one(v3(at, at.me)),
      'dollars sold on V2': (at) => one(...swapDollars(at, AMOUNT, (39n * ETHER) / 100n)),
      'for a contact': (at) => ({ ...one(v2(at, at.friend)), known: [vouch(at.friend, 'Bob')] }),
      'for somebody whom the user named': (at) => ({ ...one(v2(at, at.friend)), saidRecipients: [at.friend] }),
      'a fee of two in a hundred': (at) => trade(at, 'swapShared', [at.chain.addresses.weth, 98n]),
      'a partner gets a fifth': (at) => trade(at, 'swapShared', [at.chain.addresses.weth, 80n]),
      'an aggregator that passes on': (at) => trade(at, 'swapTo', [at.me]),
      'through a second contract': async (at) =>
        trade(at, 'swapThrough', [at.chain.addresses.weth, await make(at, 'Hop'), at.me]),
      'unwrapped on the way': (at) => trade(at, 'swapAndUnwrap', [at.chain.addresses.weth, at.me]),
      'staked for oneself': async (at) => {
        const to = await make(at, 'House', [at.chain.addresses.weth])
        return trade(at, 'swapAndStake', [at.chain.addresses.weth, to, at.me])
      },
      'half unused comes back': (at) => trade(at, 'swapHalf', [at.me]),
      'a piece is sold, with fee and royalty': async (at) => {
        const to = await market(at)
        return one(
          nft(at, 'approve', [to, 0n]),
          call(to, 'Market', 'sell', [at.chain.addresses.nft, 0n, 4n * ETHER, at.me]),
        )
      },
      'a piece is bought, with fee and royalty': async (at) =>
        one(call(await market(at), 'Market', 'buy', [at.chain.addresses.nft, 2n, at.me], ETHER)),
      'unwrapped for oneself': async (at) => {
        const to = await make(at, 'Unwrapper')
        return one(
          weth(at, 'approve', [to, ETHER]),
          call(to, 'Unwrapper', 'unwrapTo', [at.chain.addresses.weth, ETHER, at.me]),
        )
      },
      'wrapping and unwrapping': (at) => one(weth(at, 'deposit', [], { value: ETHER }), weth(at, 'withdraw', [ETHER])),
    },
  },
  {
    title: 'what other contracts keep for the user goes to somebody else',
    rules: ELSEWHERE,
    attacks: {
      'shares redeemed to a stranger': async (at) =>
        one(call(await vault(at), 'Vault', 'redeem', [AMOUNT, at.stranger, at.me])),
      'a stake withdrawn to a stranger': async (at) =>
        one(call(await house(at), 'House', 'withdrawTo', [at.stranger, AMOUNT])),
      'a stake written over to a stranger': async (at) =>
        one(call(await house(at), 'House', 'moveTo', [at.stranger, AMOUNT])),
      'rewards claimed to a stranger': async (at) =>
        one(call(await house(at, AMOUNT, 50n * DOLLAR), 'House', 'claim', [at.stranger])),
      'fees of a position collected to a stranger': async (at) =>
        one(call(await position(at), 'Positions', 'collect', [1n, at.stranger])),
      'a position closed to a stranger': async (at) =>
        one(call(await position(at), 'Positions', 'close', [1n, at.stranger])),
      'liquidity removed to a stranger': (at) => remove(at, at.stranger),
      'what an order brought': async (at) => one(call(await order(at, true), 'Orders', 'take', [1n, at.stranger])),
      'what an order held, cancelled': async (at) =>
        one(call(await order(at, false), 'Orders', 'cancel', [1n, at.stranger])),
      'borrowed for a stranger': async (at) => one(call(await lender(at), 'Lender', 'borrow', [AMOUNT, at.stranger])),
      'a pledge released to a stranger': async (at) =>
        one(call(await lender(at), 'Lender', 'release', [ETHER, at.stranger])),
      'shares for a stranger': async (at) => {
        const to = await vault(at, 0n)
        return one(tokenFor(at, to, AMOUNT), call(to, 'Vault', 'deposit', [AMOUNT, at.stranger]))
      },
      'staked for a stranger at a contract that the app knows': async (at) => {
        const to = await house(at, 0n)
        return {
          ...one(tokenFor(at, to, AMOUNT), call(to, 'House', 'stakeFor', [at.stranger, AMOUNT])),
          known: [vouch(to, 'House', 'spender')],
        }
      },
      'somebody else’s debt is paid': async (at) => {
        const to = await lender(at)
        await at.send(usdc(at, 'transfer', [at.friend, AMOUNT]))
        await at.send(weth(at, 'transfer', [at.friend, ETHER]))
        await at.send(weth(at, 'approve', [to, ETHER]), at.friend)
        await at.send(call(to, 'Lender', 'lock', [ETHER, at.friend]), at.friend)
        await at.send(call(to, 'Lender', 'borrow', [AMOUNT, at.friend]), at.friend)
        return {
          ...one(tokenFor(at, to, AMOUNT), call(to, 'Lender', 'repay', [AMOUNT, at.friend])),
          known: [vouch(to, 'Lender', 'spender')],
        }
      },
      'a stake withdrawn to a stranger, the user named another': async (at) => ({
        ...one(call(await house(at), 'House', 'withdrawTo', [at.stranger, AMOUNT])),
        saidRecipients: [at.friend],
      }),
      'an intent that names no one': async (at) => ({
        ...one(call(await house(at), 'House', 'withdrawTo', [at.stranger, AMOUNT])),
        intent: [{ name: 'allowed_recipients', recipients: [at.friend] }],
      }),
    },
    honest: {
      'shares redeemed': async (at) => one(call(await vault(at), 'Vault', 'redeem', [AMOUNT, at.me, at.me])),
      'shares redeemed to a contact': async (at) => ({
        ...one(call(await vault(at), 'Vault', 'redeem', [AMOUNT, at.friend, at.me])),
        known: [vouch(at.friend, 'Bob')],
      }),
      'a stake withdrawn': async (at) => one(call(await house(at), 'House', 'withdraw', [AMOUNT])),
      'a stake withdrawn to whom the user named': async (at) => ({
        ...one(call(await house(at), 'House', 'withdrawTo', [at.friend, AMOUNT])),
        saidRecipients: [at.friend],
      }),
      'rewards claimed': async (at) => one(call(await house(at, AMOUNT, 50n * DOLLAR), 'House', 'claim', [at.me])),
      'rewards claimed, a tenth to a referrer': async (at) =>
        one(call(await house(at, AMOUNT, 50n * DOLLAR), 'House', 'claimWithReferrer', [at.friend])),
      'fees of a position collected': async (at) => one(call(await position(at), 'Positions', 'collect', [1n, at.me])),
      'a position closed': async (at) => one(call(await position(at), 'Positions', 'close', [1n, at.me])),
      'liquidity removed': (at) => remove(at, at.me),
      'what an order brought': async (at) => one(call(await order(at, true), 'Orders', 'take', [1n, at.me])),
      'what an order held, cancelled': async (at) => one(call(await order(at, false), 'Orders', 'cancel', [1n, at.me])),
      borrowed: async (at) => one(call(await lender(at), 'Lender', 'borrow', [AMOUNT, at.me])),
      'a pledge released': async (at) => one(call(await lender(at), 'Lender', 'release', [ETHER, at.me])),
      'shares for oneself': async (at) => {
        const to = await vault(at, 0n)
        return one(tokenFor(at, to, AMOUNT), call(to, 'Vault', 'deposit', [AMOUNT, at.me]))
      },
      'staked for a contact': async (at) => {
        const to = await house(at, 0n)
        return {
          ...one(tokenFor(at, to, AMOUNT), call(to, 'House', 'stakeFor', [at.friend, AMOUNT])),
          known: [vouch(at.friend, 'Bob')],
        }
      },
      'one’s own debt is paid': async (at) => {
        const to = await lender(at)
        await at.send(call(to, 'Lender', 'borrow', [AMOUNT, at.me]))
        return one(tokenFor(at, to, AMOUNT), call(to, 'Lender', 'repay', [AMOUNT, at.me]))
      },
      'one’s order is filled for somebody else': async (at) => {
        const to = await make(at, 'Orders')
        const { usdc: dollar, dai: other } = at.chain.addresses
        await at.send(dai(at, 'approve', [to, 990n * ETHER]), deployerOf(at))
        await at.send(call(to, 'Orders', 'make', [other, 990n * ETHER, dollar, AMOUNT]), deployerOf(at))
        return one(tokenFor(at, to, AMOUNT), call(to, 'Orders', 'fill', [1n]))
      },
      'work that pays a bounty, and a treasury more': async (at) => {
        const to = await make(at, 'Harvest', [PEOPLE[0]])
        await at.enrich(to, 5n * ETHER)
        return one(call(to, 'Harvest', 'harvest'))
      },
    },
  },
  {
    title: 'an account that the user controls loses value',
    rules: ELSEWHERE,
    attacks: {
      'a Safe pays a stranger': async (at) => one(execute(at, await openSafe(at), at.pay(at.stranger, 5n * ETHER))),
      'a Safe pays dollars to a thief': async (at) =>
        one(execute(at, await openSafe(at), usdc(at, 'transfer', [at.thief, AMOUNT]))),
      'a Safe trades for a stranger': async (at) => one(execute(at, await openSafe(at), v2(at, at.stranger))),
      'a Safe puts ether where nothing comes back': async (at) =>
        one(execute(at, await openSafe(at), call(await keep(at), 'Keep', 'boost', [], ETHER))),
      'an account with an owner pays a stranger': async (at) =>
        one(ownedCall(await owned(at), at.pay(at.stranger, 4n * ETHER))),
      'an account with an owner sends dollars': async (at) =>
        one(ownedCall(await owned(at), usdc(at, 'transfer', [at.stranger, AMOUNT]))),
      'a signed operation pays a stranger': (at) => operation(at, () => at.pay(at.stranger, 4n * ETHER)),
      'the user’s own code pays a stranger': async (at) => {
        await delegateTo(at, at.me, await at.deploy('Batch'))
        return one(batch(at, [v2(at, at.stranger)]))
      },
      'new code of one’s own, at once used': async (at) => {
        const list = [await authorize(at, await at.deploy('Batch'))]
        return one({ ...batch(at, [at.pay(at.stranger, ETHER)]), authorizationList: list })
      },
    },
    honest: {
      'a Safe pays whom the user named': async (at) => ({
        ...one(execute(at, await openSafe(at), at.pay(at.friend, ETHER))),
        saidRecipients: [at.friend],
      }),
      'a Safe pays a contact': async (at) => ({
        ...one(execute(at, await openSafe(at), usdc(at, 'transfer', [at.friend, AMOUNT]))),
        known: [vouch(at.friend, 'Bob')],
      }),
      'a Safe trades for itself': async (at) => {
        const wallet = await openSafe(at)
        return one(execute(at, wallet, v2(at, wallet)))
      },
      'a Safe pays its owner': async (at) => one(execute(at, await openSafe(at), at.pay(at.me, 5n * ETHER))),
      'ether into one’s own Safe, which the app knows': async (at) => {
        const wallet = await openSafe(at)
        return { ...one(at.pay(wallet, ETHER)), known: [vouch(wallet, 'My Safe')] }
      },
      'an account with an owner pays a contact': async (at) => ({
        ...one(ownedCall(await owned(at), at.pay(at.friend, ETHER))),
        known: [vouch(at.friend, 'Bob')],
      }),
      'an account with an owner pays its owner': async (at) =>
        one(ownedCall(await owned(at), usdc(at, 'transfer', [at.me, AMOUNT]))),
      'a signed operation trades for its account': (at) => operation(at, (account) => v2(at, account)),
      'the user’s own code trades': async (at) => {
        await delegateTo(at, at.me, await at.deploy('Batch'))
        return one(batch(at, swapDollars(at, AMOUNT, (39n * ETHER) / 100n)))
      },
    },
  },
  {
    title: 'a deposit that never comes out',
    rules: [...ELSEWHERE, 'exit-fails'],
    attacks: {
      'only the owner withdraws': (at) => deposit(at, 'NeverExit'),
      'the exit pays nothing': (at) => deposit(at, 'HollowExit'),
      'the exit pays somebody else': (at) => deposit(at, 'StolenExit'),
      'the exit is closed until the owner opens it': (at) => deposit(at, 'ClosedExit'),
      'the exit keeps nineteen in twenty': (at) => deposit(at, 'TaxedExit'),
      'the books are full and the till is empty': (at) => deposit(at, 'EmptyExit'),
      'a Safe deposits': async (at) => {
        const to = await make(at, 'NeverExit', [at.thief])
        return one(execute(at, await openSafe(at), call(to, 'NeverExit', 'deposit', [], ETHER)))
      },
      'two deposits, one with a way out': async (at) => {
        const [good, bad] = [await make(at, 'GoodExit', [at.thief]), await make(at, 'HollowExit', [at.thief])]
        return one(call(good, 'GoodExit', 'deposit', [], ETHER), call(bad, 'HollowExit', 'deposit', [], ETHER))
      },
    },
    honest: {
      'withdraw an amount': (at) => deposit(at, 'GoodExit'),
      'leave with all': (at) => deposit(at, 'AllExit'),
      'leave with an amount, to an account': (at) => deposit(at, 'LeaveExit'),
      'locked for a week': (at) => deposit(at, 'LateExit'),
      'locked for ten minutes': (at) => deposit(at, 'SoonExit'),
      'asked for, and paid a day later': (at) => deposit(at, 'QueueExit'),
      'a vault that puts it into another': async (at) => {
        const inner = await house(at, 0n)
        const to = await make(at, 'Wrapper', [inner, at.chain.addresses.usdc])
        return one(tokenFor(at, to, AMOUNT), call(to, 'Wrapper', 'enter', [AMOUNT]))
      },
      'a tenth to a referrer': async (at) =>
        one(call(await make(at, 'Referral'), 'Referral', 'deposit', [PEOPLE[0]], ETHER)),
      'a tip for the builder': async (at) => one(call(await make(at, 'Tipper'), 'Tipper', 'deposit', [], ETHER)),
      'a stake in dollars': async (at) => {
        const to = await house(at, 0n)
        return one(tokenFor(at, to, AMOUNT), call(to, 'House', 'stake', [AMOUNT]))
      },
      'a known contract without a way out yet': async (at) => {
        const to = await make(at, 'NoExit', [at.thief])
        return { ...one(call(to, 'NoExit', 'deposit', [], ETHER)), known: [vouch(to, 'Deposit', 'spender')] }
      },
    },
  },
  {
    title: 'a contract says that the user owns it',
    rules: ELSEWHERE,
    attacks: {
      'and keeps ether': async (at) => one(call(await falseOwned(at), 'FalseOwned', 'boost', [], ETHER)),
      'and keeps dollars, and spends something of its own': async (at) => {
        const to = await falseOwned(at)
        const { usdc: dollar, dai: other } = at.chain.addresses
        await at.send(dai(at, 'transfer', [to, 5n * ETHER]))
        return one(tokenFor(at, to, AMOUNT), call(to, 'FalseOwned', 'boostWith', [dollar, AMOUNT, other, 5n * ETHER]))
      },
      'and gets the proceeds of a trade': async (at) => {
        const to = await falseOwned(at)
        return one(v2(at, to), call(to, 'FalseOwned', 'boost'))
      },
      'and gets a stake of the user’s': async (at) => {
        const to = await falseOwned(at)
        return one(call(await house(at), 'House', 'withdrawTo', [to, AMOUNT]), call(to, 'FalseOwned', 'boost'))
      },
      'and a stake is written down for it': async (at) => {
        const [to, staked] = [await falseOwned(at), await house(at, 0n)]
        return one(
          tokenFor(at, staked, AMOUNT),
          call(staked, 'House', 'stakeFor', [to, AMOUNT]),
          call(to, 'FalseOwned', 'boost'),
        )
      },
      'and a stake is written over to it': async (at) => {
        const to = await falseOwned(at)
        return one(call(await house(at), 'House', 'moveTo', [to, AMOUNT]), call(to, 'FalseOwned', 'boost'))
      },
    },
    honest: {},
  },
  {
    title: 'nothing comes back, over a whole batch',
    rules: ELSEWHERE,
    attacks: {
      'three small payments to three contracts': async (at) => {
        const [a, b, c] = [await keep(at), await keep(at), await keep(at)]
        return one(...[a, b, c].map((to) => call(to, 'Keep', 'boost', [], ETHER)))
      },
      'many to one': async (at) => {
        const to = await keep(at)
        return one(...[1n, 2n, 3n, 4n].map((n) => call(to, 'Keep', 'boost', [], n * ETHER)))
      },
      'a trade for oneself beside it': async (at) =>
        one(v2(at, at.me), call(await keep(at), 'Keep', 'boost', [], 3n * ETHER)),
      'a grain of another token comes back': async (at) => {
        const to = await keep(at)
        await at.send(dai(at, 'transfer', [to, 5n]))
        return one(call(to, 'Keep', 'boost', [], ETHER), call(to, 'Keep', 'faucet', [at.chain.addresses.dai]))
      },
      'dollars, a stake beside it': async (at) => {
        const [good, bad] = [await house(at, 0n), await keep(at)]
        return one(
          tokenFor(at, good, 10n * DOLLAR),
          call(good, 'House', 'stake', [10n * DOLLAR]),
          tokenFor(at, bad, AMOUNT),
          call(bad, 'Keep', 'boostWith', [at.chain.addresses.usdc, AMOUNT]),
        )
      },
    },
    honest: {
      'a bridge that the app knows': async (at) => {
        const to = await make(at, 'BridgeLike')
        const recipient = `0x${at.me.slice(2).padStart(64, '0')}`
        return {
          ...one(
            tokenFor(at, to, AMOUNT),
            call(to, 'BridgeLike', 'send', [at.chain.addresses.usdc, AMOUNT, recipient]),
          ),
          known: [vouch(to, 'Bridge', 'spender')],
        }
      },
      'a donation that the user named': async (at) => {
        const to = await keep(at)
        return { ...one(call(to, 'Keep', 'boost', [], ETHER)), saidRecipients: [to] }
      },
      'three stakes': async (at) => {
        const [a, b] = [await house(at, 0n), await house(at, 0n)]
        const half = AMOUNT / 2n
        return one(...[a, b].flatMap((to) => [tokenFor(at, to, half), call(to, 'House', 'stake', [half])]))
      },
      'liquidity given': (at) => {
        const { usdc: dollar, uniswapV2Router } = at.chain.addresses
        const args = [dollar, 2_500n * DOLLAR, 2_450n * DOLLAR, (98n * ETHER) / 100n, at.me, FOREVER]
        return one(tokenFor(at, uniswapV2Router, 2_500n * DOLLAR), router(at, 'addLiquidityETH', args, ETHER))
      },
      'a trade and a deposit': async (at) => {
        const to = await make(at, 'GoodExit', [at.thief])
        return one(v2(at, at.me), call(to, 'GoodExit', 'deposit', [], ETHER))
      },
      'gifts to two contacts': (at) => ({
        ...one(at.pay(at.friend, ETHER), usdc(at, 'transfer', [PEOPLE[0], AMOUNT])),
        known: [vouch(at.friend, 'Bob'), vouch(PEOPLE[0], 'Eve')],
      }),
    },
  },
  {
    title: 'a grant that is as good as unlimited',
    rules: ['approval-unlimited'],
    attacks: {
      'one more than there is': (at) => approving(at, 10_000n * ETHER + 1n),
      'a hundred times what there is': (at) => approving(at, 1_000_000n * ETHER),
      'half of the largest number': (at) => approving(at, MAX / 2n),
      'an allowance that no use lowers': (at) => approving(at, 1_000n * ETHER, 'Lasting'),
      'by Permit2': async (at) => ({
        calls: [permit2Approve(at, at.chain.addresses.usdc, await make(at, 'Spender'), 2n ** 120n)],
      }),
      'by increaseAllowance': async (at) => {
        const spender = await make(at, 'Spender')
        const token = await at.deploy('PlainToken', [])
        await at.send(at.call('PlainToken', token, 'mint', [at.me, 5n * ETHER]))
        return { calls: [at.call('PlainToken', token, 'approve', [spender, 2n ** 100n])] }
      },
    },
    honest: {
      'what the user has': async (at) => ({
        calls: [usdc(at, 'approve', [at.chain.addresses.uniswapV2Router, 100_000n * DOLLAR])],
      }),
      'more than the user has, a tenth of all': async (at) => {
        const token = await scarce(at)
        return {
          calls: [call(token, 'Scarce', 'approve', [at.chain.addresses.uniswapV2Router, 1_500n * ETHER])],
        }
      },
      'Permit2, an amount': (at) => ({
        calls: [permit2Approve(at, at.chain.addresses.usdc, at.chain.addresses.uniswapV2Router, AMOUNT)],
      }),
    },
  },
]

/** What is known to fail, by its title, and why. */
export const KNOWN: Readonly<Record<string, string>> = {}
