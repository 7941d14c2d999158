import { BaseError, type Hex } from '@countersign/base'
import type { Write } from '../store/openStore.ts'
import { claimOf } from './adoptTransaction.ts'
import { countSent } from './decision/handOutProposal.ts'
import type { Gate } from './Gate.ts'
import { TransitionError, type Proposal } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { settleProposal } from './settleProposal.ts'

/** The most hashes that are kept for one proposal; a wallet that speeds up has two or three. */
const MAX_REPORTS = 8

/**
 * Takes down the hash that a client reports for signed steps, whatever state the proposal is in. Nothing is believed:
 * the chain is looked at, and a hash speaks for the proposal once a transaction with its sender and bytes was found under
 * it. Reporting the same hash for the same step again changes nothing.
 *
 * @param steps - Which steps the hash speaks for; a wallet that batches gives one hash for several.
 * @throws {HashClaimedError} `proposals:hash:claimed` when the proposal is over or sent, and the transaction was compared
 *   and is another's.
 * @throws {TransitionError} when nothing of the proposal was ever handed to a wallet: nothing can have been signed. The
 *   hash is kept all the same.
 * @returns the proposal as it is now. Where it is over and the chain shows nothing of it yet it is as it was: the watcher
 *   looks on, and the report was no mistake of its client.
 */
export async function submitSteps(
  gate: Gate,
  { id, sid, steps, txHash }: { id: string; sid: string; steps: readonly number[]; txHash: Hex.Hex },
): Promise<Proposal> {
  const hash = txHash.toLowerCase() as Hex.Hex
  const taken = await gate.store.write(async (write) => {
    const proposal = await loadProposal(write.db, { id, sid })
    const chosen = proposal.calls.filter((call) => steps.includes(call.step))
    if (chosen.length !== steps.length || steps.length === 0) throw new StepUnknownError(proposal.calls.length)
    if (chosen.every((call) => call.txHash === hash)) return { proposal, isDone: true, isClaimed: false }
    const isNew = await keep(gate, write, { proposal, steps, hash })
    const isPlain = proposal.state === 'pending' && chosen.every((call) => call.status === 'waiting')
    if (!isPlain) {
      if (isNew) await announceReport(gate, write, { proposal, steps, hash })
      const claimed = await claimOf(write, { chainId: proposal.chainId, hash })
      return { proposal, isDone: false, isClaimed: claimed !== null && claimed !== id }
    }
    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'submitted', tx_hash: hash, submitted_ms: gate.clock.nowMs() })
      .where('proposal_id', '=', id)
      .where('step', 'in', [...steps])
      .execute()
    await countSent(gate, write, { proposal, isMined: false })
    const isLast = proposal.calls.every((call) => call.status !== 'waiting' || steps.includes(call.step))
    const facts = { steps, tx_hash: hash }
    const moved = isLast
      ? await moveProposal(gate, write, { id, sid, target: 'submitted', only: ['pending'], facts })
      : await announce(gate, write, { id, sid, event: 'proposals.step.submitted', facts })
    return { proposal: moved, isDone: true, isClaimed: false }
  })
  if (taken.isClaimed) throw new HashClaimedError()
  if (taken.isDone) return taken.proposal

  // Another hash than the one that is kept, or a card that is over: the chain decides.
  let looked: Proposal
  try {
    looked = await settleProposal(gate, { id, sid })
  } catch (error) {
    // It is kept, and the watcher asks again.
    if (error instanceof BaseError && error.kind === 'upstream') return taken.proposal
    throw error
  }
  const isFound = looked.calls.some((call) => steps.includes(call.step) && call.txNonce !== null)
  if (!isFound && !looked.wasHandedOut) throw new TransitionError(looked.state, 'submitted')
  return looked
}

/** Keeps a reported hash. Whether it was new. */
async function keep(
  gate: Gate,
  write: Write,
  { proposal: { id, watch }, steps, hash }: { proposal: Proposal; steps: readonly number[]; hash: Hex.Hex },
): Promise<boolean> {
  const nowMs = gate.clock.nowMs()
  const inserted = await write.db
    .insertInto('reported_hashes')
    .values({ proposal_id: id, tx_hash: hash, steps: JSON.stringify(steps), at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('tx_hash')
    .executeTakeFirst()
  if (inserted === undefined) return false
  const kept = await write.db
    .selectFrom('reported_hashes')
    .select('tx_hash')
    .where('proposal_id', '=', id)
    .orderBy('at_ms', 'desc')
    .execute()
  const old = kept.slice(MAX_REPORTS).map((row) => row.tx_hash)
  if (old.length > 0)
    await write.db.deleteFrom('reported_hashes').where('proposal_id', '=', id).where('tx_hash', 'in', old).execute()
  if (watch !== null)
    await write.db
      .updateTable('proposals')
      .set({ watch_until_ms: nowMs + gate.policy.watchEndedMs })
      .where('id', '=', id)
      .execute()
  return true
}

function announceReport(
  gate: Gate,
  write: Write,
  { proposal: { id, sid }, steps, hash }: { proposal: Proposal; steps: readonly number[]; hash: Hex.Hex },
): Promise<Proposal> {
  return announce(gate, write, { id, sid, event: 'proposals.hash.reported', facts: { steps, tx_hash: hash } })
}

export class HashClaimedError extends BaseError {
  override readonly name = 'proposals.HashClaimedError'
  constructor() {
    super('This transaction is another proposal’s: it was compared on chain.', {
      code: 'proposals:hash:claimed',
      kind: 'conflict',
      hint: 'Report the hash that the wallet returned for this very transaction.',
    })
  }
}

export class StepUnknownError extends BaseError {
  override readonly name = 'proposals.StepUnknownError'
  constructor(count: number) {
    super('There is no such step in this proposal.', {
      code: 'proposals:step:unknown',
      kind: 'invalid',
      hint: `Steps are numbered from 1 to ${count}.`,
    })
  }
}
