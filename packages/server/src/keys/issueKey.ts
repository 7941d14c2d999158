import { randomBytes } from 'node:crypto'
import { BaseError, Redacted, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store } from '../store/openStore.ts'
import * as ApiKey from './ApiKey.ts'

export interface IssuedKey {
  /** Printable name of the key, `key_…`. */
  readonly id: string
  readonly app: string
  /** The secret: shown once, stored nowhere. */
  readonly key: Redacted.Redacted<string>
}

/**
 * Issues a key that opens one app.
 *
 * @throws {AppNameError} `keys:app:unreadable`.
 */
export async function issueKey(
  {
    store,
    clock,
    audit,
    pepper,
  }: { store: Store; clock: Clock.Clock; audit: AppendAudit; pepper: Redacted.Redacted<Uint8Array> },
  { app, label }: { app: string; label: string },
): Promise<IssuedKey> {
  if (!ApiKey.APP_NAME.test(app)) throw new AppNameError()
  const text = ApiKey.format(app, randomBytes(20))
  const id = `key_${randomBytes(9).toString('base64url')}`
  await store.write(async (write) => {
    await write.db
      .insertInto('keys')
      .values({
        id,
        app,
        label,
        digest: ApiKey.digest(text, Redacted.reveal(pepper)),
        last4: text.slice(-4),
        created_ms: clock.nowMs(),
        revoked_ms: null,
      })
      .execute()
    await audit(write, { app, event: 'keys.key.issued', body: { key: handle(id), label } })
  })
  return { id, app, key: Redacted.of(text) }
}

/** Whether any key was ever issued for the app. */
export async function hasKey({ store }: { store: Store }, { app }: { app: string }): Promise<boolean> {
  const row = await store.read.selectFrom('keys').select('id').where('app', '=', app).limit(1).executeTakeFirst()
  return row !== undefined
}

/** Lists an app's keys, or all, without secrets. */
export async function listKeys({ store }: { store: Store }, { app }: { app?: string }) {
  let query = store.read.selectFrom('keys').select(['id', 'app', 'label', 'last4', 'created_ms', 'revoked_ms'])
  if (app !== undefined) query = query.where('app', '=', app)
  return query.orderBy('created_ms').execute()
}

export class AppNameError extends BaseError {
  override readonly name = 'keys.AppNameError'
  constructor() {
    super('The app name cannot be used in a key.', {
      code: 'keys:app:unreadable',
      kind: 'invalid',
      hint: 'Use 1 to 40 lower-case letters, digits and hyphens, starting and ending with a letter or digit.',
    })
  }
}
