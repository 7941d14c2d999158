import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import { sweepBrowsers } from '../browser/browsers.ts'
import { sweepProofs } from '../proofs/checkProof.ts'
import type { Store } from '../store/openStore.ts'
import { endOrphans } from './endSessions.ts'
import type { EventLog } from './EventLog.ts'
import { DEFAULT_LIFETIME, type Lifetime } from './Lifetime.ts'
import { sweepSessions } from './sweepSessions.ts'

/** How many rows are cleared in one write: a few milliseconds, so that nobody waits. */
const BATCH = 100

/** Clears away what is over, in small batches, for as long as the server runs. */
export function watchSessions(
  tools: { store: Store; clock: Clock.Clock; audit: AppendAudit; events: EventLog },
  {
    apps,
    intervalMs,
    isTurnRunning,
    onError,
  }: {
    /** How long sessions of each app last. */
    apps: ReadonlyMap<string, { readonly name: string; readonly lifetime: Lifetime }>
    intervalMs: number
    isTurnRunning: (sid: string) => boolean
    onError: (error: unknown) => void
  },
): { sweep(): Promise<void>; close(): Promise<void> } {
  const lifetimes = {
    byApp: new Map([...apps.values()].map((app) => [app.name, app.lifetime])),
    others: DEFAULT_LIFETIME,
  }
  const stop = new AbortController()
  let running: Promise<void> = Promise.resolve()

  /** Goes on batch by batch until there is less than a batch left. */
  async function all(sweepBatch: () => Promise<number>, batch: number): Promise<void> {
    for (let done = batch; done >= batch && !stop.signal.aborted;) {
      done = await sweepBatch()
      // Others write in between.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async function sweep(): Promise<void> {
    await endOrphans(tools, { batch: BATCH })
    await all(() => sweepSessions(tools, { lifetimes, batch: BATCH, isTurnRunning }), BATCH)
    await all(() => sweepProofs(tools, { batch: 10 * BATCH }), 10 * BATCH)
    await all(() => sweepBrowsers(tools, { batch: 10 * BATCH }), 10 * BATCH)
  }

  const timer = setInterval(() => {
    running = running.then(() => (stop.signal.aborted ? undefined : sweep())).catch(onError)
  }, intervalMs)
  timer.unref()
  return {
    sweep,
    async close() {
      stop.abort()
      clearInterval(timer)
      await running
    },
  }
}
