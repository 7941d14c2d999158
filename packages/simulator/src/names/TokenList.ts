import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import type { KnownAddress } from '../model/KnownAddress.ts'
import { skeletonOf } from './Skeleton.ts'

/** A token that people mean when they say its symbol. */
export interface CanonicalToken {
  readonly address: Address.Address
  readonly symbol: string
  readonly name: string
}

interface ChainList {
  readonly addresses: ReadonlySet<string>
  readonly bySkeleton: ReadonlyMap<string, readonly CanonicalToken[]>
}

let parsed: { readonly chains: Readonly<Record<string, readonly (readonly [string, string, string])[]>> } | null = null
const lists = new Map<number, ChainList>()

/** The chain's list, read when first asked for and indexed once: about 2 ms, then a look-up. */
function listOf(chainId: number): ChainList {
  const known = lists.get(chainId)
  if (known !== undefined) return known
  parsed ??= JSON.parse(readFileSync(join(import.meta.dirname, 'data/tokens.json'), 'utf8')) as NonNullable<
    typeof parsed
  >
  const list = index(
    (parsed.chains[chainId] ?? []).map(([address, symbol, name]) => ({
      address: address as Address.Address,
      symbol,
      name,
    })),
  )
  lists.set(chainId, list)
  return list
}

function index(tokens: readonly CanonicalToken[]): ChainList {
  const bySkeleton = new Map<string, CanonicalToken[]>()
  for (const token of tokens) {
    for (const skeleton of new Set([skeletonOf(token.symbol), skeletonOf(token.name)])) {
      if (skeleton === '') continue
      const same = bySkeleton.get(skeleton)
      if (same === undefined) bySkeleton.set(skeleton, [token])
      else same.push(token)
    }
  }
  return { addresses: new Set(tokens.map(({ address }) => address.toLowerCase())), bySkeleton }
}

/** How many canonical tokens are known on a chain; 0 where the caller's own are all there are. */
export function listSize(chainId: number): number {
  return listOf(chainId).addresses.size
}

/** Whether the chain's list has the contract: it is what it says it is. */
export function isCanonical(chainId: number, address: Address.Address): boolean {
  return listOf(chainId).addresses.has(address.toLowerCase())
}

/**
 * The tokens that a symbol could be taken for, by what it looks like: the caller's own first, then the chain's list.
 * `coin`: it passes for the chain's own coin, which is no token at all.
 *
 * @param of.coins - What people call the chain's coin.
 */
export function lookalikesOf(
  symbol: string,
  { chainId, known, coins }: { chainId: number; known: readonly KnownAddress[]; coins: readonly string[] },
): { readonly tokens: readonly CanonicalToken[]; readonly coin: string | null } {
  const skeleton = skeletonOf(symbol)
  if (skeleton === '') return { tokens: [], coin: null }
  const vouched = known.flatMap((entry): CanonicalToken[] =>
    entry.kind === 'token' && (skeletonOf(entry.symbol ?? '') === skeleton || skeletonOf(entry.name) === skeleton)
      ? [{ address: entry.address, symbol: entry.symbol ?? entry.name, name: entry.name }]
      : [],
  )
  return {
    tokens: [...vouched, ...(listOf(chainId).bySkeleton.get(skeleton) ?? [])],
    coin: coins.find((coin) => skeletonOf(coin) === skeleton) ?? null,
  }
}
