import { randomUUID } from 'node:crypto'
import { assert } from '@countersign/base'
import type { Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { bind, isAssumed, sign } from './Receipt.ts'
import * as ReadSet from './ReadSet.ts'
import type { ReceiptKeys } from './ReceiptKeys.ts'

/**
 * The report with a signed receipt, or unchanged when it is blocked or stands on state that was only assumed: what must not
 * be signed gets none.
 *
 * @param readSet - What this report's simulation read; the sender's nonce is taken from it, so that it is of the very
 *   block that was simulated.
 * @param ttlMs - At most an hour (`MAX_TTL_MS`).
 */
export function issueReceipt(
  keys: ReceiptKeys,
  {
    request,
    report,
    readSet,
    policyVersion,
    nowMs,
    ttlMs,
  }: {
    request: SimulationRequest
    report: Report
    readSet: ReadSet.ReadSet
    policyVersion: string
    nowMs: number
    ttlMs: number
  },
): Report {
  if (report.verdict === 'block' || isAssumed({ request, report })) return report
  assert(ReadSet.digest(readSet) === report.readSet.digest, 'the read set is of this report')
  const nonce = ReadSet.nonceOf(readSet, request.from)
  assert(nonce !== null, 'the sender is always read')
  const { bound } = bind({
    receiptId: randomUUID(),
    request,
    report,
    nonce,
    policyVersion,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
  })
  return { ...report, receipt: sign(bound, keys) }
}
