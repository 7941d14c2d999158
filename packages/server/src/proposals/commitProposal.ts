import { BaseError } from '@countersign/base'
import type { Report } from '@countersign/simulator'
import type { Write } from '../store/openStore.ts'
import * as Batch from './Batch.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import {
  BytesChangedError,
  isLevelOwed,
  isReady,
  ReceiptError,
  TransitionError,
  batch,
  waitsFor,
  type Proposal,
} from './Proposal.ts'
import { verifiedReceipt } from './receipts.ts'
import { requestWallet } from './requestWallet.ts'
import { refuseOtherSender } from './refuseOtherSender.ts'
import { loadProposal, moveProposal } from './rows.ts'
import { chainOf } from './stageProposal.ts'

/**
 * Hands a receipted proposal to the wallet queue: from here on, and never before, it is signable. The bytes are
 * read again from the store and must be the ones that the receipt binds; whoever commits may also say what they
 * believe they commit. The receipt's signature is verified, every field of it compared, and it is consumed by one
 * compare-and-set.
 *
 * @param expected - The batch that the caller means; any difference in chain, sender, order or bytes is refused.
 * @throws {BytesChangedError} `proposals:bytes:changed`.
 * @throws {SenderError} `proposals:sender:refused`.
 * @throws {ReceiptError} `proposals:receipt:absent`, `…:expired` or `…:used`.
 * @throws {DelayedError} `proposals:proposal:delayed` while a mandate holds it.
 * @throws {BaseError} of kind `upstream` when the chain does not tell the sender's nonce.
 */
export async function commitProposal(
  gate: Gate,
  { id, sid, expected }: { id: string; sid: string; expected?: Batch.Batch },
): Promise<Proposal> {
  const { chainId, from } = await loadProposal(gate.store.read, { id, sid })
  const chain = chainOf(gate, chainId)
  const nonce = await chain.at(await chain.head()).nonce(from)
  return gate.store.write((write) =>
    commitIn(gate, write, { id, sid, nonce, ...(expected === undefined ? {} : { expected }) }),
  )
}

/**
 * The same in the caller's transaction.
 *
 * @param nonce - The sender's, as the chain has it now.
 */
export async function commitIn(
  gate: Gate,
  write: Write,
  { id, sid, nonce, expected }: { id: string; sid: string; nonce: bigint; expected?: Batch.Batch },
): Promise<Proposal> {
  const proposal = await loadProposal(write.db, { id, sid })
  // It may have been staged before a wallet signed in.
  await refuseOtherSender(write.db, { sid, sender: proposal.from })
  const receipt = await consumeReceipt(gate, write, { proposal, expected: expected ?? batch(proposal), nonce })
  await supersedeOthers(gate, write, { proposal })
  const nowMs = gate.clock.nowMs()
  const committed = await moveProposal(gate, write, {
    id,
    sid,
    target: 'pending',
    only: ['receipted'],
    set: {
      expires_ms: nowMs + gate.policy.pendingTtlMs,
      // From here on a wallet may sign it, whether or not this server hears of it.
      watch_until_ms: nowMs + gate.policy.pendingTtlMs + gate.policy.watchEndedMs,
      ...(proposal.watch === null && Document.of(proposal) === null ? watchFrom(receipt.bound) : {}),
    },
    facts: { receipt: proposal.receipt?.digest ?? null },
  })
  // Published clients open the wallet when they hear of it: not before the owner gave what the level asks.
  if (!isLevelOwed(committed)) await requestWallet(gate, write, committed)
  return committed
}

/** Checks that the stored bytes, and the sender's nonce now, are those the receipt speaks of, and uses it up. */
async function consumeReceipt(
  gate: Gate,
  write: Write,
  { proposal, expected, nonce }: { proposal: Proposal; expected: Batch.Batch; nonce: bigint },
): Promise<Report.Receipt> {
  if (proposal.state !== 'receipted') {
    if (proposal.state === 'staged' || proposal.state === 'blocked') throw new ReceiptError('absent')
    throw proposal.state === 'pending' ? new ReceiptError('used') : new TransitionError(proposal.state, 'pending')
  }
  if (!isReady(proposal)) throw new DelayedError(proposal)
  const stored = batch(proposal)
  const changed = Batch.differences(stored, expected)
  if (changed.length > 0) throw new BytesChangedError(changed)
  if (Batch.digest(stored) !== proposal.digest)
    throw new BytesChangedError(['the stored calls do not match the digest'])

  const { receipt } = await verifiedReceipt(gate, write.db, { proposal, nonce })
  const nowMs = gate.clock.nowMs()
  const consumed = await write.db
    .updateTable('receipts')
    .set({ consumed_ms: nowMs })
    .where('digest', '=', receipt.digest)
    .where('consumed_ms', 'is', null)
    .where('expires_ms', '>', nowMs)
    .returning('digest')
    .executeTakeFirst()
  if (consumed === undefined) throw new ReceiptError('used')
  return receipt
}

/** Everything that the sender sent after the simulation may be this. */
function watchFrom({
  nonce,
  stands_on: earlier = [],
  block,
}: Report.Receipt['bound']): Record<'watch_nonce' | 'watch_block' | 'watch_since_block', number> {
  return {
    watch_nonce: Number(nonce) - earlier.length,
    watch_block: Number(block.number),
    watch_since_block: Number(block.number),
  }
}

/**
 * One proposal waits for the wallet at a time: people sign what they look at. One whose wallet is open stays: it may be
 * signed this moment, whatever the record says.
 */
async function supersedeOthers(gate: Gate, write: Write, { proposal }: { proposal: Proposal }): Promise<void> {
  const nowMs = gate.clock.nowMs()
  const others = await write.db
    .selectFrom('proposals')
    .select('id')
    .where('sid', '=', proposal.sid)
    .where('state', '=', 'pending')
    .where('id', '!=', proposal.id)
    .where((eb) => eb.or([eb('wallet_until_ms', 'is', null), eb('wallet_until_ms', '<=', nowMs)]))
    .execute()
  for (const other of others) {
    const calls = await write.db
      .selectFrom('proposal_calls')
      .select('status')
      .where('proposal_id', '=', other.id)
      .execute()
    // A batch that is half signed is finished or ends by itself; replacing it would hide what is on chain already.
    if (calls.some((call) => call.status !== 'waiting')) continue
    await moveProposal(gate, write, {
      id: other.id,
      sid: proposal.sid,
      target: 'superseded',
      because: 'A newer proposal took its place.',
    })
  }
}

/** A mandate holds it until a time. */
export class DelayedError extends BaseError {
  override readonly name = 'proposals.DelayedError'
  constructor(proposal: Proposal) {
    super(waitsFor(proposal) ?? 'The mandate holds it.', {
      code: 'proposals:proposal:delayed',
      kind: 'conflict',
      hint: 'Wait until "not_before": it is simulated and decided again then.',
    })
  }
}
