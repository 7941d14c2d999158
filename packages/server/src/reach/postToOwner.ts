import type { Clock } from '@countersign/base'
import { insertMessage } from '../outbox/postNotice.ts'
import type { Write } from '../store/openStore.ts'
import { listChannels } from './channels.ts'
import * as OwnerNotice from './OwnerNotice.ts'

/** How often one owner is written to by one channel about one app. The rest is counted in the next message. */
export interface Pace {
  readonly gapMs: number
  readonly perHour: number
}

const HOUR_MS = 3_600_000
/** One a minute (mandates.md, section 7), and fewer when it does not end: an agent must not fill an inbox. */
export const ORDINARY: Pace = { gapMs: 60_000, perHour: 12 }
/** What is urgent is not held back, up to a number that no accident reaches. */
export const AT_ONCE: Pace = { gapMs: 0, perHour: 60 }
/** What has a time to say no in is not held back: late is as bad as never. */
export const UNPACED: Pace = { gapMs: 0, perHour: Number.POSITIVE_INFINITY }
const PACES = { ordinary: ORDINARY, delayed: UNPACED, urgent: AT_ONCE } as const

interface Before {
  readonly id: string
  readonly body: string
  readonly event: string
  /** When it was sent, or will be. */
  readonly at_ms: number
  /** 1: it is held back and was not tried yet, so that it can be changed. */
  readonly waits: number
}

/**
 * Puts a message into the outbox for each channel of an owner that agreed, in the transaction of the change that it reports. What
 * comes faster than the pace waits, and what comes while one waits takes its place: the message says how many were left out.
 */
export async function postToOwner(
  { clock, wake }: { clock: Clock.Clock; wake: () => void },
  write: Write,
  {
    app,
    owners,
    notice,
    saidIn = null,
  }: {
    app: string
    owners: readonly string[]
    notice: OwnerNotice.OwnerNotice
    /** The private chat of Telegram in which the same was just said. */
    saidIn?: string | null
  },
): Promise<void> {
  const group = OwnerNotice.classOf(notice.event)
  for (const channel of await listChannels(write.db, { owners })) {
    if (channel.confirmedMs === null || (channel.kind === 'telegram' && channel.target === saidIn)) continue
    const target = `${channel.kind}:${channel.id}`
    const own = channel.saysAmounts ? notice : { ...notice, details: [] }
    const nowMs = clock.nowMs()
    const before = await recentOf(write, { app, target, group, nowMs })
    const waiting = before.find(({ waits }) => waits === 1)
    if (waiting !== undefined) {
      const { id, leftOut, subject } = OwnerNotice.read(waiting.body)
      // The same subject again is no other message: its newer words take the place of the older ones.
      const count = leftOut + (subject === notice.subject ? 0 : 1)
      await write.db
        .updateTable('outbox')
        .set({ event: notice.event, body: OwnerNotice.write({ ...own, id, leftOut: count }) })
        .where('id', '=', waiting.id)
        .execute()
      continue
    }
    insertMessage({ clock, wake }, write, {
      ...{ app, event: notice.event, mandate: null, target },
      dueMs: dueAt(
        before.map(({ at_ms: atMs }) => atMs),
        { nowMs, pace: PACES[group] },
      ),
      body: ({ id }) => OwnerNotice.write({ ...own, id, leftOut: 0 }),
    })
  }
}

/**
 * When the next message may be sent.
 *
 * @param times - Of those before, sent or waiting. Milliseconds.
 */
export function dueAt(times: readonly number[], { nowMs, pace }: { nowMs: number; pace: Pace }): number {
  const newestFirst = times.toSorted((a, b) => b - a)
  const [last] = newestFirst
  const oldestThatCounts = newestFirst[pace.perHour - 1]
  return Math.max(
    nowMs,
    last === undefined ? nowMs : last + pace.gapMs,
    oldestThatCounts === undefined ? nowMs : oldestThatCounts + HOUR_MS,
  )
}

async function recentOf(
  write: Write,
  { app, target, group, nowMs }: { app: string; target: string; group: keyof typeof PACES; nowMs: number },
): Promise<Before[]> {
  const { rows } = await write.run(
    `select id, body, event, coalesce(sent_ms, next_ms) as at_ms,
            case when sent_ms is null and failed is null and attempts = 0 and next_ms > ? then 1 else 0 end as waits
     from outbox where target = ? and app = ? and coalesce(sent_ms, next_ms) > ?`,
    [nowMs, target, app, nowMs - HOUR_MS],
  )
  return (rows as unknown as Before[]).filter(
    ({ event }) => !event.startsWith('reach.') && OwnerNotice.classOf(event) === group,
  )
}
