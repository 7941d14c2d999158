import { BaseError } from '@countersign/base'
import { lostWhy, NO_AUTHORITY, ROW_OF_TURN, type Authority, type AuthorityRow } from '../keys/Authority.ts'
import { LOST_WORDS, type LostWhy } from '../sessions/LostWhy.ts'
import type { Store, Write } from '../store/openStore.ts'

/**
 * Who has a session's turn, as the store says it: every process asks here, and one statement decides. Whoever has it
 * writes nothing in its name once somebody else has closed it.
 */

/**
 * Takes the turn of a session, in the caller's transaction. False when one is running, here or elsewhere, or when the
 * session has ended.
 *
 * @param authority - In whose name it runs: `fenceStore` asks whether that still holds.
 */
export async function takeTurn(
  write: Write,
  {
    sid,
    turnId,
    nowMs,
    authority = null,
  }: { sid: string; turnId: string; nowMs: number; authority?: Authority | null },
): Promise<boolean> {
  const taken = await write.db
    .updateTable('sessions')
    .set((eb) => ({
      turn_id: turnId,
      turn_interrupted: 0,
      // What waits is in the history that this turn is about to read.
      awaiting_idx: null,
      awaiting_authority: null,
      turn_authority: authority === null ? null : JSON.stringify(authority),
      used_ms: eb.fn<number>('max', ['used_ms', eb.val(nowMs)]),
    }))
    .where('sid', '=', sid)
    .where('turn_id', 'is', null)
    .where('ended_ms', 'is', null)
    .returning('sid')
    .executeTakeFirst()
  return taken !== undefined
}

/** Leaves a message to the turn that runs: the next one is for it, in the name of the newest message that waits. */
export async function awaitTurn(
  write: Write,
  { sid, idx, authority = null }: { sid: string; idx: number; authority?: Authority | null },
): Promise<void> {
  const before = await write.db
    .selectFrom('sessions')
    .select('awaiting_authority')
    .where('sid', '=', sid)
    .executeTakeFirst()
  const awaiting = joined(before?.awaiting_authority ?? null, authority)
  await write.db
    .updateTable('sessions')
    .set({ awaiting_idx: idx, awaiting_authority: awaiting })
    .where('sid', '=', sid)
    .where('turn_id', 'is not', null)
    .execute()
}

/** Messages that wait together are answered by one turn: each list of tools narrows it. */
function joined(before: string | null, authority: Authority | null): string | null {
  const held = before === null ? undefined : (JSON.parse(before) as Authority).tools
  if (held === undefined) return authority === null ? null : JSON.stringify(authority)
  const own = authority?.tools
  const tools = own === undefined ? held : held.filter((name) => own.includes(name))
  return JSON.stringify({ ...(authority ?? NO_AUTHORITY), tools })
}

/**
 * Ends a turn, in the transaction that says so, and takes the next one where a message waits that this turn has not
 * seen. For whoever has the turn, through a fenced store.
 *
 * @param seenIdx - The last message that this turn saw.
 * @returns `next` when the next turn was taken; `dropped` when something waited and was not to be answered any more.
 */
export async function endTurn(
  write: Write,
  {
    sid,
    nextId,
    seenIdx,
    nowMs,
    mayGoOn,
  }: { sid: string; nextId: string; seenIdx: number; nowMs: number; mayGoOn: boolean },
): Promise<'next' | 'dropped' | 'idle'> {
  const row = await write.db
    .selectFrom('sessions')
    .select(['awaiting_idx', 'awaiting_authority', 'ended_ms'])
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()
  const isAwaited = row.awaiting_idx !== null && row.awaiting_idx > seenIdx && row.ended_ms === null
  const goesOn = isAwaited && mayGoOn
  await write.db
    .updateTable('sessions')
    .set((eb) => ({
      turn_id: goesOn ? nextId : null,
      turn_authority: goesOn ? row.awaiting_authority : null,
      turn_interrupted: 0,
      awaiting_idx: null,
      awaiting_authority: null,
      // The idle time counts from here: nobody's session ends because a turn took long.
      used_ms: eb.fn<number>('max', ['used_ms', eb.val(nowMs)]),
      turn_ended_ms: nowMs,
    }))
    .where('sid', '=', sid)
    .execute()
  if (goesOn) return 'next'
  return isAwaited ? 'dropped' : 'idle'
}

