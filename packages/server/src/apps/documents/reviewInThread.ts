import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { unread, type Reviewed } from './review/reviewText.ts'

/** How long the review of one document may take, in milliseconds. */
const DEADLINE_MS = 30_000
/**
 * How much memory outside of the heap it may hold, and how often that is looked at. The limit of the heap does not count buffers, and a
 * PDF of 2 KB can unpack to gigabytes of them.
 */
const MAX_OUTSIDE_BYTES = 256 * 1024 * 1024
const LOOK_MS = 50
/** Counts when a reader or a rule of our own changes: reviews of others are made again. */
export const REVIEW_VERSION = 1

/**
 * Reviews a document in a thread of its own, so that a file made to take long, or to fill the memory, ends there. Null where it
 * did not end.
 */
export async function reviewInThread(
  document: { readonly path: string; readonly text: string },
  nowMs: number,
  /** For tests: the usual ones hold everywhere else. */
  { deadlineMs = DEADLINE_MS, maxOutsideBytes = MAX_OUTSIDE_BYTES } = {},
): Promise<Reviewed | null> {
  const worker = new Worker(new URL(`./reviewWorker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { document, nowMs },
    name: 'countersign-review',
    // Nothing of the process around it is its business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const ended = new Promise<Reviewed | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), deadlineMs)
    const end = (reviewed: Reviewed | null): void => {
      clearTimeout(timer)
      clearInterval(look)
      resolve(reviewed)
    }
    let isAsked = false
    const look = setInterval(() => {
      // On a busy machine an answer takes longer than this: one question at a time.
      if (isAsked) return
      isAsked = true
      worker.getHeapStatistics().then(
        ({ external_memory: bytes }) => {
          isAsked = false
          if (bytes > maxOutsideBytes) end(unread('it takes too much memory to read'))
        },
        // It has not begun, or has ended.
        () => {
          isAsked = false
        },
      )
    }, LOOK_MS)
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
