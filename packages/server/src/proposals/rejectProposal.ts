import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { moveProposal } from './rows.ts'

/** The owner says no, in the page or in the wallet. */
export async function rejectProposal(
  gate: Gate,
  { id, sid, because }: { id: string; sid: string; because: string },
): Promise<Proposal> {
  return gate.store.write((write) =>
    moveProposal(gate, write, {
      id,
      sid,
      target: 'rejected',
      because: because.slice(0, 300) || 'Rejected by the owner.',
    }),
  )
}

/** Ends what was not signed in time. Expiry itself is exact on read (`isSignable`); this only tidies up. */
export async function expireProposals(gate: Gate): Promise<void> {
  const nowMs = gate.clock.nowMs()
  const due = await gate.store.read
    .selectFrom('proposals')
    .select(['id', 'sid'])
    .where('state', 'in', ['staged', 'receipted', 'pending'])
    .where('expires_ms', '<=', nowMs)
    .limit(100)
    .execute()
  for (const { id, sid } of due) {
    await gate.store.write(async (write) => {
      const calls = await write.db.selectFrom('proposal_calls').select('status').where('proposal_id', '=', id).execute()
      if (calls.some((call) => call.status === 'submitted')) return
      const isPartial = calls.some((call) => call.status === 'confirmed')
      await moveProposal(gate, write, {
        id,
        sid,
        target: 'expired',
        because: isPartial
          ? 'It was not finished in time. The first steps are on chain: look at the authority they left behind.'
          : 'It was not signed in time.',
      })
    })
  }
}
