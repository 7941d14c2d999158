import { BaseError, Redacted, type Clock } from '@countersign/base'
import { makeDirectory } from '@countersign/simulator/directory'
import { openSecret } from '../proofs/openSecret.ts'
import * as Seal from '../proofs/Seal.ts'
import { createSessionIds } from '../sessions/SessionIds.ts'
import { keysInDirectory } from './KeyFiles.ts'
import { openSqlite } from './openSqlite.ts'
import type { Store } from './Store.ts'

export { DATABASE_FILE, type Prepared, type Reader, type Store, type Write } from './Store.ts'
export { isUniqueViolation, StoreError, StoreUnavailableError, StoreVersionError } from './StoreErrors.ts'

/** Whether the store is a PostgreSQL database and not a file of the data directory. */
export function isPostgres(env: NodeJS.ProcessEnv): boolean {
  return (env['DATABASE_URL'] ?? '') !== ''
}

/**
 * Opens, and where needed creates, the store: the database that `DATABASE_URL` names, which any number of instances share,
 * or else `countersign.db` in the data directory.
 *
 * @param mustExist - For what only reads or takes away: where there is no store, nothing is made.
 * @param env - `DATABASE_URL` with `COUNTERSIGN_MASTER_KEY`, which its keys are encrypted with; `COUNTERSIGN_SESSION_SECRET`.
 * @throws {StoreAbsentError} `store:directory:absent`.
 * @throws {StoreError} `store:directory:unwritable` when the directory or the file cannot be written.
 * @throws {StoreUnavailableError} `store:disk:…` when another kept the store for longer than a write waits, or it is not there.
 * @throws {StoreVersionError} `store:schema:newer`.
 * @throws {DatabaseError} `store:database:…` for a database that cannot be used.
 */
export async function openStore(
  { clock }: { clock: Clock.Clock },
  { dataDir, mustExist = false, env = process.env }: { dataDir: string; mustExist?: boolean; env?: NodeJS.ProcessEnv },
): Promise<Store> {
  const url = env['DATABASE_URL'] ?? ''
  if (url === '') {
    const keys = keysInDirectory(dataDir)
    const ids = createSessionIds(() => openSecret({ keys, env }))
    return openSqlite({ clock, ids, keys }, { dataDir, mustExist })
  }
  // What one instance keeps for itself: its socket, caches, and notes of checkpoints.
  makeDirectory(dataDir)
  // Loaded here: who uses SQLite needs no client of PostgreSQL.
  const { openPostgres } = await import('./postgres/openPostgres.ts')
  return openPostgres(
    { clock, seal: Seal, ids: (keys) => createSessionIds(() => openSecret({ keys, env })) },
    { url: Redacted.of(url), masterKey: masterKeyOf(env), mustExist },
  )
}

function masterKeyOf(env: NodeJS.ProcessEnv): Uint8Array {
  const given = env['COUNTERSIGN_MASTER_KEY'] ?? ''
  if (!/^[0-9a-f]{64}$/.test(given)) throw new MasterKeyError(given === '')
  return Buffer.from(given, 'hex')
}

export class MasterKeyError extends BaseError {
  override readonly name = 'store.MasterKeyError'
  constructor(isAbsent: boolean) {
    super(
      isAbsent
        ? 'DATABASE_URL is set, and COUNTERSIGN_MASTER_KEY is not.'
        : 'COUNTERSIGN_MASTER_KEY is not 64 hexadecimal digits.',
      {
        code: 'store:master-key:unreadable',
        kind: 'invalid',
        hint: 'Set COUNTERSIGN_MASTER_KEY to the same 64 hexadecimal digits (`openssl rand -hex 32`) for every instance: it encrypts the keys that they share.',
      },
    )
  }
}
