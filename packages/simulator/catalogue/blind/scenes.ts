/**
 * The simulator, blind: scenes written from the rules in words, with contracts of their own, before the rules' code was
 * read. An attack must be warned of or blocked, by a rule that is about it; an honest look-alike must be allowed.
 */
import { join } from 'node:path'
import { Address, type Hex } from '@countersign/base'
import { toHex } from 'viem'
import type { Call } from '../../src/index.ts'
import {
  abi,
  authorize,
  batch,
  buyDollars,
  dai,
  DOLLAR,
  ETHER,
  FOREVER,
  nft,
  openPool,
  pairOf,
  router,
  swapDollars,
  usdc,
  vouch,
  weth,
} from '../moves.ts'
import type { Scene, World } from '../World.ts'
import { contractsOf, one, type Kind } from './frame.ts'

const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))
const raw = (to: Address.Address, data: string, value = 0n): Call => ({
  ...{ to, value, gasLimit: null, maxFeePerGasWei: null, label: null },
  data: (data.startsWith('0x') ? data : toHex(data)) as Hex.Hex,
})

const NOWHERE = Address.parse('0x5c1b0e7d4a2f96838d07c5e1b9a64f20d3e8170c')
const MULTICALL =
  'function aggregate3Value((address target, bool allowFailure, uint256 value, bytes callData)[] calls) payable'
const many = (at: World, calls: readonly Call[], allowFailure: boolean) =>
  abi(
    at.chain.addresses.multicall3,
    MULTICALL,
    [calls.map(({ to, value, data }) => ({ target: to, allowFailure, value, callData: data }))],
    { value: calls.reduce((sum, each) => sum + each.value, 0n) },
  )

const swallower = async (at: World, inner = 'Broken') =>
  make(at, 'Swallower', [await make(at, inner), await make(at, 'Works')])
const swallow = (to: Address.Address, name: string, args: readonly unknown[] = [], value = 0n): Call =>
  call(to, 'Swallower', name, args, value)
const sink = (at: World) => make(at, 'Sink', [at.thief])
const books = (at: World) => make(at, 'Books')

async function thinPool(at: World, tokens = 10_000n * ETHER, wei = 10n * ETHER): Promise<Address.Address> {
  const token = await at.deploy('PlainToken', [])
  await openPool(at, token, tokens, wei)
  return token
}
async function ownPool(at: World, wei: bigint) {
  const deployer = at.chain.accounts[0]?.address as Address.Address
  const pool = await make(at, 'OwnPool', [at.chain.addresses.usdc])
  const dollars = (wei * 2_500n * DOLLAR) / ETHER
  await at.send(usdc(at, 'approve', [pool, dollars]), deployer)
  await at.send(call(pool, 'OwnPool', 'fill', [dollars], wei), deployer)
  return pool
}
async function curve(at: World) {
  const deployer = at.chain.accounts[0]?.address as Address.Address
  const sale = await make(at, 'Curve', [at.chain.addresses.dai])
  await at.send(dai(at, 'transfer', [sale, 100_000n * ETHER]), deployer)
  return sale
}
async function mixture(at: World, kind: number): Promise<Scene> {
  const oracle = await make(at, 'Oracle')
  const to = await make(at, 'Mixture', [oracle, BigInt(kind)])
  await at.enrich(to, 50n * ETHER)
  return { calls: [call(to, 'Mixture', 'enter', [], ETHER)] }
}
const reader = async (at: World, name: string, args: readonly unknown[] = []): Promise<Scene> => {
  const to = await make(at, 'Reader')
  await at.enrich(to, ETHER)
  return { calls: [call(to, 'Reader', name, args, ETHER)] }
}
const frugal = async (at: World, name: string, args: readonly unknown[] = [], value = ETHER): Promise<Scene> => {
  const to = await make(at, 'Frugal')
  await at.enrich(to, ETHER)
  return { calls: [call(to, 'Frugal', name, args, value)] }
}
const tokenFor = (at: World, spender: Address.Address, amount: bigint) => usdc(at, 'approve', [spender, amount])

