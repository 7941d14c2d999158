import { Wei } from '@countersign/base'
import { said } from '../decode/safeText.ts'
import { UNLIMITED_FROM } from '../model/Allowance.ts'
import * as Coin from '../model/Coin.ts'
import { coinOf } from '../text/renderReport.ts'
import type { Report } from '../model/Report.ts'
import type { Bound, BoundOutcome } from '../model/Bound.ts'
import { outcomeOf } from './Receipt.ts'

/** Why a decision no longer stands, as code reads it; the sentence beside it is for people. */
export type DriftKind =
  /** The receipt is not there, or not of this card. */
  | 'receipt'
  /** The sender's account has sent something else. */
  | 'nonce'
  /** What it stands on did not end as expected: it failed, was replaced or dropped, or is not mined yet. */
  | 'earlier'
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

  const unitOf = unitsIn(bound, report)
  const was = deltas(bound.outcome.token_changes)
  const is = deltas(now.token_changes)
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const before = was.get(key)?.delta ?? 0n
    const after = is.get(key)?.delta ?? 0n
    if (before === after) continue
    const asset = was.get(key) ?? is.get(key)
    const amount = asset?.isCounted === true ? String : unitOf(asset?.token ?? null)
    const line = `token_changes: ${asset?.label ?? key}: ${amount(after)} instead of ${amount(before)}`
    const isTolerated = before > 0n && after * 10_000n >= before * BigInt(10_000 - inflowToleranceBps)
    if (after > before || isTolerated) notes.push(line)
    else add('assets', line)
  }

  const grantsWere = new Map(bound.outcome.authority_changes.map((each) => [grantOf(each), each]))
  const grantsAre = new Map(now.authority_changes.map((each) => [grantOf(each), each]))
  for (const [key, grant] of grantsAre) {
    const before = grantsWere.get(key)
    const words = `${grant.kind} for ${grant.subject} at ${grant.contract}`
    const amount = SPENT.has(grant.kind) ? grantUnit(grant, unitOf) : String
    const line = `authority_changes: ${words}: ${amount(BigInt(grant.after))} instead of ${amount(BigInt(before?.after ?? grant.before))}`
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

  const kept = keptBetween(bound.outcome.kept_for_you ?? [], now.kept_for_you ?? [], isPartial)
  for (const { isWorse, line } of kept) {
    if (isWorse) add('assets', line)
    else notes.push(line)
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
    add(
      'fee',
      `the network fee may be ${Coin.text(coinOf(report), report.gasEstimate.expectedFeeWei)} now; at most ${Coin.text(coinOf(report), max)} was shown`,
    )
  return { worse, notes }
}

interface Asset {
  readonly delta: bigint
  readonly label: string
  readonly token: string | null
  /** Pieces of a collection. */
  readonly isCounted: boolean
}

type Unit = (amount: bigint) => string

/** How amounts of a token are written: in whole tokens where the app or the token itself told its decimals. */
function unitsIn(bound: Bound, report: Report): (token: string | null) => Unit {
  const decimalsOf = (token: string): number | null | undefined => {
    const isIt = (other: string | null) => other?.toLowerCase() === token.toLowerCase()
    return (
      bound.request.known.find(({ address }) => isIt(address))?.decimals ??
      report.tokenChanges.find((change) => isIt(change.token))?.decimals ??
      report.authorityChanges.find(({ contract }) => isIt(contract))?.decimals
    )
  }
  return (token) => {
    const known = token === null ? coinOf(report).decimals : decimalsOf(token)
    return known == null ? (amount) => `${amount} of its smallest unit` : (amount) => Wei.format(amount, known)
  }
}

/** An allowance: without limit is no number. */
function grantUnit(
  { contract }: BoundOutcome['authority_changes'][number],
  unitOf: (token: string | null) => Unit,
): Unit {
  return (amount) => (amount >= UNLIMITED_FROM ? 'unlimited' : unitOf(contract)(amount))
}

/**
 * The user's own changes by asset. Which token of a collection arrives may be honest chance and is counted; which one
 * leaves is not.
 */
function deltas(changes: readonly Change[]): Map<string, Asset> {
  const found = new Map<string, Asset>()
  for (const { standard, token, token_id: id, symbol, delta } of changes) {
    const isCounted = standard === 'erc721' && !delta.startsWith('-')
    const key = `${token ?? 'native'}|${isCounted ? '' : (id ?? '')}`
    const label = symbol === null ? (token ?? 'native') : said(symbol)
    const isPiece = standard === 'erc721' || standard === 'erc1155'
    found.set(key, { delta: (found.get(key)?.delta ?? 0n) + BigInt(delta), label, token, isCounted: isPiece })
  }
  return found
}

type Kept = NonNullable<BoundOutcome['kept_for_you']>[number]

/** How much less of an entry than was shown is still a moving price: a twentieth. */
const KEPT_SHARE = 20n

/**
 * What contracts keep for the user: no entry may end a twentieth lower than shown (a debt: higher), and none may be
 * missing. An entry by number may stand under another number when somebody else came first.
 */
function keptBetween(
  were: readonly Kept[],
  are: readonly Kept[],
  isPartial: boolean,
): { readonly isWorse: boolean; readonly line: string }[] {
  const isWorse = (was: Kept, is: Kept): boolean => {
    const [shown, ends] = [BigInt(was.after), BigInt(is.after)]
    return was.is_debt ? ends * KEPT_SHARE >= shown * (KEPT_SHARE + 1n) && ends > shown : isLess(ends, shown)
  }
  const isLess = (ends: bigint, shown: bigint) => ends < shown && ends * KEPT_SHARE <= shown * (KEPT_SHARE - 1n)
  const left = [...are]
  const take = (fits: (is: Kept) => boolean): Kept | undefined => {
    const at = left.findIndex(fits)
    return at < 0 ? undefined : left.splice(at, 1)[0]
  }
  const same = were.map((was) => take((is) => is.contract === was.contract && is.slot === was.slot))
  const found = were.flatMap((was, i) => {
    const is =
      same[i] ?? take((each) => each.contract === was.contract && each.before === was.before && !isWorse(was, each))
    const words = `kept_for_you: at ${was.contract}, slot ${was.slot}`
    if (is === undefined) {
      // It did not fall, or it is not owed: what does not differ is as good as it was.
      const isMissed = was.is_debt ? BigInt(was.after) < BigInt(was.before) : BigInt(was.after) > BigInt(was.before)
      return isPartial ? [] : [{ isWorse: isMissed, line: `${words}: not ${was.after} any more` }]
    }
    return is.after === was.after
      ? []
      : [{ isWorse: isWorse(was, is), line: `${words}: ${is.after} instead of ${was.after}` }]
  })
  const further = left
    .filter(({ before, after, is_debt }) =>
      is_debt ? isLess(BigInt(before), BigInt(after)) : isLess(BigInt(after), BigInt(before)),
    )
    .map(({ contract, slot, before, after }) => ({
      isWorse: !isPartial,
      line: `kept_for_you: at ${contract}, slot ${slot}: ${after} instead of ${before}`,
    }))
  return [...found, ...further]
}

function grantOf({ kind, contract, owner, subject }: BoundOutcome['authority_changes'][number]): string {
  return `${kind}|${contract}|${owner}|${subject}`
}
