import * as Amount from './policy/Amount.ts'
import type { PriceSource, Pricing } from './policy/Policy.ts'
import type { Price, Prices } from './decide/Situation.ts'

/** Asks a tool of the app for a price; null where it has none. The server calls it itself, never a turn. */
export type AskPrice = (source: PriceSource, symbol: string) => Promise<unknown>

/** What has a price: an asset by its key in the decision, and its symbol. */
export interface Priced {
  readonly key: string
  readonly symbol: string
}

/**
 * The dearest and the cheapest price of each asset. An asset is left out where a source gives no price, a stale one, or one
 * further from another than the spread: then it cannot be evaluated.
 */
export async function askPrices(
  ask: AskPrice,
  { pricing, assets, nowMs }: { pricing: Pricing; assets: readonly Priced[]; nowMs: number },
): Promise<Prices> {
  const found = await Promise.all(
    assets.map(async ({ key, symbol }): Promise<[string, Price] | null> => {
      const answers = await Promise.all(
        pricing.sources.map(async (source) =>
          priceIn(await ask(source, symbol), { source, nowMs, maxAgeMs: pricing.maxAgeMs }),
        ),
      )
      const price = agreed(answers, pricing.spreadBps)
      return price === null ? null : [key, price]
    }),
  )
  return new Map(found.filter((each) => each !== null))
}

/** The price in an answer as plain decimals; null where there is none, or it is too old. */
function priceIn(
  body: unknown,
  { source, nowMs, maxAgeMs }: { source: PriceSource; nowMs: number; maxAgeMs: number },
): string | null {
  const value = valueAt(body, source.value)
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || (Amount.parse(text, 18) ?? 0n) === 0n) return null
  if (source.asOf === null) return text
  const atMs = timeOf(valueAt(body, source.asOf))
  // A time to come is no time of a price.
  return atMs !== null && nowMs - atMs <= maxAgeMs && atMs - nowMs <= maxAgeMs ? text : null
}

/** ISO 8601, or seconds or milliseconds since 1970. */
function timeOf(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value < 1e11 ? value * 1_000 : value
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? null : parsed
}

function agreed(answers: readonly (string | null)[], spreadBps: number): Price | null {
  const prices = answers.flatMap((answer) => (answer === null ? [] : [answer])).toSorted(Amount.compare)
  const [low, high] = [prices[0], prices.at(-1)]
  if (low === undefined || high === undefined || prices.length < answers.length) return null
  const [least, most] = [Amount.parse(low, 18) ?? 0n, Amount.parse(high, 18) ?? 0n]
  return (most - least) * 10_000n > least * BigInt(spreadBps) ? null : { high, low }
}

/** The input of a price tool: the symbol at the place that the source names. */
export function priceInput({ argument }: PriceSource, symbol: string): Readonly<Record<string, unknown>> {
  const parts = argument.split('/').slice(1).map(unescaped)
  return parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), symbol) as Readonly<Record<string, unknown>>
}

function valueAt(body: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map(unescaped)
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined,
      body,
    )
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
