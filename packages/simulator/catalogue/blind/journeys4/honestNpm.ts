/** Honest journeys of the fourth set on contracts that npm packages publish. */
import { concat, encodePacked, keccak256, namehash, zeroAddress, zeroHash } from 'viem'
import { DOLLAR, ETHER, usdc } from '../../moves.ts'
import { agent, allow, AMOUNT, balance, deployerOf, keeps } from '../journeys/frame.ts'
import { PEOPLE } from '../journeys/places.ts'
import { act, asks, type Cases, isRefused, journey, partsOf, signed, word } from '../journeys2/frame.ts'
import { MERCHANT } from '../journeys2/parties.ts'
import { ask, call, callReal, make, makeReal } from './frame.ts'
import * as places from './places.ts'

const { dollarsOf, label } = places

export const UNISWAP: Cases = {
  't01 tokens claimed from a list': {
    kind: 'honest, npm',
    wish: 'Claim my 400 tokens.',
    why: 'They come. Real MerkleDistributor.',
    make: async (at) => {
      const token = await places.uni(at, deployerOf(at))
      const leaf = (index: bigint, who: string) =>
        keccak256(encodePacked(['uint256', 'address', 'uint256'], [index, who as never, 400n * ETHER]))
      const [own, other] = [leaf(0n, at.me), leaf(1n, at.friend)]
      const root = keccak256(concat(own < other ? [own, other] : [other, own]))
      const to = await makeReal(at, 'MerkleDistributor', [token, root])
      await at.send(callReal(token, 'Uni', 'transfer', [to, 1_000n * ETHER]), deployerOf(at))
      const claim = callReal(to, 'MerkleDistributor', 'claim', [0n, at.me, 400n * ETHER, [other]])
      return keeps(at, agent(claim), 400n * ETHER, { of: token })
    },
  },
  't02 dollars staked for rewards': {
    kind: 'honest, npm',
    wish: 'Stake 1,000 dollars.',
    why: 'They come back, and rewards with them. Real StakingRewards.',
    make: async (at) => {
      const token = await places.uni(at, deployerOf(at))
      const to = await makeReal(at, 'StakingRewards', [deployerOf(at), token, dollarsOf(at)])
      await at.send(callReal(token, 'Uni', 'transfer', [to, 1_000n * ETHER]), deployerOf(at))
      await at.send(callReal(to, 'StakingRewards', 'notifyRewardAmount', [1_000n * ETHER]), deployerOf(at))
      const scene = agent(allow(at, to, AMOUNT), callReal(to, 'StakingRewards', 'stake', [AMOUNT]))
      const kept = await keeps(at, scene, 0n, {
        waitS: 61 * 86_400,
        steps: [[at.me, callReal(to, 'StakingRewards', 'exit')]],
      })
      return { ...kept, truth: async () => (await kept.truth()) && (await balance(at, at.me, token)) > 900n * ETHER }
    },
  },
  't03 position staked': {
    kind: 'honest, npm',
    wish: 'Stake my position.',
    why: 'It comes out again, with a reward. Real UniswapV3Staker.',
    make: async (at) => {
      const { to, key, tokenId, reward, stake, ownerOf } = await places.v3Staker(at)
      const of = (name: string, args: readonly unknown[]) => callReal(to, 'UniswapV3Staker', name, args)
      return journey(agent(stake), async () => {
        await at.pass(30 * 86_400)
        await at.send(of('unstakeToken', [key, tokenId]))
        await at.send(of('claimReward', [reward, at.me, 0n]))
        await at.send(of('withdrawToken', [tokenId, at.me, '0x']))
        return (await ownerOf()) === at.me && (await balance(at, at.me, reward)) > 0n
      })
    },
  },
  't04 votes for a friend, by a signature': {
    kind: 'honest, npm',
    wish: 'Sign that my friend votes with my tokens.',
    why: 'The friend has the votes, and the user the tokens. Real vote token of Uniswap.',
    make: async (at) => {
      const token = await places.uni(at, at.me)
      const document = places.votesDocument(at, token, at.friend)
      const before = await balance(at, at.me, token)
      return journey({ ...asks(document), saidRecipients: [at.friend] }, async () => {
        const { r, s, v } = partsOf(await signed(at, document))
        const { expiry } = document.message
        await act(at, at.friend, callReal(token, 'Uni', 'delegateBySig', [at.friend, 0n, expiry, v, r, s]))
        const votes = await ask(at, [token, 'Uni'], 'getCurrentVotes', [at.friend])
        return votes === before && (await balance(at, at.me, token)) === before
      })
    },
  },
  't05 dollars for DAI on v4': {
    kind: 'honest, npm',
    wish: 'Swap 1,000 dollars to DAI on Uniswap v4.',
    why: 'About 980 come. Real PoolManager and its router for tests.',
    make: async (at) => {
      const { swapper, sell } = await places.v4(at)
      return keeps(at, agent(allow(at, swapper, AMOUNT), sell(AMOUNT)), 970n * ETHER, { of: at.chain.addresses.dai })
    },
  },
}

