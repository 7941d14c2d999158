import type { Address, Hex } from '@countersign/base'
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Log } from '../model/Step.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Probe, ProbeAnswer } from '../evm/ReadProbe.ts'
import { asNumber } from './probes.ts'

/** What one pool took and gave in the run, and what it would have given at its own price before the run. */
export interface PoolTrade {
  readonly pool: Address.Address
  readonly kind: PoolKind
  /** Null where the pool names its tokens only by a number (Uniswap V4). */
  readonly tokenIn: Address.Address | null
  readonly tokenOut: Address.Address | null
  readonly amountIn: bigint
  readonly amountOut: bigint
  /** At the price before the run, the pool's fee not taken off. */
  readonly expectedOut: bigint
}

export type PoolKind = 'reserves' | 'sqrt-price' | 'curve' | 'uniswap-v4' | 'balancer-weighted'

/** A pool as it may be: somebody who took one token and gave another. */
export interface Exchange {
  readonly pool: Address.Address
  readonly tokenIn: Address.Address | null
  readonly tokenOut: Address.Address | null
  readonly amountIn: bigint
  readonly amountOut: bigint
  /** Where a singleton keeps many pools: which one. */
  readonly id: Hex.Hex | null
}

const SELECTORS = {
  token0: '0x0dfe1681',
  token1: '0xd21220a7',
  /** Uniswap V2 and its copies. */
  getReserves: '0x0902f1ac',
  /** Uniswap V3 and its copies: the first word is √price in 2^-96. */
  slot0: '0x3850c7bd',
  /** Algebra: the same. */
  globalState: '0xe76c01e4',
  coins: '0xc6610657',
  /** Curve, with 128-bit and with 256-bit indices. */
  getDy128: '0x5e0d443f',
  getDy256: '0x556d6e9f',
  extsload: '0x1e2eaeaf',
  getPoolTokens: '0xf94d4668',
  getNormalizedWeights: '0xf89f27ed',
} as const

/** Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24) of Uniswap V4's PoolManager. */
const V4_SWAP = '0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f'
/** Swap(bytes32,address,address,uint256,uint256) of Balancer V2's Vault. */
const BALANCER_SWAP = '0x2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b'
/** Uniswap V4, PoolManager: `mapping(PoolId => Pool.State) _pools` is at slot 6 (StateLibrary.sol, POOLS_SLOT). */
const V4_POOLS_SLOT = 6n
const Q96 = 2n ** 96n
const MAX_COINS = 4
/** The price of a small amount: a thousandth of what was traded. */
const SMALL = 1_000n

/** Accounts that took one token and gave another: found by balances, never by names. */
export function exchangesOf(changes: readonly TokenChange[], user: Address.Address): Exchange[] {
  const byAccount = Map.groupBy(
    changes.filter(({ standard, account }) => standard === 'erc20' && account !== user),
    ({ account }) => account,
  )
  return [...byAccount].flatMap(([pool, own]) => {
    const taken = own.filter(({ delta }) => delta > 0n)
    const given = own.filter(({ delta }) => delta < 0n)
    const [one, other] = [taken[0], given[0]]
    if (taken.length !== 1 || given.length !== 1 || one === undefined || other === undefined) return []
    return [{ pool, tokenIn: one.token, tokenOut: other.token, amountIn: one.delta, amountOut: -other.delta, id: null }]
  })
}

/** Trades with pools that share one contract, which no balance tells apart: read from what that contract logged. */
export function loggedExchanges(logs: readonly Log[]): Exchange[] {
  return logs.flatMap(({ address, topics, data }): Exchange[] => {
    const id = topics[1]
    if (id === undefined) return []
    const word = (i: number): bigint => BigInt(`0x${data.slice(2 + 64 * i, 66 + 64 * i) || '0'}`)
    if (topics[0] === V4_SWAP && data.length >= 2 + 64 * 6) {
      // The amounts are the trader's: negative is what was paid.
      const [zero, one] = [BigInt.asIntN(256, word(0)), BigInt.asIntN(256, word(1))]
      if (zero === 0n || one === 0n || zero < 0n === one < 0n) return []
      const [amountIn, amountOut] = zero < 0n ? [-zero, one] : [-one, zero]
      return [{ pool: address, tokenIn: null, tokenOut: null, amountIn, amountOut, id: directed(id, zero < 0n) }]
    }
    const [, , tokenIn, tokenOut] = topics
    if (topics[0] === BALANCER_SWAP && tokenIn !== undefined && tokenOut !== undefined && data.length >= 2 + 128)
      return [
        { pool: address, tokenIn: tail(tokenIn), tokenOut: tail(tokenOut), amountIn: word(0), amountOut: word(1), id },
      ]
    return []
  })
}

