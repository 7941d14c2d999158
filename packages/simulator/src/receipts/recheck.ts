import { Address } from '@countersign/base'
import { compare, type Outcome } from '../differential/Outcome.ts'
import { effectsDigest, type AuthorityKind, type BlockRef, type Report, type TokenStandard } from '../Report.ts'
import type { SimulationRequest } from '../Request.ts'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { Bound, BoundOutcome } from './Bound.ts'
import { requestOfBound } from './boundRequest.ts'
import { checkLease } from './checkLease.ts'
import { outcomeOf, ReceiptInvalidError, reportDigest, verify } from './Receipt.ts'
import type { ReadSetShelf } from './ReadSet.ts'
import type { VerifyingKeys } from './ReceiptKeys.ts'

/** Whether what was simulated is still what would happen. */
export interface Recheck {
  /**
   * `good`: the decision stands. `drifted`: it would do something else, or something worse, than what was shown.
   * `blocked`: simulated now, it is blocked.
   */
  readonly outcome: 'good' | 'drifted' | 'blocked'
  /** `read-set`: what it read was read again. `simulation`: it was simulated again. */
  readonly how: 'read-set' | 'simulation'
  /** The block it was held against. */
  readonly block: BlockRef
  /** Why it is not good; empty when it is. */
  readonly because: readonly string[]
  /** What is not as it was read, in words, whether or not it matters. */
  readonly moved: readonly string[]
  /** What is different for the user, and harmless. */
  readonly notes: readonly string[]
  /** The new report, when there was one. */
  readonly report: Report | null
}

/**
 * Checks a receipt, or a report with its receipt, against the chain as it is now: signature, digests and expiry; then
 * only what the simulation read; and where that moved or would not be enough, a new simulation whose effects on the
 * user are compared. Other people's traffic that changes nothing for the user is not drift.
 *
 * @param value - Parsed JSON.
 * @throws {ReceiptInvalidError} when it is no good receipt. {UpstreamError} when the provider does not answer.
 */
export async function recheck(
  {
    endpoint,
    keys,
    readSets,
    simulate,
  }: {
    endpoint: RpcEndpoint
    keys: VerifyingKeys
    /** Where read sets are kept by digest. */
    readSets: Pick<ReadSetShelf, 'get'>
    /** Called only when the read set is not enough. */
    simulate: (request: SimulationRequest) => Promise<Report>
  },
  { value, nowMs }: { value: unknown; nowMs: number },
): Promise<Recheck> {
  const { bound } = verifyFile(value, keys, { nowMs })
  const readSet = readSets.get(bound.read_set_digest)
  const lease = await checkLease(endpoint, { bound, readSet, nowMs })
  const found = { block: lease.block, moved: lease.moved, notes: [], report: null }
  if (lease.state === 'held') return { ...found, outcome: 'good', how: 'read-set', because: [] }
  if (lease.state === 'broken') return { ...found, outcome: 'drifted', how: 'read-set', because: lease.because }

  const report = await simulate(await requestOfBound(bound, nowMs))
  const again = { ...found, block: report.block, how: 'simulation' as const, report }
  if (report.verdict === 'block') {
    const because = report.findings.filter(({ level }) => level === 'block').map((finding) => finding.because)
    return { ...again, outcome: 'blocked', because }
  }
  const { worse, notes } = against(bound, report)
  return { ...again, outcome: worse.length === 0 ? 'good' : 'drifted', because: worse, notes }
}

/**
 * Reads a receipt, or a report with its receipt, as a file holds it. With a report, the report must be the one that
 * the receipt speaks of, in every field.
 *
 * @throws {ReceiptInvalidError}
 */
export function verifyFile(
  value: unknown,
  keys: VerifyingKeys,
  { nowMs }: { nowMs: number },
): ReturnType<typeof verify> {
  if (typeof value !== 'object' || value === null || !('receipt' in value)) return verify(value, keys, { nowMs })
  if (value.receipt === null) throw new ReceiptInvalidError('absent')
  const receipt = verify(value.receipt, keys, { nowMs })
  if (reportDigest(value as unknown as Record<string, unknown>) !== receipt.bound.report_digest)
    throw new ReceiptInvalidError('forged')
  return receipt
}

/** What got worse for the user, and what changed harmlessly, between what was bound and a new report. */
function against(bound: Bound, report: Report): { readonly worse: string[]; readonly notes: string[] } {
  const now = outcomeOf(report)
  const comparison = compare(asOutcome(bound.outcome), asOutcome(now))
  const worse: string[] = []
  const notes: string[] = []
  const isHarmless = comparison.relation === 'same' || comparison.relation === 'better'
  for (const line of comparison.differs) (isHarmless ? notes : worse).push(line)

  const until = new Map(bound.outcome.authority_changes.map((each) => [grantOf(each), each.expires]))
  for (const each of now.authority_changes) {
    const before = until.get(grantOf(each))
    const isLonger = before != null && (each.expires === null || Date.parse(each.expires) > Date.parse(before))
    if (isLonger) worse.push(`${each.kind} for ${each.subject} lasts until ${each.expires ?? 'revoked'}, not ${before}`)
  }
  const codes = new Map(bound.outcome.contracts.map((each) => [each.address, each.code_hash]))
  for (const { address, code_hash } of now.contracts) {
    const before = codes.get(address)
    if (before === undefined) worse.push(`another contract is called: ${address}`)
    else if (before !== code_hash) worse.push(`the code at ${address} changed`)
  }
  const warned = new Set(bound.outcome.warnings)
  for (const finding of report.findings) {
    if (finding.level === 'warn' && !warned.has(`${finding.rule}|${finding.subject ?? ''}`))
      worse.push(`${finding.title}: ${finding.because}`)
  }
  const agreed = new Set(bound.environments.filter(({ agrees }) => agrees).map(({ name }) => name))
  for (const { name, agrees, differs } of report.environments) {
    if (!agrees && agreed.has(name)) worse.push(`its outcome now depends on the block (${name}): ${differs.join('; ')}`)
  }
  if (worse.length === 0 && notes.length === 0 && effectsDigest(report) !== bound.effects_digest)
    notes.push("other people's balances end up otherwise than shown; yours do not")
  return { worse, notes }
}

function grantOf({ kind, contract, owner, subject }: BoundOutcome['authority_changes'][number]): string {
  return `${kind}|${contract}|${owner}|${subject}`
}

function asOutcome(outcome: BoundOutcome): Outcome {
  const unseen = { account: Address.ZERO, decimals: null, before: 0n, after: 0n, provenBy: 'call' } as const
  return {
    failedStep: null,
    reason: null,
    changes: outcome.token_changes.map((change) => ({
      ...unseen,
      standard: change.standard as TokenStandard,
      token: change.token,
      tokenId: change.token_id === null ? null : BigInt(change.token_id),
      symbol: change.symbol,
      delta: BigInt(change.delta),
    })),
    everybody: [],
    authority: outcome.authority_changes.map((change) => ({
      owner: change.owner,
      kind: change.kind as AuthorityKind,
      contract: change.contract,
      subject: change.subject,
      before: BigInt(change.before),
      after: BigInt(change.after),
      unlimited: false,
      expiresMs: change.expires === null ? null : Date.parse(change.expires),
      valueAtRisk: [],
      symbol: null,
      decimals: null,
    })),
  }
}
