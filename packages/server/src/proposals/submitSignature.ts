import { BaseError, Clock, Digest, type Hex } from '@countersign/base'
import { isSignedBy } from '../chains/isSignedBy.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import { isSignable, TransitionError, type Proposal } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { chainOf } from './stageProposal.ts'

/**
 * Takes the owner's signature of a document. It is believed only when it is a signature of exactly the committed
 * document by the proposal's own account: recovered from the digest or, for a contract wallet, confirmed by it on chain
 * (`isSignedBy`). A signature that is not is refused and changes nothing. The same signature again changes nothing either.
 * A good signature is a fact and is taken down whatever state the proposal is in.
 *
 * @throws {SignatureMismatchError} `proposals:signature:mismatch`.
 * @throws {TransitionError} when the proposal was settled by another signature, or was never handed out.
 */
export async function submitSignature(
  gate: Gate,
  { id, sid, signature }: { id: string; sid: string; signature: Hex.Hex },
): Promise<Proposal> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  const kept = Digest.sha256(Buffer.from(signature.slice(2), 'hex'))
  if (proposal.settlement?.signature_digest === kept) return proposal
  const nowMs = gate.clock.nowMs()
  if (proposal.state === 'settled') throw new TransitionError(proposal.state, 'submitted')
  const read = Document.signatureOf(proposal, { nowMs, known: [] })
  if (read === null) throw new SignatureMismatchError('the proposal holds transactions, not a document')
  const chain = chainOf(gate, proposal.chainId)
  if (!(await isSignedBy(chain, { account: proposal.from, digest: read.digest, signature })))
    throw new SignatureMismatchError(`it is not ${proposal.from}'s signature of this document`)
  if (!proposal.wasHandedOut) {
    // It was never to be signed, and nobody got it from here: the fact is on record, and no more comes of it.
    const facts = { signed: read.digest }
    await gate.store.write((write) => announce(gate, write, { id, sid, event: 'proposals.signature.reported', facts }))
    throw new TransitionError(proposal.state, 'submitted')
  }

  return gate.store.write(async (write) => {
    const now = await loadProposal(write.db, { id, sid })
    if (now.state === 'settled') throw new TransitionError(now.state, 'submitted')
    const isInTime = isSignable(now, gate.clock.nowMs())
    await write.db
      .updateTable('proposal_calls')
      .set({ status: 'confirmed', submitted_ms: gate.clock.nowMs() })
      .where('proposal_id', '=', id)
      .where('status', '=', 'waiting')
      .execute()
    // The power is out in the world, whatever people had decided about the card by then.
    const because = isInTime
      ? null
      : `It was signed although it was ${now.state === 'pending' ? 'late' : now.state} here.`
    const facts = { signed: read.digest }
    await moveProposal(gate, write, { id, sid, target: 'submitted', isProven: !isInTime, because, facts })
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'settled',
      because,
      set: {
        settlement: JSON.stringify({
          verified_at: Clock.iso(gate.clock.nowMs()),
          block_number: null,
          differences: [],
          // The signature is a power, and its owner has it: what is kept tells it again, and opens nothing.
          signature_digest: kept,
        }),
        wallet_lease: null,
        wallet_until_ms: null,
      },
      // The signature itself is a power: the record names only what was signed.
      facts,
    })
  })
}

export class SignatureMismatchError extends BaseError {
  override readonly name = 'proposals.SignatureMismatchError'
  constructor(reason: string) {
    super(`This signature is not taken: ${reason}.`, {
      code: 'proposals:signature:mismatch',
      kind: 'conflict',
      hint: 'Sign the document of the card with the account it names.',
    })
  }
}
