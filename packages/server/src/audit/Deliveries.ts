import type { Clock } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import * as Audit from './Audit.ts'
import { pageAudit } from './appendAudit.ts'
import { auditedApps } from './checkpoints.ts'

/** What one message holds at most: entries, and characters of them (one entry more, where it alone is longer). */
export const MAX_ENTRIES = 500
export const MAX_LENGTH = 512 * 1_024
/** How often it is looked whether something was recorded, in milliseconds. */
const LOOK_MS = 1_000
/** How long one process may be sending before another may. Longer than any sender waits. Milliseconds. */
export const LEASE_MS = 60_000
/** The first and the longest wait after a message that was not taken, in milliseconds. It is never given up. */
export const FIRST_WAIT_MS = 5_000
export const LONGEST_WAIT_MS = 15 * 60_000
/** Messages under way at once, each of another app's record. */
const MAX_SENDING = 4

/** Sends a body to the receiver. Null when it took it; else why not: a code, never text of the receiver. */
export type Deliver = (body: string) => Promise<string | null>

export interface DeliveryTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly deliver: Deliver
  /** Told of a message that was not taken, for the log. */
  readonly onFailure: (failure: { app: string; afterSeq: number; attempts: number; because: string }) => void
  readonly onError: (error: unknown) => void
}

/**
 * A message: lines of a record in order, as in an export. Written one after the other they are the file that
 * `verifyExport` reads.
 */
export function bodyOf(app: string, entries: readonly Audit.AuditEntry[]): string {
  const [first, last] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0]
  return JSON.stringify({
    id: `audit:${app}:${first}-${last}`,
    event: 'audit.record.delivered',
    app,
    first,
    last,
    lines: entries.map(Audit.toLine),
  })
}

/**
 * Delivers every record to the operator's receiver: at least once, in order for each app, from its first entry on. The
 * record is the queue, of which only the place is written down: nothing is copied, nothing is recorded about it, and no request waits.
 * What was not taken is sent again, later each time, for as long as it takes; several processes share the work.
 */
export class Deliveries {
  readonly #tools: DeliveryTools
  readonly #rows
  readonly #head
  readonly #sending = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(tools: DeliveryTools) {
    this.#tools = tools
    this.#rows = tools.store.prepare<{ seq: number; next_ms: number; lease_until_ms: number }>(
      'select seq, next_ms, lease_until_ms from audit_deliveries where app = ?',
    )
    this.#head = tools.store.prepare<{ seq: number | null }>('select max(seq) as seq from audit where app = ?')
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref()
    this.#look()
  }

  /** Waits until what is due now was tried. For tests. */
  async drain(): Promise<void> {
    do {
      this.#look()
      await Promise.all(this.#sending.values())
    } while (this.#due().length > 0)
  }

  /** Lets what is under way come to its end. What is left is sent after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all(this.#sending.values())
  }

  #due(): string[] {
    const nowMs = this.#tools.clock.nowMs()
    return auditedApps(this.#tools).filter((app) => {
      const row = this.#rows.get(app)
      if (row !== undefined && (row.next_ms > nowMs || row.lease_until_ms > nowMs)) return false
      return (this.#head.get(app)?.seq ?? 0) > (row?.seq ?? 0)
    })
  }

  #look(): void {
    if (this.#isClosed) return
    try {
      for (const app of this.#due()) {
        if (this.#sending.size >= MAX_SENDING) return
        if (this.#sending.has(app)) continue
        const work = this.#send(app)
          .catch(this.#tools.onError)
          .finally(() => void this.#sending.delete(app))
        this.#sending.set(app, work)
      }
    } catch (error) {
      this.#tools.onError(error)
    }
  }

  /** Sends what is due of one record, a message after the other, until one is not taken. */
  async #send(app: string): Promise<void> {
    const { store, clock, deliver, onFailure } = this.#tools
    for (;;) {
      const claimed = await this.#claim(app)
      if (claimed === null) return
      const entries = fitting(pageAudit({ store }, { app, afterSeq: claimed.seq, limit: MAX_ENTRIES }))
      const last = entries.at(-1)
      const because = last === undefined ? null : await deliver(bodyOf(app, entries))
      const isTaken = because === null
      const waitMs = Math.min(FIRST_WAIT_MS * 3 ** (claimed.attempts - 1), LONGEST_WAIT_MS)
      await store.write((write) =>
        write.db
          .updateTable('audit_deliveries')
          .set(
            isTaken
              ? { seq: last?.seq ?? claimed.seq, attempts: 0, next_ms: 0, lease_until_ms: 0 }
              : { next_ms: clock.nowMs() + waitMs, lease_until_ms: 0 },
          )
          .where('app', '=', app)
          // Whoever holds the lease has the attempt: one that took too long changes nothing any more.
          .where('seq', '=', claimed.seq)
          .where('attempts', '=', claimed.attempts)
          .execute(),
      )
      if (!isTaken) return onFailure({ app, afterSeq: claimed.seq, attempts: claimed.attempts, because })
      if (last === undefined || this.#isClosed) return
    }
  }

  /** Takes the lease on a record; null when another has it, or nothing is due. */
  async #claim(app: string): Promise<{ seq: number; attempts: number } | null> {
    const { store, clock } = this.#tools
    const nowMs = clock.nowMs()
    if ((this.#head.get(app)?.seq ?? 0) <= (this.#rows.get(app)?.seq ?? 0)) return null
    return store.write(async (write) => {
      await write.db
        .insertInto('audit_deliveries')
        .values({ app, seq: 0, attempts: 0, next_ms: 0, lease_until_ms: 0 })
        .onConflict((conflict) => conflict.column('app').doNothing())
        .execute()
      const row = await write.db
        .updateTable('audit_deliveries')
        .set((eb) => ({ lease_until_ms: nowMs + LEASE_MS, attempts: eb('attempts', '+', 1) }))
        .where('app', '=', app)
        .where('next_ms', '<=', nowMs)
        .where('lease_until_ms', '<=', nowMs)
        .returning(['seq', 'attempts'])
        .executeTakeFirst()
      return row ?? null
    })
  }
}

/** As many as one message holds, at least one. */
function fitting(entries: readonly Audit.AuditEntry[]): readonly Audit.AuditEntry[] {
  let left = MAX_LENGTH
  const end = entries.findIndex((entry, i) => (left -= Audit.toLine(entry).length) < 0 && i > 0)
  return end < 0 ? entries : entries.slice(0, end)
}