/**
 * Asks whoever has the turn to end it. What waited behind it is not answered either; what is said from here on is.
 *
 * @returns the turn that was asked to end; null when none runs.
 */
export async function askInterrupt(write: Write, { sid }: { sid: string }): Promise<string | null> {
  const asked = await write.db
    .updateTable('sessions')
    .set({ turn_interrupted: 1, awaiting_idx: null, awaiting_authority: null })
    .where('sid', '=', sid)
    .where('turn_id', 'is not', null)
    .returning('turn_id')
    .executeTakeFirst()
  return asked?.turn_id ?? null
}

/**
 * Closes a turn that has no process any more, or no authority. False when another process was quicker, or it ended by
 * itself.
 *
 * @param nowMs - Where what it said may be read a little longer: when it ended.
 */
export async function closeTurn(
  write: Write,
  { sid, turnId, nowMs }: { sid: string; turnId: string | null; nowMs?: number },
): Promise<boolean> {
  const closed = await write.db
    .updateTable('sessions')
    .set({
      turn_id: null,
      turn_authority: null,
      turn_interrupted: 0,
      awaiting_idx: null,
      awaiting_authority: null,
      turn_ended_ms: nowMs ?? ((eb) => eb.ref('turn_ended_ms')),
    })
    .where('sid', '=', sid)
    .where('turn_id', '=', turnId)
    .returning('sid')
    .executeTakeFirst()
  return closed !== undefined
}

/**
 * The store for the process that has a turn: a write that finds the turn closed, its session ended, or the credential
 * gone that the turn was begun with, is refused whole, in the transaction that would have written. So a process that
 * stood still for longer than its lease, and a turn whose key was revoked, stage and commit nothing more.
 *
 * @param nowMs - The store's time, for what ends by the clock; without it only the turn itself is asked for.
 */
export function fenceStore(
  store: Store,
  { sid, turnId, nowMs = null }: { sid: string; turnId: string; nowMs?: (() => number) | null },
): Store {
  const fenced: Store['write'] = (body) =>
    store.write(async (write) => {
      const atMs = nowMs?.() ?? 0
      const { rows } = await write.run(ROW_OF_TURN, [atMs, sid])
      const row = rows[0] as AuthorityRow | undefined
      if (row === undefined || row.turn_id !== turnId) throw new TurnLostError()
      const why = nowMs === null ? null : turnLostWhy(row, atMs)
      if (why !== null) throw new TurnRefusedError(why)
      return body(write)
    })
  return {
    ...store,
    write: fenced,
    batch: (statements) =>
      fenced(async (write) => {
        for (const { sql, parameters } of statements) write.post(sql, parameters)
      }),
  }
}

/** Why the turn of a row may write nothing more; null while it may. */
export function turnLostWhy(row: AuthorityRow, nowMs: number): LostWhy | null {
  const authority = row.turn_authority === null ? NO_AUTHORITY : (JSON.parse(row.turn_authority) as Authority)
  return lostWhy(authority, row, { nowMs, scope: 'chat' })
}

/** The authority of the turn was taken away: its key, token or browser, its session, or the wallet it worked for. */
export class TurnRefusedError extends BaseError {
  override readonly name = 'turns.TurnRefusedError'
  readonly why: LostWhy
  constructor(why: LostWhy) {
    super(`The turn was ended. ${LOST_WORDS[why]}`, {
      code: 'turns:turn:refused',
      kind: 'refused',
      hint: 'Ask again with a credential that is valid.',
    })
    this.why = why
  }
}

/** Another process closed the turn, because this one did not renew its lease in time; or the session ended. */
export class TurnLostError extends BaseError {
  override readonly name = 'turns.TurnLostError'
  constructor() {
    super('The turn was closed by another process.', {
      code: 'turns:turn:lost',
      kind: 'conflict',
      hint: 'Ask again.',
    })
  }
}
