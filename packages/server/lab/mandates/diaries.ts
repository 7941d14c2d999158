import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import type { Effect, Moves } from '../../src/mandates/decide/Moves.ts'
import type { Past } from '../../src/mandates/history/replay.ts'
import { OWNER, pick, type Random } from './randomPolicies.ts'
import { VOCABULARY } from './samples.ts'

const USDC = VOCABULARY.token(1, 'USDC')?.address as Address.Address
const WETH = VOCABULARY.token(1, 'WETH')?.address as Address.Address
const ROUTER = Address.parse('0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D')
const SWAP = parseAbi([
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
])
const HOUR_MS = 3_600_000

const effect = (more: Partial<Effect> & Pick<Effect, 'kind'>): Effect => ({
  ...{ step: 1, chainId: 1, asset: null, token: null, isNative: false, counterparty: null, contract: USDC },
  ...{ selector: null, amount: null, isUnlimited: false, decimals: null, grade: null, because: '', detail: null },
  ...{ isExact: false },
  ...more,
})

const base: Omit<Moves, 'steps' | 'effects' | 'totals' | 'arrivals'> = {
  ...{ chainId: 1, owner: OWNER, feeWei: 10n ** 15n, document: null, tool: null, verdict: 'allow', findings: [] },
  ...{ unreadable: [], isEnforced: false },
}

/** A payment of USDC. */
export function payment(to: Address.Address, amount: bigint): Moves {
  const data = encodeFunctionData({
    abi: parseAbi(['function transfer(address to, uint256 amount)']),
    args: [to, amount],
  })
  const asset = { token: USDC, isNative: false, amount, decimals: 6 }
  return {
    ...base,
    steps: [{ step: 1, to: USDC, data, value: 0n, isSingle: true, arrives: [], leaves: [asset] }],
    effects: [
      effect({ kind: 'call', counterparty: USDC, selector: data.slice(0, 10) as Hex.Hex }),
      effect({ kind: 'outflow', asset: 'USDC', token: USDC, counterparty: to, amount, decimals: 6, grade: 'proven' }),
    ],
    totals: [{ ...asset, isUnlimited: false, grade: 'proven' }],
    arrivals: [],
  }
}

/** A swap of USDC through an exact allowance, to somebody. */
export function swap(amount: bigint, to: Address.Address = OWNER): Moves {
  const data = encodeFunctionData({ abi: SWAP, args: [amount, 1n, [USDC, WETH], to, 2_000_000_000n] })
  const asset = { token: USDC, isNative: false, amount, decimals: 6 }
  const selector = data.slice(0, 10) as Hex.Hex
  const back = Address.isEqual(to, OWNER) ? [{ token: WETH, isNative: false, amount: 1n, decimals: 18 }] : []
  return {
    ...base,
    steps: [{ step: 1, to: ROUTER, data, value: 0n, isSingle: false, arrives: back, leaves: [asset] }],
    effects: [
      effect({ kind: 'call', counterparty: ROUTER, contract: ROUTER, selector }),
      effect({
        ...{ kind: 'outflow', asset: 'USDC', token: USDC, counterparty: ROUTER, contract: ROUTER, selector },
        ...{ amount, decimals: 6, grade: 'proven' },
      }),
    ],
    totals: [{ ...asset, isUnlimited: false, grade: 'proven' }],
    arrivals: back,
  }
}

export const past = (moves: Moves, atMs: number, i: number): Past => ({
  ...{ proposal: `prop_${i}`, atMs, moves, stepUp: [], was: 'ask' },
  asker: { door: 'guard', key: null, skill: null, session: null },
})

export const someAddress = (random: Random): Address.Address =>
  Address.parse(`0x${Array.from({ length: 40 }, () => Math.floor(random() * 16).toString(16)).join('')}`)

/** What one owner does over months: the same few payees, swaps, and now and then somebody new. */
export function diaryOf(random: Random, count = 200): readonly Past[] {
  const payees = Array.from({ length: 2 + Math.floor(random() * 5) }, () => ({
    to: someAddress(random),
    usual: 10 + Math.floor(random() * 400),
  }))
  const news = 0.01 + random() * 0.06
  const swaps = random() * 0.5
  let atMs = 1_780_000_000_000
  return Array.from({ length: count }, (_each, i) => {
    atMs += Math.floor(random() * 12 * HOUR_MS)
    const units = (usual: number): bigint => BigInt(Math.round(usual * (0.6 + random() * 0.6) * 1_000_000))
    if (random() < news) return past(payment(someAddress(random), units(100)), atMs, i)
    if (random() < swaps) return past(swap(units(200)), atMs, i)
    const { to, usual } = pick(random, payees)
    return past(payment(to, units(usual)), atMs, i)
  })
}
