import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store, Write } from '../store/openStore.ts'
import { LOST_WORDS } from './LostWhy.ts'
import type { EventLog } from './EventLog.ts'
import type { EndedWhy } from './Lifetime.ts'
import type { Session } from './Session.ts'

/**
 * Ends a session now, in the caller's transaction: every call answers 401 from the commit on, a turn that runs has
 * ended with it and writes nothing more, streams end after the event `session.ended`, and the sweeper frees the space.
 * False when it was over already.
 */
export async function endSession(
  { clock, audit, events }: { clock: Clock.Clock; audit: AppendAudit; events: EventLog },
  write: Write,
  { session, why }: { session: Pick<Session, 'sid' | 'handle' | 'app'>; why: EndedWhy },
): Promise<boolean> {
  const ended = await write.db
    .updateTable('sessions')
    .set({ ended_ms: clock.nowMs(), ended_why: why })
    .where('sid', '=', session.sid)
    .where('ended_ms', 'is', null)
    .returning(['sid', 'turn_id'])
    .executeTakeFirst()
  if (ended === undefined) return false
  if (ended.turn_id !== null) {
    write.post(CLOSE_TURN, [clock.nowMs(), session.sid])
    await events.append(write, session.sid, { type: 'turn_finished', turn_id: ended.turn_id, status: 'interrupted' })
    await events.append(write, session.sid, { type: 'system_error', message: `${LOST_WORDS.session} Start a new one.` })
  }
  await events.append(write, session.sid, { type: 'session.ended', why })
  await audit(write, {
    app: session.app,
    event: 'sessions.session.ended',
    body: { session: session.handle, why },
  })
  return true
}

const CLOSE_TURN = `update sessions set turn_id = null, turn_authority = null, turn_interrupted = 0, awaiting_idx = null,
  awaiting_authority = null, turn_ended_ms = ? where sid = ?`

/** Ends all sessions of an owner but one, in batches, so that nobody else waits long for the store. */
export async function endSessionsOf(
  tools: { store: Store; clock: Clock.Clock; audit: AppendAudit; events: EventLog },
  {
    owner,
    why,
    exceptSid = null,
    batch = 100,
  }: { owner: string; why: EndedWhy; exceptSid?: string | null; batch?: number },
): Promise<number> {
  const any = await tools.store.read
    .selectFrom('sessions')
    .select('sid')
    .where('owner', '=', owner)
    .where('ended_ms', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (any === undefined) return 0
  let ended = 0
  for (;;) {
    const done = await tools.store.write(async (write) => {
      let query = write.db
        .selectFrom('sessions')
        .select(['sid', 'handle', 'app'])
        .where('owner', '=', owner)
        .where('ended_ms', 'is', null)
      if (exceptSid !== null) query = query.where('sid', '!=', exceptSid)
      const rows = await query.limit(batch).execute()
      for (const row of rows) {
        await endSession(tools, write, { session: row, why })
      }
      return rows.length
    })
    ended += done
    if (done < batch) return ended
  }
}

/** For how long a revoked key can be taken back, and its sessions with it, in milliseconds. */
const UNDO_MS = 3_600_000

/**
 * Ends the sessions of key families of which no key opens anything any more (ASVS 5.0, 7.4.2). They opened nothing
 * since that moment; here they end for good, once the revocation cannot be undone.
 */
export async function endOrphans(
  tools: { store: Store; clock: Clock.Clock; audit: AppendAudit; events: EventLog },
  { batch }: { batch: number },
): Promise<void> {
  const nowMs = tools.clock.nowMs()
  const undoneMs = nowMs - UNDO_MS
  const dead = await tools.store.read
    .selectFrom('keys as dead')
    .select('dead.family')
    .distinct()
    .where(({ eb, or }) =>
      or([
        eb('dead.revoked_ms', '<=', undoneMs),
        eb('dead.expires_ms', '<=', nowMs),
        eb('dead.not_after_ms', '<=', nowMs),
        eb('dead.activate_by_ms', '<=', nowMs),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('keys as live')
            .select('live.id')
            .whereRef('live.family', '=', 'dead.family')
            .where(({ eb, or }) => or([eb('live.revoked_ms', 'is', null), eb('live.revoked_ms', '>', undoneMs)]))
            .where(({ eb, or }) => or([eb('live.expires_ms', 'is', null), eb('live.expires_ms', '>', nowMs)]))
            .where(({ eb, or }) => or([eb('live.not_after_ms', 'is', null), eb('live.not_after_ms', '>', nowMs)]))
            .where(({ eb, or }) => or([eb('live.activate_by_ms', 'is', null), eb('live.activate_by_ms', '>', nowMs)])),
        ),
      ),
    )
    .execute()
  for (const { family } of dead) await endSessionsOf(tools, { owner: `key:${family}`, why: 'key-disabled', batch })
}

/** Finds a session by what the audit record calls it; null when none of the app's open ones is meant. */
export async function findByHandle(
  { read }: Pick<Store, 'read'>,
  { app, handle: wanted }: { app: string | null; handle: string },
): Promise<Pick<Session, 'sid' | 'handle' | 'app'> | null> {
  let query = read.selectFrom('sessions').select(['sid', 'handle', 'app']).where('ended_ms', 'is', null)
  if (app !== null) query = query.where('app', '=', app)
  return (await query.where('handle', '=', wanted).limit(1).executeTakeFirst()) ?? null
}
