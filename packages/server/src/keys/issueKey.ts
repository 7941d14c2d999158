import { randomBytes } from 'node:crypto'
import { BaseError, Redacted, type Address } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { Window } from '../limits/Gcra.ts'
import type { Prepared, Store } from '../store/openStore.ts'
import * as AllowList from './AllowList.ts'
import * as ApiKey from './ApiKey.ts'
import * as KeyRecord from './KeyRecord.ts'
import { raiseEpoch, type KeyTools } from './KeyTools.ts'
import { DEFAULT_SCOPES, type Scope } from './Scope.ts'

export interface IssuedKey {
  /** Printable name of the key, `key_…`. */
  readonly id: string
  readonly app: string
  /** The secret: shown once, stored nowhere. */
  readonly key: Redacted.Redacted<string>
}

export interface IssueInput {
  readonly app: string
  readonly label: string
  readonly scopes?: readonly Scope[]
  /** CIDR blocks that may use it; none admits every address. */
  readonly networks?: readonly string[]
  /** The tools that its turns are held to; absent for all of the app. */
  readonly tools?: readonly string[] | null
  /** JSON: what its proposals are held to; absent for nothing. Validated by the caller. */
  readonly guards?: string | null
  /** The one account that it may propose to; absent for any. A rotated key keeps it. */
  readonly owner?: Address.Address
  /** Limits of its own; none takes the server's. */
  readonly limits?: readonly Window[]
  /** When it ends by itself, in milliseconds since the epoch. */
  readonly expiresMs?: number | null
  /** Valid in shape and opens nothing: whoever tries it is reported. */
  readonly isCanary?: boolean
}

/**
 * Issues a key that opens one app.
 *
 * @throws {AppNameError} `keys:app:unreadable`, {LabelError} `keys:label:unreadable`,
 *   {ExpiryError} `keys:expiry:past`, {AllowList.NetworkError}.
 */
export async function issueKey({ store, clock, audit, peppers }: KeyTools, input: IssueInput): Promise<IssuedKey> {
  const { app, label, scopes = DEFAULT_SCOPES, networks = [], tools = null, limits = [], expiresMs = null } = input
  if (!ApiKey.APP_NAME.test(app)) throw new AppNameError()
  if (label.length > 200) throw new LabelError()
  const blocks = AllowList.parse(networks)
  const { text, id } = makeKey(app)
  await store.write(async (write) => {
    const nowMs = clock.nowMs()
    if (expiresMs !== null && expiresMs <= nowMs) throw new ExpiryError()
    await write.db
      .insertInto('keys')
      .values({
        id,
        app,
        label,
        family: id,
        generation: 1,
        digest: ApiKey.digest(text, Redacted.reveal(peppers.newest.bytes)),
        pepper_version: peppers.newest.version,
        last4: text.slice(-4),
        scopes: JSON.stringify(scopes),
        networks: JSON.stringify(blocks),
        tools: tools === null ? null : JSON.stringify(tools),
        owner: input.owner ?? null,
        limits: JSON.stringify(limits),
        guards: input.guards ?? null,
        created_ms: nowMs,
        expires_ms: expiresMs,
        not_after_ms: null,
        activate_by_ms: null,
        overlap_ms: null,
        replaces: null,
        revoked_ms: null,
        revoked_reason: null,
        exposed_ms: null,
        quarantine: null,
        released_ms: null,
        canary: input.isCanary === true ? 1 : 0,
        last_used_ms: null,
        reminded_day: 0,
      })
      .execute()
    await raiseEpoch(write)
    await audit(write, {
      app,
      event: 'keys.key.issued',
      body: {
        key: handle(id),
        label,
        scopes,
        ...(blocks.length === 0 ? {} : { networks: blocks.length }),
        ...(tools === null ? {} : { tools }),
        ...(input.guards == null ? {} : { guards: handle(input.guards) }),
        ...(input.owner === undefined ? {} : { owner: input.owner }),
        ...(expiresMs === null ? {} : { expires_ms: expiresMs }),
        ...(input.isCanary === true ? { canary: true } : {}),
      },
    })
  })
  return { id, app, key: Redacted.of(text) }
}

/** A new secret and its handle: 160 random bits, and 72 for the name. */
export function makeKey(app: string): { text: string; id: string } {
  return { text: ApiKey.format(app, randomBytes(20)), id: `key_${randomBytes(9).toString('base64url')}` }
}

/** Whether any key was ever issued for the app. Keys are never deleted: what was true once stays true. */
export function hasKey({ store }: { store: Store }, { app }: { app: string }): boolean {
  const known = asked.get(store) ?? {
    query: store.prepare<{ id: string }>('select id from keys where app = ? limit 1'),
    apps: new Set<string>(),
  }
  asked.set(store, known)
  if (known.apps.has(app)) return true
  if (known.query.get(app) === undefined) return false
  known.apps.add(app)
  return true
}

/** Asked at most requests, so prepared once a store. */
const asked = new WeakMap<Store, { readonly query: Prepared<{ id: string }>; readonly apps: Set<string> }>()

/** Lists an app's keys, or all, without secrets, oldest first. */
export async function listKeys({ store }: { store: Store }, { app }: { app?: string }): Promise<KeyRecord.KeyRecord[]> {
  let query = store.read.selectFrom('keys').selectAll()
  if (app !== undefined) query = query.where('app', '=', app)
  return (await query.orderBy('created_ms').orderBy('id').execute()).map(KeyRecord.fromRow)
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

export class LabelError extends BaseError {
  override readonly name = 'keys.LabelError'
  constructor() {
    super('The label is too long.', {
      code: 'keys:label:unreadable',
      kind: 'invalid',
      hint: 'Use at most 200 characters.',
    })
  }
}

export class ExpiryError extends BaseError {
  override readonly name = 'keys.ExpiryError'
  constructor() {
    super('The key would have expired already.', {
      code: 'keys:expiry:past',
      kind: 'invalid',
      hint: 'Give a time that is still to come, such as 2030-01-01T00:00:00Z or 90d.',
    })
  }
}
