import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, Redacted } from '@countersign/base'

/**
 * Reads the pepper that API keys are hashed with, or makes it on first use: 32 random bytes in `pepper.key` beside
 * the database, readable by the owner alone. `COUNTERSIGN_PEPPER` (64 hex digits) takes its place, so that it can
 * come from a secret manager.
 *
 * @throws {PepperError} `keys:pepper:unreadable`.
 */
export function openPepper({
  dataDir,
  env,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
}): Redacted.Redacted<Uint8Array> {
  const given = env['COUNTERSIGN_PEPPER']
  if (given !== undefined && given !== '') {
    if (!/^[0-9a-f]{64}$/.test(given)) throw new PepperError('COUNTERSIGN_PEPPER is not 64 hexadecimal digits.')
    return Redacted.of(Buffer.from(given, 'hex'))
  }
  const path = join(dataDir, 'pepper.key')
  try {
    // Exclusive creation: two processes starting at once must not end up with two peppers.
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, randomBytes(32).toString('hex'))
    fsyncSync(file)
    closeSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const text = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) throw new PepperError(`${path} does not hold 64 hexadecimal digits.`)
  return Redacted.of(Buffer.from(text, 'hex'))
}

export class PepperError extends BaseError {
  override readonly name = 'keys.PepperError'
  constructor(message: string) {
    super(message, {
      code: 'keys:pepper:unreadable',
      kind: 'invalid',
      hint: 'Restore it from a backup: without the same pepper no issued key can be verified.',
    })
  }
}
