import { Address, BaseError, Hex } from '@countersign/base'
import { isSignedBy, recovers } from '../chains/isSignedBy.ts'
import { loadSession } from '../sessions/sessions.ts'
import type { Write } from '../store/openStore.ts'
import type { Gate } from './Gate.ts'
import { confirmHeld } from './decision/handOutProposal.ts'
import { isLevelOwed, TransitionError, type Proposal } from './Proposal.ts'
import * as StepUp from './StepUp.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { requestWallet } from './requestWallet.ts'

/** After so many wrong answers it is not the owner who types. */
const MAX_FAILURES = 5

/** What a person gives for a step-up: every value that was asked for, typed by hand. */
export interface StepUpGiven {
  readonly method: string
  readonly values: Readonly<Record<string, unknown>>
  /** Of `step_up.typed_data`, by the wallet that signed in. */
  readonly signature?: Hex.Hex | null
}

/**
 * Records that the owner gave the level that a proposal asks for. Its state stays `pending`: from here on, and never
 * before, a wallet may be asked. One request of many succeeds.
 *
 * @param digest - The digest of what the owner was shown.
 * @throws {ConfirmationError} `proposals:digest:…`, `proposals:proposal:expired`, `proposals:step-up:…`.
 * @throws {TransitionError} `proposals:transition:refused` when it is not pending, or was confirmed already.
 */
export async function confirmProposal(
  gate: Gate,
  {
    id,
    sid,
    digest,
    stepUp,
    isOwner,
  }: {
    id: string
    sid: string
    digest: string | null
    stepUp: StepUpGiven | null
    /** Whether the owner's wallet is proven in the session that confirms. */
    isOwner: boolean
  },
): Promise<Proposal> {
  const signed = await signedByWallet(gate, { id, sid, stepUp })
  // What went wrong is counted in the same commit, so it is thrown after it.
  const outcome = await gate.store.write(async (write): Promise<Proposal | BaseError> => {
    const proposal = await loadProposal(write.db, { id, sid })
    if (digest === null) return new ConfirmationError('digest-missing')
    if (digest.toLowerCase() !== proposal.digest.toLowerCase()) return new ConfirmationError('digest-mismatch')
    if (proposal.state !== 'pending' || proposal.levelGivenMs !== null) {
      return proposal.state === 'expired'
        ? new ConfirmationError('expired')
        : new TransitionError(proposal.state, 'pending')
    }
    const nowMs = gate.clock.nowMs()
    if (nowMs >= proposal.expiresMs) return new ConfirmationError('expired')
    if (proposal.decided?.isOwed === true && !isOwner) return new ConfirmationError('owner-required')
    const refused = await takeLevel(gate, write, { proposal, stepUp, signed })
    if (refused !== null) return refused
    await confirmHeld(gate, write, proposal)
    const given = await write.db
      .updateTable('proposals')
      .set({ level_given_ms: nowMs, updated_ms: nowMs })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where('level_given_ms', 'is', null)
      .returning('id')
      .executeTakeFirst()
    if (given === undefined) return new TransitionError(proposal.state, 'pending')
    const facts = { level: proposal.level, method: stepUp?.method ?? null, asked: proposal.questions.length }
    const confirmed = await announce(gate, write, { id, sid, event: 'proposals.proposal.confirmed', facts })
    // The wallet was asked for when it was committed, where nothing was owed.
    if (isLevelOwed(proposal) && !isLevelOwed(confirmed)) await requestWallet(gate, write, confirmed)
    return confirmed
  })
  if (outcome instanceof BaseError) throw outcome
  return outcome
}

/**
 * Judges what a person gives for the level of a proposal; null where it is enough. A wrong answer is counted, and the
 * fifth rejects the proposal.
 */
