import { BaseError } from '@countersign/base'
import pg from 'pg'
import { StoreUnavailableError, type PassingReason } from '../StoreErrors.ts'

/** How long a connection may take to open, and a statement to run, in milliseconds. */
const CONNECT_MS = 5_000
const STATEMENT_MS = 15_000
const CLOSE_MS = 1_000
/**
 * How long a transaction may stand still between two statements, in milliseconds: an instance that stopped in the middle of
 * a write is cut off, so that the others can go on.
 */
const IDLE_IN_TRANSACTION_MS = 5_000
/** PostgreSQL 15, as `server_version_num` says it. */
const OLDEST_VERSION = 150_000

const { builtins } = pg.types
/** Values as SQLite gives them: numbers, and 0 or 1 for a truth. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: wholeNumber,
  [builtins.NUMERIC]: Number,
  [builtins.BOOL]: (text) => (text === 't' ? 1 : 0),
}

/** SQLite's reader refuses what JavaScript's numbers cannot hold, and so does this one. */
function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('A number of the store is too large.')
  return value
}

/** How every connection is opened. */
export function configOf(url: string, { readOnly, name }: { readOnly: boolean; name: string }): pg.ClientConfig {
  const settings = [
    // Acknowledged means durable, whatever the database's default is.
    '-c synchronous_commit=on',
    `-c default_transaction_read_only=${readOnly ? 'on' : 'off'}`,
    `-c statement_timeout=${STATEMENT_MS}`,
    `-c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
    '-c default_transaction_isolation=read\\ committed',
  ]
  return {
    connectionString: url,
    application_name: `countersign ${name}`,
    connectionTimeoutMillis: CONNECT_MS,
    // A connection whose other end is gone answers nothing: the client gives up a little after the server would have.
    query_timeout: STATEMENT_MS + 5_000,
    keepAlive: true,
    options: settings.join(' '),
    types: {
      getTypeParser: ((oid: number, format?: string) =>
        (format === undefined || format === 'text' ? PARSERS[oid] : undefined) ??
        pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  }
}

/**
 * Opens one connection.
 *
 * @param onEnd - Runs when it is lost or closed.
 * @throws {StoreUnavailableError} `store:disk:unreachable`.
 */
export async function connect(
  url: string,
  { onEnd = () => undefined, ...options }: { readOnly: boolean; name: string; onEnd?: (client: pg.Client) => void },
): Promise<pg.Client> {
  const client = new pg.Client(configOf(url, options))
  // Said to whoever waits for an answer; without a listener it would end the process.
  client.on('error', () => undefined)
  client.on('end', () => onEnd(client))
  try {
    await client.connect()
    return client
  } catch (error) {
    await closeConnection(client)
    throw toPgError(error)
  }
}

/** Closes a connection in any state. One whose end was seen before may say nothing more, so it is not waited for long. */
export async function closeConnection(client: pg.Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))
  await Promise.race([client.end().catch(() => undefined), late])
  clearTimeout(timer)
}

/** Refuses a server on which the store's promises would not hold. @throws {DatabaseError} */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{
    version: string
    fsync: string
    encoding: string
    standby: number
    commits: string
  }>(
    `select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
       current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby,
       current_setting('synchronous_commit') as commits`,
  )
  const [row] = rows
  if (row === undefined) throw new DatabaseError('version', 'unknown')
  if (Number(row.version) < OLDEST_VERSION) throw new DatabaseError('version', row.version)
  if (row.fsync !== 'on') throw new DatabaseError('fsync', row.fsync)
  if (row.encoding !== 'UTF8') throw new DatabaseError('encoding', row.encoding)
  if (row.standby === 1) throw new DatabaseError('standby', 'standby')
  if (row.commits !== 'on') throw new DatabaseError('settings', row.commits)
}

/** SQLSTATE classes and codes (PostgreSQL, appendix A) after which the same write may succeed later. */
const PASSING: Readonly<Record<string, PassingReason>> = {
  '08': 'unreachable',
  '57P01': 'unreachable', // the server is shut down
  '57P02': 'unreachable',
  '57P03': 'unreachable', // it starts
  '53': 'unwritable',
  '53100': 'full',
  '53300': 'unreachable', // too many connections
  '25006': 'unwritable', // a transaction that only reads: a standby, or our own reader
  '55P03': 'busy', // the lock was not given in time
  '57014': 'busy', // the statement took too long
  '40001': 'busy',
  '40P01': 'busy',
  '25P03': 'busy', // the transaction stood still for too long
  '58': 'unwritable',
  XX001: 'unreadable',
  XX002: 'unreadable',
}
const NETWORK = /^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN)|^EAI_AGAIN|^ENOTFOUND/

/** An error of `pg` as the store says it: one that says "not now", or PostgreSQL's own words, which only a bug brings about. */
export function toPgError(error: unknown): Error {
  if (error instanceof BaseError) return error
  const { code, message } = error as { code?: unknown; message?: string }
  const state = typeof code === 'string' ? code : ''
  const reason = PASSING[state] ?? PASSING[state.slice(0, 2)]
  if (reason !== undefined) return new StoreUnavailableError(reason, error)
  const isGone =
    NETWORK.test(state) || /^Connection terminated|timeout|not queryable|connection.*closed/i.test(message ?? '')
  if (state.length !== 5 && isGone) return new StoreUnavailableError('unreachable', error)
  return error instanceof Error ? error : new Error(String(error))
}

const WORDS = {
  version: ['is too old', 'Use PostgreSQL 15 or newer.'],
  fsync: ['does not write to the disk (fsync is off)', 'Set fsync = on: what is acknowledged must be durable.'],
  encoding: ['does not keep UTF-8', 'Create the database with ENCODING UTF8.'],
  standby: ['is a standby', 'Name the primary in DATABASE_URL.'],
  settings: [
    'is behind something that drops the settings of a connection',
    'Connect to PostgreSQL itself, or to a pooler in session mode.',
  ],
  setup: ['was not set up', 'Run `countersign migrate`, or start the server once.'],
  key: [
    'holds keys that COUNTERSIGN_MASTER_KEY does not open',
    'Set COUNTERSIGN_MASTER_KEY to the value that the other instances have.',
  ],
} as const

/** The database that `DATABASE_URL` names cannot be used. Neither the URL nor its password is repeated. */
export class DatabaseError extends BaseError {
  override readonly name = 'store.DatabaseError'
  constructor(what: keyof typeof WORDS, cause?: unknown) {
    const [words, hint] = WORDS[what]
    super(`The database of DATABASE_URL ${words}.`, {
      code: `store:database:${what}`,
      kind: what === 'setup' ? 'absent' : 'invalid',
      hint,
      cause,
    })
  }
}
