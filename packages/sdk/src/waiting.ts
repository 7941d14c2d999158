import { noAnswer, waitedTooLong } from './errors.ts'
import { pause } from './request.ts'
import type { AnyProposal, ProposalState } from './wire.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal
  /** After how long to give up with `sdk:wait:timeout`, in milliseconds; default 15 minutes, which is how long a card is open. */
  readonly timeoutMs?: number
  /** How often to ask, in milliseconds; default 1 000. */
  readonly intervalMs?: number
  /** Whether this is what is waited for; default: it has ended. */
  readonly until?: (proposal: AnyProposal) => boolean
}

/** States after which a person or a program has nothing to do any more. */
const ENDED: readonly ProposalState[] = [
  'blocked',
  'settled',
  'mismatched',
  'rejected',
  'expired',
  'superseded',
  'done',
  'failed',
  'unknown',
  'refused',
]

/** Whether a proposal has ended. A chain may still take back what settled in one of its last blocks. */
export function hasEnded({ state }: Pick<AnyProposal, 'state'>): boolean {
  return ENDED.includes(state)
}

/** Reads a proposal again and again until it is as the caller wants it. */
export async function waitForProposal(
  read: (signal: AbortSignal | undefined) => Promise<AnyProposal>,
  { signal, timeoutMs = 900_000, intervalMs = 1_000, until = hasEnded }: WaitOptions = {},
): Promise<AnyProposal> {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const proposal = await read(signal)
    if (until(proposal)) return proposal
    if (Date.now() >= endMs) throw waitedTooLong('The proposal', timeoutMs)
    await pause(Math.min(intervalMs, Math.max(0, endMs - Date.now())), signal)
    if (signal?.aborted === true) throw noAnswer(signal.reason, signal)
  }
}
