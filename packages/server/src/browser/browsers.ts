import { randomBytes, randomUUID } from 'node:crypto'
import { BaseError, type Clock } from '@countersign/base'
import { sql } from 'kysely'
import type { Store } from '../store/openStore.ts'
import * as Credential from './Credential.ts'

interface Tools {
  readonly store: Store
  readonly clock: Clock.Clock
}

/** The browser behind a cookie; null when it is not known, or no longer. */
export async function findBrowser({ store, clock }: Tools, { cookie }: { cookie: string }): Promise<string | null> {
  const row = await store.read
    .selectFrom('browsers')
    .selectAll()
    .where('digest', '=', Credential.digest(cookie))
    .executeTakeFirst()
  if (row === undefined) return null
  const nowMs = clock.nowMs()
  const isOver =
    nowMs >= row.used_ms + Credential.BROWSER_IDLE_MS || nowMs >= row.created_ms + Credential.BROWSER_ABSOLUTE_MS
  return isOver ? null : row.id
}

/** Recognises a browser or gets to know it. `cookie` is to be set; null when the one it has is good. */
export async function enterBrowser(
  { store, clock }: Tools,
  { cookie }: { cookie: string | null },
): Promise<{ id: string; cookie: string | null }> {
  const known = cookie === null ? null : await findBrowser({ store, clock }, { cookie })
  const nowMs = clock.nowMs()
  if (known !== null) {
    await store.write((write) =>
      write.db
        .updateTable('browsers')
        .set({ used_ms: nowMs })
        .where('id', '=', known)
        .where('used_ms', '<', nowMs)
        .execute(),
    )
    return { id: known, cookie: null }
  }
  const fresh = randomBytes(32).toString('base64url')
  const id = randomUUID()
  await store.write((write) =>
    write.db
      .insertInto('browsers')
      .values({ id, digest: Credential.digest(fresh), created_ms: nowMs, used_ms: nowMs })
      .execute(),
  )
  return { id, cookie: fresh }
}

/** Gives a browser another cookie; the old value is dead with the commit. For sign-in, and against fixation. */
export async function renewBrowser({ store, clock }: Tools, { id }: { id: string }): Promise<string> {
  const fresh = randomBytes(32).toString('base64url')
  await store.write((write) =>
    write.db
      .updateTable('browsers')
      .set({ digest: Credential.digest(fresh), used_ms: clock.nowMs() })
      .where('id', '=', id)
      .execute(),
  )
  return fresh
}

/** Forgets a browser. */
export async function forgetBrowser({ store }: Pick<Tools, 'store'>, { id }: { id: string }): Promise<void> {
  await store.write((write) => write.db.deleteFrom('browsers').where('id', '=', id).execute())
}

/** Makes the one-time code that an integrator's server hands to its page: for one session, from one origin. */
export async function mintCode(
  { store, clock }: Tools,
  { sid, origin }: { sid: string; origin: string },
): Promise<{ code: string; expiresMs: number }> {
  const code = `sc-${randomBytes(32).toString('base64url')}`
  const expiresMs = clock.nowMs() + Credential.CODE_MS
  await store.write((write) =>
    write.db
      .insertInto('session_tokens')
      .values({ digest: Credential.digest(code), kind: 'code', sid, origin, expires_ms: expiresMs })
      .execute(),
  )
  return { code, expiresMs }
}

/**
 * Turns a code into a session token, once. A code that came from another origin is used up all the same.
 *
 * @throws {CodeError} `browser:code:unknown`.
 */
export async function redeemCode(
  { store, clock }: Tools,
  { code, origin, accept }: { code: string; origin: string; accept: (sid: string) => Promise<boolean> },
): Promise<{ token: string; sid: string; expiresMs: number }> {
  const nowMs = clock.nowMs()
  const row = await store.write((write) =>
    write.db
      .deleteFrom('session_tokens')
      .where('digest', '=', Credential.digest(code))
      .where('kind', '=', 'code')
      .returning(['sid', 'origin', 'expires_ms'])
      .executeTakeFirst(),
  )
  if (row === undefined || row.origin !== origin || nowMs >= row.expires_ms || !(await accept(row.sid)))
    throw new CodeError()
  const token = `st-${randomBytes(32).toString('base64url')}`
  const expiresMs = nowMs + Credential.TOKEN_MS
  await store.write(async (write) => {
    // One page has the session at a time: the token before it ends here.
    await write.db.deleteFrom('session_tokens').where('sid', '=', row.sid).where('kind', '=', 'token').execute()
    await write.db
      .insertInto('session_tokens')
      .values({ digest: Credential.digest(token), kind: 'token', sid: row.sid, origin, expires_ms: expiresMs })
      .execute()
  })
  return { token, sid: row.sid, expiresMs }
}

/**
 * The session that a token opens, for the origin it was made for.
 *
 * @throws {TokenError} `browser:token:unknown` when it is unknown, over, or sent from elsewhere.
 */
export async function verifyToken(
  { store, clock }: Tools,
  { token, origin }: { token: string; origin: string | null },
): Promise<{ sid: string; expiresMs: number }> {
  const row = Credential.isToken(token)
    ? await store.read
        .selectFrom('session_tokens')
        .select(['sid', 'origin', 'expires_ms'])
        .where('digest', '=', Credential.digest(token))
        .where('kind', '=', 'token')
        .executeTakeFirst()
    : undefined
  if (row === undefined || row.origin !== origin || clock.nowMs() >= row.expires_ms) throw new TokenError()
  return { sid: row.sid, expiresMs: row.expires_ms }
}

/**
 * Forgets codes and tokens that are over, browsers that nobody uses, and visits that came to nothing, a batch at a time.
 *
 * @returns how many of the largest kind; fewer than `batch` means that there are no more.
 */
export async function sweepBrowsers({ store, clock }: Tools, { batch }: { batch: number }): Promise<number> {
  const nowMs = clock.nowMs()
  return store.write(async (write) => {
    const tokens = await write.db
      .deleteFrom('session_tokens')
      .where('digest', 'in', (eb) =>
        eb.selectFrom('session_tokens').select('digest').where('expires_ms', '<', nowMs).limit(batch),
      )
      .returning('digest')
      .execute()
    const unused = await write.db
      .deleteFrom('browsers')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('browsers')
          .select('id')
          .where('used_ms', '<', nowMs - Credential.BROWSER_IDLE_MS)
          .limit(batch),
      )
      .returning('id')
      .execute()
    const empty = await write.db
      .deleteFrom('browsers')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('browsers')
          .select('id')
          .where('used_ms', '<', nowMs - Credential.BROWSER_EMPTY_MS)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('sessions')
                  .select('sid')
                  .where('owner', '=', sql<string>`'browser:' || browsers.id`),
              ),
            ),
          )
          .limit(batch),
      )
      .returning('id')
      .execute()
    return Math.max(tokens.length, unused.length, empty.length)
  })
}

export class CodeError extends BaseError {
  override readonly name = 'browser.CodeError'
  constructor() {
    super('The code is not known, was used, or is for another page.', {
      code: 'browser:code:unknown',
      kind: 'unknown-caller',
      hint: 'Let your server ask for a new one with POST /api/sessions/{id}/code; it is good once, for a minute.',
    })
  }
}

export class TokenError extends BaseError {
  override readonly name = 'browser.TokenError'
  constructor() {
    super('The session token has ended.', {
      code: 'browser:token:unknown',
      kind: 'unknown-caller',
      hint: 'Let your server ask for a new code with POST /api/sessions/{id}/code, and redeem it.',
    })
  }
}
