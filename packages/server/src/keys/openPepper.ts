import { BaseError, Redacted } from '@countersign/base'
import { openKey, type KeyFiles } from '../store/KeyFiles.ts'
import type { Pepper, Peppers } from './Peppers.ts'

/**
 * Reads the peppers that API keys are hashed with, or makes the first: 32 random bytes in `pepper.key` beside the
 * database, readable by the owner alone. Further versions are `pepper.2.key`, `pepper.3.key`, …, made by
 * `rotatePepper`; the highest hashes. `COUNTERSIGN_PEPPER` takes the place of the files, so that peppers can come from
 * a secret manager: 64 hex digits, or several as `2:…,1:…`.
 *
 * @param mustExist - Where there is none, none is made, and nothing can be hashed.
 * @throws {PepperError} `keys:pepper:unreadable`.
 */
export function openPepper({
  keys,
  env,
  mustExist = false,
}: {
  keys: KeyFiles
  env: NodeJS.ProcessEnv
  mustExist?: boolean
}): Peppers {
  const given = env['COUNTERSIGN_PEPPER']
  if (given !== undefined && given !== '') return of(given.split(',').map(fromEnv))
  if (!keys.names().some((name) => FILE.test(name))) {
    if (mustExist) return NO_PEPPERS
    openKey(keys, 'pepper.key')
  }
  return of(
    keys.names().flatMap((name) => {
      const match = FILE.exec(name)
      return match === null ? [] : [fromKeys(keys, name, Number(match[1] ?? 1))]
    }),
  )
}

/**
 * Makes the next pepper. Keys move to it one by one, each at its next use; when all that matter have moved, the old
 * file can be deleted, and what was not used since opens nothing. A running server reads it when it starts again.
 *
 * @returns The new version.
 */
export function rotatePepper({ keys, env }: { keys: KeyFiles; env: NodeJS.ProcessEnv }): number {
  if ((env['COUNTERSIGN_PEPPER'] ?? '') !== '') {
    throw new PepperError('The peppers come from COUNTERSIGN_PEPPER.', 'Put the new one first there: 2:…,1:….')
  }
  const { newest } = openPepper({ keys, env, mustExist: true })
  openKey(keys, `pepper.${newest.version + 1}.key`)
  return newest.version + 1
}

/** Keys can be listed and revoked without; they cannot be made or recognised. */
const NO_PEPPERS: Peppers = {
  all: [],
  get newest(): never {
    throw new PepperError(
      'There is no pepper in the data directory.',
      'Set COUNTERSIGN_PEPPER as for the server, or restore pepper.key from a backup.',
    )
  },
}

const FILE = /^pepper(?:\.([1-9]\d{0,5}))?\.key$/

function fromKeys(keys: KeyFiles, name: string, version: number): Pepper {
  const bytes = openKey(keys, name)
  if (bytes === null) throw new PepperError(`${keys.nameOf(name)} does not hold 64 hexadecimal digits.`)
  return { version, bytes: Redacted.of(bytes) }
}

function fromEnv(text: string): Pepper {
  const [, version = '1', hex] = /^(?:([1-9]\d{0,5}):)?([0-9a-f]{64})$/.exec(text.trim()) ?? []
  if (hex === undefined) {
    throw new PepperError('COUNTERSIGN_PEPPER is not 64 hexadecimal digits, nor a list of version:digits.')
  }
  return { version: Number(version), bytes: Redacted.of(Buffer.from(hex, 'hex')) }
}

function of(peppers: readonly Pepper[]): Peppers {
  const all = peppers.toSorted((a, b) => b.version - a.version)
  const [newest] = all
  if (newest === undefined || new Set(all.map(({ version }) => version)).size !== all.length) {
    throw new PepperError('Two peppers have one version.')
  }
  return { newest, all }
}

export class PepperError extends BaseError {
  override readonly name = 'keys.PepperError'
  constructor(
    message: string,
    hint = 'Restore it from a backup: without the same pepper no issued key can be verified.',
  ) {
    super(message, { code: 'keys:pepper:unreadable', kind: 'invalid', hint })
  }
}
