import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import { handle } from '../audit/Audit.ts'
import type { Store } from '../store/openStore.ts'
import { nextAttempt } from './Retry.ts'

/** How long one process may be sending a message before another may take it. Longer than any sender waits. Milliseconds. */
export const LEASE_MS = 60_000
/** How often the store is asked for what is due: one look at an index. Milliseconds. */
const LOOK_MS = 500
/**
 * Messages sent beside each other by one process, and to one target, so that a slow target holds up no other: each kind of target has
 * places for those that answer, and as many for those that are slow.
 */
const MAX_SENDING = 16
const MAX_SENDING_TO_ONE = 4
const MAX_SENDING_TO_SLOW = 1
/** After how long without an answer a target is slow, and for how long after its last slow attempt it is taken for slow. Milliseconds. */
export const SLOW_MS = 1_000
const SLOW_FOR_MS = 60_000
/** How many due messages one look goes through, oldest first. */
const MAX_LOOKED_AT = 200
/** Where that many wait for targets that are busy, how often all targets are gone through: it costs as much as there is. Milliseconds. */
const GO_THROUGH_MS = 5_000
/** How long messages that are over are kept. Milliseconds. */
const KEEP_MS = 7 * 86_400_000
const CLEAR_MS = 3_600_000

/** A message under way. */
export interface Message {
  readonly id: string
  readonly app: string
  readonly event: string
  readonly mandate: string | null
  readonly body: string
  /** The name after the kind: `ops` of `webhook:ops`. */
  readonly name: string
}

/**
 * What came of one attempt. `because` is a code or a few words of ours, never text of the target. What is final is not tried
 * again: its target is gone, or it has nothing to say any more.
 */
export type Sent =
  { readonly status: 'sent' } | { readonly status: 'failed'; readonly because: string; readonly isFinal?: true }

/** Sends a message to a target of one kind. It must answer within `LEASE_MS`. */
export type Send = (message: Message) => Promise<Sent>

export interface OutboxTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  /** One sender a kind of target: `webhook`, `telegram`, `mail`, `push`. */
  readonly senders: Readonly<Record<string, Send>>
  readonly onError: (error: unknown) => void
}

interface Due {
  readonly id: string
  readonly app: string
  readonly target: string
}

type Target = Pick<Due, 'app' | 'target'>

/** An attempt under way. */
interface UnderWay extends Target {
  readonly sinceMs: number
}

const keyOf = ({ app, target }: Target): string => `${app} ${target}`

interface Row extends Omit<Message, 'name'> {
  readonly target: string
  readonly at_ms: number
  readonly attempts: number
}

/**
 * Sends what stands in the outbox, at least once: a message is claimed by a lease, and one whose process died is claimed
 * again when the lease is over. Several processes may share one store.
 */
export class Outbox {
  readonly #tools: OutboxTools
  readonly #due
  readonly #dueOfEach
  readonly #sending = new Map<string, UnderWay>()
  /** Targets that are slow, with the time until which they are taken for it. */
  readonly #slow = new Map<string, number>()
  readonly #open = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  #isAskedAgain = false
  #clearedMs = -Infinity
  #wentThroughMs = -Infinity

