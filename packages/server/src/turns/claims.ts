import { BaseError } from '@countersign/base'
import type { Store, Write } from '../store/openStore.ts'

/**
 * Who has a session's turn, as the store says it: every process asks here, and one statement decides. Whoever has it
 * writes nothing in its name once somebody else has closed it.
 */

/** Takes the turn of a session, in the caller's transaction. False when one is running, here or elsewhere. */
export async function takeTurn(
  write: Write,
  { sid, turnId, nowMs }: { sid: string; turnId: string; nowMs: number },
): Promise<boolean> {
  const taken = await write.db
    .updateTable('sessions')
    .set((eb) => ({
      turn_id: turnId,
      turn_interrupted: 0,
      // What waits is in the history that this turn is about to read.
      awaiting_idx: null,
      used_ms: eb.fn<number>('max', ['used_ms', eb.val(nowMs)]),
    }))
    .where('sid', '=', sid)
    .where('turn_id', 'is', null)
    .returning('sid')
    .executeTakeFirst()
  return taken !== undefined
}

/** Leaves a message to whoever has the turn: the next one is for it. */
export async function awaitTurn(write: Write, { sid, idx }: { sid: string; idx: number }): Promise<void> {
  await write.db.updateTable('sessions').set({ awaiting_idx: idx }).where('sid', '=', sid).execute()
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
    .select(['awaiting_idx', 'ended_ms'])
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()
  const isAwaited = row.awaiting_idx !== null && row.awaiting_idx > seenIdx && row.ended_ms === null
  const goesOn = isAwaited && mayGoOn
  await write.db
    .updateTable('sessions')
    .set((eb) => ({
      turn_id: goesOn ? nextId : null,
      turn_interrupted: 0,
      awaiting_idx: null,
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
    .set({ turn_interrupted: 1, awaiting_idx: null })
    .where('sid', '=', sid)
    .where('turn_id', 'is not', null)
    .returning('turn_id')
    .executeTakeFirst()
  return asked?.turn_id ?? null
}

/** Closes a turn that nobody runs any more. False when another process was quicker, or it ended by itself. */
export async function closeTurn(
  write: Write,
  { sid, turnId }: { sid: string; turnId: string | null },
): Promise<boolean> {
  const closed = await write.db
    .updateTable('sessions')
    .set({ turn_id: null, turn_interrupted: 0, awaiting_idx: null })
    .where('sid', '=', sid)
    .where('turn_id', '=', turnId)
    .returning('sid')
    .executeTakeFirst()
  return closed !== undefined
}

/**
 * The store for whoever has a turn: a write that finds it closed is refused whole. So a process that stood still for
 * longer than its lease says, stages and commits nothing when it wakes up.
 */
export function fenceStore(store: Store, { sid, turnId }: { sid: string; turnId: string }): Store {
  const fenced: Store['write'] = (body) =>
    store.write(async (write) => {
      const { rows } = await write.run('select 1 from sessions where sid = ? and turn_id = ?', [sid, turnId])
      if (rows.length === 0) throw new TurnLostError()
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

/** Somebody else closed the turn: this process did not renew its lease in time, or the session is gone. */
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
