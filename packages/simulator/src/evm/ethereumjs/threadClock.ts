import type { Worker } from 'node:worker_threads'
import { usedSince, type CpuClock, type CpuReading } from '../anvil/cpuTime.ts'

/** Readings that are kept: more than one run takes. */
const KEPT = 400

/** The processor time of a thread, where this Node tells it (`worker.cpuUsage`, from 24.6 on). */
export interface ThreadClock extends CpuClock {
  /** As `read`, and waits for it: quick from a thread that has nothing to do. */
  readNow(): Promise<void>
}

/**
 * A thread is asked for what it used and answers in the middle of its work, a little later; what it has not told yet does not count.
 *
 * @param nowMs - The clock of `performance.now()`.
 */
export function createThreadClock(worker: Worker, nowMs: () => number = () => performance.now()): ThreadClock {
  const readings: CpuReading[] = []
  const isTold = typeof (worker as Partial<Worker>).cpuUsage === 'function'
  let isAsking = false

  async function readNow(): Promise<void> {
    if (!isTold || isAsking) return
    isAsking = true
    try {
      const { user, system } = await worker.cpuUsage()
      readings.push({ atMs: nowMs(), usedMs: (user + system) / 1_000 })
      if (readings.length > KEPT) readings.shift()
    } catch {
      // It ended: nobody needs to know what it used.
    } finally {
      isAsking = false
    }
  }

  return {
    readNow,
    read: () => void readNow(),
    since(startMs) {
      return isTold ? usedSince(readings, startMs, readings.at(-1)?.usedMs ?? 0) : null
    },
  }
}