/** What to ask a possible pool about the state before the run. All at once; what it does not know it does not answer. */
export function questionsFor({ pool, amountIn, id, tokenIn }: Exchange): Probe[] {
  if (id !== null && tokenIn === null) {
    const slot = keccak256(
      encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [undirected(id), V4_POOLS_SLOT]),
    )
    return [{ to: pool, data: `${SELECTORS.extsload}${slot.slice(2)}` }]
  }
  if (id !== null) {
    return [
      { to: pool, data: `${SELECTORS.getPoolTokens}${id.slice(2)}` },
      { to: id.slice(0, 42) as Hex.Hex, data: SELECTORS.getNormalizedWeights },
    ]
  }
  const small = amountIn > SMALL ? amountIn / SMALL : amountIn
  const pairs = Array.from({ length: MAX_COINS * MAX_COINS }, (_, i) => [i % MAX_COINS, Math.floor(i / MAX_COINS)])
  return [
    ...[SELECTORS.token0, SELECTORS.token1, SELECTORS.getReserves, SELECTORS.slot0, SELECTORS.globalState].map(
      (data) => ({
        to: pool,
        data,
      }),
    ),
    ...Array.from({ length: MAX_COINS }, (_, i) => ({
      to: pool,
      data: `${SELECTORS.coins}${hex(BigInt(i))}` as Hex.Hex,
    })),
    ...pairs.flatMap(([i = 0, j = 0]) =>
      i === j
        ? []
        : [SELECTORS.getDy128, SELECTORS.getDy256].map((selector) => ({
            to: pool,
            data: `${selector}${hex(BigInt(i))}${hex(BigInt(j))}${hex(small)}` as Hex.Hex,
          })),
    ),
  ]
}

/** The trade, if the answers are those of a pool; null when it is none of the shapes known here. */
export function tradeOf(exchange: Exchange, answers: readonly ProbeAnswer[]): PoolTrade | null {
  const found = exchange.id === null ? priceByState(exchange, answers) : priceById(exchange, answers)
  if (found === null || found.expectedOut === 0n) return null
  const { pool, tokenIn, tokenOut, amountIn, amountOut } = exchange
  return { pool, tokenIn, tokenOut, amountIn, amountOut, ...found }
}

type Priced = Pick<PoolTrade, 'kind' | 'expectedOut'>

function priceByState({ tokenIn, tokenOut, amountIn }: Exchange, answers: readonly ProbeAnswer[]): Priced | null {
  const [zero, one] = [addressOf(answers[0]), addressOf(answers[1])]
  const isForward = zero === tokenIn?.toLowerCase() && one === tokenOut?.toLowerCase()
  const isBackward = one === tokenIn?.toLowerCase() && zero === tokenOut?.toLowerCase()
  if (isForward || isBackward) {
    const reserves = [asNumber(answers[2], 0), asNumber(answers[2], 1)]
    const [own, other] = isForward ? reserves : reserves.toReversed()
    if (own != null && other != null && own > 0n && other > 0n)
      return { kind: 'reserves', expectedOut: (amountIn * other) / own }
    const root = asNumber(answers[3]) ?? asNumber(answers[4])
    if (root === null || root === 0n || root >= 2n ** 160n) return null
    return { kind: 'sqrt-price', expectedOut: atRoot(amountIn, root, isForward) }
  }
  const coins = Array.from({ length: MAX_COINS }, (_, i) => addressOf(answers[5 + i]))
  const [i, j] = [tokenIn, tokenOut].map((token) => coins.indexOf(token?.toLowerCase() ?? 'none'))
  if (i === undefined || j === undefined || i < 0 || j < 0) return null
  const small = amountIn > SMALL ? amountIn / SMALL : amountIn
  const order = Array.from(
    { length: MAX_COINS * MAX_COINS },
    (_, n) => [n % MAX_COINS, Math.floor(n / MAX_COINS)] as const,
  )
  const at = order.filter(([a, b]) => a !== b).findIndex(([a, b]) => a === i && b === j)
  const first = 5 + MAX_COINS + 2 * at
  const out = asNumber(answers[first]) ?? asNumber(answers[first + 1])
  return out === null || out === 0n ? null : { kind: 'curve', expectedOut: (amountIn * out) / small }
}

