import type { Clock } from '@countersign/base'
import type { Store, Write } from '../store/openStore.ts'

/** One entry of a session's log. `seq` is gapless from 1 and is the SSE `id:`. */
export interface LoggedEvent {
  readonly seq: number
  readonly body: EventBody
}

/** What is logged: the SSE payload without `session_id` and `seq`. Always has a `type`. */
export type EventBody = { readonly type: string } & Readonly<Record<string, unknown>>

export interface EventLog {
  /** Appends in the caller's transaction; listeners wake after the commit. */
  append(write: Write, sid: string, body: EventBody): Promise<void>
  /** The entries after `afterSeq`, oldest first. */
  read(sid: string, afterSeq: number, limit: number): Promise<readonly LoggedEvent[]>
  lastSeq(sid: string): Promise<number>
  /** Something that is shown while it happens and kept nowhere, such as text being written. */
  publishTransient(sid: string, body: EventBody): void
  /** Calls `wake` after every append, and `transient` for passing events, until the returned function is called. */
  subscribe(sid: string, listener: { wake: () => void; transient: (body: EventBody) => void }): () => void
}

// By hand, because they are what is written most. The second fails for a session that is gone, and with it the write.
const APPEND_EVENT = `insert into events (sid, seq, kind, body, at_ms)
  select sid, next_seq, ?, ?, ? from sessions where sid = ?`
const COUNT_EVENT = `update sessions set next_seq = next_seq + 1 where sid = ?`

/** Makes the log. The store is the truth; wake-ups only say that there is something to read. */
export function createEventLog({ store, clock }: { store: Store; clock: Clock.Clock }): EventLog {
  const listeners = new Map<string, Set<{ wake: () => void; transient: (body: EventBody) => void }>>()

  return {
    async append(write, sid, body) {
      write.post(APPEND_EVENT, [body.type, JSON.stringify(body), clock.nowMs(), sid])
      write.post(COUNT_EVENT, [sid])
      write.afterCommit(() => listeners.get(sid)?.forEach((listener) => listener.wake()))
    },
    async read(sid, afterSeq, limit) {
      const rows = await store.read
        .selectFrom('events')
        .select(['seq', 'body'])
        .where('sid', '=', sid)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ seq: row.seq, body: JSON.parse(row.body) as EventBody }))
    },
    async lastSeq(sid) {
      const row = await store.read.selectFrom('sessions').select('next_seq').where('sid', '=', sid).executeTakeFirst()
      return (row?.next_seq ?? 1) - 1
    },
    publishTransient(sid, body) {
      listeners.get(sid)?.forEach((listener) => listener.transient(body))
    },
    subscribe(sid, listener) {
      const set = listeners.get(sid) ?? new Set()
      set.add(listener)
      listeners.set(sid, set)
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(sid)
      }
    },
  }
}
