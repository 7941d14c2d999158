import { createHash, randomUUID } from 'node:crypto'
import { Address, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import * as Binding from '../proofs/Binding.ts'
import type { Store, Write } from '../store/openStore.ts'
import type { Schema } from '../store/Schema.ts'
import type { EventLog } from './EventLog.ts'
import { SessionEndedError, type EndedWhy } from './Lifetime.ts'
import {
  signedInOf,
  NO_WALLET,
  SessionAbsentError,
  SessionLimitError,
  type Session,
  type WalletClaim,
} from './Session.ts'

/**
 * Which sessions a caller may see: those of one owner (a key's family, a browser), the one that a token was made for,
 * or, with nothing but an id, any session of those apps that a key or nobody owns.
 */
export type Access =
  { readonly owner: string } | { readonly sid: string } | { readonly idPolicyApps: readonly string[] }

/** What a new session is made of. */
export interface NewSession {
  readonly publicId: string
  readonly app: string
  readonly owner: string
  readonly principal?: string | null
  readonly binding?: Binding.Binding | null
  /** How many sessions the owner may have open; null for no limit. */
  readonly maxSessions?: number | null
  /** Ours; only given where something was made for it before it existed. */
  readonly sid?: string
}

/** How an id is remembered after its session: nothing that opens anything. */
export function idHash(publicId: string): string {
  return createHash('sha256').update(publicId).digest('hex')
}

/**
 * Finds a session that the caller may see. Somebody else's session and one that does not exist give the same
 * answer: null. Where a UUID exists in several namespaces, the oldest one answers, so that nobody can shadow it.
 */
export function findSession(
  { store }: { store: Store },
  { publicId, access }: { publicId: string; access: Access },
): Session | null {
  const queries = queriesOf(store)
  const digest = store.ids.digest(publicId)
  const found = (row: Schema['sessions'] | undefined) => (row === undefined ? null : fromRow(store, row, publicId))
  if ('owner' in access) return found(queries.byOwner.get(access.owner, digest))
  if ('sid' in access) return found(queries.bySid.get(access.sid, digest))
  if (access.idPolicyApps.length === 0) return null
  return found(queries.byApps.get(digest, JSON.stringify(access.idPolicyApps)))
}

/** Asked at every request, so prepared once a store. */
const prepared = new WeakMap<Store, ReturnType<typeof prepareQueries>>()

function prepareQueries(store: Store) {
  return {
    byOwner: store.prepare<Schema['sessions']>('select * from sessions where owner = ? and id_digest = ?'),
    bySid: store.prepare<Schema['sessions']>('select * from sessions where sid = ? and id_digest = ?'),
    // A browser's session has the cookie; its id alone opens nothing.
    byApps: store.prepare<Schema['sessions']>(
      `select * from sessions where id_digest = ? and app in (select value from json_each(?))
       and owner not like 'browser:%' and owner not like 'door:%' and owner not like 'telegram:%' order by created_ms, sid limit 1`,
    ),
    load: store.prepare<Schema['sessions']>('select * from sessions where sid = ?'),
    ended: store.prepare<{ why: EndedWhy }>('select why from ended_sessions where owner = ? and id_hash = ?'),
    // An id of a browser says nothing to others, but that it was replaced: a tab whose cookie was replaced with it asks so.
    endedOfApps: store.prepare<{ why: EndedWhy }>(
      `select why from ended_sessions where id_hash = ? and app in (select value from json_each(?))
       and (owner not like 'browser:%' or why = 'rotated') and owner not like 'telegram:%' limit 1`,
    ),
  }
}

function queriesOf(store: Store): ReturnType<typeof prepareQueries> {
  const queries = prepared.get(store) ?? prepareQueries(store)
  prepared.set(store, queries)
  return queries
}

/** Why an id that the caller once had opens nothing any more; null for an id that never was, or was deleted. */
export function findEnded(
  { store }: { store: Store },
  { publicId, access }: { publicId: string; access: Access },
): EndedWhy | null {
  if ('sid' in access) return null
  const queries = queriesOf(store)
  if ('owner' in access) return queries.ended.get(access.owner, idHash(publicId))?.why ?? null
  if (access.idPolicyApps.length === 0) return null
  return queries.endedOfApps.get(idHash(publicId), JSON.stringify(access.idPolicyApps))?.why ?? null
}

/**
 * Finds the caller's session or creates it; one statement decides, so two first requests make one session.
 *
 * @throws {SessionEndedError} when the id had its life.
 * @throws {SessionLimitError} `sessions:limit:reached`.
 */
export async function openSession(
  { store, clock, audit }: { store: Store; clock: Clock.Clock; audit: AppendAudit },
  { publicId, app, owner, principal = null, binding = null, maxSessions = null, sid = randomUUID() }: NewSession,
): Promise<Session> {
  const found = findSession({ store }, { publicId, access: { owner } })
  if (found !== null) return found
  const ended = findEnded({ store }, { publicId, access: { owner } })
  if (ended !== null) throw new SessionEndedError(ended)
  // Without a credential an id is all there is, and one that was replaced begins no second session: a message sent under it,
  // by a page whose cookie was replaced in the same moment, would end where nobody reads.
  const isReplaced =
    owner === `app:${app}` && findEnded({ store }, { publicId, access: { idPolicyApps: [app] } }) === 'rotated'
  if (isReplaced) throw new SessionEndedError('rotated')
  const row = newRow(store, { publicId, app, owner, principal, binding, sid, nowMs: clock.nowMs() })
  const isNew = await store.write(async (write) => {
    const inserted = await write.db
      .insertInto('sessions')
      .values(row)
      .onConflict((conflict) => conflict.columns(['owner', 'id_digest']).doNothing())
      .returning('sid')
      .executeTakeFirst()
    if (inserted === undefined) return false
    if (maxSessions === null) write.post(COUNT_UP, [owner])
    else await countUp(write, { owner, max: maxSessions })
    await audit(write, {
      app,
      event: 'sessions.session.created',
      body: { session: row.handle, bound: binding?.mode ?? null },
    })
    return true
  })
  if (isNew) return fromRow(store, row, publicId)
  // Somebody was faster: theirs is the session.
  const theirs = findSession({ store }, { publicId, access: { owner } })
  if (theirs === null) throw new SessionAbsentError()
  return theirs
}

/**
 * Makes the place of a proposal that came through a door, in the caller's transaction: a session without a conversation,
 * whose id nobody is told. `door:{family}` owns it, and no session route reaches that owner.
 */
export async function insertDoorSession(
  { store, clock, audit }: { store: Store; clock: Clock.Clock; audit: AppendAudit },
  write: Write,
  { app, family }: { app: string; family: string },
): Promise<Pick<Session, 'sid' | 'app'>> {
  const place = { publicId: randomUUID(), app, owner: `door:${family}`, principal: null, binding: null }
  const row = newRow(store, { ...place, sid: randomUUID(), nowMs: clock.nowMs() })
  await write.db.insertInto('sessions').values(row).execute()
  await audit(write, { app, event: 'sessions.session.created', body: { session: row.handle, bound: null } })
  return { sid: row.sid, app }
}

function newRow(
  store: Store,
  {
    publicId,
    app,
    owner,
    principal,
    binding,
    sid,
    nowMs,
  }: Pick<Schema['sessions'], 'app' | 'owner' | 'principal' | 'sid'> & {
    publicId: string
    binding: Binding.Binding | null
    nowMs: number
  },
): Schema['sessions'] {
  return {
    sid,
    id_digest: store.ids.digest(publicId),
    id_sealed: store.ids.seal(publicId, sid),
    handle: handle(publicId),
    app,
    owner,
    title: null,
    app_version: null,
    tools: null,
    guards: null,
    archived: 0,
    user_state: JSON.stringify(NO_WALLET),
    model: null,
    next_tx_id: 1,
    next_seq: 1,
    snapshot_seq: 0,
    events_seq: 0,
    turn_id: null,
    turn_interrupted: 0,
    awaiting_idx: null,
    turn_authority: null,
    awaiting_authority: null,
    message_count: 0,
    message_bytes: 0,
    event_bytes: 0,
    created_ms: nowMs,
    used_ms: nowMs,
    turn_ended_ms: null,
    principal,
    wallet_address: null,
    wallet_chain_id: null,
    wallet_proven_ms: null,
    wallet_by_key: 0,
    binding: binding === null ? null : JSON.stringify(binding),
    ended_ms: null,
    ended_why: null,
  }
}

const COUNT_UP = `insert into session_counts (owner, open) values (?, 1)
  on conflict (owner) do update set open = session_counts.open + 1`

/** One more; refused, with everything else in the transaction, when the owner may have no more. */
async function countUp(write: Write, { owner, max }: { owner: string; max: number }): Promise<void> {
  const counted = await write.db
    .insertInto('session_counts')
    .values({ owner, open: 1 })
    .onConflict((conflict) =>
      conflict
        .column('owner')
        .doUpdateSet((eb) => ({ open: eb('session_counts.open', '+', 1) }))
        .where('session_counts.open', '<', max),
    )
    .returning('open')
    .executeTakeFirst()
  if (counted === undefined) throw new SessionLimitError(max)
}

/** Reads a session again by its internal id. */
export function loadSession(store: Store, { sid }: { sid: string }): Session {
  const row = queriesOf(store).load.get(sid)
  if (row === undefined) throw new SessionAbsentError()
  return fromRow(store, row)
}

/**
 * Records what the client says about its wallet, when it changed. What kind of client it is (`ext`) is kept once it was
 * said: the stock widget says it once. A claim that cannot be read is told in the conversation, once each time it appears.
 */
export async function noteWallet(
  { store, events }: { store: Store; events: EventLog },
  { session, wallet }: { session: Session; wallet: WalletClaim },
): Promise<void> {
  const claim = {
    ...wallet,
    ext: wallet.ext ?? session.wallet.ext,
    ...(wallet.isPage === true || session.wallet.isPage === true ? { isPage: true as const } : {}),
  }
  if (JSON.stringify(session.wallet) === JSON.stringify(claim)) return
  const isNews = claim.isUnreadable === true && session.wallet.isUnreadable !== true
  await store.write(async (write) => {
    await write.db
      .updateTable('sessions')
      .set({ user_state: JSON.stringify(claim) })
      .where('sid', '=', session.sid)
      .execute()
    if (isNews) await events.append(write, session.sid, { type: 'system_notice', message: UNREADABLE_WALLET })
  })
}

const UNREADABLE_WALLET =
  'The connected wallet cannot be used here. Connect one with an Ethereum address (0x…), on a chain that this server serves.'

/**
 * The owner did something: the idle time counts from now. Reading does not count, or a forgotten tab never ends. In the
 * caller's transaction.
 */
export function touchSession({ clock }: { clock: Clock.Clock }, write: Write, { sid }: { sid: string }): void {
  const nowMs = clock.nowMs()
  write.post(TOUCH, [nowMs, sid, nowMs])
}

const TOUCH = 'update sessions set used_ms = ? where sid = ? and used_ms < ?'

/** Changes title, model, archive flag or the last use, which never goes back. Nothing is answered or waited for. */
export function updateSession(
  { write }: { write: Write },
  {
    sid,
    set,
  }: {
    sid: string
    set: Partial<Pick<Schema['sessions'], 'title' | 'model' | 'archived' | 'used_ms'>>
  },
): void {
  const columns = Object.keys(set)
  const settings = columns.map((column) => (column === 'used_ms' ? 'used_ms = max(used_ms, ?)' : `${column} = ?`))
  write.post(`update sessions set ${settings.join(', ')} where sid = ?`, [...Object.values(set), sid])
}

/** A session that is to be destroyed, and what its id answers from then on. */
export interface Doomed {
  readonly session: Pick<Session, 'sid' | 'publicId' | 'handle' | 'app' | 'owner'>
  /** An owner who deletes gets the 404 that published clients expect; everybody else's answers 401. */
  readonly why: EndedWhy
}

/**
 * Deletes sessions and everything that hangs on them: history, events, proposals. The audit record stays, and gets an
 * entry for each. In the caller's transaction; those that somebody else was faster to delete are left out.
 *
 * @returns how many were deleted.
 */
export async function destroySessions(
  { clock, audit }: { clock: Clock.Clock; audit: AppendAudit },
  write: Write,
  doomed: readonly Doomed[],
): Promise<number> {
  const sids = doomed.map(({ session }) => session.sid)
  await discount(write, sids)
  const deleted = new Set(
    (await write.db.deleteFrom('sessions').where('sid', 'in', sids).returning('sid').execute()).map((row) => row.sid),
  )
  const nowMs = clock.nowMs()
  const open = new Map<string, number>()
  for (const { session, why } of doomed) {
    const { sid, app, owner } = session
    if (!deleted.has(sid)) continue
    open.set(owner, (open.get(owner) ?? 0) + 1)
    if (why !== 'owner') bury(write, { owner, publicId: session.publicId, app, why, nowMs })
    await audit(write, { app, event: 'sessions.session.destroyed', body: { session: session.handle, why } })
  }
  for (const [owner, count] of open) write.post(COUNT_DOWN, [count, owner])
  return deleted.size
}

/** Takes what the sessions hold out of what is counted of their owners, apps and the store. */
async function discount(write: Write, sids: readonly string[]): Promise<void> {
  const rows = await write.db
    .selectFrom('sessions')
    .select(['app', 'owner', 'message_count', 'message_bytes'])
    .where('sid', 'in', sids)
    .where('message_count', '>', 0)
    .execute()
  for (const { app, owner, message_count: messages, message_bytes: bytes } of rows) {
    for (const scope of ['store', `app:${app}`, `owner:${owner}`]) write.post(DISCOUNT, [messages, bytes, scope])
    write.post(FORGET, [`owner:${owner}`])
  }
}

const DISCOUNT = 'update stored set messages = max(messages - ?, 0), bytes = max(bytes - ?, 0) where scope = ?'
const FORGET = 'delete from stored where scope = ? and messages = 0'

/**
 * What an owner's deletion does to a session whose transactions may be on their way: for everybody it is gone, and its
 * cards are watched until they are accounted for. Then the sweeper deletes it. In the caller's transaction.
 */
export async function hideSession(write: Write, { session }: Pick<Doomed, 'session'>): Promise<void> {
  const { sid, owner } = session
  await discount(write, [sid])
  await write.db
    .updateTable('sessions')
    .set({ owner: `gone:${sid}`, id_digest: `gone:${sid}`, id_sealed: '', message_count: 0, message_bytes: 0 })
    .where('sid', '=', sid)
    .execute()
  write.post(COUNT_DOWN, [1, owner])
}

const COUNT_DOWN = 'update session_counts set open = max(open - ?, 0) where owner = ?'
const BURY = `insert into ended_sessions (owner, id_hash, app, why, ended_ms) values (?, ?, ?, ?, ?)
  on conflict (owner, id_hash) do nothing`

/** Remembers a dead id, in the caller's transaction. */
export function bury(
  write: Write,
  { owner, publicId, app, why, nowMs }: { owner: string; publicId: string; app: string; why: EndedWhy; nowMs: number },
): void {
  write.post(BURY, [owner, idHash(publicId), app, why, nowMs])
}

/** Sessions that live, the places of doors apart, newest first: of one owner, or of one app, where asked for only those of one wallet. */
export async function listSessions(
  { store }: { store: Store },
  { owner, app, wallet, limit }: { owner?: string; app?: string; wallet?: Address.Address; limit: number },
): Promise<Session[]> {
  let query = store.read
    .selectFrom('sessions')
    .selectAll()
    .where('ended_ms', 'is', null)
    .where('owner', 'not like', 'door:%')
  if (owner !== undefined) query = query.where('owner', '=', owner)
  if (app !== undefined) query = query.where('app', '=', app)
  if (wallet !== undefined) query = query.where('wallet_address', '=', wallet)
  return (await query.orderBy('created_ms', 'desc').limit(limit).execute()).map((row) => fromRow(store, row))
}

/** A session from its row; `publicId` where the caller named it, so that nothing is decrypted. */
export function fromRow({ ids }: Pick<Store, 'ids'>, row: Schema['sessions'], publicId?: string): Session {
  const wallet = JSON.parse(row.user_state) as WalletClaim
  // A kept-alive connection holds its last request, and so this session: what opens the id must not hold the row as well.
  const { sid, id_sealed: sealed } = row
  const signedIn = signedInOf(row)
  return {
    sid,
    get publicId() {
      return publicId ?? ids.open(sealed, sid)
    },
    handle: row.handle,
    app: row.app,
    owner: row.owner,
    title: row.title,
    isArchived: row.archived === 1,
    principal: row.principal,
    wallet: { ...wallet, address: wallet.address === null ? null : Address.parse(wallet.address) },
    signedIn: signedIn === null ? null : { ...signedIn, atMs: row.wallet_proven_ms ?? 0 },
    binding: Binding.parse(row.binding),
    model: row.model,
    nextTxId: row.next_tx_id,
    messageBytes: row.message_bytes,
    eventBytes: row.event_bytes,
    turnId: row.turn_id,
    createdMs: row.created_ms,
    usedMs: row.used_ms,
    turnEndedMs: row.turn_ended_ms,
    endedWhy: row.ended_why as EndedWhy | null,
  }
}