function priceById({ tokenIn, tokenOut, amountIn, id }: Exchange, answers: readonly ProbeAnswer[]): Priced | null {
  if (tokenIn === null) {
    const root = (asNumber(answers[0]) ?? 0n) & (2n ** 160n - 1n)
    return root === 0n ? null : { kind: 'uniswap-v4', expectedOut: atRoot(amountIn, root, isZeroIn(id)) }
  }
  // getPoolTokens: offsets of two lists, a block; then the lists.
  const [tokens, balances] = [listOf(answers[0], 0), listOf(answers[0], 1)]
  const weights = listOf(answers[1], 0)
  const at = (token: Address.Address | null): number => tokens.indexOf(BigInt(token ?? 0))
  const [i, j] = [at(tokenIn), at(tokenOut)]
  const [ownBalance, otherBalance, ownWeight, otherWeight] = [balances[i], balances[j], weights[i], weights[j]]
  if (ownBalance === undefined || otherBalance === undefined || ownWeight === undefined || otherWeight === undefined)
    return null
  if (ownBalance === 0n || otherWeight === 0n) return null
  // Balancer's white paper, "Spot Price": (balance out / weight out) / (balance in / weight in).
  return { kind: 'balancer-weighted', expectedOut: (amountIn * otherBalance * ownWeight) / (ownBalance * otherWeight) }
}

/** What an amount is worth at a √price of token 1 in token 0. */
function atRoot(amountIn: bigint, root: bigint, isZeroIn: boolean): bigint {
  return isZeroIn ? (((amountIn * root) / Q96) * root) / Q96 : (((amountIn * Q96) / root) * Q96) / root
}

/**
 * How much less arrived than the pools' own prices before the run promised, in millionths; their fees are part of it. A split
 * over several pools counts by amounts, one pool after another multiplies. 0 when nothing was lost.
 */
export function lostPpm(trades: readonly PoolTrade[]): bigint {
  // Pools that take the same token stand side by side; different tokens come one after another.
  const layers = Map.groupBy(trades, ({ tokenIn, pool, amountIn }) => tokenIn ?? `${pool}|${amountIn}`)
  let kept = 1_000_000n
  for (const layer of layers.values()) {
    const whole = layer.reduce((sum, { amountIn }) => sum + amountIn, 0n)
    if (whole === 0n) continue
    const part = layer.reduce((sum, { amountIn, amountOut, expectedOut }) => {
      const ratio = (1_000_000n * amountOut) / expectedOut
      return sum + (ratio < 1_000_000n ? ratio : 1_000_000n) * amountIn
    }, 0n)
    kept = (kept * (part / whole)) / 1_000_000n
  }
  return 1_000_000n - kept
}

function listOf(answer: ProbeAnswer | undefined, at: number): bigint[] {
  const offset = asNumber(answer, at)
  if (offset === null || offset % 32n !== 0n || offset > 4_096n) return []
  const start = Number(offset / 32n)
  const length = Number(asNumber(answer, start) ?? 0n)
  return Array.from({ length: Math.min(length, 16) }, (_, i) => asNumber(answer, start + 1 + i) ?? 0n)
}

function addressOf(answer: ProbeAnswer | undefined): string | null {
  const word = asNumber(answer)
  return word === null || word === 0n || word >= 2n ** 160n ? null : `0x${word.toString(16).padStart(40, '0')}`
}

function tail(topic: Hex.Hex): Address.Address {
  return `0x${topic.slice(-40)}` as Address.Address
}

function hex(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}

/** A pool's id with the direction of the trade behind it. */
function directed(id: Hex.Hex, isZeroIn: boolean): Hex.Hex {
  return `${id}${isZeroIn ? '00' : '01'}`
}
function undirected(id: Hex.Hex): Hex.Hex {
  return id.slice(0, 66) as Hex.Hex
}
function isZeroIn(id: Hex.Hex | null): boolean {
  return id?.slice(66) !== '01'
}
