import { Address, BaseError } from '@countersign/base'
import type { Gate } from './Gate.ts'
import { TransitionError, type Proposal } from './Proposal.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { requestWallet } from './requestWallet.ts'

/** After so many wrong answers it is not the owner who types. */
const MAX_FAILURES = 5

/** What a person gives for a step-up: every value that was asked for, typed by hand. */
export interface StepUp {
  readonly method: string
  readonly values: Readonly<Record<string, unknown>>
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
  { id, sid, digest, stepUp }: { id: string; sid: string; digest: string | null; stepUp: StepUp | null },
): Promise<Proposal> {
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
    if (proposal.level === 'step-up') {
      if (stepUp === null) return new ConfirmationError('step-up-required')
      if (stepUp.method === 'wallet') return new ConfirmationError('step-up-wallet')
      if (stepUp.method !== 'retype') return new ConfirmationError('step-up-required')
      if (!isRetyped(proposal, stepUp.values)) {
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
    }
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
    // The wallet was asked for an ordinary one when it was committed.
    if (proposal.level === 'step-up') await requestWallet(gate, write, confirmed)
    return confirmed
  })
  if (outcome instanceof BaseError) throw outcome
  return outcome
}

/** Addresses compare without case, everything else as text. */
function isRetyped({ questions }: Proposal, values: Readonly<Record<string, unknown>>): boolean {
  return questions.every(({ argument, value }) => {
    const typed = Object.hasOwn(values, argument) ? values[argument] : undefined
    if (typeof typed !== 'string') return false
    return typed === value || (Address.isAddress(value) && typed.toLowerCase() === value.toLowerCase())
  })
}

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
  'step-up-wrong': [
    'proposals:step-up:wrong',
    'refused',
    'A value is wrong or missing.',
    'Type every value as it is shown. The fifth wrong answer rejects the proposal.',
  ],
  'step-up-wallet': [
    'proposals:step-up:wallet',
    'refused',
    'This proposal does not accept a signature in place of the values.',
    'Use a method that "step_up" lists.',
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
