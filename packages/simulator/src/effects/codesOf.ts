import type { Hex } from '@countersign/base'
import type { Fork } from '../evm/runBatch.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import { surviving } from './Trace.ts'

/**
 * The code of a contract after the run, and all code that it borrowed in the run: a proxy's is elsewhere.
 *
 * @param contract - In lower case.
 * @param touched - Whose code is looked at here: an answer depends on it.
 */
export function codesOf(
  fork: Fork,
  run: BatchRun,
  { contract, touched }: { contract: string; touched: AccessSet },
): readonly Hex.Hex[] {
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
    touched.set(address, touched.get(address) ?? new Set())
    const hash = fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH
    return hash === EMPTY_CODE_HASH ? '0x' : fork.codes.get(hash)
  })
}

/** Whether this run makes the contract. */
export function isMadeIn(fork: Fork, run: BatchRun, contract: string): boolean {
  return (
    run.after.accounts.get(contract)?.code !== undefined &&
    (fork.cache.accounts.get(contract)?.codeHash ?? EMPTY_CODE_HASH) === EMPTY_CODE_HASH
  )
}

/**
 * Whether code stands at an address after the run.
 *
 * @param touched - Whose code is looked at here: an answer depends on it, also where nothing stands there.
 */
export function hasCode(
  fork: Fork,
  run: BatchRun,
  { address, touched }: { address: string; touched: AccessSet },
): boolean {
  touched.set(address, touched.get(address) ?? new Set())
  const hash = fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH
  return hash !== EMPTY_CODE_HASH || run.after.accounts.get(address)?.code !== undefined
}
