import { Wei } from '@countersign/base'
import type { Outcome, Comparison } from '../model/Outcome.ts'
import { said } from '../decode/safeText.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { TokenChange } from '../model/TokenChange.ts'

/** A twentieth: below it is a moving price or interest. */
const MATERIAL_SHARE = 20n

/**
 * Compares `other` with `expected`. Collections count by tokens held, since which id is drawn may be honest chance.
 *
 * @param builders - Who builds the two blocks: a payment to the builder goes to another one each time. Lower case.
 */
export function compare(
  expected: Outcome,
  other: Outcome,
  builders: ReadonlySet<string> = new Set<string>(),
): Comparison {
  if (expected.failedStep !== other.failedStep) {
    return {
      relation: other.failedStep === null ? 'mixed' : 'fails',
      lossBps: 0,
      hasExtraGain: other.failedStep === null && other.changes.some((change) => change.delta > 0n),
      ...{ saved: [], lost: [] },
      differs: [
        other.failedStep === null
          ? 'it would not fail'
          : `step ${other.failedStep} would fail: ${other.reason === null ? 'no reason given' : said(other.reason)}`,
      ],
    }
  }
  const differs: string[] = []
  let isBetter = false
  let lossBps = 0
  let hasExtraGain = false
  const saved: { token: string | null; amount: bigint }[] = []
  const lost: { token: string | null; amount: bigint }[] = []
  const was = deltas(expected.changes)
  const is = deltas(other.changes)
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const before = was.get(key)?.delta ?? 0n
    const after = is.get(key)?.delta ?? 0n
    if (before === after) continue
    const { label, decimals } = was.get(key) ?? is.get(key) ?? { label: key, decimals: 0 }
    const [now, then] = [after, before].map((amount) => Wei.format(amount, decimals))
    differs.push(`token_changes: ${label}: ${now} instead of ${then}`)
    if (after > before) {
      isBetter = true
      if (after > 0n && before * 2n < after) hasExtraGain = true
      if (before < 0n && (after - before) * MATERIAL_SHARE >= -before)
        saved.push({ token: key === 'native' ? null : key, amount: after - before })
    } else {
      lost.push({ token: key === 'native' ? null : key, amount: before - after })
      const size = max(abs(before), abs(after))
      lossBps = Math.max(lossBps, Number(((before - after) * 10_000n) / size))
    }
  }
  const grantsWere = grants(expected.authority)
  const grantsAre = grants(other.authority)
  for (const [key, change] of grantsAre) {
    const before = grantsWere.get(key)?.after ?? change.before
    if (change.after === before) continue
    differs.push(`authority_changes: ${change.kind} for ${change.subject}: ${change.after} instead of ${before}`)
    if (change.after > before) lossBps = 10_000
    else isBetter = true
  }
  for (const [key, change] of grantsWere) {
    if (grantsAre.has(key)) continue
    differs.push(`authority_changes: ${change.kind} for ${change.subject} does not change`)
    if (change.after > change.before) isBetter = true
    else lossBps = 10_000
  }
  for (const difference of divertedTo(expected, other, builders)) {
    differs.push(`token_changes: ${difference}`)
    lossBps = 10_000
  }
  const isWorse = lossBps > 0
  const relation = differs.length === 0 ? 'same' : isWorse && isBetter ? 'mixed' : isWorse ? 'worse' : 'better'
  return { relation, lossBps, hasExtraGain, saved, lost, differs }
}

/** What the user pays arrives at somebody else. */
function divertedTo(expected: Outcome, other: Outcome, builders: ReadonlySet<string>): string[] {
  const gains = ({ everybody, changes }: Outcome): Map<string, Map<string, bigint>> => {
    const paid = new Set(changes.flatMap((change) => (change.delta < 0n ? [assetOf(change)] : [])))
    const found = new Map<string, Map<string, bigint>>()
    for (const change of everybody) {
      const asset = assetOf(change)
      if (change.delta <= 0n || !paid.has(asset) || builders.has(change.account.toLowerCase())) continue
      const accounts = found.get(asset) ?? new Map<string, bigint>()
      accounts.set(change.account, (accounts.get(change.account) ?? 0n) + change.delta)
      found.set(asset, accounts)
    }
    return found
  }
  const [was, is] = [gains(expected), gains(other)]
  return [...is].flatMap(([asset, accounts]) => {
    const before = was.get(asset)
    if (before === undefined) return []
    const [most] = [...before].sort(([, a], [, b]) => (a < b ? 1 : -1))
    if (most === undefined || 2n * (accounts.get(most[0]) ?? 0n) >= most[1]) return []
    const instead = [...accounts].find(([account, gain]) => !before.has(account) && 2n * gain > most[1])
    return instead === undefined ? [] : [`${instead[0]} receives ${instead[1]}, and ${most[0]} does not`]
  })
}

function assetOf(change: TokenChange): string {
  return `${change.token ?? 'native'}${change.standard === 'erc1155' ? `|${change.tokenId ?? ''}` : ''}`
}

interface Delta {
  readonly delta: bigint
  readonly label: string
  /** 0 where the token says nothing. */
  readonly decimals: number
}

function deltas(changes: readonly TokenChange[]): Map<string, Delta> {
  const found = new Map<string, Delta>()
  for (const change of changes) {
    const key = assetOf(change)
    // What the chain's coin is called is from its record; what a token calls itself is quoted.
    const own = change.token === null ? (change.symbol ?? 'coin') : change.token
    const label = change.symbol === null || change.token === null ? own : said(change.symbol)
    const delta = (found.get(key)?.delta ?? 0n) + change.delta
    found.set(key, { delta, label, decimals: change.decimals ?? 0 })
  }
  return found
}

function grants(changes: readonly AuthorityChange[]): Map<string, AuthorityChange> {
  return new Map(
    changes.map((change) => [`${change.kind}|${change.contract}|${change.owner}|${change.subject}`, change]),
  )
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