export async function takeLevel(
  gate: Gate,
  write: Write,
  { proposal, stepUp, signed }: { proposal: Proposal; stepUp: StepUpGiven | null; signed: Hex.Hex | null },
): Promise<BaseError | null> {
  if (proposal.level !== 'step-up') return null
  if (stepUp === null) return new ConfirmationError('step-up-required')
  if (stepUp.method === 'wallet') {
    const { stepUpWallet: wallet } = proposal
    // What was signed is what is confirmed: the same digest, questions and end.
    const isSigned = wallet !== null && signed !== null && signed === StepUp.signedHash(proposal, wallet)
    return isSigned ? null : new StepUp.StepUpWalletError()
  }
  if (stepUp.method !== 'retype') return new ConfirmationError('step-up-required')
  if (StepUp.isRetyped(proposal.questions, stepUp.values)) return null
  const { id, sid } = proposal
  const { step_up_failures: failures } = await write.db
    .updateTable('proposals')
    .set((eb) => ({ step_up_failures: eb('step_up_failures', '+', 1) }))
    .where('id', '=', id)
    .returning('step_up_failures')
    .executeTakeFirstOrThrow()
  if (failures >= MAX_FAILURES) {
    const because = `A value was typed wrong ${MAX_FAILURES} times.`
    await moveProposal(gate, write, { id, sid, target: 'rejected', only: ['pending'], because })
  }
  return new ConfirmationError('step-up-wrong')
}

/**
 * The hash that the wallet of the session signed, verified; null where it did not. Asked before the transaction that uses
 * it: a contract's answer may take its time.
 */
export async function signedByWallet(
  gate: Gate,
  { id, sid, stepUp }: { id: string; sid: string; stepUp: StepUpGiven | null },
): Promise<Hex.Hex | null> {
  const signature = stepUp?.method === 'wallet' ? (stepUp.signature ?? null) : null
  if (signature === null || Hex.size(signature) > MAX_SIGNATURE_BYTES) return null
  const proposal = await loadProposal(gate.store.read, { id, sid })
  const { stepUpWallet: wallet } = proposal
  const { signedIn } = loadSession(gate.store, { sid })
  if (wallet === null || signedIn === null || !Address.isEqual(signedIn.address, wallet.address)) return null
  const digest = StepUp.signedHash(proposal, wallet)
  const signed = { account: wallet.address, digest, signature }
  if (await recovers(signed)) return digest
  const chain = gate.chains.get(wallet.chainId)
  return chain !== undefined && (await isSignedBy(chain, signed)) ? digest : null
}

/** Contract wallets have longer ones than 65 bytes; nothing honest is as long as this. */
const MAX_SIGNATURE_BYTES = 8_192

const REASONS = {
  'digest-missing': [
    'proposals:digest:missing',
    'invalid',
    'The digest is missing.',
    'Send the digest of the proposal that was shown.',
  ],
  'digest-mismatch': [
    'proposals:digest:mismatch',
    'conflict',
    'This is the digest of another proposal.',
    'Read the proposal again, and confirm what it shows now.',
  ],
  expired: ['proposals:proposal:expired', 'conflict', 'The proposal has expired.', 'Ask for it again.'],
  'step-up-required': [
    'proposals:step-up:required',
    'refused',
    'This proposal holds values that you did not name, so it needs more than a click.',
    'Send {"step_up": {"method": "retype", "values": {…}}} with every value of "questions", typed by a person.',
  ],
  'owner-required': [
    'proposals:owner:required',
    'refused',
    'The mandate asks its owner about this proposal.',
    'Confirm it in a session in which the wallet of the owner is proven.',
  ],
  'approvals-missing': [
    'proposals:approval:missing',
    'refused',
    'The mandate asks for approvals that are missing.',
    'Let the approvers of "approvals.of" sign, as many as "approvals.need" says.',
  ],
  'step-up-wrong': [
    'proposals:step-up:wrong',
    'refused',
    'A value is wrong or missing.',
    'Type every value as it is shown. The fifth wrong answer rejects the proposal.',
  ],
} as const

/** A confirmation is not one. */
export class ConfirmationError extends BaseError {
  override readonly name = 'proposals.ConfirmationError'
  constructor(reason: keyof typeof REASONS) {
    const [code, kind, message, hint] = REASONS[reason]
    super(message, { code, kind, hint })
  }
}
