import { effectsDigest } from './effectsDigest.ts'
import type { BlockRef } from '../model/Block.ts'
import type { Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { Bound } from '../model/Bound.ts'
import { requestOfBound } from './boundRequest.ts'
import { checkLease, type Lease } from './checkLease.ts'
import * as Drift from './Drift.ts'
import { ReceiptInvalidError, reportDigest, verify } from './Receipt.ts'
import type { ReadSet, ReadSetShelf } from './ReadSet.ts'
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
  /** The same, each with its kind. */
  readonly drift: readonly Drift.Drift[]
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
  return judgeReceipt(
    {
      checkLease: (of, readSet) => checkLease(endpoint, { bound: of, readSet, nowMs }),
      simulate: async () => simulate(await requestOfBound(bound, nowMs)),
    },
    { bound, readSet: readSets.get(bound.read_set_digest) },
  )
}

/** How much of a bound batch is on chain already: its first steps, and the sender's transactions that carried them. */
export interface Done {
  readonly steps: number
  readonly transactions: number
}

/**
 * Whether the wallet may open on this receipt now. The one place that says so: the library, the command line and the
 * server ask here. What was read is read again; where that is not enough it is simulated again, and the user's own
 * outcome is compared. After a simulation nonce and fee are looked at once more, because it takes its time.
 *
 * @param bound - Of a receipt whose signature was verified, whoever asks.
 * @param readSet - What its simulation read; null when it was not kept or may no longer be believed.
 * @param done - What of the batch is on chain already; the simulation is then of the rest.
 * @param inflowToleranceBps - How much less than shown may arrive, in basis points (1/100 %). Default 0.
 */
export async function judgeReceipt(
  {
    checkLease: look,
    simulate,
  }: {
    checkLease: (bound: Bound, readSet: ReadSet | null, done: Done) => Promise<Lease>
    /** Simulates what is still to be signed on the newest block. Called only when the read set is not enough. */
    simulate: () => Promise<Report>
  },
  {
    bound,
    readSet,
    done = { steps: 0, transactions: 0 },
    inflowToleranceBps = 0,
  }: { bound: Bound; readSet: ReadSet | null; done?: Done; inflowToleranceBps?: number },
): Promise<Recheck> {
  const isPartial = done.steps > 0
  const lease = await look(bound, isPartial ? null : readSet, done)
  const found = { block: lease.block, moved: lease.moved, notes: [], report: null, drift: [], because: [] }
  if (lease.state === 'held') return { ...found, outcome: 'good', how: 'read-set' }
  if (lease.state === 'broken') return { ...found, outcome: 'drifted', how: 'read-set', ...saying(lease.broken) }

  const report = await simulate()
  const again = { ...found, block: report.block, how: 'simulation' as const, report }
  if (report.verdict === 'block') {
    const blocks = report.findings.filter(({ level }) => level === 'block')
    const drift = blocks.map(({ because }) => ({ kind: 'blocked' as const, because }))
    return { ...again, outcome: 'blocked', ...saying(drift) }
  }
  const { worse, notes } = Drift.between(bound, report, { inflowToleranceBps, isPartial })
  if (worse.length === 0) {
    const after = await look(bound, null, done)
    worse.push(...after.broken)
  }
  if (worse.length === 0 && notes.length === 0 && !isPartial && effectsDigest(report) !== bound.effects_digest)
    notes.push("other people's balances end up otherwise than shown; yours do not")
  return { ...again, outcome: worse.length === 0 ? 'good' : 'drifted', ...saying(worse), notes }
}

function saying(drift: readonly Drift.Drift[]): Pick<Recheck, 'because' | 'drift'> {
  return { drift, because: drift.map(({ because }) => because) }
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
