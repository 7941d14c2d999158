import { BaseError, type Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store, Write } from '../store/openStore.ts'
import * as KeyRecord from './KeyRecord.ts'
import type { Peppers } from './Peppers.ts'

/** What the verbs of this room are handed. */
export interface KeyTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly peppers: Peppers
  /**
   * Called in the transaction that gives a key more than it had: whatever stands on the key is renewed with it
   * (ASVS 5.0, 7.2.4).
   */
  readonly onScopesRaised?: (write: Write, raised: { readonly family: string }) => Promise<void>
}

/** Says, in the same transaction as the change, that keys have changed. Returns the new epoch. */
export async function raiseEpoch(write: Write): Promise<number> {
  const { epoch } = await write.db
    .updateTable('key_epoch')
    .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
    .where('id', '=', 1)
    .returning('epoch')
    .executeTakeFirstOrThrow()
  return epoch
}

/**
 * Reads a key inside a write. Somebody else's key and one that never was are told apart by nobody.
 *
 * @param app - Only a key of this app; null for the operator, who may name any.
 * @throws {KeyHandleError} `keys:handle:absent`.
 */
export async function loadKey(
  write: Write,
  { id, app }: { id: string; app: string | null },
): Promise<KeyRecord.KeyRecord> {
  let query = write.db.selectFrom('keys').selectAll().where('id', '=', id)
  if (app !== null) query = query.where('app', '=', app)
  const row = await query.executeTakeFirst()
  if (row === undefined) throw new KeyHandleError()
  return KeyRecord.fromRow(row)
}

export class KeyHandleError extends BaseError {
  override readonly name = 'keys.KeyHandleError'
  constructor() {
    super('There is no such key.', {
      code: 'keys:handle:absent',
      kind: 'absent',
      hint: 'List the keys with `countersign keys list`; a key is named by its handle, key_….',
    })
  }
}

export class KeyStateError extends BaseError {
  override readonly name = 'keys.KeyStateError'
  constructor(reason: string, message: string, hint: string) {
    super(message, { code: `keys:state:${reason}`, kind: 'conflict', hint })
  }
}
