import { parentPort, workerData } from 'node:worker_threads'
import { reviewText } from './review/reviewText.ts'

/** The thread of one review: a document in, findings out. */
const { document, nowMs } = workerData as { document: { path: string; text: string }; nowMs: number }
const reviewed = await reviewText(document, nowMs)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(reviewed)
