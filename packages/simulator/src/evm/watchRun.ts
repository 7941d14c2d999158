import type { Hex } from '@countersign/base'
import type { Call } from '../model/Call.ts'
import type { AccessSet } from '../model/Access.ts'
import * as Overlay from './Overlay.ts'
import { secondInput, type Fork } from './runBatch.ts'
import type { BatchRun } from '../model/Run.ts'

/** What a run looked at while it ran, which neither its trace nor its state tells. */
export interface Watched {
  /** Environment opcodes that were executed. */
  readonly environmentReads: readonly string[]
  /** The same, step by step; a step that was not watched has none. */
  readonly readsByStep: readonly (readonly string[])[]
  /** What was hashed, by hash: mapping keys. */
  readonly preimages: readonly { readonly hash: Hex.Hex; readonly preimage: Hex.Hex }[]
  /** Something that was hashed was not kept: a slot may stay closed because of it. */
  readonly isPreimageLost: boolean
  /** Blocks whose hash was asked for. */
  readonly blockHashesAsked: readonly bigint[]
}

/**
 * Runs the batch again on the EVM that can be looked into.
 *
 * @throws {EngineLimitError} when it takes too long there.
 */
export async function watchRun(
  fork: Fork,
  access: AccessSet,
  { from, calls, run }: { from: string; calls: readonly Call[]; run: BatchRun },
): Promise<Watched> {
  const after = fork.start === undefined ? Overlay.empty() : Overlay.copy(fork.start)
  const reads = new Set<string>()
  const readsByStep: (readonly string[])[] = []
  const preimages = new Map<Hex.Hex, Hex.Hex>()
  const asked = new Set<bigint>()
  let isPreimageLost = false
  for (const [i, step] of run.steps.entries()) {
    const call = calls[i]
    if ('refused' in step || call === undefined) break
    const input = secondInput(fork, access, after, {
      from: (call.holder ?? from).toLowerCase(),
      call,
      gasLimit: step.gasLimit,
      price: step.gasPriceWei,
    })
    const watched = await fork.second.execute({ ...input, watch: true }, fork.lane)
    readsByStep.push(watched.environmentReads)
    for (const name of watched.environmentReads) reads.add(name)
    for (const { hash, preimage } of watched.preimages) preimages.set(hash, preimage)
    isPreimageLost ||= watched.isPreimageLost
    for (const number of watched.blockHashesAsked) asked.add(number)
    Overlay.apply(after, step.diff)
  }
  return {
    environmentReads: [...reads].sort(),
    readsByStep,
    preimages: [...preimages].map(([hash, preimage]) => ({ hash, preimage })),
    isPreimageLost,
    blockHashesAsked: [...asked],
  }
}
