import { handle, SERVER } from '../audit/Audit.ts'
import { digest } from '../browser/Credential.ts'
import type { Write } from '../store/openStore.ts'
import * as Operator from './Operator.ts'
import type { OperatorTools } from './OperatorTools.ts'

/** A use is written down when the last one is older, in milliseconds: not a write a request. */
const TOUCH_MS = 60_000

/**
 * Opens a session, always under a new cookie: what a browser sent before opens nothing afterwards, so nobody can fix a
 * session beforehand.
 *
 * @returns The value of the cookie. It is in the answer and nowhere else.
 */
export async function openOperatorSession(
  { clock, audit }: Pick<OperatorTools, 'clock' | 'audit'>,
  write: Write,
  {
    operator,
    stage,
    passkey,
  }: {
    operator: Operator.Operator
    stage: Operator.OperatorSession['stage']
    /** The passkey that opens it; null for a link. */
    passkey: string | null
  },
): Promise<string> {
  const nowMs = clock.nowMs()
  await write.db
    .deleteFrom('operator_sessions')
    .where((eb) =>
      eb.or([eb('used_ms', '<=', nowMs - Operator.IDLE_MS), eb('created_ms', '<=', nowMs - Operator.ABSOLUTE_MS)]),
    )
    .execute()
  const open = await write.db
    .selectFrom('operator_sessions')
    .select('handle')
    .where('operator_id', '=', operator.id)
    .orderBy('used_ms', 'desc')
    .execute()
  const surplus = open.slice(Operator.MAX_SESSIONS - 1).map((each) => each.handle)
  if (surplus.length > 0) await write.db.deleteFrom('operator_sessions').where('handle', 'in', surplus).execute()
  const cookie = Operator.makeToken()
  const name = handle(digest(cookie))
  await write.db
    .insertInto('operator_sessions')
    .values({
      digest: digest(cookie),
      handle: name,
      operator_id: operator.id,
      stage,
      passkey_id: passkey,
      created_ms: nowMs,
      used_ms: nowMs,
    })
    .execute()
  await audit(write, {
    app: SERVER,
    event: 'operators.session.opened',
    body: { session: name, operator: handle(operator.id), stage },
  })
  return cookie
}

/** The session behind a cookie, as it is now in the store; null when there is none, or it is over. */
export async function findOperatorSession(
  { store, clock }: Pick<OperatorTools, 'store' | 'clock'>,
  { cookie }: { cookie: string },
): Promise<Operator.OperatorSession | null> {
  const row = await store.read
    .selectFrom('operator_sessions')
    .innerJoin('operators', 'operators.id', 'operator_sessions.operator_id')
    .select([
      'operator_sessions.handle',
      'operator_sessions.stage',
      'operator_sessions.created_ms as opened_ms',
      'operator_sessions.used_ms',
      'operators.id',
      'operators.name',
      'operators.apps',
      'operators.created_ms',
    ])
    .where('operator_sessions.digest', '=', digest(cookie))
    .executeTakeFirst()
  if (row === undefined) return null
  const session: Operator.OperatorSession = {
    handle: row.handle,
    operator: Operator.fromRow(row),
    stage: row.stage === 'full' ? 'full' : 'enrol',
    createdMs: row.opened_ms,
    usedMs: row.used_ms,
  }
  const nowMs = clock.nowMs()
  if (nowMs >= Operator.endMs(session)) return null
  if (nowMs - session.usedMs >= TOUCH_MS) {
    await store.write((write) =>
      write.db
        .updateTable('operator_sessions')
        .set({ used_ms: nowMs })
        .where('handle', '=', session.handle)
        .where('used_ms', '<', nowMs)
        .execute(),
    )
  }
  return session
}

/** The open sessions of an operator, the newest use first. */
export async function listOperatorSessions(
  { store, clock }: Pick<OperatorTools, 'store' | 'clock'>,
  { operatorId }: { operatorId: string },
): Promise<{ readonly handle: string; readonly createdMs: number; readonly usedMs: number }[]> {
  const rows = await store.read
    .selectFrom('operator_sessions')
    .select(['handle', 'created_ms', 'used_ms'])
    .where('operator_id', '=', operatorId)
    .orderBy('used_ms', 'desc')
    .execute()
  return rows
    .map((row) => ({ handle: row.handle, createdMs: row.created_ms, usedMs: row.used_ms }))
    .filter((each) => clock.nowMs() < Operator.endMs(each))
}

/** Ends a session of an operator. @throws {OperatorError} `operators:operator:absent` also for another operator's. */
export async function endOperatorSession(
  { store, audit }: OperatorTools,
  { handle: name, operatorId, why }: { handle: string; operatorId: string; why: 'signed-out' | 'revoked' },
): Promise<void> {
  await store.write(async (write) => {
    const ended = await write.db
      .deleteFrom('operator_sessions')
      .where('handle', '=', name)
      .where('operator_id', '=', operatorId)
      .returning('handle')
      .executeTakeFirst()
    if (ended === undefined) throw new Operator.OperatorError('absent')
    await audit(write, {
      app: SERVER,
      event: 'operators.session.ended',
      body: { session: name, operator: handle(operatorId), why },
    })
  })
}

/** Ends the sessions that a passkey opened. Those of which nobody wrote down what opened them end with every passkey. */
export async function endSessionsOf(
  write: Write,
  { passkey, operatorId }: { passkey: string; operatorId: string },
): Promise<number> {
  const ended = await write.db
    .deleteFrom('operator_sessions')
    .where('operator_id', '=', operatorId)
    .where('stage', '=', 'full')
    .where((eb) => eb.or([eb('passkey_id', '=', passkey), eb('passkey_id', 'is', null)]))
    .returning('handle')
    .execute()
  return ended.length
}
