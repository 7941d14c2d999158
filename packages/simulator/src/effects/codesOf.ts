import type { Hex } from '@countersign/base'
import type { Fork } from '../evm/runBatch.ts'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import { surviving } from './Trace.ts'

/** The code of a contract after the run, and all code that it borrowed in the run: a proxy's is elsewhere. Lower case. */
export function codesOf(fork: Fork, run: BatchRun, contract: string): readonly Hex.Hex[] {
  const borrowed = run.steps.flatMap((step) =>
    'refused' in step
      ? []
      : [...surviving(step.trace)].flatMap(({ frame }) =>
          frame.type === 'DELEGATECALL' && frame.from.toLowerCase() === contract ? (frame.to?.toLowerCase() ?? []) : [],
        ),
  )
  return [...new Set([contract, ...borrowed])].map((address): Hex.Hex => {
    const made = run.after.accounts.get(address)?.code
    if (made !== undefined) return made
    const hash = fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH
    return hash === EMPTY_CODE_HASH ? '0x' : fork.codes.get(hash)
  })
}

/** How compilers tell functions apart: PUSH4 of the selector, then EQ. Code without it may do so by other means. */
const DISPATCHES = /63[0-9a-f]{8}14/

/**
 * Whether code answers to one of some functions, by their selectors without 0x. That it calls them elsewhere is no answer; of
 * code that tells functions apart by other means, such as a proxy's, it is not known, and counts as one.
 */
export function answersTo(code: string, selectors: readonly string[]): boolean {
  if (!DISPATCHES.test(code)) return true
  return new RegExp(`63(?:${selectors.join('|')})(?:14|81|03|18)`).test(code)
}
