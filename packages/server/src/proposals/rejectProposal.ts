import { safeText, said } from '@countersign/simulator'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { announce, moveProposal } from './rows.ts'
import { settleProposal } from './settleProposal.ts'

/**
 * The owner says no, in the page or in the wallet. That is what people say, and not what a wallet did: the chain is
 * watched on.
 *
 * @param lease - The window whose wallet said no: it is not open there any more. Without it the wallet may be.
 */
export async function rejectProposal(
  gate: Gate,
  { id, sid, because, lease }: { id: string; sid: string; because: string; lease?: string },
): Promise<Proposal> {
  return gate.store.write(async (write) => {
    if (lease !== undefined)
      await write.db
        .updateTable('proposals')
        .set({ wallet_lease: null, wallet_until_ms: null })
        .where('id', '=', id)
        .where('sid', '=', sid)
        .where('wallet_lease', '=', lease)
        .execute()
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'rejected',
      because: reasonOf(because),
    })
  })
}

const OURS = ['Rejected by the owner.', 'Rejected in the wallet.', 'The wallet did not sign it.']

/** The reason as people read it: a client's or a wallet's words are quoted, a plain word stands for itself. */
function reasonOf(because: string): string {
  if (because.trim() === '') return 'Rejected by the owner.'
  return OURS.includes(because) || /^\w{1,12}$/.test(because)
    ? because
    : `Rejected with the words ${said(safeText(because, 300))}.`
}

/**
 * A client says that it did not sign. It may have lost sight of what it sent, so the chain is looked at first, and what
 * is found there counts. A card that is over stays as it is.
 */
export async function reportUnsigned(
  gate: Gate,
  { id, sid, because }: { id: string; sid: string; because: string },
): Promise<Proposal> {
  const reason = because.slice(0, 300)
  await gate.store.write((write) =>
    announce(gate, write, { id, sid, event: 'proposals.unsigned.reported', facts: { because: reason } }),
  )
  // Without an answer the card stays open for the next look: nothing is known.
  const proposal = await settleProposal(gate, { id, sid })
  const isOpen = proposal.state === 'pending' && proposal.calls.every((call) => call.status === 'waiting')
  if (!isOpen) return proposal
  return rejectProposal(gate, { id, sid, because })
}

/**
 * Ends what was not signed in time, once no wallet is open for it. Expiry itself is exact on read (`isSignable`); this
 * only tidies up.
 */
export async function expireProposals(gate: Gate): Promise<void> {
  const nowMs = gate.clock.nowMs()
  const due = await gate.store.read
    .selectFrom('proposals')
    .select(['id', 'sid', 'kind'])
    .where('state', 'in', ['staged', 'receipted', 'pending'])
    .where('expires_ms', '<=', nowMs)
    .where((eb) => eb.or([eb('wallet_until_ms', 'is', null), eb('wallet_until_ms', '<=', nowMs)]))
    .limit(100)
    .execute()
  for (const { id, sid, kind } of due) {
    const isCall = kind === 'tool_call'
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
          : isCall
            ? 'It was not confirmed in time.'
            : 'It was not signed in time.',
      })
    })
  }
}
