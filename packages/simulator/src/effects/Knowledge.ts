import { Digest } from '@countersign/base'
import type { BatchRun, Fork } from '../engine/runBatch.ts'
import type { Watched } from '../engine/watchRun.ts'
import { BLOCK_OPCODES, canReach } from '../state/StateCache.ts'
import type { Preimages } from './StoragePath.ts'
import { all } from './Trace.ts'

/** What watching taught, kept for later runs: preimages are facts, and a run of the same shape asks the same questions. */
export interface Knowledge {
  readonly preimages: Preimages
  /** Stored switches that cost nobody anything, by shape of run, contract and slot. */
  readonly harmless: Set<string>
  path(fingerprint: string): Watched | undefined
  learn(fingerprint: string, watched: Watched): Watched
}

/** About 100 MB at most: a preimage is 200 bytes of text. */
const MAX_PREIMAGES = 200_000
const MAX_PATHS = 5_000

export function emptyKnowledge(): Knowledge {
  const preimages: Preimages = new Map()
  const paths = new Map<string, Watched>()
  return {
    preimages,
    harmless: new Set(),
    path: (fingerprint) => paths.get(fingerprint),
    learn(fingerprint, watched) {
      if (preimages.size > MAX_PREIMAGES) preimages.clear()
      if (paths.size > MAX_PATHS) paths.clear()
      for (const { hash, preimage } of watched.preimages) preimages.set(hash, preimage)
      paths.set(fingerprint, { ...watched, preimages: [] })
      return watched
    },
  }
}

/**
 * The shape of a run: who called whom with which function, and what each call used and ended with. Only what is told to
 * people rests on it (which opcodes were executed); no verdict does. What a call's own bytes cost is left out, so that
 * another amount is not another shape.
 */
export function runFingerprint(run: BatchRun): string {
  const parts: string[] = []
  for (const step of run.steps) {
    if ('refused' in step) continue
    for (const { frame, depth } of all(step.trace)) {
      const input = frame.input ?? ''
      const used = depth === 0 ? `${step.gasUsed - bytesGas(input)}` : (frame.gasUsed ?? '')
      parts.push(`${depth}${frame.type}${frame.to ?? ''}${input.slice(0, 10)}${used}${frame.error ?? ''}`)
    }
  }
  return Digest.sha256(parts.join('|'))
}

/** EIP-2028: 16 gas for a byte, 4 for a zero byte. */
function bytesGas(input: string): bigint {
  let zeros = 0
  for (let at = 2; at < input.length; at += 2) if (input.startsWith('00', at)) zeros += 1
  return BigInt(16 * (input.length / 2 - 1) - 12 * zeros)
}

/**
 * Whether a run may have asked for what no two blocks answer alike. Then a run of the same shape is no answer: each has
 * to be watched, because the block hashes that it asked for have to be handed to it.
 */
export function mayAskBlocks(fork: Fork, run: BatchRun): boolean {
  return run.steps.some((step) => {
    if ('refused' in step) return false
    for (const { frame } of all(step.trace)) {
      if (frame.type.startsWith('CREATE') || frame.to === undefined) return true
      const address = frame.to.toLowerCase()
      const made = run.after.accounts.get(address)?.code
      if (made !== undefined && canReach(made, BLOCK_OPCODES)) return true
      const hash = fork.cache.accounts.get(address)?.codeHash
      if (hash === undefined) continue
      // An account's own code may stand elsewhere (EIP-7702).
      if (fork.codes.asksBlocks(hash) || fork.codes.get(hash).startsWith('0xef0100')) return true
    }
    return false
  })
}
