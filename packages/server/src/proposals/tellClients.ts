import { appendMessage } from '../sessions/History.ts'
import type { Write } from '../store/openStore.ts'
import type { Gate } from './Gate.ts'
import * as OwnerMessage from './OwnerMessage.ts'
import type { Proposal, State } from './Proposal.ts'
import { requestStep } from './requestWallet.ts'

/**
 * Tells clients without a card what a change of a proposal means, in the transaction that changes it: a message of the gate
 * in the conversation (they drop `system` messages, so it is the agent's), and, when a step is confirmed, the request for
 * the next one.
 *
 * @param event - As the audit record calls it.
 * @param source - The state that the proposal came from; null where it stayed in it.
 */
export async function tellClients(
  gate: Pick<Gate, 'clock' | 'events'> & Partial<Pick<Gate, 'chains'>>,
  write: Write,
  { proposal, event, source }: { proposal: Proposal; event: string; source: State | null },
): Promise<void> {
  // What came through a door has a card of its own and no conversation.
  if (proposal.calls.length === 0 || proposal.door !== null) return
  const text =
    event === 'proposals.proposal.pending'
      ? OwnerMessage.committed(proposal, gate.chains?.get(proposal.chainId))
      : event === 'proposals.step.confirmed'
        ? OwnerMessage.stepConfirmed(proposal)
        : source === null
          ? null
          : // Only what was signable once was ever offered; its receipt stays with it.
            OwnerMessage.moved(proposal, {
              source,
              wasOffered: proposal.receipt !== null && source !== 'receipted',
            })
  if (text !== null) {
    const item = { role: 'system', text, isForOwner: true } as const
    await appendMessage(gate, write, { sid: proposal.sid, item, turnId: null })
  }
  if (event === 'proposals.step.confirmed' && proposal.state === 'pending') await requestStep(gate, write, proposal)
}
