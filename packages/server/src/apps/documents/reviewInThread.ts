import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Reviewed } from './review/reviewText.ts'

/** How long the review of one document may take, in milliseconds. */
const DEADLINE_MS = 30_000
/** Counts when a reader or a rule of our own changes: reviews of others are made again. */
export const REVIEW_VERSION = 1

/** Reviews a document in a thread of its own, so that a file made to take long ends there. Null where it did not end. */
export async function reviewInThread(
  document: { readonly path: string; readonly text: string },
  nowMs: number,
): Promise<Reviewed | null> {
  const worker = new Worker(new URL(`./reviewWorker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { document, nowMs },
    name: 'countersign-review',
    // Nothing of the process around it is its business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const ended = new Promise<Reviewed | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), DEADLINE_MS)
    const end = (reviewed: Reviewed | null): void => {
      clearTimeout(timer)
      resolve(reviewed)
    }
    worker.once('message', end)
    worker.once('error', () => end(null))
    worker.once('exit', () => end(null))
  })
  try {
    return await ended
  } finally {
    await worker.terminate()
  }
}
