import { said } from '../decode/safeText.ts'
import type { Report } from '../model/Report.ts'
import type { Bound, BoundOutcome } from '../model/Bound.ts'
import { outcomeOf } from './Receipt.ts'

/** Why a decision no longer stands, as code reads it; the sentence beside it is for people. */
export type DriftKind =
  /** The receipt is not there, or not of this card. */
  | 'receipt'
  /** The sender's account has sent something else. */
  | 'nonce'
  /** The network fee is more than was shown, or than the caps allow. */
  | 'fee'
  /** More leaves, or less arrives. */
  | 'assets'
  | 'authority'
  | 'code'
  | 'warning'
  | 'environment'
  /** Simulated now, it is blocked. */
  | 'blocked'

/** One thing that got worse for the user. */
export interface Drift {
  readonly kind: DriftKind
  readonly because: string
}

/** Powers that are spent by being used. */
const SPENT: ReadonlySet<string> = new Set(['erc20_allowance', 'permit2_allowance'])

type Change = BoundOutcome['token_changes'][number]

/**
 * What got worse for the user between what a receipt binds and a report made now, and what changed harmlessly. Other
 * people's balances may move freely; the user's own may not get worse: nothing more may leave, at most
 * `inflowToleranceBps` less may arrive, no authority may differ, no other code may run, and no warning may be new.
 *
 * @param isPartial - The first steps are on chain, and the report is of the rest: what already happened is not missed.
 */
export function between(
  bound: Bound,
  report: Report,
  { inflowToleranceBps, isPartial }: { inflowToleranceBps: number; isPartial: boolean },
): { readonly worse: Drift[]; readonly notes: string[] } {
  const now = outcomeOf(report)
  const worse: Drift[] = []
  const notes: string[] = []
  const add = (kind: DriftKind, because: string): void => void worse.push({ kind, because })

  const was = deltas(bound.outcome.token_changes)
  const is = deltas(now.token_changes)
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const before = was.get(key)?.delta ?? 0n
    const after = is.get(key)?.delta ?? 0n
    if (before === after) continue
    const line = `token_changes: ${was.get(key)?.label ?? is.get(key)?.label ?? key}: ${after} instead of ${before}`
    const isTolerated = before > 0n && after * 10_000n >= before * BigInt(10_000 - inflowToleranceBps)
    if (after > before || isTolerated) notes.push(line)
    else add('assets', line)
  }

  const grantsWere = new Map(bound.outcome.authority_changes.map((each) => [grantOf(each), each]))
  const grantsAre = new Map(now.authority_changes.map((each) => [grantOf(each), each]))
  for (const [key, grant] of grantsAre) {
    const before = grantsWere.get(key)
    const words = `${grant.kind} for ${grant.subject} at ${grant.contract}`
    const line = `authority_changes: ${words}: ${grant.after} instead of ${before?.after ?? grant.before}`
    // What an earlier step gave is used up by the rest: over the whole batch it did not change at all.
    const isUsedUp =
      isPartial && before === undefined && SPENT.has(grant.kind) && BigInt(grant.after) < BigInt(grant.before)
    if (isUsedUp) notes.push(line)
    else if (before?.after !== grant.after) add('authority', line)
    if (before === undefined || before.expires === null) continue
    if (grant.expires === null || Date.parse(grant.expires) > Date.parse(before.expires))
      add(
        'authority',
        `${grant.kind} for ${grant.subject} lasts until ${grant.expires ?? 'revoked'}, not ${before.expires}`,
      )
  }
  for (const [key, grant] of grantsWere) {
    if (grantsAre.has(key) || isPartial) continue
    add('authority', `authority_changes: ${grant.kind} for ${grant.subject} does not change`)
  }

  const codes = new Map(bound.outcome.contracts.map((each) => [each.address, each.code_hash]))
  for (const { address, code_hash } of now.contracts) {
    const before = codes.get(address)
    if (before === undefined) add('code', `another contract is called: ${address}`)
    else if (before !== code_hash) add('code', `the code at ${address} changed`)
  }
  const warned = new Set(bound.outcome.warnings)
  for (const finding of report.findings) {
    if (finding.level === 'warn' && !warned.has(`${finding.rule}|${finding.subject ?? ''}`))
      add('warning', `${finding.title}: ${finding.because}`)
  }
  const agreed = new Set(bound.environments.filter(({ agrees }) => agrees).map(({ name }) => name))
  for (const { name, agrees, differs } of report.environments) {
    if (!agrees && agreed.has(name))
      add('environment', `its outcome now depends on the block (${name}): ${differs.join('; ')}`)
  }
  const max = BigInt(bound.outcome.max_fee_wei)
  if (report.gasEstimate.expectedFeeWei > max)
    add('fee', `the network fee may be ${report.gasEstimate.expectedFeeWei} wei now; at most ${max} wei was shown`)
  return { worse, notes }
}

/**
 * The user's own changes by asset. Which token of a collection arrives may be honest chance and is counted; which one
 * leaves is not.
 */
function deltas(changes: readonly Change[]): Map<string, { delta: bigint; label: string }> {
  const found = new Map<string, { delta: bigint; label: string }>()
  for (const { standard, token, token_id: id, symbol, delta } of changes) {
    const isCounted = standard === 'erc721' && !delta.startsWith('-')
    const key = `${token ?? 'native'}|${isCounted ? '' : (id ?? '')}`
    const label = symbol === null ? (token ?? 'native') : said(symbol)
    found.set(key, { delta: (found.get(key)?.delta ?? 0n) + BigInt(delta), label })
  }
  return found
}

function grantOf({ kind, contract, owner, subject }: BoundOutcome['authority_changes'][number]): string {
  return `${kind}|${contract}|${owner}|${subject}`
}
