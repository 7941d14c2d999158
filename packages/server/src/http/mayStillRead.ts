import type { FastifyRequest } from 'fastify'
import { DEFAULT_LIFETIME, endedWhy, type EndedWhy, type Lifetime } from '../sessions/Lifetime.ts'
import type { Session } from '../sessions/Session.ts'
import { standingAt, type KeyRecord, type Quarantine } from '../keys/KeyRecord.ts'
import type { Store } from '../store/openStore.ts'
import type { Context } from './context.ts'
import { shownBy } from './sessionAccess.ts'

interface LifeRow {
  readonly created_ms: number
  readonly used_ms: number
  readonly turn_id: string | null
  readonly turn_ended_ms: number | null
  readonly ended_why: string | null
}

interface KeyRow {
  readonly revoked_ms: number | null
  readonly expires_ms: number | null
  readonly not_after_ms: number | null
  readonly activate_by_ms: number | null
  readonly quarantine: string | null
}

const queries = new WeakMap<Store, ReturnType<typeof prepare>>()

function prepare(store: Store) {
  return {
    life: store.prepare<LifeRow>(
      'select created_ms, used_ms, turn_id, turn_ended_ms, ended_why from sessions where sid = ?',
    ),
    key: store.prepare<KeyRow>(
      'select revoked_ms, expires_ms, not_after_ms, activate_by_ms, quarantine from keys where id = ?',
    ),
  }
}

/**
 * Makes the question that an open stream asks before it hands out anything: would this request still be let in? A
 * stream that was opened with a key, a token or within a session's life does not outlive them. Microseconds: it is
 * asked at every event. The session's own end and its new id are told by events, which end the stream themselves.
 */
export async function mayStillRead(
  context: Context,
  request: FastifyRequest,
  session: Session,
): Promise<() => boolean> {
  const by = await shownBy(context, request)
  const prepared = queries.get(context.store) ?? prepare(context.store)
  queries.set(context.store, prepared)
  const lifetime = context.apps.get(session.app)?.lifetime ?? DEFAULT_LIFETIME

  // What an open stream holds is held ten thousand times: these, and not the request or the session.
  const keyId = by.kind === 'key' ? by.caller.keyId : null
  const tokenEndMs = by.kind === 'token' ? by.expiresMs : Number.POSITIVE_INFINITY
  const family = by.kind !== 'key' && session.owner.startsWith('key:') ? session.owner.slice('key:'.length) : null
  const isBound = session.binding !== null
  return lookout(context, prepared, { sid: session.sid, isBound, keyId, tokenEndMs, family, lifetime })
}

function lookout(
  { clock, turns, liveKeys }: Context,
  prepared: ReturnType<typeof prepare>,
  {
    sid,
    isBound,
    keyId,
    tokenEndMs,
    family,
    lifetime,
  }: {
    sid: string
    isBound: boolean
    keyId: string | null
    tokenEndMs: number
    family: string | null
    lifetime: Lifetime
  },
): () => boolean {
  return () => {
    const nowMs = clock.nowMs()
    if (nowMs >= tokenEndMs) return false
    if (keyId !== null) {
      const row = prepared.key.get(keyId)
      if (row === undefined || standingAt(standing(row), nowMs) !== 'active') return false
      const level = row.quarantine === null ? null : (JSON.parse(row.quarantine) as Quarantine).level
      if (level === 'freeze' || (level === 'proof' && !isBound)) return false
    }
    if (family !== null && !liveKeys(family, nowMs)) return false
    const row = prepared.life.get(sid)
    if (row === undefined) return false
    const why = endedWhy(
      {
        createdMs: row.created_ms,
        usedMs: row.used_ms,
        turnId: row.turn_id,
        turnEndedMs: row.turn_ended_ms,
        endedWhy: row.ended_why as EndedWhy | null,
      },
      lifetime,
      { nowMs, isRead: true, isTurnRunning: turns.isProcessing(sid) },
    )
    return why === null || row.ended_why !== null
  }
}

function standing(row: KeyRow): KeyRecord {
  return {
    revokedMs: row.revoked_ms,
    expiresMs: row.expires_ms,
    notAfterMs: row.not_after_ms,
    activateByMs: row.activate_by_ms,
  } as KeyRecord
}
