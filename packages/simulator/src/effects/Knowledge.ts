import { Digest } from '@countersign/base'
import type { BatchRun } from '../engine/runBatch.ts'
import type { Watched } from '../engine/watchRun.ts'
import type { Preimages } from './StoragePath.ts'
import { all } from './Trace.ts'

/** What watching taught, kept for later runs: preimages are facts, and a run of the same shape asks the same questions. */
export interface Knowledge {
  readonly preimages: Preimages
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
 * people rests on it (which opcodes were executed); no verdict does.
 */
export function runFingerprint(run: BatchRun): string {
  const parts: string[] = []
  for (const step of run.steps) {
    if ('refused' in step) continue
    for (const { frame, depth } of all(step.trace))
      parts.push(
        `${depth}${frame.type}${frame.to ?? ''}${(frame.input ?? '').slice(0, 10)}${frame.gasUsed ?? ''}${frame.error ?? ''}`,
      )
  }
  return Digest.sha256(parts.join('|'))
}
