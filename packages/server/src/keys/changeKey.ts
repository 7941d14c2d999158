import { handle } from '../audit/Audit.ts'
import type { Window } from '../limits/Gcra.ts'
import * as AllowList from './AllowList.ts'
import { ExpiryError, LabelError } from './issueKey.ts'
import type { KeyRecord } from './KeyRecord.ts'
import { loadKey, raiseEpoch, type KeyTools } from './KeyTools.ts'
import { allows, type Scope } from './Scope.ts'

export interface KeyChange {
  readonly label?: string
  readonly scopes?: readonly Scope[]
  readonly networks?: readonly string[]
  /** Null takes the list away. */
  readonly tools?: readonly string[] | null
  readonly limits?: readonly Window[]
  /** JSON; null takes the guards away. Validated by the caller. */
  readonly guards?: string | null
  /** Earlier or later; null takes the end away. */
  readonly expiresMs?: number | null
}

/**
 * Renames a key, or changes what it may do, from where, how much and until when. Holds for the next request.
 *
 * @throws {KeyHandleError} 404, {LabelError}, {ExpiryError}, {AllowList.NetworkError}.
 */
export async function changeKey(
  { store, clock, audit, onScopesRaised }: Omit<KeyTools, 'peppers'>,
  { id, app, change }: { id: string; app: string | null; change: KeyChange },
): Promise<KeyRecord> {
  if (change.label !== undefined && change.label.length > 200) throw new LabelError()
  const networks = change.networks === undefined ? undefined : AllowList.parse(change.networks)
  return store.write(async (write) => {
    const key = await loadKey(write, { id, app })
    if (change.expiresMs !== undefined && change.expiresMs !== null && change.expiresMs <= clock.nowMs()) {
      throw new ExpiryError()
    }
    await write.db
      .updateTable('keys')
      .set({
        ...(change.label === undefined ? {} : { label: change.label }),
        ...(change.scopes === undefined ? {} : { scopes: JSON.stringify(change.scopes) }),
        ...(networks === undefined ? {} : { networks: JSON.stringify(networks) }),
        ...(change.tools === undefined ? {} : { tools: change.tools === null ? null : JSON.stringify(change.tools) }),
        ...(change.guards === undefined ? {} : { guards: change.guards }),
        ...(change.limits === undefined ? {} : { limits: JSON.stringify(change.limits) }),
        ...(change.expiresMs === undefined ? {} : { expires_ms: change.expiresMs }),
      })
      .where('id', '=', key.id)
      .execute()
    await raiseEpoch(write)
    await audit(write, {
      app: key.app,
      event: 'keys.key.changed',
      body: { key: handle(key.id), fields: Object.keys(change), ...(change.scopes ? { scopes: change.scopes } : {}) },
    })
    // `admin` holds every scope: there is nothing to raise it to.
    const isRaised = change.scopes?.some((scope) => !allows(key.scopes, scope)) ?? false
    if (isRaised) await onScopesRaised?.(write, { family: key.family })
    return loadKey(write, { id, app })
  })
}
