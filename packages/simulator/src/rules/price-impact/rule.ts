import { lostPpm } from '../../effects/PoolTrade.ts'
import { coinOf } from '../../chain/Chain.ts'
import type { Finding } from '../../model/Finding.ts'
import { finding, nameOf, type Rule, type RuleContext } from '../Rule.ts'

const PERCENT = 10_000n
/** In millionths. An ordinary pool's fee is 0.01 to 1 %; what a trade loses beyond is its own size. */
const LEVELS: readonly (readonly [ppm: bigint, level: Finding['level']])[] = [
  [20n * PERCENT, 'block'],
  [5n * PERCENT, 'warn'],
  [1n * PERCENT, 'info'],
]

/** The trade is too large for the pool: what arrives is worth less than the price before it. */
export const rule: Rule = {
  name: 'price-impact',
  remediation: 'Trade less, or use a pool with more depth.',
  about:
    'What arrives is less than the pools’ own price before the trade would give: the trade moves the price against itself, or the pool is thin.',
  levels: 'block from 20 %, or warn where the intent names a minimum that holds; warn from 5 %; a note from 1 %',
  check(context) {
    const rate = unwrapLossPpm(context)
    const lost = max(lostPpm(context.trades), rate)
    const level = LEVELS.find(([ppm]) => lost >= ppm)?.[1]
    if (level === undefined) return []
    const [worst] = context.trades.toSorted((a, b) => (lossOf(a) < lossOf(b) ? 1 : -1))
    return [
      finding(
        'price-impact',
        level === 'block' && isMeant(context) ? 'warn' : level,
        'You lose to the price',
        `What arrives is ${percent(lost)} % less than the price of the pool${context.trades.length === 1 ? '' : 's'} before this trade, fees included${worst === undefined ? '' : `; most of it is lost at ${nameOf(context, worst.pool)}`}. A smaller amount, or another place to trade, loses less.`,
        {
          subject: worst?.pool ?? null,
          evidence: {
            lost_ppm: lost.toString(),
            trades: context.trades.map(({ pool, amountIn, amountOut, expectedOut }) => ({
              pool,
              in: amountIn.toString(),
              out: amountOut.toString(),
              at_price_before: expectedOut.toString(),
            })),
          },
        },
      ),
    ]
  },
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** The coin against its wrapped form, which any contract can exchange for nothing: what is kept on the way. */
function unwrapLossPpm({ chain, tokenChanges, mine, known }: RuleContext): bigint {
  const own = tokenChanges.filter(({ account, delta }) => mine.has(account) && delta !== 0n)
  const [one, two] = own
  if (one === undefined || two === undefined || own.length !== 2) return 0n
  const [gives, gets] = one.delta < 0n ? [one, two] : [two, one]
  const wrapped = [one, two].flatMap(({ token }) => token ?? [])
  const symbol = `W${coinOf(chain).symbol}`
  const isWrapped = (token: (typeof wrapped)[number]) =>
    chain.coin?.wrapped === token || known(token)?.symbol === symbol
  if (wrapped.length !== 1 || !wrapped.every(isWrapped) || gives.delta >= 0n || gets.delta <= 0n) return 0n
  const lost = -gives.delta - gets.delta
  return lost <= 0n ? 0n : (lost * 1_000_000n) / -gives.delta
}

/** Somebody accountable named the least that has to arrive, and it does. */
function isMeant({ intent }: Pick<RuleContext, 'intent'>): boolean {
  return (intent?.assertions ?? []).some(({ name, holds }) => holds && (name === 'min_price' || name === 'min_inflow'))
}

function lossOf({ amountOut, expectedOut }: RuleContext['trades'][number]): bigint {
  return ((expectedOut - amountOut) * 1_000_000n) / expectedOut
}

function percent(ppm: bigint): string {
  const tenths = (ppm + 500n) / 1_000n
  return `${tenths / 10n}.${tenths % 10n}`
}