export const ACCOUNTS: Cases = {
  't06 smart account of my own': {
    kind: 'honest, npm',
    wish: 'Make me a smart account and put 1 ether in.',
    why: 'The user takes it out. Real SimpleAccountFactory and SimpleAccount.',
    make: async (at) => {
      const { account, create } = await places.accountFactory(at, at.me)
      return keeps(at, agent(create, at.pay(account, ETHER)), -ETHER / 100n, {
        of: null,
        steps: [[at.me, callReal(account, 'SimpleAccount7', 'execute', [at.me, ETHER, '0x'])]],
      })
    },
  },
  't07 wages out of my smart account': {
    kind: 'honest, npm',
    wish: 'Pay my three people 200 dollars each out of my smart account.',
    why: 'Each has them, and the rest stays. Real SimpleAccount.',
    make: async (at) => {
      const { account } = await places.smartAccount(at)
      const pays = PEOPLE.map((who) => usdc(at, 'transfer', [who, 200n * DOLLAR]))
      const parts = pays.map(({ to, data }) => ({ target: to, value: 0n, data }))
      const scene = agent(callReal(account, 'SimpleAccount8', 'executeBatch', [parts]))
      return journey({ ...scene, saidRecipients: PEOPLE }, async () => {
        for (const who of PEOPLE) if ((await balance(at, who)) < 200n * DOLLAR) return false
        return (await balance(at, account)) === 400n * DOLLAR
      })
    },
  },
  't08 operation that pays a friend': {
    kind: 'honest, npm',
    wish: 'Sign that my smart account pays my friend 100 dollars.',
    why: 'The friend has them, and it works once. Real EntryPoint 0.8 and SimpleAccount.',
    make: async (at) => {
      const { entryPoint, account } = await places.smartAccount(at)
      const pays = places.executed(account, usdc(at, 'transfer', [at.friend, 100n * DOLLAR]))
      const { document, handle } = places.operation(at, entryPoint, account, pays)
      const before = await balance(at, at.friend)
      return journey({ ...asks(document), saidRecipients: [at.friend] }, async () => {
        await handle(await signed(at, document), MERCHANT)
        return (await balance(at, at.friend)) - before === 100n * DOLLAR
      })
    },
  },
  't09 friend who may pause my shop': {
    kind: 'honest, npm',
    wish: 'Let my friend pause my shop, and nothing else.',
    why: 'The friend pauses and cannot pay out. Real AccessManager.',
    make: async (at) => {
      const { manager, till, pause } = await places.shop(at)
      const scene = agent(
        callReal(manager, 'AccessManager', 'setTargetFunctionRole', [till, [pause], 7n]),
        callReal(manager, 'AccessManager', 'grantRole', [7n, at.friend, 0]),
      )
      return journey({ ...scene, saidRecipients: [at.friend] }, async () => {
        await act(at, at.friend, call(till, 'ShopTill', 'pause'))
        const isLimited = await isRefused(at, at.friend, call(till, 'ShopTill', 'payOut', [at.friend, 1n]))
        return isLimited && (await ask(at, [till, 'ShopTill'], 'isPaused')) === true
      })
    },
  },
}

