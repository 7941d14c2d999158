import type { Store } from './openStore.ts'

/** Looks at the store again and again while it runs, and only where something was committed since. */
export interface CommitWatch {
  readonly isRunning: boolean
  /** Begins, with a look at everything. Running it again changes nothing. */
  start(): void
  /** What the next look finds may be older than the last commit. */
  lookAgain(): void
  stop(): void
}

/**
 * Watches what any process on the store commits. Between commits a look is one comparison (`Store.version`).
 *
 * @param look - Reads what is new; false when there is more, which the next look is for.
 */
export function watchCommits(
  store: Pick<Store, 'version'>,
  { intervalMs, look }: { intervalMs: number; look: () => boolean },
): CommitWatch {
  let timer: NodeJS.Timeout | null = null
  let seenVersion = -1
  return {
    get isRunning() {
      return timer !== null
    },
    start() {
      if (timer !== null) return
      seenVersion = -1
      timer = setInterval(() => {
        try {
          const version = store.version()
          if (version !== seenVersion && look()) seenVersion = version
        } catch {
          // The disk cannot be read now: nothing was marked as seen, so the next look finds it.
        }
      }, intervalMs)
      timer.unref()
    },
    lookAgain() {
      seenVersion = -1
    },
    stop() {
      if (timer !== null) clearInterval(timer)
      timer = null
    },
  }
}
