import type { FastifyRequest } from 'fastify'
import { DEFAULT_LIFETIME, endedWhy, type EndedWhy } from '../sessions/Lifetime.ts'
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

  return () => {
    const nowMs = context.clock.nowMs()
    if (by.kind === 'token' && nowMs >= by.expiresMs) return false
    if (by.kind === 'key') {
      const row = prepared.key.get(by.caller.keyId)
      if (row === undefined || standingAt(standing(row), nowMs) !== 'active') return false
      const level = row.quarantine === null ? null : (JSON.parse(row.quarantine) as Quarantine).level
      if (level === 'freeze' || (level === 'proof' && session.binding === null)) return false
    } else if (session.owner.startsWith('key:') && !context.liveKeys(session.owner.slice(4), nowMs)) return false
    const row = prepared.life.get(session.sid)
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
      { nowMs, isRead: true, isTurnRunning: context.turns.isProcessing(session.sid) },
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