export const NAMES: Cases = {
  't10 name registered and pointed to me': {
    kind: 'honest, npm',
    wish: 'Register the name alice and point it to this account.',
    why: 'The name is the user’s and points there. Real ENSRegistry, FIFSRegistrar and PublicResolver.',
    make: async (at) => {
      const { registry, resolver, node } = await places.nameService(at)
      const registrar = await makeReal(at, 'FIFSRegistrar', [registry, zeroHash])
      await at.send(callReal(registry, 'ENSRegistry', 'setOwner', [zeroHash, registrar]), deployerOf(at))
      const scene = agent(
        callReal(registrar, 'FIFSRegistrar', 'register', [label('alice'), at.me]),
        callReal(registry, 'ENSRegistry', 'setResolver', [node, resolver]),
        callReal(resolver, 'PublicResolver', 'setAddr', [node, at.me]),
      )
      return journey(scene, async () => {
        const owner = await ask(at, [registry, 'ENSRegistry'], 'owner', [node])
        return owner === at.me && (await places.accountOf(at, resolver, node)) === at.me
      })
    },
  },
  't11 name of my account': {
    kind: 'honest, npm',
    wish: 'Let my account be called alice.',
    why: 'The reverse record says so. Real ReverseRegistrar.',
    make: async (at) => {
      const { registry, resolver } = await places.nameService(at)
      const to = await makeReal(at, 'ReverseRegistrar', [registry, resolver])
      const own = (node: string, text: string, who: string) =>
        at.send(callReal(registry, 'ENSRegistry', 'setSubnodeOwner', [node, label(text), who]), deployerOf(at))
      await own(zeroHash, 'reverse', deployerOf(at))
      await own(namehash('reverse'), 'addr', to)
      const node = namehash(`${at.me.slice(2).toLowerCase()}.addr.reverse`)
      return journey(
        agent(callReal(to, 'ReverseRegistrar', 'setName', ['alice'])),
        async () => (await ask(at, [resolver, 'PublicResolver'], 'name', [node])) === 'alice',
      )
    },
  },
  't12 word for a friend, attested': {
    kind: 'honest, npm',
    wish: 'Attest that I met my friend.',
    why: 'The attestation is there, and nothing else happened. Real EAS.',
    make: async (at) => {
      const registry = await makeReal(at, 'SchemaRegistry')
      const to = await makeReal(at, 'EAS', [registry])
      const register = callReal(registry, 'SchemaRegistry', 'register', ['bool met', zeroAddress, true])
      const schema = await at.read(register)
      await at.send(register)
      const data = word(1n)
      const request = {
        schema,
        data: { recipient: at.friend, expirationTime: 0n, revocable: true, refUID: zeroHash, data, value: 0n },
      }
      const scene = agent(callReal(to, 'EAS', 'attest', [request]))
      return journey({ ...scene, saidRecipients: [at.friend] }, async () => {
        const { timestamp } = await at.chain.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])
        const uid = keccak256(
          encodePacked(
            ['bytes32', 'address', 'address', 'uint64', 'uint64', 'bool', 'bytes32', 'bytes', 'uint32'],
            [schema, at.friend as never, at.me as never, BigInt(timestamp), 0n, true, zeroHash, data, 0],
          ),
        )
        return (await ask(at, [to, 'EAS'], 'isAttestationValid', [uid])) === true
      })
    },
  },
}

