import type { Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { Store } from '../store/openStore.ts'
import { awaitFence, type Fence } from './awaitFence.ts'
import * as KeyRecord from './KeyRecord.ts'
import { KeyStateError, loadKey, raiseEpoch, type KeyTools } from './KeyTools.ts'

/**
 * Revokes a key, and answers when no live instance takes it any more. Revoking twice is once.
 *
 * @param isExposed - The key was seen in public: the revocation cannot be undone.
 * @throws {KeyHandleError} 404.
 */
export async function revokeKey(
  {
    store,
    clock,
    audit,
    machineClock = store.machineClock,
  }: Omit<KeyTools, 'peppers'> & { machineClock?: Clock.Clock },
  { id, app, reason = '', isExposed = false }: { id: string; app: string | null; reason?: string; isExposed?: boolean },
): Promise<{ readonly key: KeyRecord.KeyRecord; readonly fence: Fence }> {
  const { key, epoch } = await store.write(async (write) => {
    const found = await loadKey(write, { id, app })
    const nowMs = clock.nowMs()
    if (found.revokedMs !== null && (found.exposedMs !== null || !isExposed)) {
      return { key: found, epoch: await raiseEpoch(write) }
    }
    await write.db
      .updateTable('keys')
      .set({
        revoked_ms: found.revokedMs ?? nowMs,
        revoked_reason: reason.slice(0, 200),
        ...(isExposed ? { exposed_ms: nowMs } : {}),
      })
      .where('id', '=', id)
      .execute()
    await audit(write, {
      app: found.app,
      event: 'keys.key.revoked',
      body: { key: handle(id), reason: reason.slice(0, 200), exposed: isExposed },
    })
    const raised = await raiseEpoch(write)
    return { key: await loadKey(write, { id, app }), epoch: raised }
  })
  return { key, fence: await awaitFence({ store, clock: machineClock }, { epoch }) }
}

/**
 * Takes a mistaken revocation back, within an hour, unless the key was exposed. What ended otherwise meanwhile (expiry,
 * overlap, deadline) stays ended.
 *
 * @throws {KeyHandleError} 404, {KeyStateError} `keys:state:not-revoked`, `…:exposed`, `…:too-late`.
 */
export async function undoRevocation(
  { store, clock, audit }: { store: Store; clock: Clock.Clock; audit: KeyTools['audit'] },
  { id, app }: { id: string; app: string | null },
): Promise<KeyRecord.KeyRecord> {
  return store.write(async (write) => {
    const key = await loadKey(write, { id, app })
    const refusal = KeyRecord.undoRefusal(key, clock.nowMs())
    if (refusal === 'not-revoked') {
      throw new KeyStateError(refusal, `Key ${id} is not revoked.`, 'There is nothing to take back.')
    }
    if (refusal !== null) {
      throw new KeyStateError(
        refusal,
        refusal === 'exposed'
          ? `Key ${id} was seen in public: it stays revoked.`
          : `Key ${id} was revoked more than an hour ago.`,
        'Issue a new key.',
      )
    }
    await write.db.updateTable('keys').set({ revoked_ms: null, revoked_reason: null }).where('id', '=', id).execute()
    await raiseEpoch(write)
    await audit(write, { app: key.app, event: 'keys.key.restored', body: { key: handle(id) } })
    return loadKey(write, { id, app })
  })
}
