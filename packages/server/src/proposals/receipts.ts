import { Clock, Digest } from '@countersign/base'
import { issueReceipt, ReadSet, Receipt, Report, type Done, type SimulationRequest } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Reader, Write } from '../store/openStore.ts'
import type { Simulated } from './simulateBatch.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import { BytesChangedError, lastTransactions, ReceiptError, waitingTransactions, type Proposal } from './Proposal.ts'

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
 * @param mayBeOld - It has opened the queue already: it may have expired, and its first steps may have been sent.
 * @throws {ReceiptError} `proposals:receipt:absent` or `…:expired`. {BytesChangedError} `proposals:bytes:changed`.
 */
export async function verifiedReceipt(
  gate: Gate,
  read: Reader,
  { proposal, nonce, mayBeOld = false }: { proposal: Proposal; nonce?: bigint; mayBeOld?: boolean },
): Promise<VerifiedReceipt> {
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
    const atMs = mayBeOld ? Math.min(nowMs, row.expires_ms - 1) : nowMs
    receipt = Receipt.verify(wire, gate.receiptKeys, { nowMs: atMs })
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
    calls: mayBeOld ? lastTransactions(proposal, bound.calls.length) : waitingTransactions(proposal),
    policyVersion: gate.policy.version,
  })
  if ((document?.digest ?? null) !== bound.typed_data_digest) mismatch.push('another document')
  if (mismatch.length > 0) throw new BytesChangedError(mismatch)
  const shown = proposal.report as unknown as Record<string, unknown> | null
  if (shown === null || Receipt.reportDigest(shown) !== bound.report_digest)
    throw new BytesChangedError(['the report that was shown was altered'])
  const isExpired = nowMs >= receipt.expiresAtMs
  const readSet = row.read_set === null || isExpired ? null : ReadSet.parse(row.read_set, bound.read_set_digest)
  return { receipt, readSet, done: doneOf(proposal, bound.calls.length) }
}

/** A receipt that was verified, and what of its batch has been sent since. */
export interface VerifiedReceipt {
  readonly receipt: Report.Receipt
  /** null when it was not kept, or is too old to be believed. */
  readonly readSet: ReadSet.ReadSet | null
  readonly done: Done
}

/** Steps are signed in order, so a receipt binds the last of them. */
function doneOf(proposal: Proposal, bound: number): Done {
  const done = bound === 0 ? [] : proposal.calls.slice(-bound).filter((call) => call.status === 'confirmed')
  return { steps: done.length, transactions: new Set(done.flatMap((call) => call.txNonce ?? [])).size }
}
