import type { Address, Hex } from '@countersign/base'
import type { KnownAddress } from '../model/KnownAddress.ts'
import { DOLLARS, UNNAMED, type Coin } from '../model/Coin.ts'

/** Which EVM may judge a chain: one that runs here, or the chain's own node. `null`: nobody said. */
export type EngineKind = 'local' | 'node' | 'not-modelled' | null
/** What a local run adds to Ethereum's rules. */
export type Profile = 'ethereum' | 'op' | 'scroll' | 'linea'

/** Where a fact stands: the shipped record, the operator's file, or the list of names made from viem. */
export interface Place {
  readonly source: 'shipped' | 'file' | 'names'
  readonly file: string
  /** Counted from 1. */
  readonly line: number
}

export interface Token {
  readonly symbol: string
  readonly address: Address.Address
  readonly decimals: number
  /** The symbol where nobody gave a name. */
  readonly name: string
  /** The one that people mean by the symbol. At most one a symbol; a symbol without one is ambiguous. */
  readonly isCanonical: boolean
  /** What one is counted as, in US dollars. */
  readonly usd: number | null
  readonly at: Place
}

export interface Contract {
  readonly name: string
  readonly address: Address.Address
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact'
  /** keccak256 of the runtime code. */
  readonly codeHash: Hex.Hex | null
  readonly at: Place
}

export interface Exchange {
  readonly kind: 'uniswap-v2' | 'uniswap-v3'
  readonly router: Address.Address
  readonly factory: Address.Address | null
  readonly quoter: Address.Address | null
  readonly quoterAbi: 'v1' | 'v2' | null
  /** Pool fees in hundredths of a basis point, in the order in which they are tried. */
  readonly fees: readonly number[]
  readonly at: Place
}

export interface Prices {
  readonly order: readonly ('pool' | 'oracle' | 'tool')[]
  readonly oracle: { readonly kind: 'aave-v3'; readonly address: Address.Address; readonly maxAgeMs: number } | null
  readonly tool: { readonly name: string; readonly maxAgeMs: number } | null
}

export interface ProbePlan {
  readonly blocks: number
  readonly transactions: number
  readonly everyMs: number
  readonly isStrict: boolean
}

/**
 * What is known of one chain: the shipped record (`data/<id>.yaml`), what the operator's file of the same shape adds or
 * narrows, and for chains without a record the name and coin that viem gives. The key of every fact is (chain id,
 * address): the same address is another contract on another chain.
 */
export interface Chain {
  readonly id: number
  readonly name: string
  /** `null`: the chain has no coin of its own, and fees are paid in a token. */
  readonly coin: (Coin & { readonly wrapped: Address.Address | null; readonly isNamed: boolean }) | null
  /** Environment variables that hold its RPC URLs, beside `COUNTERSIGN_RPC_<id>`. */
  readonly rpcEnv: readonly string[]
  /** Without a slash at its end: `{explorer}/tx/{hash}`, `{explorer}/address/{a}`. */
  readonly explorer: string | null
  readonly engine: {
    readonly kind: EngineKind
    readonly profile: Profile | null
    /** The mildest verdict that a run by the node may have; null: by what the node gave. */
    readonly accept: 'warn' | 'block' | null
    /** Why no EVM that runs here models it; null where one does, or nobody knows. */
    readonly why: string | null
  }
  /** What the data costs on the layer below: the contract that says so. */
  readonly l1Fee: { readonly oracle: Address.Address; readonly call: 'getL1Fee' } | null
  /** Whether state changes outside transactions: then no cache is rolled forward by tracing the block. */
  readonly isChangedOutside: boolean
  readonly blocks: { readonly seconds: number | null; readonly finalAfter: number }
  readonly tokens: readonly Token[]
  readonly contracts: readonly Contract[]
  readonly exchanges: readonly Exchange[]
  readonly prices: Prices
  readonly probe: ProbePlan
  /** Who speaks of the chain: `file` as soon as the operator's does; null where no record does. */
  readonly record: 'shipped' | 'file' | null
  /** Where the facts that are no list stand, by their key in the file. */
  readonly places: Readonly<Record<string, Place>>
}

/** The coin that amounts and fees are written in. A chain without one has its fees in dollars. */
export function coinOf({ coin }: Pick<Chain, 'coin'>): Coin {
  return coin ?? DOLLARS
}

/** Other names that people give a coin, which a token must not pass itself off with. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  ETH: ['ETHER', 'Ethereum'],
  POL: ['MATIC'],
  xDAI: ['XDAI'],
}

/** What people call the coin; none where it is not known. */
export function coinNames({ coin }: Pick<Chain, 'coin'>): readonly string[] {
  return coin === null || !coin.isNamed ? [] : [coin.symbol, ...(ALSO[coin.symbol] ?? [])]
}

/** Whether people call a coin so: by its symbol or by another name of it, without case. */
export function isCalled(symbol: string, name: string): boolean {
  return [symbol, ...(ALSO[symbol] ?? [])].some((each) => each.toLowerCase() === name.toLowerCase())
}

/** The token that a symbol means, or the several that it could mean. Symbols are compared without case. */
export function tokenBySymbol(
  { tokens }: Pick<Chain, 'tokens'>,
  symbol: string,
): { readonly token: Token } | { readonly ambiguous: readonly Token[] } | null {
  const wanted = symbol.toLowerCase()
  const same = tokens.filter((token) => token.symbol.toLowerCase() === wanted)
  const canonical = same.filter((token) => token.isCanonical)
  if (canonical.length === 1 && canonical[0] !== undefined) return { token: canonical[0] }
  return same.length === 0 ? null : { ambiguous: same }
}

/** Where people look a transaction up; null without an explorer. */
export function txUrl({ explorer }: Pick<Chain, 'explorer'>, hash: Hex.Hex): string | null {
  return explorer === null ? null : `${explorer}/tx/${hash}`
}

/** Whether tracing a block tells all state that it changed. */
export function isBlockDiffComplete({ isChangedOutside }: Pick<Chain, 'isChangedOutside'>): boolean {
  return !isChangedOutside
}

/** What is usual where a file does not say. */
export const DEFAULT_PROBE: ProbePlan = { blocks: 3, transactions: 20, everyMs: 24 * 3_600_000, isStrict: true }

/** What the record of a chain vouches for: its tokens and contracts, as every door counts them. */
export function vouched({
  tokens,
  contracts,
}: {
  readonly tokens: readonly Pick<Token, 'address' | 'name' | 'symbol' | 'decimals'>[]
  readonly contracts: readonly Pick<Contract, 'address' | 'name' | 'kind'>[]
}): KnownAddress[] {
  return [
    ...tokens.map(({ address, name, symbol, decimals }): KnownAddress => ({
      address,
      name,
      kind: 'token',
      symbol,
      decimals,
    })),
    ...contracts.map(({ address, name, kind }): KnownAddress => ({ address, name, kind })),
  ]
}

/** A chain of which nobody said anything. */
export function unknown(id: number): Chain {
  return {
    id,
    name: `Chain ${id}`,
    coin: { ...UNNAMED, wrapped: null, isNamed: false },
    rpcEnv: [],
    explorer: null,
    engine: { kind: null, profile: null, accept: null, why: null },
    l1Fee: null,
    isChangedOutside: true,
    blocks: { seconds: null, finalAfter: 12 },
    tokens: [],
    contracts: [],
    exchanges: [],
    prices: { order: ['pool', 'oracle', 'tool'], oracle: null, tool: null },
    probe: DEFAULT_PROBE,
    record: null,
    places: {},
  }
}
