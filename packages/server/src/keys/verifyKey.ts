import { BaseError, Redacted } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import * as ApiKey from './ApiKey.ts'

/** Who is calling: a key that was verified. */
export interface Caller {
  readonly keyId: string
  readonly app: string
}

/**
 * Verifies a presented key. Shape and checksum are checked before anything is hashed or looked up; unknown,
 * malformed and revoked keys get the same answer.
 *
 * @throws {KeyUnknownError} `keys:key:unknown`.
 */
export async function verifyKey(
  { store, pepper }: { store: Store; pepper: Redacted.Redacted<Uint8Array> },
  { text }: { text: string },
): Promise<Caller> {
  const parsed = ApiKey.parse(text)
  if (parsed === null) throw new KeyUnknownError()
  const digest = ApiKey.digest(parsed.text, Redacted.reveal(pepper))
  const row = await store.read.selectFrom('keys').selectAll().where('digest', '=', digest).executeTakeFirst()
  if (row === undefined || row.revoked_ms !== null) throw new KeyUnknownError()
  if (!ApiKey.isSameDigest(row.digest, digest) || row.app !== parsed.app) throw new KeyUnknownError()
  return { keyId: row.id, app: row.app }
}

export class KeyUnknownError extends BaseError {
  override readonly name = 'keys.KeyUnknownError'
  constructor() {
    super('The API key is not valid.', {
      code: 'keys:key:unknown',
      kind: 'unknown-caller',
      hint: 'Check for a missing character, or issue a new key with `countersign keys issue --app NAME`.',
    })
  }
}

export class KeyAbsentError extends BaseError {
  override readonly name = 'keys.KeyAbsentError'
  constructor(app: string) {
    super(`The app "${app}" needs an API key.`, {
      code: 'keys:key:absent',
      kind: 'unknown-caller',
      hint: 'Send the key in the AOMI-APP-KEY header (X-API-Key works too).',
    })
  }
}

export class KeyWrongAppError extends BaseError {
  override readonly name = 'keys.KeyWrongAppError'
  constructor(app: string) {
    super(`This key does not open the app "${app}".`, {
      code: 'keys:app:refused',
      kind: 'refused',
      hint: 'Use a key that was issued for this app, or name the app that the key belongs to.',
    })
  }
}
