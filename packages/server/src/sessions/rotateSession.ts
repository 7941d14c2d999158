import { randomUUID } from 'node:crypto'
import { assert, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store, Write } from '../store/openStore.ts'
import type { EventLog } from './EventLog.ts'
import { SessionAbsentError, type Session } from './Session.ts'
import { bury } from './sessions.ts'

/** Why an id was replaced: the session can do more than it could (ASVS 5.0, 7.2.4), or changed hands. */
export type RotatedBecause = 'wallet-signed-in' | 'proof-bound' | 'taken-over' | 'scopes-raised'

export interface RotateTools {
  readonly store: Pick<Store, 'ids'>
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly events: EventLog
}

/**
 * Gives a session a new id, in the caller's transaction: with the commit the old id is dead, the history goes on under
 * the new one, and streams on the old id end after the event `session.rotated`. The event does not say the new id:
 * whoever listens on the old one may be who it was replaced for.
 *
 * @returns the new id.
 */
export async function rotateSession(
  { store, clock, audit, events }: RotateTools,
  write: Write,
  { session, because, owner = session.owner }: { session: Session; because: RotatedBecause; owner?: string },
): Promise<string> {
  const next = randomUUID()
  const nowMs = clock.nowMs()
  const moved = await write.db
    .updateTable('sessions')
    .set({
      id_digest: store.ids.digest(next),
      id_sealed: store.ids.seal(next, session.sid),
      handle: handle(next),
      owner,
      used_ms: nowMs,
    })
    .where('sid', '=', session.sid)
    .where('id_digest', '=', store.ids.digest(session.publicId))
    .where('ended_ms', 'is', null)
    .returning('sid')
    .executeTakeFirst()
  // Somebody rotated or ended it in the meantime; the caller's id is dead.
  if (moved === undefined) throw new SessionAbsentError()
  assert(next !== session.publicId, 'random UUIDs do not repeat')
  if (owner !== session.owner) {
    write.post(MOVE_STORED, [`owner:${owner}`, session.sid])
    write.post(LEAVE_STORED, [session.sid, session.sid, `owner:${session.owner}`])
  }
  bury(write, { owner: session.owner, publicId: session.publicId, app: session.app, why: 'rotated', nowMs })
  await events.append(write, session.sid, { type: 'session.rotated', because })
  await audit(write, {
    app: session.app,
    event: 'sessions.session.rotated',
    body: { session: session.handle, next: handle(next), because },
  })
  return next
}

/** What the session holds counts among what its new owner stores. */
const MOVE_STORED = `insert into stored (scope, messages, bytes)
  select ?, message_count, message_bytes from sessions where sid = ?
  on conflict (scope) do update set messages = stored.messages + excluded.messages, bytes = stored.bytes + excluded.bytes`
const LEAVE_STORED = `update stored set
  messages = max(messages - (select message_count from sessions where sid = ?), 0),
  bytes = max(bytes - (select message_bytes from sessions where sid = ?), 0) where scope = ?`

/**
 * Gives every session of an owner a new id, in the caller's transaction: who holds the owner's credential finds them in
 * the list of its sessions, and who held nothing but an id has lost it.
 */
export async function rotateSessionsOf(
  { store, clock, audit, events }: RotateTools,
  write: Write,
  { owner, because }: { owner: string; because: RotatedBecause },
): Promise<void> {
  const rows = await write.db
    .selectFrom('sessions')
    .select(['sid', 'id_sealed', 'handle', 'app'])
    .where('owner', '=', owner)
    .where('ended_ms', 'is', null)
    .execute()
  const nowMs = clock.nowMs()
  for (const { sid, id_sealed: sealed, handle: named, app } of rows) {
    const next = randomUUID()
    write.post('update sessions set id_digest = ?, id_sealed = ?, handle = ? where sid = ?', [
      store.ids.digest(next),
      store.ids.seal(next, sid),
      handle(next),
      sid,
    ])
    bury(write, { owner, publicId: store.ids.open(sealed, sid), app, why: 'rotated', nowMs })
    await events.append(write, sid, { type: 'session.rotated', because })
    await audit(write, {
      app,
      event: 'sessions.session.rotated',
      body: { session: named, next: handle(next), because },
    })
  }
}
