import { extname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/**
 * Pages in the log (4 KiB each) at which another thread starts to copy them. At 2,000 writes a second (five pages each)
 * that is about every second: the two milliseconds in which the writer copies the last ones itself stay far below one
 * in a hundred. At 2,000 pages they were four or five times a second. A read looks through two segments of the log's
 * index (4,096 pages each), which costs it less than a microsecond a page.
 */
const LOG_PAGES = 8_000
/** Pages that the writer copies itself, to come to the log's end and so to its beginning: under two milliseconds. */
const LAST_PAGES = 256
/** Commits between two looks at the log's length. */
const LOOK_EVERY = 16

/** Keeps the log short without holding up the commits. */
export interface Checkpoints {
  /** After a commit, outside of a transaction. Throws nothing: what was acknowledged stays so. */
  committed(db: DatabaseSync): void
  close(): Promise<void>
}

/**
 * Checkpoints beside the writer. A checkpoint syncs the log, writes the pages and syncs the database, which takes 5 to
 * 30 ms: in the writer's own thread every write of that time would wait for it. So another thread copies (passively:
 * commits go on), again until little is left, and the writer copies that little between two commits. The log is then
 * empty as far as SQLite is concerned, and the next commit begins it again. Where the other thread cannot keep up, the
 * writer's connection checkpoints by itself (`wal_autocheckpoint`).
 */
export function createCheckpoints({ path }: { path: string }): Checkpoints {
  let worker: Worker | null = null
  /** What the other thread is doing: nothing, a copy, or it has just ended one. */
  let state: 'idle' | 'copying' | 'copied' = 'idle'
  let commits = 0

  function start(): Worker {
    if (worker !== null) return worker
    const started = new Worker(new URL(`./checkpointer${extname(import.meta.url)}`, import.meta.url), {
      workerData: { path },
      name: 'countersign-store-checkpointer',
      execArgv: [],
    })
    started.on('message', () => (state = 'copied'))
    const ended = (): void => {
      if (worker !== started) return
      worker = null
      state = 'idle'
    }
    // A checkpoint that failed lost nothing: the log has it all, and the next one tries again.
    started.on('error', ended)
    started.on('exit', ended)
    // Nothing waits for it.
    started.unref()
    worker = started
    return started
  }

  function look(db: DatabaseSync): void {
    const { log, checkpointed } = db.prepare('pragma wal_checkpoint(noop)').get() as unknown as Log
    const left = log - checkpointed
    if (state === 'copied' && left <= LAST_PAGES) {
      db.prepare('pragma wal_checkpoint(passive)').get()
      state = 'idle'
    } else if (left >= (state === 'copied' ? LAST_PAGES : LOG_PAGES)) {
      state = 'copying'
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      start().postMessage('copy')
    }
  }

  return {
    committed(db) {
      commits += 1
      if (state === 'copying' || (state === 'idle' && commits < LOOK_EVERY)) return
      commits = 0
      try {
        look(db)
      } catch {
        // The commit is on disk, in the log. A disk that fails shows at the next write, which is told.
      }
    },
    async close() {
      await worker?.terminate()
    },
  }
}

/** Pages in the log, and how many of them are in the database as well; both -1 where there is no log. */
interface Log {
  readonly log: number
  readonly checkpointed: number
}
