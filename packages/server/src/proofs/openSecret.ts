import { BaseError, Redacted } from '@countersign/base'
import { openKey, type KeyFiles } from '../store/KeyFiles.ts'

/**
 * Reads the secret that session ids and MAC keys are sealed and nonces are made with, or makes it on first use: 32 random bytes in
 * `session.key` beside the database, readable by the owner alone, or encrypted in it. Every process on one store shares it.
 * `COUNTERSIGN_SESSION_SECRET` (64 hex digits) takes its place. It is not the keys' pepper, so that either can be
 * replaced without the other.
 *
 * @throws {SessionSecretError} `proofs:secret:unreadable`.
 */
export function openSecret({ keys, env }: { keys: KeyFiles; env: NodeJS.ProcessEnv }): Redacted.Redacted<Uint8Array> {
  const given = env['COUNTERSIGN_SESSION_SECRET']
  if (given !== undefined && given !== '') {
    if (!/^[0-9a-f]{64}$/.test(given))
      throw new SessionSecretError('COUNTERSIGN_SESSION_SECRET is not 64 hexadecimal digits.')
    return Redacted.of(Buffer.from(given, 'hex'))
  }
  const bytes = openKey(keys, 'session.key')
  if (bytes === null) throw new SessionSecretError(`${keys.nameOf('session.key')} does not hold 64 hexadecimal digits.`)
  return Redacted.of(bytes)
}

export class SessionSecretError extends BaseError {
  override readonly name = 'proofs.SessionSecretError'
  constructor(message: string) {
    super(message, {
      code: 'proofs:secret:unreadable',
      kind: 'invalid',
      hint: 'Restore it from a backup, or delete the file: then no session of before can be opened.',
    })
  }
}