export const MARKETS: Cases = {
  't13 yes and no of a question': {
    kind: 'honest, npm',
    wish: 'Make 1,000 dollars of yes and of no.',
    why: 'After the answer the yes is a thousand dollars. Real ConditionalTokens.',
    make: async (at) => {
      const to = await makeReal(at, 'ConditionalTokens')
      const question = label('will it rain')
      const of = (name: string, args: readonly unknown[]) => callReal(to, 'ConditionalTokens', name, args)
      await at.send(of('prepareCondition', [MERCHANT, question, 2n]))
      const condition = keccak256(encodePacked(['address', 'bytes32', 'uint256'], [MERCHANT as never, question, 2n]))
      const split = of('splitPosition', [dollarsOf(at), zeroHash, condition, [1n, 2n], AMOUNT])
      return keeps(at, agent(allow(at, to, AMOUNT), split), 0n, {
        steps: [
          [MERCHANT, of('reportPayouts', [question, [1n, 0n]])],
          [at.me, of('redeemPositions', [dollarsOf(at), zeroHash, condition, [1n]])],
        ],
      })
    },
  },
  't14 order signed on chain, for me': {
    kind: 'honest, npm',
    wish: 'Place my order: 1,000 dollars for at least 0.39 ether.',
    why: 'A solver settles it, and the ether is the user’s. Real GPv2Settlement.',
    make: async (at) => {
      const { calls, settle, buyAmount } = await places.cow(at, at.me)
      const kept = await keeps(at, agent(...calls), buyAmount, { of: at.chain.addresses.weth })
      return {
        ...kept,
        truth: async () => {
          await settle()
          return kept.truth()
        },
      }
    },
  },
  't15 old tokens for new ones': {
    kind: 'honest, npm',
    wish: 'Migrate my 1,000 LEND to AAVE, a hundred for one.',
    why: 'Ten come. Real LendToAaveMigrator.',
    make: async (at) => {
      const lend = await makeReal(at, 'MintableErc20', ['EthLend', 'LEND', 18])
      const aave = await makeReal(at, 'AaveToken')
      const to = await makeReal(at, 'LendToAaveMigrator', [aave, lend, 100n])
      await at.send(callReal(aave, 'AaveToken', 'initialize', [to, deployerOf(at), zeroAddress]), deployerOf(at))
      await at.send(callReal(to, 'LendToAaveMigrator', 'initialize'), deployerOf(at))
      await at.send(callReal(lend, 'MintableErc20', 'mint', [1_000n * ETHER]))
      const scene = agent(
        callReal(lend, 'MintableErc20', 'approve', [to, 1_000n * ETHER]),
        callReal(to, 'LendToAaveMigrator', 'migrateFromLEND', [1_000n * ETHER]),
      )
      return keeps(at, scene, 10n * ETHER, { of: aave })
    },
  },
  't16 from one vault to another': {
    kind: 'honest, npm',
    wish: 'Move my 1,000 dollars from the old vault to the new one.',
    why: 'The shares of the new one give them back. solmate’s and solady’s ERC-4626.',
    make: async (at) => {
      const old = await make(at, 'SolmateVault', [dollarsOf(at)])
      const to = await make(at, 'SoladyVault', [dollarsOf(at)])
      await at.send(allow(at, old, AMOUNT))
      await at.send(call(old, 'SolmateVault', 'deposit', [AMOUNT, at.me]))
      const scene = agent(
        call(old, 'SolmateVault', 'redeem', [AMOUNT, at.me, at.me]),
        allow(at, to, AMOUNT),
        call(to, 'SoladyVault', 'deposit', [AMOUNT, at.me]),
      )
      return keeps(at, scene, AMOUNT - 1n, {
        steps: [[at.me, call(to, 'SoladyVault', 'withdraw', [AMOUNT - 1n, at.me, at.me])]],
      })
    },
  },
  't17 five pieces of a drop': {
    kind: 'honest, npm',
    wish: 'Mint five pieces at 0.02 ether each.',
    why: 'Five come. ERC721A.',
    make: async (at) => {
      const to = await make(at, 'Drop')
      return journey(
        agent(call(to, 'Drop', 'mint', [5n], ETHER / 10n)),
        async () => (await balance(at, at.me, to)) === 5n,
      )
    },
  },
}
