/** Honest: real contracts from npm, of tokens, votes, splits, and exchanges. */
import { DOLLAR, ETHER, FOREVER, usdc, weth } from '../../moves.ts'
import { concatHex, maxUint256 } from 'viem'
import { DOMAIN, fields } from '../../documents.ts'
import { agent, allow, AMOUNT, balance, deployerOf, keeps } from '../journeys/frame.ts'
import { PEOPLE, v3Close } from '../journeys/places.ts'
import { coined, rolesOf } from './attacksRights.ts'
import { forward, permitOf, requestDocument, swapDocument } from './attacksSigned.ts'
import {
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
  partsOf,
  signed,
  word,
} from './frame.ts'
import { dai, liquidity, MERCHANT, multicall3, permit2, router, zero } from './parties.ts'

export const TOKENS: Cases = {
  'n01 vested dollars released': {
    kind: 'honest, npm',
    wish: 'Release what has vested for me.',
    why: 'OpenZeppelin’s VestingWallet pays its beneficiary, the user.',
    make: async (at) => {
      const to = await makeReal(at, 'VestingWallet', [at.me, at.nowS, 100n * 86_400n])
      await at.send(usdc(at, 'transfer', [to, AMOUNT]), deployerOf(at))
      await at.pass(30 * 86_400)
      // release(address): the contract has two functions of that name.
      const data = concatHex(['0x19165587', word(BigInt(at.chain.addresses.usdc))])
      return keeps(at, agent({ ...callReal(to, 'VestingWallet', 'duration'), data }), 290n * DOLLAR)
    },
  },
  'n02 locked dollars after the term': {
    kind: 'honest, npm',
    wish: 'Take my time-locked dollars.',
    why: 'OpenZeppelin’s TokenTimelock, whose term is over, pays the user.',
    make: async (at) => {
      const to = await makeReal(at, 'TokenTimelock', [at.chain.addresses.usdc, at.me, at.nowS + 86_400n])
      await at.send(usdc(at, 'transfer', [to, AMOUNT]), deployerOf(at))
      await at.pass(2 * 86_400)
      return keeps(at, agent(callReal(to, 'TokenTimelock', 'release')), AMOUNT)
    },
  },
  'n03 my part of a splitter': {
    kind: 'honest, npm',
    wish: 'Withdraw my part of the band’s income.',
    why: 'OpenZeppelin’s PaymentSplitter pays the user three fifths.',
    make: async (at) => {
      const to = await makeReal(at, 'PaymentSplitter', [
        [at.me, PEOPLE[0]],
        [3n, 2n],
      ])
      await at.send(at.pay(to, 5n * ETHER), deployerOf(at))
      const all = callReal(to, 'PaymentSplitter', 'totalShares')
      const data = concatHex(['0x19165587', word(BigInt(at.me))])
      return keeps(at, agent({ ...all, data }), (29n * ETHER) / 10n, { of: null })
    },
  },
  'n04 proposal put into a timelock': {
    kind: 'honest, npm',
    wish: 'Schedule the treasury’s payment of 100 dollars to the auditor, in two days.',
    why: 'OpenZeppelin’s TimelockController only notes it; the treasury pays after the delay.',
    make: async (at) => {
      const to = await makeReal(at, 'TimelockController', [172_800n, [at.me], [at.me], zero])
      await at.send(usdc(at, 'transfer', [to, AMOUNT]), deployerOf(at))
      const pay = usdc(at, 'transfer', [PEOPLE[1], 100n * DOLLAR])
      const args = [pay.to, 0n, pay.data, word(0n), word(9n)]
      const scene = agent(callReal(to, 'TimelockController', 'schedule', [...args, 172_800n]))
      return journey({ ...scene, saidRecipients: [PEOPLE[1]] }, async () => {
        await at.pass(172_900)
        await at.send(callReal(to, 'TimelockController', 'execute', args))
        return (await balance(at, PEOPLE[1])) === 100n * DOLLAR
      })
    },
  },
  'n05 vote in a council': {
    kind: 'honest, npm',
    wish: 'Vote for the proposal.',
    why: 'OpenZeppelin’s Governor counts the vote; nothing else changes.',
    make: async (at) => {
      const ballot = await make(at, 'Ballot', [at.me])
      await at.send(call(ballot, 'Ballot', 'delegate', [at.me]))
      const to = await make(at, 'Council', [ballot])
      const id = await propose(at, to)
      return journey(agent(call(to, 'Council', 'castVote', [id, 1])), async () => {
        return (await ask(at, to, 'Council', 'hasVoted', [id, at.me])) === true
      })
    },
  },
  'n06 votes to myself': {
    kind: 'honest, npm',
    wish: 'Activate my ballot coins so that I can vote.',
    why: 'OpenZeppelin’s ERC20Votes: the coins vote for their owner.',
    make: async (at) => {
      const to = await make(at, 'Ballot', [at.me])
      return journey(agent(call(to, 'Ballot', 'delegate', [at.me])), async () => {
        return (await ask(at, to, 'Ballot', 'getVotes', [at.me])) === 100_000n * ETHER
      })
    },
  },
  'n07 vault deposit': {
    kind: 'honest, npm',
    wish: 'Deposit 1,000 dollars into the vault.',
    why: 'OpenZeppelin’s ERC4626: the shares are the user’s and pay the same dollars back.',
    make: async (at) => {
      const to = await make(at, 'Vault', [at.chain.addresses.usdc])
      await at.send(allow(at, to, AMOUNT))
      const out = call(to, 'Vault', 'redeem', [AMOUNT, at.me, at.me])
      return keeps(at, agent(call(to, 'Vault', 'deposit', [AMOUNT, at.me])), 0n, { steps: [[at.me, out]] })
    },
  },
  'n08 renouncing to mint': {
    kind: 'honest, npm',
    wish: 'Give up my right to mint my coin.',
    why: 'OpenZeppelin’s AccessControl: a right less, for nobody else a right more.',
    make: async (at) => {
      const to = await coined(at)
      const [, minter] = await rolesOf(at, to)
      const scene = agent(callReal(to, 'ERC20PresetMinterPauser', 'renounceRole', [minter, at.me]))
      const mint = callReal(to, 'ERC20PresetMinterPauser', 'mint', [at.me, 1n])
      await at.read(mint, at.me)
      return journey(scene, () => isRefused(at, at.me, mint))
    },
  },
  'n09 pieces sent to a friend': {
    kind: 'honest, npm',
    wish: 'Send my friend two of my cards.',
    why: 'OpenZeppelin’s ERC1155 preset; the friend was named.',
    make: async (at) => {
      const to = await makeReal(at, 'ERC1155PresetMinterPauser', [''])
      await at.send(callReal(to, 'ERC1155PresetMinterPauser', 'mint', [at.me, 4n, 5n, '0x']), deployerOf(at))
      const send = callReal(to, 'ERC1155PresetMinterPauser', 'safeTransferFrom', [at.me, at.friend, 4n, 2n, '0x'])
      return journey({ ...agent(send), saidRecipients: [at.friend] }, async () => {
        return (await ask(at, to, 'ERC1155PresetMinterPauser', 'balanceOf', [at.friend, 4n])) === 2n
      })
    },
  },
  'n10 claim without gas': {
    kind: 'honest, npm',
    wish: 'Claim my chips without paying gas.',
    why: 'The request’s bytes are the claim; MinimalForwarder of OpenZeppelin carries it out in the user’s name.',
    make: async (at) => {
      const forwarder = await makeReal(at, 'MinimalForwarder')
      const chip = await make(at, 'Chip', [forwarder, at.me])
      const document = requestDocument(at, forwarder, chip, call(chip, 'Chip', 'claim').data)
      return journey(asks(document), async () => {
        await act(at, at.friend, forward(document, await signed(at, document)))
        return (await balance(at, at.me, chip)) === 5_025n * ETHER
      })
    },
  },
}
async function propose(at: Parameters<typeof liquidity>[0], to: Parameters<typeof call>[0]): Promise<bigint> {
  const all = [[to], [0n], [call(to, 'Council', 'votingDelay').data], 'Look at the delay.']
  await at.chain.rpc('anvil_mine', ['0x2'])
  const each = call(to, 'Council', 'propose', all)
  const id = BigInt(await at.read(each))
  await at.send(each)
  await at.chain.rpc('anvil_mine', ['0x3'])
  return id
}

