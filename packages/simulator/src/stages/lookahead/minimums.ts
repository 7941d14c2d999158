import type { Hex } from '@countersign/base'
import type { Effects } from '../../effects/readEffects.ts'
import { runBatch, type Fork } from '../../evm/runBatch.ts'
import { addAccess, type AccessSet } from '../../model/Access.ts'
import type { EnforcedMinimum } from '../../model/Evidence.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { BatchRun } from '../../model/Run.ts'
import type { TokenChange } from '../../model/TokenChange.ts'

/** The most numbers that are tried. */
const MAX_TRIED = 4
const WORD_DIGITS = 64
const ARGUMENTS_AT = 10

/**
 * Numbers of the user's calls that may be the least that is accepted of something that arrives: between half of it and all of it.
 * Each is tried: at all that arrives the batch goes through as before, at one more it fails. Whatever the function is called, and wherever in
 * the contract it is checked, that is a minimum.
 */
export async function tryMinimums(
  fork: Fork,
  access: AccessSet,
  {
    request,
    run,
    effects,
    touched,
  }: { request: SimulationRequest; run: BatchRun; effects: Effects; touched: AccessSet },
): Promise<readonly EnforcedMinimum[]> {
  const user = request.from
  const own = effects.tokenChanges.filter(({ account }) => account === user)
  if (!own.some(({ delta }) => delta < 0n)) return []
  const found: EnforcedMinimum[] = []
  const tried = own.filter(({ delta }) => delta > 0n).flatMap((gain) => candidatesOf(request, gain))
  for (const { step, at, amount, token, gained } of tried.slice(0, MAX_TRIED)) {
    const passes = async (number: bigint): Promise<boolean> => {
      const calls = request.calls.map((call, i) =>
        i === step - 1 ? { ...call, data: written(call.data, at, number) } : call,
      )
      const made = await runBatch(fork, access, { from: user, calls, isLean: true, gasLimits: limitsOf(run) })
      addAccess(touched, made.touched)
      return (
        made.steps.length === calls.length &&
        made.steps.every((each) => !('refused' in each) && each.trace.error === undefined)
      )
    }
    if ((await passes(gained)) && !(await passes(gained + 1n))) found.push({ step, token, amount })
  }
  return found
}

interface Candidate extends EnforcedMinimum {
  /** Where its word begins in the call data. */
  readonly at: number
  /** How much of it arrives. */
  readonly gained: bigint
}

/** Words of call data, at any place where arguments stand, that hold a number in the range. */
function candidatesOf({ calls }: SimulationRequest, { token, delta: gained }: TokenChange): Candidate[] {
  return calls.flatMap(({ data }, i) => {
    const found: Candidate[] = []
    for (let at = ARGUMENTS_AT; at + WORD_DIGITS <= data.length; at += WORD_DIGITS) {
      const amount = BigInt(`0x${data.slice(at, at + WORD_DIGITS)}`)
      if (amount * 2n >= gained && amount <= gained) found.push({ step: i + 1, at, amount, token, gained })
    }
    return found
  })
}

const written = (data: Hex.Hex, at: number, number: bigint): Hex.Hex =>
  `${data.slice(0, at)}${number.toString(16).padStart(WORD_DIGITS, '0')}${data.slice(at + WORD_DIGITS)}` as Hex.Hex

/** As much gas as each step may use: what differs is the number, not the limit. */
function limitsOf({ steps }: BatchRun): readonly (bigint | undefined)[] {
  return steps.map((step) => ('refused' in step ? undefined : step.gasLimit))
}
