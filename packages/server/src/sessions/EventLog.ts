import type { Clock } from '@countersign/base'
import type { Store, Write } from '../store/openStore.ts'
import { watchCommits } from '../store/watchCommits.ts'

/** One entry of a session's log. `seq` is gapless from 1 and is the SSE `id:`. */
export interface LoggedEvent {
  readonly seq: number
  readonly body: EventBody
}

/** What is logged: the SSE payload without `session_id` and `seq`. Always has a `type`. */
export type EventBody = { readonly type: string } & Readonly<Record<string, unknown>>

export interface EventListener {
  /** There is something to read, or may be. */
  wake(): void
  /** Something that passes by and is kept nowhere. */
  transient(body: EventBody): void
}

export interface EventLog {
  /** Appends in the caller's transaction; listeners wake after the commit, those of other processes a little later. */
  append(write: Write, sid: string, body: EventBody): Promise<void>
  /** The entries after `afterSeq`, oldest first. */
  read(sid: string, afterSeq: number, limit: number): Promise<readonly LoggedEvent[]>
  lastSeq(sid: string): Promise<number>
  /** Whether clients know the session by this id now; an id that was replaced, or whose session is gone, is not. */
  isIdOf(sid: string, publicId: string): boolean
  /** Something that is shown while it happens and kept nowhere, such as text being written. */
  publishTransient(sid: string, body: EventBody): void
  /** Tells the listener of everything in this session, until the returned function is called. */
  subscribe(sid: string, listener: EventListener): () => void
  /** Calls `begun` when any process wrote the first event of a session with this public id. */
  awaitSession(publicId: string, begun: () => void): () => void
  /** How many listen or wait now: for tests that nothing is held for clients that are gone. */
  listening(): number
  close(): void
}

// By hand, because they are what is written most. For a session that is gone they do nothing.
const APPEND_EVENT = `insert into events (sid, seq, kind, body, at_ms)
  select sid, next_seq, ?, ?, ? from sessions where sid = ?`
const COUNT_EVENT = `update sessions set next_seq = next_seq + 1, event_bytes = event_bytes + ? where sid = ?`

/** How often the store is asked whether another process wrote, while anybody listens. One comparison, 1 µs. */
const LOOK_MS = 20
/** New events looked at in one go; more follow at once. */
const LOOK_PAGE = 2_000

/** Makes the log. The store is the truth; wake-ups only say that there is something to read. */
export function createEventLog({ store, clock }: { store: Store; clock: Clock.Clock }): EventLog {
  const listeners = new Map<string, Set<EventListener>>()
  const awaiting = new Map<string, Set<() => void>>()
  const page = store.prepare<{ seq: number; body: string }>(
    'select seq, body from events where sid = ? and seq > ? order by seq limit ?',
  )
  const last = store.prepare<{ next_seq: number }>('select next_seq from sessions where sid = ?')
  const newest = store.prepare<{ id: number }>('select coalesce(max(id), 0) as id from events')
  const since = store.prepare<{ id: number; sid: string; seq: number }>(
    'select id, sid, seq from events where id > ? order by id limit ?',
  )
  const digestOf = store.prepare<{ id_digest: string }>('select id_digest from sessions where sid = ?')

  let seenId = 0

  /** Finds what any process has committed since the last look. */
  function look(): boolean {
    const rows = since.all(seenId, LOOK_PAGE)
    const sids = new Set<string>()
    for (const { id, sid, seq } of rows) {
      seenId = id
      sids.add(sid)
      if (seq === 1 && awaiting.size > 0) {
        const digest = digestOf.get(sid)?.id_digest
        if (digest !== undefined) awaiting.get(digest)?.forEach((begun) => begun())
      }
    }
    for (const sid of sids) listeners.get(sid)?.forEach((listener) => listener.wake())
    // A full page means that more is there.
    return rows.length < LOOK_PAGE
  }
  const watch = watchCommits(store, { intervalMs: LOOK_MS, look })

  function start(): void {
    if (watch.isRunning) return
    seenId = newest.get()?.id ?? 0
    watch.start()
  }

  function stop(): void {
    if (listeners.size === 0 && awaiting.size === 0) watch.stop()
  }

  /** Adds to a set in a map; the returned function takes it out again, and the set with it when it is empty. */
  function join<T>(map: Map<string, Set<T>>, key: string, member: T): () => void {
    start()
    const set = map.get(key) ?? new Set()
    set.add(member)
    map.set(key, set)
    return () => {
      set.delete(member)
      if (set.size === 0 && map.get(key) === set) map.delete(key)
      stop()
    }
  }

  return {
    async append(write, sid, body) {
      const text = JSON.stringify(body)
      write.post(APPEND_EVENT, [body.type, text, clock.nowMs(), sid])
      write.post(COUNT_EVENT, [text.length, sid])
      write.afterCommit(() => listeners.get(sid)?.forEach((listener) => listener.wake()))
    },
    async read(sid, afterSeq, limit) {
      return page.all(sid, afterSeq, limit).map((row) => ({ seq: row.seq, body: JSON.parse(row.body) as EventBody }))
    },
    async lastSeq(sid) {
      return (last.get(sid)?.next_seq ?? 1) - 1
    },
    isIdOf: (sid, publicId) => digestOf.get(sid)?.id_digest === store.ids.digest(publicId),
    publishTransient(sid, body) {
      listeners.get(sid)?.forEach((listener) => listener.transient(body))
    },
    subscribe: (sid, listener) => join(listeners, sid, listener),
    awaitSession: (publicId, begun) => join(awaiting, store.ids.digest(publicId), begun),
    listening: () => [...listeners.values(), ...awaiting.values()].reduce((sum, { size }) => sum + size, 0),
    close() {
      listeners.clear()
      awaiting.clear()
      stop()
    },
  }
}