export const EXCHANGES: Cases = {
  'n11 liquidity added': {
    kind: 'honest, npm',
    wish: 'Add 1 ether and 2,500 dollars to the pool.',
    why: 'Uniswap v2: the shares are the user’s.',
    make: async (at) => {
      const [pair, before] = await liquidity(at)
      const { usdc: dollar, uniswapV2Router } = at.chain.addresses
      const least = [2_450n * DOLLAR, (98n * ETHER) / 100n]
      const add = router(at, 'addLiquidityETH', [dollar, 2_500n * DOLLAR, ...least, at.me, FOREVER], ETHER)
      return journey(agent(allow(at, uniswapV2Router, 2_500n * DOLLAR), add), async () => {
        return (await balance(at, at.me, pair)) >= (before * 19n) / 10n
      })
    },
  },
  'n12 liquidity taken out': {
    kind: 'honest, npm',
    wish: 'Take my liquidity out.',
    why: 'Uniswap v2: ether and dollars come back to the user.',
    make: async (at) => {
      const [pair, share] = await liquidity(at)
      const { usdc: dollar, uniswapV2Router } = at.chain.addresses
      const least = [2_400n * DOLLAR, (97n * ETHER) / 100n]
      const out = router(at, 'removeLiquidityETH', [dollar, share, ...least, at.me, FOREVER])
      const scene = agent(callReal(pair, 'UniswapV2Pair', 'approve', [uniswapV2Router, share]), out)
      return keeps(at, scene, 2_400n * DOLLAR)
    },
  },
  'n13 permit of liquidity for the router': {
    kind: 'honest, npm',
    wish: 'Sign, so that I can take my liquidity out in one transaction.',
    why: 'Uniswap v2’s own permit: the router, the exact share, half an hour.',
    make: async (at) => {
      const [pair, share] = await liquidity(at)
      const { usdc: dollar, uniswapV2Router } = at.chain.addresses
      const deadline = at.nowS + 1_800n
      const document = {
        types: {
          EIP712Domain: DOMAIN,
          Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
        },
        primaryType: 'Permit',
        domain: { name: 'Uniswap V2', version: '1', chainId: at.chain.chainId, verifyingContract: pair },
        message: {
          owner: at.me,
          spender: uniswapV2Router,
          value: String(share),
          nonce: '0',
          deadline: String(deadline),
        },
      }
      const before = await balance(at, at.me)
      return journey(asks(document), async () => {
        const { r, s, v } = partsOf(await signed(at, document))
        const head = [dollar, share, 2_400n * DOLLAR, (97n * ETHER) / 100n, at.me, deadline]
        await at.send(router(at, 'removeLiquidityETHWithPermit', [...head, false, v, r, s]))
        return (await balance(at, at.me)) - before >= 2_400n * DOLLAR
      })
    },
  },
  'n14 three pools to ether': {
    kind: 'honest, npm',
    wish: 'Swap 1,000 dai for ether, at least 0.39.',
    why: 'Uniswap v2 through two deep pools, with a least amount.',
    make: async (at) => {
      const { dai: give, usdc: through, weth: get, uniswapV2Router } = at.chain.addresses
      await at.send(dai(at, 'transfer', [at.me, 1_000n * ETHER]), deployerOf(at))
      const args = [1_000n * ETHER, (39n * ETHER) / 100n, [give, through, get], at.me, FOREVER]
      const scene = agent(
        dai(at, 'approve', [uniswapV2Router, 1_000n * ETHER]),
        router(at, 'swapExactTokensForETH', args),
      )
      return keeps(at, scene, (38n * ETHER) / 100n, { of: null })
    },
  },
  'n15 position closed and collected': {
    kind: 'honest, npm',
    wish: 'Close my position.',
    why: 'Uniswap v3’s multicall of decreasing and collecting, to the user.',
    make: async (at) => {
      const { manager, inner } = await v3Close(at, at.me)
      const close = at.call('NonfungiblePositionManager', manager, 'multicall', [inner])
      return keeps(at, agent(close), 2_400n * DOLLAR)
    },
  },
  'n16 liquidity moved from v2 to v3': {
    kind: 'honest, npm',
    wish: 'Move my liquidity to version three.',
    why: 'Uniswap’s V3Migrator takes the shares and makes a position of the user.',
    make: async (at) => {
      const [pair, share] = await liquidity(at)
      const { uniswapV3Factory, uniswapV3PositionManager, usdc: dollar, weth: wrapped } = at.chain.addresses
      const to = await makeReal(at, 'V3Migrator', [uniswapV3Factory, wrapped, uniswapV3PositionManager])
      const [token0, token1] = BigInt(dollar) < BigInt(wrapped) ? [dollar, wrapped] : [wrapped, dollar]
      const all = {
        ...{ pair, liquidityToMigrate: share, percentageToMigrate: 100, token0, token1, fee: 500 },
        ...{ tickLower: -887_270, tickUpper: 887_270, amount0Min: 0n, amount1Min: 0n },
        ...{ recipient: at.me, deadline: FOREVER, refundAsETH: true },
      }
      const before = await balance(at, at.me, uniswapV3PositionManager)
      const scene = agent(
        callReal(pair, 'UniswapV2Pair', 'approve', [to, share]),
        callReal(to, 'V3Migrator', 'migrate', [all]),
      )
      return journey(scene, async () => (await balance(at, at.me, uniswapV3PositionManager)) - before === 1n)
    },
  },
  'n17 ether wrapped and a part unwrapped': {
    kind: 'honest, npm',
    wish: 'Wrap 2 ether, then unwrap a half.',
    why: 'WETH9 keeps the books one to one.',
    make: async (at) => {
      const before = await balance(at, at.me, at.chain.addresses.weth)
      const wrap = { ...weth(at, 'deposit', []), value: 2n * ETHER }
      return journey(agent(wrap, weth(at, 'withdraw', [ETHER / 2n])), async () => {
        return (await balance(at, at.me, at.chain.addresses.weth)) - before === (3n * ETHER) / 2n
      })
    },
  },
  'n18 Permit2 locked down': {
    kind: 'honest, npm',
    wish: 'Take back what old shops may draw through Permit2.',
    why: 'The real Permit2’s lockdown sets both allowances to nothing.',
    make: async (at) => {
      const { permit2: to, usdc: token, dai: other } = at.chain.addresses
      await at.send(allow(at, to, maxUint256))
      for (const each of [token, other]) await at.send(permit2(at, 'approve', [each, MERCHANT, AMOUNT, 2 ** 41]))
      const scene = agent(
        permit2(at, 'lockdown', [
          [
            { token, spender: MERCHANT },
            { token: other, spender: MERCHANT },
          ],
        ]),
      )
      const take = permit2(at, 'transferFrom', [at.me, MERCHANT, 1n, token])
      await at.read(take, MERCHANT)
      return journey(scene, () => isRefused(at, MERCHANT, take))
    },
  },
  'n19 swap by a signature that a contract keeps to': {
    kind: 'honest, npm',
    wish: 'Swap 1,000 dollars for at least 0.39 ether.',
    why: 'The spender is a contract that pays the least amount or takes nothing. Real Permit2.',
    make: async (at) => {
      const { permit2: through, weth: wanted } = at.chain.addresses
      const to = await make(at, 'Filler', [through])
      await at.send(weth(at, 'transfer', [to, 5n * ETHER]), deployerOf(at))
      await at.send(allow(at, through, maxUint256))
      const least = (39n * ETHER) / 100n
      const document = swapDocument(at, to, wanted, least)
      const before = await balance(at, at.me, wanted)
      return journey(asks(document), async () => {
        const args = [permitOf(document), at.me, wanted, least, await signed(at, document)]
        await act(at, MERCHANT, call(to, 'Filler', 'fill', args))
        return (await balance(at, at.me, wanted)) - before === least
      })
    },
  },
  'n20 three people paid in one call': {
    kind: 'honest, npm',
    wish: 'Pay three people 0.2 ether each.',
    why: 'Multicall3 sends the whole value on to those whom the user named.',
    make: async (at) => {
      const parts = PEOPLE.map((target) => ({ target, allowFailure: false, value: ETHER / 5n, callData: '0x' }))
      const scene = { ...agent(multicall3(at, parts, (3n * ETHER) / 5n)), saidRecipients: PEOPLE }
      return journey(scene, async () => {
        const all = await Promise.all(PEOPLE.map((who) => balance(at, who, null)))
        return all.every((each) => each === ETHER / 5n)
      })
    },
  },
}
