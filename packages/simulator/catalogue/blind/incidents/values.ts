/** Value that goes to somebody else, is caught, or melts. */
import type { Address, Hex } from '@countersign/base'
import { zeroHash } from 'viem'
import { abi, DOLLAR, ETHER, nft, pairOf, router, usdc, vouch, weth } from '../../moves.ts'
import type { World } from '../../World.ts'
import { agent, allow, balance, deployerOf, keeps, never, takes, type Journey } from '../journeys/frame.ts'
import { call, make, type Pairs } from './frame.ts'

const vault = async (at: World, isTurning: boolean) => {
  const next = await make(at, 'DrainCode', [at.thief])
  const code = await (isTurning ? make(at, 'TurningVault', [next]) : make(at, 'CalmVault'))
  return make(at, 'VaultProxy', [code])
}
const wash = async (at: World, isHonest: boolean, value: bigint) => {
  const to = await make(at, 'Couriers', [at.thief, isHonest])
  return agent(call(to, 'Couriers', 'wash', [zeroHash], value))
}
/** What the trade brings, less than what the pool gave before it. */
const trade = async (at: World, own: bigint, give: bigint): Promise<Journey> => {
  const { uniswapV2Router, usdc: dollar, weth: wrapped } = at.chain.addresses
  const to = await make(at, 'Trader', [uniswapV2Router, dollar, wrapped, own])
  await at.send(usdc(at, 'transfer', [to, own]), deployerOf(at))
  const answer = await at.read(router(at, 'getAmountsOut', [give, [dollar, wrapped]]))
  const fair = BigInt(`0x${answer.slice(-64)}`)
  const before = await balance(at, at.me, wrapped)
  const least = own > 0n ? 1n : (fair * 98n) / 100n
  return {
    scene: agent(allow(at, to, give), call(to, 'Trader', 'trade', [give, least])),
    truth: async () => {
      const got = (await balance(at, at.me, wrapped)) - before
      return own > 0n ? got < (fair * 4n) / 5n : got >= (fair * 98n) / 100n
    },
  }
}
const echo = async (at: World, size: bigint, value: bigint) => {
  const to = await make(at, 'Echo', [size])
  const giver = await make(at, 'Giver', [to])
  return { ...agent(call(giver, 'Giver', 'give', [], value)), known: [vouch(to, 'Echo'), vouch(giver, 'Giver')] }
}
const hooked = async (at: World, isTaking: boolean) => {
  const token = await make(at, 'Payable1363')
  await at.send(call(token, 'Payable1363', 'mint', [at.me, 10n * ETHER]))
  const to = await make(at, 'Counterparty', [at.chain.addresses.usdc, token, isTaking])
  await at.send(allow(at, to, 5_000n * DOLLAR))
  return { token, to, scene: agent(call(token, 'Payable1363', 'transferAndCall', [to, ETHER])) }
}
const cooling = async (at: World, waitS: bigint, value: bigint) => {
  const to = await make(at, 'Cooling', [waitS])
  await at.enrich(to, 50n * ETHER)
  return { scene: agent(call(to, 'Cooling', 'buy', [], value)), sell: call(to, 'Cooling', 'sell', [value * 1_000n]) }
}
const aggregate = async (
  at: World,
  calls: readonly { target: Address.Address; value: bigint; callData: Hex.Hex }[],
) => {
  const to = await make(at, 'Aggregate')
  const value = calls.reduce((sum, each) => sum + each.value, 0n)
  const list = calls.map((each) => ({ allowFailure: false, ...each }))
  return agent(call(to, 'Aggregate', 'aggregate3Value', [list], value))
}
const migrated = async (at: World, isBound: boolean, amount: bigint) => {
  const to = await make(at, 'NewCoin', [at.chain.addresses.usdc, isBound])
  const scene = agent(allow(at, to, amount), call(to, 'NewCoin', 'migrate', [amount]))
  return { scene, back: call(to, 'NewCoin', 'back', [amount]) }
}
/** Both sides of a share of the pool, sent to it: whoever calls it first has them. */
const donated = async (at: World, amount: bigint) => {
  const { usdc: dollar, weth: wrapped } = at.chain.addresses
  const pair = await pairOf(at, dollar, wrapped)
  const reserves = (await at.read(abi(pair, 'function getReserves() view returns (uint112, uint112, uint32)'))).slice(2)
  const [one, two] = [BigInt(`0x${reserves.slice(0, 64)}`), BigInt(`0x${reserves.slice(64, 128)}`)]
  const [dollars, ether] = BigInt(dollar) < BigInt(wrapped) ? [one, two] : [two, one]
  const sent = [usdc(at, 'transfer', [pair, amount]), weth(at, 'transfer', [pair, (amount * ether) / dollars])]
  return { pair, sent }
}
const treasury = async (at: World, wei: bigint) => {
  const to = await make(at, 'Treasury', [at.me])
  if (wei > 0n) await at.enrich(to, wei)
  return { to, scene: agent(call(to, 'Treasury', 'renounceOwnership')) }
}
const fractions = async (at: World, curator: Address.Address, share: bigint) => {
  const to = await make(at, 'Fractions', [at.chain.addresses.nft, curator, share])
  const scene = agent(nft(at, 'approve', [to, 1n]), call(to, 'Fractions', 'split', [1n]))
  return { to, scene, join: call(to, 'Fractions', 'join') }
}

