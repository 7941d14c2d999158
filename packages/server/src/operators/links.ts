import { randomUUID } from 'node:crypto'
import { handle, SERVER } from '../audit/Audit.ts'
import { digest } from '../browser/Credential.ts'
import * as Operator from './Operator.ts'
import { openOperatorSession } from './operatorSessions.ts'
import type { OperatorTools } from './OperatorTools.ts'

/** Makes a one-time link for a new operator. Only its hash is kept, so the token is in the answer and nowhere else. */
export async function makeLink(
  { store, clock, audit }: OperatorTools,
  { name, apps }: { name: string; apps: readonly string[] | null },
): Promise<{ readonly token: string; readonly expiresMs: number }> {
  const token = Operator.makeToken()
  const expiresMs = clock.nowMs() + Operator.LINK_MS
  const named = Operator.parseName(name)
  await store.write(async (write) => {
    await write.db.deleteFrom('operator_links').where('expires_ms', '<=', clock.nowMs()).execute()
    await write.db
      .insertInto('operator_links')
      .values({
        digest: digest(token),
        name: named,
        apps: apps === null ? null : JSON.stringify(apps),
        expires_ms: expiresMs,
      })
      .execute()
    await audit(write, {
      app: SERVER,
      event: 'operators.link.made',
      body: { link: handle(digest(token)), name: named, apps },
    })
  })
  return { token, expiresMs }
}

/**
 * Uses a link up, in the transaction that makes the operator: of two who send it, one gets the session. The session may
 * register a passkey and do nothing else.
 *
 * @returns The value of the cookie.
 * @throws {OperatorError} `operators:link:unknown`.
 */
export async function redeemLink(tools: OperatorTools, { token }: { token: string }): Promise<string> {
  if (!Operator.isToken(token)) throw new Operator.OperatorError('link')
  const { store, clock, audit } = tools
  return store.write(async (write) => {
    const link = await write.db
      .deleteFrom('operator_links')
      .where('digest', '=', digest(token))
      .returning(['name', 'apps', 'expires_ms'])
      .executeTakeFirst()
    if (link === undefined || clock.nowMs() >= link.expires_ms) throw new Operator.OperatorError('link')
    const { count } = await write.db
      .selectFrom('operators')
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= Operator.MAX_OPERATORS) throw new Operator.OperatorError('many')
    const id = `op_${randomUUID()}`
    const row = { id, name: link.name, apps: link.apps, created_ms: clock.nowMs() }
    await write.db.insertInto('operators').values(row).execute()
    await audit(write, {
      app: SERVER,
      event: 'operators.link.used',
      body: { link: handle(digest(token)), operator: handle(id), name: link.name },
    })
    return openOperatorSession(tools, write, { operator: Operator.fromRow(row), stage: 'enrol', passkey: null })
  })
}
