import { Address, Digest, type Hex } from '@countersign/base'
import type { StateCache } from '../chain/state/StateCache.ts'
import { decodeCall } from '../decode/KnownAbi.ts'
import { EMPTY_CODE_HASH } from '../model/Access.ts'
import type { Call } from '../model/Call.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { ContractCall, Step } from '../model/Step.ts'
import { all, logsOf, MAX_FRAMES, revertOf, statusOf, toFrame } from './Trace.ts'

/** One call as the report has it, from its run. */
export function toStep(
  call: Call,
  number: number,
  run: BatchRun | null,
  budget: { left: number },
): Omit<Step, 'clearSigning'> {
  const base = { step: number, label: call.label }
  const found = run?.steps[number - 1]
  const nothing = { gasUsed: 0n, gasLimit: call.gasLimit ?? 0n, returnData: '0x' as Hex.Hex, calls: null, logs: [] }
  if (run === null) {
    return {
      ...base,
      ...nothing,
      status: number === 1 ? 'halt' : 'skipped',
      revert: number === 1 ? { reason: 'it could not be simulated to its end', error: null, data: '0x' } : null,
    }
  }
  if (found === undefined) return { ...base, ...nothing, status: 'skipped', revert: null }
  if ('refused' in found)
    return { ...base, ...nothing, status: 'halt', revert: { reason: found.because, error: null, data: '0x' } }
  return {
    ...base,
    status: statusOf(found.trace),
    revert: withReason(revertOf(found.trace), run),
    gasUsed: found.gasUsed,
    gasLimit: found.gasLimit,
    returnData: (found.trace.output ?? '0x') as Hex.Hex,
    calls: toFrame(found.trace, budget),
    logs: logsOf(found.trace),
  }
}

/** A failure without a word of its own, with what was found to be the usual reason. */
function withReason(revert: Step['revert'], { usualReason }: BatchRun): Step['revert'] {
  return revert === null || usualReason === undefined
    ? revert
    : { ...revert, reason: `${revert.reason}: ${usualReason}` }
}

/** Every contract call of the run, in the order of execution. */
export function contractCalls(
  runs: readonly StepRun[],
  cache: StateCache,
  run: BatchRun | null,
  known: ReadonlyMap<string, { readonly name: string }>,
): ContractCall[] {
  const calls: ContractCall[] = []
  runs.forEach((step, i) => {
    for (const { frame, depth } of all(step.trace)) {
      if (calls.length >= MAX_FRAMES || frame.to === undefined) continue
      const address = frame.to.toLowerCase()
      const created = run?.after.accounts.get(address)?.code
      const codeHash =
        created === undefined ? (cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH) : Digest.keccak256(created)
      // A plain payment to an account without code is not a contract call.
      if (codeHash === EMPTY_CODE_HASH && !frame.type.startsWith('CREATE')) continue
      calls.push({
        address: Address.parse(address),
        name: known.get(address)?.name ?? null,
        signature: frame.type.startsWith('CREATE')
          ? null
          : (decodeCall((frame.input ?? '0x') as Hex.Hex)?.signature ?? null),
        step: i + 1,
        depth,
        value: frame.type === 'DELEGATECALL' || frame.type === 'STATICCALL' ? 0n : BigInt(frame.value ?? '0x0'),
        codeHash,
      })
    }
  })
  return calls
}