export const values: Pairs = (share) => {
  const dollars = share * DOLLAR
  const wei = share * 10n ** 15n
  const spent = -(10n ** 16n)
  return {
    'a vault that changes its code as it is paid': {
      attack: async (at) => {
        const to = await vault(at, true)
        const take = call(to, 'DrainCode', 'withdraw', [0n])
        return takes(at, agent(call(to, 'CalmVault', 'deposit', [], wei)), at.thief, {
          of: null,
          steps: [[at.thief, take]],
        })
      },
      twin: async (at) => {
        const to = await vault(at, false)
        const take = call(to, 'CalmVault', 'withdraw', [wei])
        return keeps(at, agent(call(to, 'CalmVault', 'deposit', [], wei)), spent, { of: null, steps: [[at.me, take]] })
      },
    },
    'a contract that is made, paid and gone': {
      attack: async (at) => takes(at, await wash(at, false, wei), at.thief, { of: null, least: wei }),
      twin: async (at) => keeps(at, await wash(at, true, wei), spent, { of: null }),
    },
    'a trader with coins of its own': {
      attack: (at) => trade(at, 800_000n * DOLLAR, dollars),
      twin: (at) => trade(at, 0n, dollars),
    },
    'an answer of many bytes': {
      attack: async (at) => keeps(at, await echo(at, 900_000n, wei), -wei - ETHER, { of: null }),
      twin: async (at) => keeps(at, await echo(at, 400n, wei), -wei - ETHER, { of: null }),
    },
    'a receiver of coins that is told of them (ERC-1363)': {
      attack: async (at) => {
        const { scene, to } = await hooked(at, true)
        return takes(at, scene, to)
      },
      twin: async (at) => {
        const { scene, to, token } = await hooked(at, false)
        return keeps(at, scene, 0n, { of: token, steps: [[at.me, call(to, 'Counterparty', 'redeem')]] })
      },
    },
    'a share by an index': {
      attack: async (at) => {
        const to = await make(at, 'Indexed', [at.thief])
        const set = call(to, 'Indexed', 'report', [0n])
        const redeem = call(to, 'Indexed', 'redeem', [wei])
        return never(at, agent(call(to, 'Indexed', 'submit', [], wei)), wei, {
          of: null,
          steps: [
            [at.thief, set],
            [at.me, redeem],
          ],
        })
      },
      twin: async (at) => {
        const to = await make(at, 'Indexed', ['0x0000000000000000000000000000000000000000'])
        const redeem = call(to, 'Indexed', 'redeem', [wei])
        return keeps(at, agent(call(to, 'Indexed', 'submit', [], wei)), spent, { of: null, steps: [[at.me, redeem]] })
      },
    },
    'a coin that has to cool after it is bought': {
      attack: async (at) => {
        const { scene, sell } = await cooling(at, 100_000_000n, wei)
        return never(at, scene, wei, { of: null, steps: [[at.me, sell]], waitS: 90_000 })
      },
      twin: async (at) => {
        const { scene, sell } = await cooling(at, 60n, wei)
        return keeps(at, scene, spent, { of: null, steps: [[at.me, sell]], waitS: 120 })
      },
    },
    'ether in many calls of one': {
      attack: async (at) => {
        const scene = await aggregate(at, [
          { target: at.friend, value: wei / 10n, callData: '0x' },
          { target: at.thief, value: wei, callData: '0x' },
        ])
        return takes(at, { ...scene, known: [vouch(at.friend, 'Bob')] }, at.thief, { of: null })
      },
      twin: async (at) => {
        const scene = await aggregate(at, [
          { target: at.friend, value: wei / 10n, callData: '0x' },
          { target: at.me, value: wei, callData: '0x' },
        ])
        return keeps(at, { ...scene, known: [vouch(at.friend, 'Bob')] }, -wei / 10n + spent, { of: null })
      },
    },
    'old coins for new ones': {
      attack: async (at) => {
        const { scene, back } = await migrated(at, true, dollars)
        return never(at, scene, dollars, { steps: [[at.me, back]] })
      },
      twin: async (at) => {
        const { scene, back } = await migrated(at, false, dollars)
        return keeps(at, scene, 0n, { steps: [[at.me, back]] })
      },
    },
    'coins sent to a pool': {
      attack: async (at) => {
        const { pair, sent } = await donated(at, dollars)
        const skim = abi(pair, 'function skim(address to)', [at.thief])
        return takes(at, agent(...sent), at.thief, { steps: [[at.thief, skim]] })
      },
      twin: async (at) => {
        const { pair, sent } = await donated(at, dollars)
        const mint = abi(pair, 'function mint(address to) returns (uint256)', [at.me])
        return keeps(at, agent(...sent, mint), 1n, { of: pair })
      },
    },
    'an owner who lets go': {
      attack: async (at) => {
        const { to, scene } = await treasury(at, wei)
        return never(at, scene, 0n, { of: null, steps: [[at.me, call(to, 'Treasury', 'withdraw')]] })
      },
      twin: async (at) => {
        const { scene } = await treasury(at, 0n)
        return keeps(at, scene, spent, { of: null })
      },
    },
    'a piece in parts': {
      attack: async (at) => {
        const { scene, join } = await fractions(at, at.thief, 95n * ETHER)
        return takes(at, scene, at.thief, { of: at.chain.addresses.nft, steps: [[at.thief, join]] })
      },
      twin: async (at) => {
        const { scene, join } = await fractions(at, at.thief, ETHER)
        return keeps(at, scene, 0n, { of: at.chain.addresses.nft, steps: [[at.me, join]] })
      },
    },
  }
}
