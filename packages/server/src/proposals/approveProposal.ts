import { Address, BaseError, type Hex } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import { fromRow } from '../mandates/findMandate.ts'
import { approveDocument, hashOf, type TypedData } from '../mandates/grant/MandateDocument.ts'
import type { Reader } from '../store/openStore.ts'
import { approverOf } from './approverOf.ts'
import { isAllowed } from './decision/Decided.ts'
import type { Gate } from './Gate.ts'
import { isLevelOwed, TransitionError, type Proposal } from './Proposal.ts'
import { requestWallet } from './requestWallet.ts'
import { announce, loadProposal } from './rows.ts'

/**
 * What an approver signs: this proposal, its bytes, and what was decided about it.
 *
 * @throws {ApproverError} `proposals:approval:unasked` where the mandate asks nobody.
 */
export async function approvalDocument(read: Reader, proposal: Proposal): Promise<TypedData> {
  const { decided, id, digest } = proposal
  const row =
    decided?.mandate == null
      ? undefined
      : await read.selectFrom('mandates').selectAll().where('id', '=', decided.mandate).executeTakeFirst()
  if (decided === null || decided.approvers === null || row === undefined) throw new ApproverError('unasked')
  const decision = decided.body['digest']
  return approveDocument({
    policy: fromRow(row).policy,
    proposal: id,
    digest,
    decision: typeof decision === 'string' ? decision : '',
  })
}

/**
 * Counts the approval of one of the people or contracts that the mandate names. Each counts once. With the last one that is needed,
 * and the owner's confirmation where that is owed too, a wallet may be asked.
 *
 * @throws {ApproverError} 403 `proposals:approver:unknown`: nobody whom the mandate names signed this; 409
 *   `proposals:approval:unasked`.
 * @throws {TransitionError} where it is not waiting for approvals any more.
 */
export async function approveProposal(
  gate: Gate,
  { id, sid, signature }: { id: string; sid: string; signature: Hex.Hex },
): Promise<Proposal> {
  const before = await loadProposal(gate.store.read, { id, sid })
  const document = await approvalDocument(gate.store.read, before)
  const approver = await approverOf(gate.chains, {
    of: (before.decided?.approvers?.of ?? []).map(Address.parse),
    // A call of a tool is on no chain.
    chainIds: [document.domain.chainId, ...(before.kind === 'tool_call' ? [] : [before.chainId])],
    signed: { digest: hashOf(document), signature },
  })
  if (approver === null) throw new ApproverError('unknown')
  return gate.store.write(async (write) => {
    const proposal = await loadProposal(write.db, { id, sid })
    // A call has its digest from when its owner is asked about it.
    const isOpen = proposal.state === 'pending' || (proposal.state === 'receipted' && proposal.kind !== 'tool_call')
    if (!isOpen || gate.clock.nowMs() >= proposal.expiresMs) throw new TransitionError(proposal.state, 'pending')
    // Decided again since it was signed: another document.
    if (hashOf(await approvalDocument(write.db, proposal)) !== hashOf(document)) throw new ApproverError('changed')
    const given = proposal.decided?.approvals ?? []
    if (given.includes(approver)) return proposal
    await write.db
      .updateTable('proposal_decisions')
      .set({ approvals: JSON.stringify([...given, approver]) })
      .where('proposal_id', '=', id)
      .execute()
    const facts = { approver: handle(approver), given: given.length + 1, need: proposal.decided?.approvers?.need ?? 0 }
    const approved = await announce(gate, write, { id, sid, event: 'proposals.proposal.approved', facts })
    if (isLevelOwed(proposal) && !isLevelOwed(approved) && approved.state === 'pending') await release(approved)
    return approved

    async function release(ready: Proposal): Promise<void> {
      const { decided, toolCall, digest } = ready
      if (toolCall === null) return requestWallet(gate, write, ready)
      if (decided !== null && isAllowed(decided) && ready.level === 'ordinary')
        write.afterCommit(() =>
          gate.confirmByMandate?.({ id, sid, digest, by: `mandate:${String(decided.body['mandate'])}` }),
        )
    }
  })
}

const WORDS = {
  unknown: [
    'proposals:approver:unknown',
    'refused',
    'None of the approvers of the mandate signed this.',
    'Sign the document of this proposal with a wallet that "approvals.of" names.',
  ],
  unasked: [
    'proposals:approval:unasked',
    'conflict',
    'The mandate asks nobody for an approval of this.',
    'Read the proposal: "approvals" is null where nobody is asked.',
  ],
  changed: [
    'proposals:approval:changed',
    'conflict',
    'It was decided again since the document was made.',
    'Ask for the document again, and sign that.',
  ],
} as const

/** An approval that does not count. */
export class ApproverError extends BaseError {
  override readonly name = 'proposals.ApproverError'
  constructor(why: keyof typeof WORDS) {
    const [code, kind, message, hint] = WORDS[why]
    super(message, { code, kind, hint })
  }
}