export const KINDS: readonly Kind[] = [
  {
    title: 'a call with data to an address without code',
    rules: ['no-code-called', 'spender-undeployed'],
    attacks: {
      'a deposit of an ether': () => one(abi(NOWHERE, 'function deposit()', [], { value: ETHER })),
      'a token transfer where there is no token': (at) =>
        one(abi(NOWHERE, 'function transfer(address to, uint256 amount)', [at.friend, 5n])),
      'a claim without value': () => one(abi(NOWHERE, 'function claim()')),
      'a swap at a router of another network': (at) =>
        one(
          abi(
            NOWHERE,
            'function swapExactETHForTokens(uint256 min, address[] path, address to, uint256 deadline)',
            [1n, [at.chain.addresses.weth, at.chain.addresses.usdc], at.me, FOREVER],
            { value: ETHER },
          ),
        ),
      'inside Multicall3, with value': (at) =>
        one(many(at, [abi(NOWHERE, 'function deposit()', [], { value: ETHER })], false)),
      'through another’s contract, with value': async (at) =>
        one(call(await make(at, 'Passer'), 'Passer', 'pass', [NOWHERE, '0xd0e30db0'], ETHER)),
      'a proxy whose implementation is gone': async (at) =>
        one(raw(await make(at, 'HollowProxy', [NOWHERE]), '0xd0e30db0', ETHER)),
      'after an approval of it': (at) =>
        one(tokenFor(at, NOWHERE, 5n), abi(NOWHERE, 'function deposit(uint256 amount)', [5n])),
      'at an account that people use': (at) => one(abi(at.stranger, 'function stake()', [], { value: ETHER })),
      'inside the account’s own batch': async (at) => {
        const list = [await authorize(at, await at.deploy('Batch'))]
        return one({
          ...batch(at, [abi(NOWHERE, 'function deposit()', [], { value: ETHER })]),
          authorizationList: list,
        })
      },
    },
    honest: {
      'a payment': (at) => ({ ...one(at.pay(at.friend, ETHER)), saidRecipients: [at.friend] }),
      'a memo': (at) => ({ ...one(raw(at.friend, 'Rent for November', ETHER)), saidRecipients: [at.friend] }),
      'a memo with accents and a picture': (at) => ({
        ...one(raw(at.friend, 'Miete für März 🙂', ETHER)),
        saidRecipients: [at.friend],
      }),
      'a short memo': (at) => ({ ...one(raw(at.friend, 'Hi', ETHER)), saidRecipients: [at.friend] }),
      'the reference number of an exchange that is a contact': (at) => ({
        ...one(raw(at.friend, `0x${'00'.repeat(28)}00a1b2c3`, ETHER)),
        known: [vouch(at.friend, 'Exchange')],
        saidRecipients: [at.friend],
      }),
      'a contract that the first step makes and the second calls': async (at) => {
        const nest = await make(at, 'Nest')
        const salt = `0x${'11'.repeat(32)}`
        const egg = Address.fromWord((await at.read(call(nest, 'Nest', 'at', [salt]))).slice(2))
        return one(call(nest, 'Nest', 'lay', [salt]), call(egg, 'Egg', 'fill', [at.me], ETHER))
      },
      'a contract that is made and called in one': async (at) =>
        one(call(await make(at, 'Nest'), 'Nest', 'layAndFill', [`0x${'22'.repeat(32)}`], ETHER)),
      'precompiles and a question to a plain account': async (at) =>
        one(call(await make(at, 'Prober'), 'Prober', 'deposit', ['0x1234'], ETHER)),
      wrapping: (at) => one(weth(at, 'deposit', [], { value: ETHER })),
      'money that comes back with a word': async (at) =>
        one(call(await make(at, 'Prober'), 'Prober', 'refund', [at.me], ETHER)),
      'nothing to oneself, as wallets cancel': (at) => one(at.pay(at.me, 0n)),
      'two payments in Multicall3 without data': (at) => ({
        ...one(many(at, [at.pay(at.friend, ETHER), at.pay(at.friend, 1n)], false)),
        saidRecipients: [at.friend],
        known: [vouch(at.friend, 'Bob')],
      }),
    },
  },
  {
    title: 'an inner call fails and is swallowed',
    rules: ['inner-call-failed', 'nothing-back', 'recipient-inside'],
    attacks: {
      'a stake that is paused keeps the ether': async (at) => one(swallow(await swallower(at), 'stake', [], ETHER)),
      'a vote that is not counted': async (at) => one(swallow(await swallower(at), 'castVote', [1n])),
      'a payment without an allowance': async (at) =>
        one(swallow(await swallower(at), 'payWith', [at.chain.addresses.usdc, at.friend, 50n * DOLLAR])),
      'tokens are pulled and the bridge is down': async (at) => {
        const to = await swallower(at)
        return one(tokenFor(at, to, 50n * DOLLAR), swallow(to, 'pullThenFail', [at.chain.addresses.usdc, 50n * DOLLAR]))
      },
      'an inner call with too little gas': async (at) =>
        one(swallow(await swallower(at, 'Works'), 'starved', [at.me], ETHER)),
      'two levels down': async (at) => one(swallow(await swallower(at), 'outer', [], ETHER)),
      'ether to a contract that takes none': async (at) =>
        one(swallow(await swallower(at), 'payEth', [await make(at, 'Works')], ETHER)),
      'in assembly, a function that is not there': async (at) =>
        one(swallow(await swallower(at, 'Works'), 'assemblyStake', [], ETHER)),
      'one of two in Multicall3': async (at) => {
        const [good, bad] = [await make(at, 'Works'), await make(at, 'Broken')]
        const stake = (to: Address.Address) => call(to, 'Works', 'stakeFor', [at.me], ETHER)
        return one(many(at, [stake(good), stake(bad)], true))
      },
      'all of Multicall3, without value': async (at) => {
        const bad = await make(at, 'Broken')
        return one(many(at, [call(bad, 'Works', 'vote', [at.me, 1n])], true))
      },
    },
    honest: {
      'the second place after the first': async (at) => one(swallow(await swallower(at), 'stakeElse', [], ETHER)),
      'a permit that was used already': async (at) => {
        const to = await swallower(at)
        return one(
          tokenFor(at, to, 50n * DOLLAR),
          swallow(to, 'permitAndDeposit', [at.chain.addresses.usdc, 50n * DOLLAR]),
        )
      },
      'another’s notice that fails': async (at) => one(swallow(await swallower(at), 'notifyAndDeposit', [], ETHER)),
      'a question that is not answered': async (at) => one(swallow(await swallower(at), 'probeAndDeposit', [], ETHER)),
      'a quote that fails on purpose': async (at) => one(swallow(await swallower(at), 'quoteAndDeposit', [], ETHER)),
      'a payment that becomes a credit': async (at) =>
        one(swallow(await swallower(at), 'payEthElseCredit', [await make(at, 'Works')], ETHER)),
      'nothing to harvest before a deposit': async (at) => {
        const to = await swallower(at)
        return one(
          tokenFor(at, to, 50n * DOLLAR),
          swallow(to, 'harvestAndDeposit', [at.chain.addresses.usdc, 50n * DOLLAR]),
        )
      },
      'failures allowed in Multicall3, none fails': async (at) => {
        const good = await make(at, 'Works')
        const stake = call(good, 'Works', 'stakeFor', [at.me], ETHER)
        return one(many(at, [stake, call(good, 'Works', 'notice')], true))
      },
      'a permit that fails and a trade in Multicall3': async (at) =>
        one(
          many(
            at,
            [
              call(await make(at, 'Broken'), 'Works', 'notice'),
              call(await make(at, 'Works'), 'Works', 'stakeFor', [at.me], ETHER),
            ],
            true,
          ),
        ),
    },
  },
  {
    title: 'value goes into an unverified contract and nothing comes back',
    rules: ['nothing-back', 'recipient-inside'],
    attacks: {
      'a claim that costs': async (at) => one(call(await sink(at), 'Sink', 'claimAirdrop', [], ETHER)),
      'a total and an announcement': async (at) => one(call(await sink(at), 'Sink', 'depositAnnounced', [], ETHER)),
      'plain ether': async (at) => one(at.pay(await sink(at), ETHER)),
      dollars: async (at) => {
        const to = await sink(at)
        return one(
          tokenFor(at, to, 90n * DOLLAR),
          call(to, 'Sink', 'depositToken', [at.chain.addresses.usdc, 90n * DOLLAR]),
        )
      },
      'a collectible': async (at) => {
        const to = await sink(at)
        return one(nft(at, 'approve', [to, 0n]), call(to, 'Sink', 'takeNft', [at.chain.addresses.nft, 0n]))
      },
      'a grain comes back': async (at) => {
        const to = await sink(at)
        return one(call(to, 'Sink', 'dust', [], ETHER))
      },
      'a slot that the next payer takes': async (at) => one(call(await sink(at), 'Sink', 'last', [], ETHER)),
      'an entry for the owner': async (at) => one(call(await sink(at), 'Sink', 'forOwner', [], ETHER)),
      'an entry that is gone again': async (at) => one(call(await sink(at), 'Sink', 'undone', [], ETHER)),
      'wrapped and kept': async (at) => one(call(await sink(at), 'Sink', 'wrap', [at.chain.addresses.weth], ETHER)),
      'through a second contract': async (at) => one(call(await sink(at), 'Sink', 'onward', [await sink(at)], ETHER)),
      'a count of one, whatever was paid': async (at) => one(call(await sink(at), 'Sink', 'countOnly', [], ETHER)),
    },
    honest: {
      'a credit by account': async (at) => one(call(await books(at), 'Books', 'deposit', [], ETHER)),
      'a position by pool and account': async (at) => {
        const to = await books(at)
        return one(
          tokenFor(at, to, 90n * DOLLAR),
          call(to, 'Books', 'stake', [3n, at.chain.addresses.usdc, 90n * DOLLAR]),
        )
      },
      'a name by its hash': async (at) => one(call(await books(at), 'Books', 'register', ['alice'], ETHER / 100n)),
      'a lock in a list, packed': async (at) => one(call(await books(at), 'Books', 'lock', [], ETHER)),
      'a raffle ticket': async (at) => one(call(await books(at), 'Books', 'ticket', [], ETHER / 100n)),
      'a commitment by account and note': async (at) =>
        one(call(await books(at), 'Books', 'commit', [`0x${'33'.repeat(32)}`], ETHER)),
      'a list of positions by account': async (at) => one(call(await books(at), 'Books', 'position', [], ETHER)),
      'an order by number': async (at) => one(call(await books(at), 'Books', 'order', [], ETHER)),
      'a debt paid off': async (at) => {
        const to = await books(at)
        await at.send(call(to, 'Books', 'owe', [at.me, ETHER]))
        return one(call(to, 'Books', 'repay', [], ETHER))
      },
      'shares of a vault': async (at) => {
        const to = await make(at, 'ShareVault', [at.chain.addresses.usdc])
        return one(tokenFor(at, to, 90n * DOLLAR), call(to, 'ShareVault', 'deposit', [90n * DOLLAR, at.me]))
      },
      'a donation to a contract that the app names': async (at) => {
        const to = await sink(at)
        return { ...one(at.pay(to, ETHER)), known: [vouch(to, 'Charity')], saidRecipients: [to] }
      },
      'a donation that the user named': async (at) => {
        const to = await sink(at)
        return { ...one(at.pay(to, ETHER)), saidRecipients: [to] }
      },
      wrapping: (at) => one(weth(at, 'deposit', [], { value: ETHER })),
    },
  },
  {
    title: 'a trade that is too large for the pool',
    rules: ['price-impact'],
    attacks: {
      'ten ether into a pool of ten': async (at) => {
        const path = [at.chain.addresses.weth, await thinPool(at)]
        return { calls: [router(at, 'swapExactETHForTokens', [4_980n * ETHER, path, at.me, FOREVER], 10n * ETHER)] }
      },
      'half of the pool, sold': async (at) => {
        const token = await thinPool(at)
        await at.send(at.call('PlainToken', token, 'mint', [at.me, 5_000n * ETHER]))
        const path = [token, at.chain.addresses.weth]
        return {
          calls: [
            at.call('PlainToken', token, 'approve', [at.chain.addresses.uniswapV2Router, 5_000n * ETHER]),
            router(at, 'swapExactTokensForETH', [5_000n * ETHER, (332n * ETHER) / 100n, path, at.me, FOREVER]),
          ],
        }
      },
      'two pools, the second thin': async (at) => {
        const { usdc: dollar, weth: wrapped, uniswapV2Router } = at.chain.addresses
        const path = [dollar, wrapped, await thinPool(at)]
        const out = 4_950n * ETHER
        return {
          calls: [
            tokenFor(at, uniswapV2Router, 25_000n * DOLLAR),
            router(at, 'swapExactTokensForTokens', [25_000n * DOLLAR, out, path, at.me, FOREVER]),
          ],
        }
      },
      'an exact amount, most of the pool': async (at) => {
        const path = [at.chain.addresses.weth, await thinPool(at)]
        const args = [8_000n * ETHER, path, at.me, FOREVER]
        return { calls: [router(at, 'swapETHForExactTokens', args, 41n * ETHER)] }
      },
      'an aggregator that trades with the pair itself': async (at) => {
        const token = await thinPool(at)
        const pair = await pairOf(at, token, at.chain.addresses.weth)
        const to = await make(at, 'Aggregator', [at.chain.addresses.weth])
        return { calls: [call(to, 'Aggregator', 'trade', [pair, 1n, 4_900n * ETHER, token], 10n * ETHER)] }
      },
      'the same in five parts': async (at) => {
        const token = await thinPool(at)
        const pair = await pairOf(at, token, at.chain.addresses.weth)
        const to = await make(at, 'Aggregator', [at.chain.addresses.weth])
        return { calls: [call(to, 'Aggregator', 'trade', [pair, 5n, 4_900n * ETHER, token], 10n * ETHER)] }
      },
      'three steps of a batch, each a fifth of the pool': async (at) => {
        const path = [at.chain.addresses.weth, await thinPool(at)]
        const step = (least: bigint) =>
          router(at, 'swapExactETHForTokens', [least * ETHER, path, at.me, FOREVER], 2n * ETHER)
        return { calls: [step(1_650n), step(1_180n), step(880n)] }
      },
      'a pool with reserves of its own': async (at) => {
        const pool = await ownPool(at, 10n * ETHER)
        return { calls: [call(pool, 'OwnPool', 'buy', [12_400n * DOLLAR], 10n * ETHER)] }
      },
      'sold to a pool with reserves of its own': async (at) => {
        const pool = await ownPool(at, 10n * ETHER)
        const amount = 12_500n * DOLLAR
        return {
          calls: [tokenFor(at, pool, amount), call(pool, 'OwnPool', 'sell', [amount, (33n * ETHER) / 10n])],
        }
      },
      'V3: four hundred ether into a thousand': (at) => {
        const { uniswapV3Router, weth: wrapped, usdc: dollar } = at.chain.addresses
        const params = {
          ...{ tokenIn: wrapped, tokenOut: dollar, fee: 500, recipient: at.me, deadline: FOREVER },
          ...{ amountIn: 400n * ETHER, amountOutMinimum: 712_000n * DOLLAR, sqrtPriceLimitX96: 0n },
        }
        return {
          calls: [at.call('SwapRouter', uniswapV3Router, 'exactInputSingle', [params], { value: 400n * ETHER })],
        }
      },
      'a price that grows with every unit': async (at) => {
        const sale = await curve(at)
        return { calls: [call(sale, 'Curve', 'buy', [1_000n], 6n * ETHER)] }
      },
    },
    honest: {
      'a thousand dollars': (at) => ({ calls: swapDollars(at, 1_000n * DOLLAR, (39n * ETHER) / 100n) }),
      'an ether': (at) => ({ calls: [buyDollars(at, ETHER, 2_480n * DOLLAR)] }),
      'a hundredth into a thin pool': async (at) => {
        const path = [at.chain.addresses.weth, await thinPool(at)]
        const args = [(985n * ETHER) / 100n, path, at.me, FOREVER]
        return { calls: [router(at, 'swapExactETHForTokens', args, ETHER / 100n)] }
      },
      'stable to stable': (at) => {
        const { usdc: dollar, dai: other, uniswapV2Router } = at.chain.addresses
        const args = [5_000n * DOLLAR, 4_960n * ETHER, [dollar, other], at.me, FOREVER]
        return {
          calls: [tokenFor(at, uniswapV2Router, 5_000n * DOLLAR), router(at, 'swapExactTokensForTokens', args)],
        }
      },
      'an exact amount out of a deep pool, the rest comes back': (at) => {
        const { usdc: dollar, weth: wrapped } = at.chain.addresses
        const args = [1_000n * DOLLAR, [wrapped, dollar], at.me, FOREVER]
        return { calls: [router(at, 'swapETHForExactTokens', args, (41n * ETHER) / 100n)] }
      },
      'an aggregator with a deep pair': async (at) => {
        const { usdc: dollar, weth: wrapped } = at.chain.addresses
        const to = await make(at, 'Aggregator', [wrapped])
        const pair = await pairOf(at, dollar, wrapped)
        return { calls: [call(to, 'Aggregator', 'trade', [pair, 3n, 2_485n * DOLLAR, dollar], ETHER)] }
      },
      'a pool with reserves of its own, deep': async (at) => {
        const pool = await ownPool(at, 500n * ETHER)
        return { calls: [call(pool, 'OwnPool', 'buy', [2_490n * DOLLAR], ETHER)] }
      },
      'V3: an ether': (at) => {
        const { uniswapV3Router, weth: wrapped, usdc: dollar } = at.chain.addresses
        const params = {
          ...{ tokenIn: wrapped, tokenOut: dollar, fee: 500, recipient: at.me, deadline: FOREVER },
          ...{ amountIn: ETHER, amountOutMinimum: 2_485n * DOLLAR, sqrtPriceLimitX96: 0n },
        }
        return { calls: [at.call('SwapRouter', uniswapV3Router, 'exactInputSingle', [params], { value: ETHER })] }
      },
      'liquidity given to a deep pool': (at) => {
        const { usdc: dollar, uniswapV2Router } = at.chain.addresses
        const args = [dollar, 2_500n * DOLLAR, 2_450n * DOLLAR, (98n * ETHER) / 100n, at.me, FOREVER]
        return {
          calls: [tokenFor(at, uniswapV2Router, 2_500n * DOLLAR), router(at, 'addLiquidityETH', args, ETHER)],
        }
      },
      'a few units at a growing price': async (at) => {
        const sale = await curve(at)
        return { calls: [call(sale, 'Curve', 'buy', [3n], ETHER / 100n)] }
      },
    },
  },
  {
    title: 'an outcome of surroundings that only a simulator has',
    isBait: true,
    rules: ['environment-dependent'],
    attacks: {
      'free gas and a real base fee': (at) => mixture(at, 0),
      'no builder and real randomness': (at) => mixture(at, 1),
      'no randomness and a real base fee': (at) => mixture(at, 2),
      'no hash of the last block and a builder': (at) => mixture(at, 3),
      'more gas than anybody gives, free': (at) => mixture(at, 4),
      'a limit of the block that no chain has': (at) => mixture(at, 5),
      'small randomness and a builder': (at) => mixture(at, 6),
      'an early block with a gas price': (at) => mixture(at, 7),
      'less than the base fee': (at) => mixture(at, 8),
      'no base fee and a gas price': (at) => mixture(at, 9),
      'an account richer than all with a gas price': (at) => mixture(at, 10),
      'no builder, free gas, real base fee and randomness': (at) => mixture(at, 11),
      'a block number far away with a base fee': (at) => mixture(at, 12),
      'a time far away with a base fee': (at) => mixture(at, 13),
    },
    honest: {
      'an average price by time': (at) => reader(at, 'twap'),
      'base fee and block number written down': (at) => reader(at, 'snapshot'),
      'a draw': (at) => reader(at, 'draw'),
      'a tip for the builder': (at) => reader(at, 'tipBuilder'),
      'a deadline': (at) => reader(at, 'deadline', [at.nowS + 1_800n]),
      'a rebate for the fee': (at) => reader(at, 'rebate'),
      'a limit for the gas price': (at) => reader(at, 'maxFee', [10n ** 12n]),
      'only after block 3, not with all the gas there is': (at) => reader(at, 'early'),
      'works off what it can': (at) => reader(at, 'workAndDeposit'),
    },
  },
  {
    title: 'less gas makes a caught inner call fail',
    rules: ['environment-dependent'],
    attacks: {
      'half comes back': (at) => frugal(at, 'payBack', [1_000n]),
      'half comes back, low level': (at) => frugal(at, 'payBackLow', [1_000n]),
      'half comes back, heavy': (at) => frugal(at, 'payBack', [8_000n]),
      'half comes back, light': (at) => frugal(at, 'payBack', [150n]),
      'the entry is lost': (at) => frugal(at, 'bookCaught', [1_500n]),
      'a friend is not paid': (at) => frugal(at, 'payFriend', [at.friend, 1_500n]),
      'two levels down': (at) => frugal(at, 'nested', [1_500n]),
      'after much storage': (at) => frugal(at, 'heapCaught', [40n]),
      'dollars come back': async (at) => {
        const scene = await frugal(at, 'tokenBack', [at.chain.addresses.usdc, 90n * DOLLAR, 1_500n], 0n)
        const to = scene.calls?.[0]?.to as Address.Address
        return { calls: [tokenFor(at, to, 90n * DOLLAR), ...(scene.calls ?? [])] }
      },
      'it asks how much is left': (at) => frugal(at, 'gasChooses'),
    },
    honest: {
      'all or nothing': (at) => frugal(at, 'strict', [1_500n]),
      'wants gas to be left': (at) => frugal(at, 'wants', [200_000n]),
      'looks before it tries': (at) => frugal(at, 'guarded', [1_000n]),
      'what is caught does not matter': (at) => frugal(at, 'caughtNothing'),
      'what is caught is done otherwise': (at) => frugal(at, 'caughtElse', [1_500n]),
      'a relay that fails as a whole': (at) => frugal(at, 'relay', [at.friend, 1_000n]),
      'a payment with the stipend': (at) => frugal(at, 'stipend', [at.friend]),
      'a look that may fail': (at) => frugal(at, 'viewCaught', [800n]),
      'a V2 swap': (at) => ({ calls: [buyDollars(at, ETHER, 2_480n * DOLLAR)] }),
    },
  },
]

/** What is known to fail, by its title, and why. */
export const KNOWN: Readonly<Record<string, string>> = {
  'a payment that becomes a credit': 'inner-call-failed: an entry that stands in for a failed payment is not seen',
  'wrapped and kept': 'nothing-back: looks for the asset that left, not for what it was changed into',
  'a count of one, whatever was paid': 'nothing-back: an entry of the user counts, whatever it says',
  'a pool with reserves of its own': 'price-impact: only pools whose prices it can read',
  'sold to a pool with reserves of its own': 'price-impact: only pools whose prices it can read',
  'a price that grows with every unit': 'price-impact: only pools whose prices it can read',
}