  constructor(tools: OutboxTools) {
    this.#tools = tools
    this.#due = tools.store.prepare<Due>(
      `select id, app, target from outbox
       where sent_ms is null and failed is null and next_ms <= ? and lease_until_ms <= ?
       order by next_ms limit ${MAX_LOOKED_AT}`,
    )
    this.#dueOfEach = tools.store.prepare<Due>(
      `select id, app, target from (
         select id, app, target, next_ms, row_number() over (partition by app, target order by next_ms) as place from outbox
         where sent_ms is null and failed is null and next_ms <= ? and lease_until_ms <= ?
       ) as due where place <= ${MAX_SENDING_TO_ONE} order by next_ms`,
    )
  }

  /** Begins to send, also what was left over from an earlier run. */
  start(): void {
    this.#timer ??= setInterval(() => this.wake(), LOOK_MS).unref()
    this.wake()
  }

  /** Looks now: something was committed. */
  wake(): void {
    if (this.#timer === null) return
    if (this.#looking !== null) {
      this.#isAskedAgain = true
      return
    }
    this.#isAskedAgain = false
    this.#looking = this.#look()
      .catch(this.#tools.onError)
      .finally(() => {
        this.#looking = null
        if (this.#isAskedAgain) this.wake()
      })
  }

  /** Waits until every attempt that is due now has been made. For tests. */
  async drain(): Promise<void> {
    for (;;) {
      await this.#look()
      if (this.#open.size === 0) return
      await Promise.all(this.#open)
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#looking
    await Promise.all(this.#open)
  }

  async #look(): Promise<void> {
    const nowMs = this.#tools.clock.nowMs()
    const ids = this.#choose(this.#dueNow(nowMs))
    if (ids.length > 0) for (const row of await this.#claim(ids)) this.#begin(row)
    if (nowMs - this.#clearedMs < CLEAR_MS) return
    this.#clearedMs = nowMs
    await this.#tools.store.batch([
      {
        sql: 'delete from outbox where (sent_ms is not null or failed is not null) and at_ms < ?',
        parameters: [nowMs - KEEP_MS],
      },
    ])
  }

  /** What is due, oldest first: of every target something, also where one has hundreds that are older. */
  #dueNow(nowMs: number): readonly Due[] {
    const oldest = this.#due.all(nowMs, nowMs)
    const isAll = oldest.length < MAX_LOOKED_AT
    if (isAll || this.#choose(oldest).length > 0 || nowMs - this.#wentThroughMs < GO_THROUGH_MS) return oldest
    this.#wentThroughMs = nowMs
    return this.#dueOfEach.all(nowMs, nowMs)
  }

  /** As many as may be sent beside those that are under way: what is slow takes no place of what answers. */
  #choose(due: readonly Due[]): string[] {
    this.#noteSlow()
    const perTarget = new Map<string, number>()
    const perLane = new Map<string, number>()
    const count = (each: Target): void => {
      for (const [counts, name] of [
        [perTarget, keyOf(each)],
        [perLane, this.#laneOf(each)],
      ] as const)
        counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    for (const each of this.#sending.values()) count(each)
    const ids: string[] = []
    for (const each of due) {
      const key = keyOf(each)
      const most = this.#slow.has(key) ? MAX_SENDING_TO_SLOW : MAX_SENDING_TO_ONE
      if (this.#sending.has(each.id) || (perTarget.get(key) ?? 0) >= most) continue
      if ((perLane.get(this.#laneOf(each)) ?? 0) >= MAX_SENDING) continue
      count(each)
      ids.push(each.id)
    }
    return ids
  }

  /** Which places a target takes: those of its kind, such as `webhook` of `webhook:ops`. */
  #laneOf(each: Target): string {
    const [kind = ''] = each.target.split(':', 1)
    return this.#slow.has(keyOf(each)) ? `slow ${kind}` : kind
  }

  #noteSlow(): void {
    const nowMs = this.#tools.clock.nowMs()
    for (const [key, untilMs] of this.#slow) if (nowMs >= untilMs) this.#slow.delete(key)
    for (const each of this.#sending.values())
      if (nowMs - each.sinceMs >= SLOW_MS) this.#slow.set(keyOf(each), nowMs + SLOW_FOR_MS)
  }

  async #claim(ids: readonly string[]): Promise<Row[]> {
    const nowMs = this.#tools.clock.nowMs()
    return this.#tools.store.write(async (write) =>
      write.db
        .updateTable('outbox')
        .set((eb) => ({ lease_until_ms: nowMs + LEASE_MS, attempts: eb('attempts', '+', 1) }))
        .where('id', 'in', [...ids])
        .where('sent_ms', 'is', null)
        .where('failed', 'is', null)
        .where('lease_until_ms', '<=', nowMs)
        .returning(['id', 'app', 'event', 'mandate', 'body', 'target', 'at_ms', 'attempts'])
        .execute(),
    )
  }

  #begin(row: Row): void {
    this.#sending.set(row.id, { app: row.app, target: row.target, sinceMs: this.#tools.clock.nowMs() })
    const work = this.#attempt(row)
      .catch(this.#tools.onError)
      .finally(() => {
        this.#noteSlow()
        this.#sending.delete(row.id)
        this.#open.delete(work)
        this.wake()
      })
    this.#open.add(work)
  }

  async #attempt(row: Row): Promise<void> {
    const [kind = '', name = ''] = row.target.split(':')
    const send = this.#tools.senders[kind]
    let sent: Sent
    try {
      sent = send === undefined ? { status: 'failed', because: 'target:kind:unknown' } : await send({ ...row, name })
    } catch (error) {
      this.#tools.onError(error)
      sent = { status: 'failed', because: 'sender:bug' }
    }
    await this.#note(row, sent)
  }

  /** Writes down what came of an attempt, unless the lease ran out and another attempt was begun. */
  async #note(row: Row, sent: Sent): Promise<void> {
    const { store, clock, audit } = this.#tools
    const nowMs = clock.nowMs()
    const nextMs =
      sent.status === 'sent' || sent.isFinal === true
        ? null
        : nextAttempt({ atMs: row.at_ms, nowMs, attempts: row.attempts })
    const isOver = sent.status === 'sent' || nextMs === null
    await store.write(async (write) => {
      const { numUpdatedRows } = await write.db
        .updateTable('outbox')
        .set(
          sent.status === 'sent'
            ? { sent_ms: nowMs, lease_until_ms: 0 }
            : nextMs === null
              ? { failed: sent.because, lease_until_ms: 0 }
              : { next_ms: nextMs, lease_until_ms: 0 },
        )
        .where('id', '=', row.id)
        .where('attempts', '=', row.attempts)
        .where('sent_ms', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n || !isOver) return
      await audit(write, {
        app: row.app,
        event: `mandates.notification.${sent.status}`,
        body: {
          message: handle(row.id),
          of: row.event,
          target: row.target,
          attempts: row.attempts,
          ...(row.mandate === null ? {} : { mandate: handle(row.mandate) }),
          ...(sent.status === 'sent' ? {} : { because: sent.because }),
        },
      })
    })
  }
}
