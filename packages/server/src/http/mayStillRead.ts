import type { FastifyRequest } from 'fastify'
import { lostWhy, NO_AUTHORITY, ROW_OF_STREAM, type Authority, type AuthorityRow } from '../keys/Authority.ts'
import { DEFAULT_LIFETIME, endedWhy, type EndedWhy, type Lifetime } from '../sessions/Lifetime.ts'
import type { Session } from '../sessions/Session.ts'
import type { Prepared, Store } from '../store/openStore.ts'
import type { Context } from './context.ts'
import { authorityOf } from './sessionAccess.ts'

const queries = new WeakMap<Store, Prepared<AuthorityRow>>()

/**
 * Makes the question that an open stream asks before it hands out anything: would this request still be let in? A
 * stream does not outlive the key (with its scope `read` and its networks), token, browser or session's life that it
 * was opened with. Microseconds: it is asked at every event. The session's own end and its new id are told by events,
 * which end the stream themselves.
 */
export async function mayStillRead(
  context: Context,
  request: FastifyRequest,
  session: Session,
): Promise<() => boolean> {
  const authority = await authorityOf(context, request, session)
  const lifetime = context.apps.get(session.app)?.lifetime ?? DEFAULT_LIFETIME
  return lookout(context, authority, { sid: session.sid, lifetime })
}

/** The same for a stream that waits for a session: only its key and its browser can be lost. */
export function mayStillWait(context: Context, request: FastifyRequest): () => boolean {
  const { caller, clientIp } = request
  const authority: Authority = { ...NO_AUTHORITY, keyId: caller?.keyId ?? null, ip: caller === null ? null : clientIp }
  return lookout(context, authority, { sid: null, lifetime: DEFAULT_LIFETIME })
}

function lookout(
  { store, clock, turns }: Context,
  { keyId, ip, token, browser }: Authority,
  { sid, lifetime }: { sid: string | null; lifetime: Lifetime },
): () => boolean {
  const query = queries.get(store) ?? store.prepare<AuthorityRow>(ROW_OF_STREAM)
  queries.set(store, query)
  // What an open stream holds is held ten thousand times: these, and not the request or the session. A new id, a new
  // owner and an end come as events.
  const authority: Authority = { ...NO_AUTHORITY, keyId, ip, token, browser }
  return () => {
    const nowMs = clock.nowMs()
    const row = query.get(nowMs, sid, keyId, token, browser)
    if (row === undefined || row.sid !== sid) return false
    if (lostWhy(authority, { ...row, ended_why: null }, { nowMs, scope: 'read' }) !== null) return false
    if (sid === null || row.ended_why !== null) return true
    const life = {
      createdMs: row.created_ms,
      usedMs: row.used_ms,
      turnId: row.turn_id,
      turnEndedMs: row.turn_ended_ms,
      endedWhy: row.ended_why as EndedWhy | null,
    }
    return endedWhy(life, lifetime, { nowMs, isRead: true, isTurnRunning: turns.isProcessing(sid) }) === null
  }
}
