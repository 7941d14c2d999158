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

/** transferFrom and both of safeTransferFrom of ERC-721, one of which every collection has. */
const SENDS_PIECES = /63(?:23b872dd|42842e0e|b88d4fde)(?:14|81|03|18)/
/** How compilers tell functions apart: PUSH4 of the selector, then EQ. Code without it may do so by other means. */
const DISPATCHES = /63[0-9a-f]{8}14/
/** Whether it has functions, and none that sends a numbered piece: what it numbers are entries of a register. */
export function isRegister(fork: Fork, run: BatchRun, contract: string): boolean {
  const codes = codesOf(fork, run, contract)
  return codes.some((code) => DISPATCHES.test(code)) && !codes.some((code) => SENDS_PIECES.test(code))
}
