import { Clock, Digest } from '@countersign/base'
import { issueReceipt, ReadSet, Receipt, Report, type SimulationRequest } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Reader, Write } from '../store/openStore.ts'
import type { Simulated } from './simulateBatch.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import { BytesChangedError, ReceiptError, waitingTransactions, type Proposal } from './Proposal.ts'

/** What the caller of `storeReceipt` gets back: the report as it is shown, its receipt inside. */
export interface Receipted {
  readonly wire: ReportWire
  readonly receipt: Report.Receipt
}

/**
 * Signs a receipt for a simulation that is not blocked and keeps it with what it rests on.
 *
 * @param isConsumed - It speaks of a signature that is being asked for right now, and opens nothing later.
 */
export async function storeReceipt(
  gate: Gate,
  write: Write,
  {
    id,
    request,
    simulated,
    isConsumed = false,
  }: { id: string; request: SimulationRequest; simulated: Simulated; isConsumed?: boolean },
): Promise<Receipted> {
  const nowMs = gate.clock.nowMs()
  const report = issueReceipt(gate.receiptKeys, {
    request,
    report: simulated.report,
    readSet: simulated.readSet,
    policyVersion: gate.policy.version,
    nowMs,
    ttlMs: gate.policy.receiptTtlMs,
  })
  const { receipt } = report
  if (receipt === null) throw new ReceiptError('absent')
  // Only a living receipt can use what was read.
  await write.db
    .updateTable('receipts')
    .set({ read_set: null })
    .where('read_set', 'is not', null)
    .where('expires_ms', '<', nowMs)
    .execute()
  await write.db
    .insertInto('receipts')
    .values({
      digest: receipt.digest,
      proposal_id: id,
      bound: Digest.canonicalJson(receipt.bound),
      key_id: receipt.keyId,
      signature: receipt.signature,
      read_set: isConsumed ? null : ReadSet.toJson(simulated.readSet),
      issued_ms: receipt.issuedAtMs,
      expires_ms: receipt.expiresAtMs,
      consumed_ms: isConsumed ? nowMs : null,
    })
    .execute()
  return { wire: Report.toWire(report) as unknown as ReportWire, receipt }
}

/**
 * The stored receipt of a proposal, believed only as far as its signature goes: every field must be the one that was
 * signed, the calls still to be signed must be those it binds, and the stored report the one that was shown.
 *
 * @throws {ReceiptError} `proposals:receipt:absent` or `…:expired`. {BytesChangedError} `proposals:bytes:changed`.
 */
export async function verifiedReceipt(
  gate: Gate,
  read: Reader,
  { proposal, nonce }: { proposal: Proposal; nonce?: bigint },
): Promise<{ readonly receipt: Report.Receipt; readonly readSet: ReadSet.ReadSet | null }> {
  if (proposal.receipt === null) throw new ReceiptError('absent')
  const row = await read
    .selectFrom('receipts')
    .selectAll()
    .where('digest', '=', proposal.receipt.digest)
    .executeTakeFirst()
  if (row === undefined || row.proposal_id !== proposal.id || row.key_id === null || row.signature === null)
    throw new ReceiptError('absent')
  const nowMs = gate.clock.nowMs()
  let receipt: Report.Receipt
  try {
    const wire = {
      digest: row.digest,
      issued_at: Clock.iso(row.issued_ms),
      expires_at: Clock.iso(row.expires_ms),
      key_id: row.key_id,
      signature: row.signature,
      bound: JSON.parse(row.bound) as unknown,
    }
    receipt = Receipt.verify(wire, gate.receiptKeys, { nowMs })
  } catch (error) {
    if (error instanceof Receipt.ReceiptInvalidError && error.code === 'receipts:receipt:expired')
      throw new ReceiptError('expired')
    if (error instanceof Receipt.ReceiptInvalidError || error instanceof SyntaxError)
      throw new BytesChangedError(['the receipt was altered'])
    throw error
  }
  const { bound } = receipt
  const document = Document.signatureOf(proposal, { nowMs, known: [] })
  const mismatch = Receipt.differences(bound, {
    chainId: proposal.chainId,
    from: proposal.from,
    ...(nonce === undefined ? {} : { nonce }),
    calls: waitingTransactions(proposal),
    policyVersion: gate.policy.version,
  })
  if ((document?.digest ?? null) !== bound.typed_data_digest) mismatch.push('another document')
  if (mismatch.length > 0) throw new BytesChangedError(mismatch)
  const shown = proposal.report as unknown as Record<string, unknown> | null
  if (shown === null || Receipt.reportDigest(shown) !== bound.report_digest)
    throw new BytesChangedError(['the report that was shown was altered'])
  const readSet = row.read_set === null ? null : ReadSet.parse(row.read_set, bound.read_set_digest)
  return { receipt, readSet }
}
