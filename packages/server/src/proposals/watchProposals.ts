import type { Gate } from './Gate.ts'
import { isFinal, type Proposal } from './Proposal.ts'
import { expireProposals } from './rejectProposal.ts'
import { settleProposal } from './settleProposal.ts'

export interface Watcher {
  close(): Promise<void>
}

/**
 * Follows every submitted transaction until it is settled or mismatched, and ends proposals that nobody signed.
 * It reads what to do from the store, so that a restart forgets nothing.
 *
 * @param intervalMs - How often the chain is asked.
 * @param onFinal - Told once when a proposal reaches `settled` or `mismatched`.
 */
export function watchProposals(
  gate: Gate,
  {
    intervalMs,
    onFinal,
    onError,
  }: { intervalMs: number; onFinal: (proposal: Proposal) => void; onError: (error: unknown) => void },
): Watcher {
  let isClosed = false
  let running: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    const open = await gate.store.read
      .selectFrom('proposals')
      .innerJoin('proposal_calls', 'proposal_calls.proposal_id', 'proposals.id')
      .select(['proposals.id', 'proposals.sid'])
      .distinct()
      .where('proposals.state', 'in', ['pending', 'submitted'])
      .where('proposal_calls.status', '=', 'submitted')
      .execute()
    for (const { id, sid } of open) {
      if (isClosed) return
      try {
        const proposal = await settleProposal(gate, { id, sid })
        if (isFinal(proposal.state)) onFinal(proposal)
      } catch (error) {
        onError(error)
      }
    }
    await expireProposals(gate)
  }

  const timer = setInterval(() => {
    running = running.then(look).catch(onError)
  }, intervalMs)
  timer.unref()

  return {
    async close() {
      isClosed = true
      clearInterval(timer)
      await running
    },
  }
}
