import { BaseError, type Hex } from '@countersign/base'
import type { Gate } from './Gate.ts'
import { TransitionError, type Proposal } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'

/**
 * Notes the hash that a client reports for signed steps. Nothing is believed: the watcher looks the hash up on
 * chain and compares. Reporting the same hash for the same step again changes nothing.
 *
 * @param steps - Which steps the hash speaks for; a wallet that batches gives one hash for several.
 * @throws {HashClaimedError} `proposals:hash:claimed` when another proposal already has it.
 * @throws {TransitionError} when the proposal was never handed to a wallet.
 */
export async function submitSteps(
  gate: Gate,
  { id, sid, steps, txHash }: { id: string; sid: string; steps: readonly number[]; txHash: Hex.Hex },
): Promise<Proposal> {
  return gate.store.write(async (write) => {
    const proposal = await loadProposal(write.db, { id, sid })
    const chosen = proposal.calls.filter((call) => steps.includes(call.step))
    if (chosen.length !== steps.length || steps.length === 0) throw new StepUnknownError(proposal.calls.length)
    if (chosen.every((call) => call.txHash === txHash)) return proposal
    if (proposal.state !== 'pending') throw new TransitionError(proposal.state, 'submitted')
    if (chosen.some((call) => call.status !== 'waiting')) throw new TransitionError('submitted', 'submitted')

    await write.db
      .insertInto('claimed_hashes')
      .values({ chain_id: proposal.chainId, tx_hash: txHash, proposal_id: id })
      .onConflict((conflict) => conflict.columns(['chain_id', 'tx_hash']).doNothing())
      .execute()
    const claim = await write.db
      .selectFrom('claimed_hashes')
      .select('proposal_id')
      .where('chain_id', '=', proposal.chainId)
      .where('tx_hash', '=', txHash)
      .executeTakeFirstOrThrow()
    if (claim.proposal_id !== id) throw new HashClaimedError()

    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'submitted', tx_hash: txHash, submitted_ms: gate.clock.nowMs() })
      .where('proposal_id', '=', id)
      .where('step', 'in', [...steps])
      .execute()
    const isLast = proposal.calls.every((call) => call.status !== 'waiting' || steps.includes(call.step))
    const facts = { steps, tx_hash: txHash }
    return isLast
      ? moveProposal(gate, write, { id, sid, target: 'submitted', only: ['pending'], facts })
      : announce(gate, write, { id, sid, event: 'proposals.step.submitted', facts })
  })
}

export class HashClaimedError extends BaseError {
  override readonly name = 'proposals.HashClaimedError'
  constructor() {
    super('This transaction hash already belongs to another proposal.', {
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
