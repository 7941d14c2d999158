import { randomUUID } from 'node:crypto'
import { Address, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Reader, Store, Write } from '../store/openStore.ts'
import type { Schema } from '../store/Schema.ts'
import { NO_WALLET, SessionAbsentError, type Session, type WalletClaim } from './Session.ts'

/** Which sessions a caller may see: those of its key, or, for id-only apps, any session of those apps. */
export type Access = { readonly owner: string } | { readonly idPolicyApps: readonly string[] }

/**
 * Finds a session that the caller may see. Somebody else's session and one that does not exist give the same
 * answer: null. Where a UUID exists in several namespaces, the oldest one answers, so that nobody can shadow it.
 */
export async function findSession(
  { store }: { store: Store },
  { publicId, access }: { publicId: string; access: Access },
): Promise<Session | null> {
  let query = store.read.selectFrom('sessions').selectAll().where('public_id', '=', publicId)
  if ('owner' in access) query = query.where('owner', '=', access.owner)
  else if (access.idPolicyApps.length === 0) return null
  else query = query.where('app', 'in', access.idPolicyApps)
  const row = await query.orderBy('created_ms').orderBy('sid').limit(1).executeTakeFirst()
  return row === undefined ? null : fromRow(row)
}

/** Finds the caller's session or creates it; one statement decides, so two first requests make one session. */
export async function openSession(
  { store, clock, audit }: { store: Store; clock: Clock.Clock; audit: AppendAudit },
  { publicId, app, owner }: { publicId: string; app: string; owner: string },
): Promise<Session> {
  const found = await findSession({ store }, { publicId, access: { owner } })
  if (found !== null) return found
  await store.write(async (write) => {
    const nowMs = clock.nowMs()
    const inserted = await write.db
      .insertInto('sessions')
      .values({
        sid: randomUUID(),
        public_id: publicId,
        app,
        owner,
        title: null,
        archived: 0,
        user_state: JSON.stringify(NO_WALLET),
        model: null,
        next_tx_id: 1,
        next_seq: 1,
        snapshot_seq: 0,
        events_seq: 0,
        turn_id: null,
        created_ms: nowMs,
        used_ms: nowMs,
      })
      .onConflict((conflict) => conflict.columns(['owner', 'public_id']).doNothing())
      .returning('sid')
      .executeTakeFirst()
    if (inserted !== undefined) {
      await audit(write, { app, event: 'sessions.session.created', body: { session: handle(publicId) } })
    }
  })
  const created = await findSession({ store }, { publicId, access: { owner } })
  if (created === null) throw new SessionAbsentError()
  return created
}

/** Reads a session again by its internal id. */
export async function loadSession({ read }: { read: Reader }, { sid }: { sid: string }): Promise<Session> {
  const row = await read.selectFrom('sessions').selectAll().where('sid', '=', sid).executeTakeFirst()
  if (row === undefined) throw new SessionAbsentError()
  return fromRow(row)
}

/** Records what the client says about its wallet, when it changed. */
export async function noteWallet(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { session, wallet }: { session: Session; wallet: WalletClaim },
): Promise<void> {
  if (JSON.stringify(session.wallet) === JSON.stringify(wallet)) return
  await store.write((write) =>
    write.db
      .updateTable('sessions')
      .set({ user_state: JSON.stringify(wallet), used_ms: clock.nowMs() })
      .where('sid', '=', session.sid)
      .execute(),
  )
}

/** Changes title, model or archive flag. */
export async function updateSession(
  { write }: { write: Write },
  {
    sid,
    set,
  }: { sid: string; set: Partial<Pick<Schema['sessions'], 'title' | 'model' | 'archived' | 'turn_id' | 'used_ms'>> },
): Promise<void> {
  await write.db.updateTable('sessions').set(set).where('sid', '=', sid).execute()
}

/** Deletes a session and everything that hangs on it: history, events, proposals. The audit record stays. */
export async function deleteSession(
  { store, audit }: { store: Store; audit: AppendAudit },
  { session }: { session: Session },
): Promise<void> {
  await store.write(async (write) => {
    await write.db.deleteFrom('sessions').where('sid', '=', session.sid).execute()
    await audit(write, {
      app: session.app,
      event: 'sessions.session.deleted',
      body: { session: handle(session.publicId) },
    })
  })
}

/** The sessions of one owner, newest first. */
export async function listSessions(
  { store }: { store: Store },
  { owner, limit }: { owner: string; limit: number },
): Promise<Session[]> {
  const rows = await store.read
    .selectFrom('sessions')
    .selectAll()
    .where('owner', '=', owner)
    .orderBy('created_ms', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: Schema['sessions']): Session {
  const wallet = JSON.parse(row.user_state) as WalletClaim
  return {
    sid: row.sid,
    publicId: row.public_id,
    app: row.app,
    owner: row.owner,
    title: row.title,
    isArchived: row.archived === 1,
    wallet: { ...wallet, address: wallet.address === null ? null : Address.parse(wallet.address) },
    model: row.model,
    nextTxId: row.next_tx_id,
    turnId: row.turn_id,
    createdMs: row.created_ms,
    usedMs: row.used_ms,
  }
}
