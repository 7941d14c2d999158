import { randomBytes } from 'node:crypto'
import type { Simulator } from '@countersign/simulator'
import { LEASE_MS, type Claimed, type JobQueue } from '../../store/postgres/JobQueue.ts'
import * as Job from './Job.ts'

/** How often a worker looks without having been called, in milliseconds. */
const LOOK_MS = 500

export interface Working {
  /** What it did since it began. */
  readonly counts: { readonly answered: number; readonly refused: number; readonly running: number }
  /** Takes no more jobs, and ends when those that run are answered. */
  close(): Promise<void>
}

/**
 * Runs simulations that servers on the same database ask for, so many at the same time.
 *
 * @param onError - Told what went wrong while the queue was asked; it is asked again.
 */
export async function workJobs(
  {
    queue,
    simulators,
    onError,
  }: {
    queue: JobQueue
    simulators: ReadonlyMap<number, { readonly simulator: Simulator; readonly checks: Job.Needs }>
    onError: (error: unknown) => void
  },
  { atOnce }: { atOnce: number },
): Promise<Working> {
  const id = randomBytes(8).toString('hex')
  const chains = [...simulators.keys()]
  const running = new Set<Promise<void>>()
  let [answered, refused] = [0, 0]
  const state = { isClosed: false }
  let isLooking = false
  let isCalled = false

  const run = async (claimed: Claimed): Promise<void> => {
    const holding = setInterval(() => void queue.hold(claimed).catch(onError), LEASE_MS / 3)
    try {
      const here = simulators.get(claimed.chainId)
      if (here === undefined) return
      const { needs, job } = Job.decode<Job.QueuedJob>(claimed.job)
      const answer = isEnough(here.checks, needs)
        ? await Job.answer(here.simulator, job)
        : Job.failure(new Job.NoAnswerError('setup'))
      if (await queue.answer(claimed, Job.encode(answer))) answered += 1
      else refused += 1
    } catch (error) {
      onError(error)
    } finally {
      clearInterval(holding)
    }
  }
  const look = async (): Promise<void> => {
    isCalled = true
    if (isLooking) return
    isLooking = true
    try {
      while (isCalled && !state.isClosed) {
        isCalled = false
        while (running.size < atOnce && !state.isClosed) {
          const claimed = await queue.claim(chains)
          if (claimed === null) break
          const work: Promise<void> = run(claimed).finally(() => {
            running.delete(work)
            void look()
          })
          running.add(work)
        }
      }
    } catch (error) {
      onError(error)
    } finally {
      isLooking = false
    }
  }
  const live = (): void => {
    if (!state.isClosed) void queue.live(id, chains).catch(onError)
  }
  await queue.live(id, chains)
  queue.onAsked(() => void look())
  const timers = [setInterval(live, LEASE_MS / 3), setInterval(() => void look(), LOOK_MS)]
  void look()
  return {
    get counts() {
      return { answered, refused, running: running.size }
    },
    async close() {
      state.isClosed = true
      for (const timer of timers) clearInterval(timer)
      await queue.leave(id).catch(onError)
      await Promise.all(running)
    },
  }
}

function isEnough(checks: Job.Needs, needs: Job.Needs): boolean {
  return checks.quorum >= needs.quorum && (checks.isProofVerified || !needs.isProofVerified)
}
