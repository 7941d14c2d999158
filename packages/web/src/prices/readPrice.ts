import { addressWord, wordOf } from '../rpc.ts'
import { ORACLE_CHAINS } from './OracleChains.ts'

/** What one unit of a token is worth, in dollars with eight decimals, and when the feed said so. */
export interface Price {
  readonly usd: bigint
  readonly atS: number
}

/** Decimals of every price here. */
export const PRICE_DECIMALS = 8

/** A feed of dollars moves at least once a day; what is older than that and an hour stands still. */
const MAX_AGE_S = 25 * 3_600
/** How far a feed may be ahead of this machine's clock. */
const MAX_AHEAD_S = 300

/** The first four bytes of the digest of each signature; a test holds them against it. */
export const SELECTORS = {
  'getAssetPrice(address)': '0xb3596f07',
  'getSourceOfAsset(address)': '0x92bf2be0',
  'BASE_CURRENCY()': '0xe19f4700',
  'BASE_CURRENCY_UNIT()': '0x8c89b64f',
  'latestRoundData()': '0xfeaf968c',
  'decimals()': '0x313ce567',
} as const

/** Asks a contract at the newest block; null for an error of any kind. */
export type Call = (to: string, data: string) => Promise<unknown>

/**
 * The price of a token, or of the coin where `token` is null. Null where there is none that can be relied on: no oracle on this
 * chain, a token that it does not know, another unit than dollars, or a feed whose age is not known or too great.
 */
export async function readPrice(
  call: Call,
  { chainId, token, nowS }: { readonly chainId: number; readonly token: string | null; readonly nowS: number },
): Promise<Price | null> {
  const chain = ORACLE_CHAINS[chainId]
  if (chain === undefined) return null
  const asset = addressWord(token ?? chain.wrapped)
  const ask = async (to: string, name: keyof typeof SELECTORS, words = ''): Promise<unknown> =>
    call(to, SELECTORS[name] + words)
  const [unit, base, price, source] = await Promise.all([
    ask(chain.oracle, 'BASE_CURRENCY_UNIT()').then(wordOf),
    ask(chain.oracle, 'BASE_CURRENCY()').then(wordOf),
    ask(chain.oracle, 'getAssetPrice(address)', asset).then(wordOf),
    ask(chain.oracle, 'getSourceOfAsset(address)', asset).then(wordOf),
  ])
  // No base currency, and a unit of eight decimals: dollars.
  if (unit !== 10n ** BigInt(PRICE_DECIMALS) || base !== 0n) return null
  if (price === null || price <= 0n || source === null || source === 0n) return null
  const feed = `0x${source.toString(16).padStart(40, '0')}`
  const [round, decimals] = await Promise.all([ask(feed, 'latestRoundData()'), ask(feed, 'decimals()').then(wordOf)])
  const words = wordsOf(round)
  const [, answer, , updatedAt] = words
  // The age is that of the feed's answer, so it says something only of the price that is this answer.
  if (words.length !== 5 || decimals !== BigInt(PRICE_DECIMALS) || answer !== price || updatedAt === undefined)
    return null
  const atS = Number(updatedAt)
  return atS < nowS - MAX_AGE_S || atS > nowS + MAX_AHEAD_S ? null : { usd: price, atS }
}

/** An amount in dollars, in cents: what leaves is rounded up and what arrives down, so that rounding flatters nothing. */
export function cents(amount: bigint, decimals: number, { usd }: Price, rounding: 'up' | 'down'): bigint {
  const scale = 10n ** BigInt(decimals + PRICE_DECIMALS - 2)
  const scaled = (amount < 0n ? -amount : amount) * usd
  return rounding === 'up' ? (scaled + scale - 1n) / scale : scaled / scale
}

function wordsOf(answer: unknown): readonly bigint[] {
  if (typeof answer !== 'string' || !/^0x(?:[0-9a-f]{64})+$/i.test(answer)) return []
  return (answer.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`))
}
