import { BaseError } from '@countersign/base'
import type { Write } from '../store/openStore.ts'

/** How much conversation may be stored. Bytes are of the stored lines. */
export interface StorageCap {
  readonly messages: number
  readonly bytes: number
}

/** The caps of a session, of one owner (a key's family, a browser), of one app, and of the store. */
export interface StorageCaps {
  readonly session: StorageCap
  readonly owner: StorageCap
  readonly app: StorageCap
  readonly store: StorageCap
  /** What a session may log, in bytes: its messages again, its proposals at each change, its tools. */
  readonly sessionEventBytes: number
  /** What may be proposed in one session. */
  readonly sessionProposals: number
}

const MIB = 1024 * 1024

export const DEFAULT_STORAGE_CAPS: StorageCaps = {
  session: { messages: 2_000, bytes: 2 * MIB },
  owner: { messages: 200_000, bytes: 512 * MIB },
  app: { messages: 1_000_000, bytes: 2_048 * MIB },
  store: { messages: 4_000_000, bytes: 8_192 * MIB },
  sessionEventBytes: 64 * MIB,
  sessionProposals: 200,
}

/** What the runtime itself may still say in a session that is full, such as that a transaction settled. */
const RUNTIME_SHARE = 1.5

interface Counts {
  readonly message_count: number
  readonly message_bytes: number
  readonly event_bytes: number
  readonly app: string
  readonly owner: string
}

/**
 * Refuses a user's message that would not fit any more, in the caller's transaction: into its session, among those of
 * its owner or app, or into the store. Nothing that is stored is ever cut to make room.
 *
 * @throws {StorageFullError} `sessions:storage:{session|owner|app|store}`.
 */
export async function refuseFull(
  write: Write,
  { sid, length, caps }: { sid: string; length: number; caps: StorageCaps },
): Promise<void> {
  const row = await countsOf(write, sid)
  if (row === null) return
  const own = { messages: row.message_count, bytes: row.message_bytes }
  if (!fits(own, caps.session, length) || row.event_bytes >= caps.sessionEventBytes)
    throw new StorageFullError('session', caps.session)
  const scopes = [
    ['owner', `owner:${row.owner}`],
    ['app', `app:${row.app}`],
    ['store', 'store'],
  ] as const
  for (const [whose, scope] of scopes) {
    // The keyless have no owner but the app: its cap is theirs.
    if (scope === `owner:app:${row.app}`) continue
    const { rows } = await write.run('select messages, bytes from stored where scope = ?', [scope])
    const stored = rows[0] as StorageCap | undefined
    if (stored !== undefined && !fits(stored, caps[whose], length)) throw new StorageFullError(whose, caps[whose])
  }
}

/** Whether the runtime may still say something in a session: facts are kept elsewhere, this is only their telling. */
export async function holdsNotice(write: Write, { sid, caps }: { sid: string; caps: StorageCaps }): Promise<boolean> {
  const row = await countsOf(write, sid)
  if (row === null) return false
  return row.message_count < caps.session.messages * RUNTIME_SHARE && row.message_bytes < caps.session.bytes * 2
}

async function countsOf(write: Write, sid: string): Promise<Counts | null> {
  const { rows } = await write.run(
    'select message_count, message_bytes, event_bytes, app, owner from sessions where sid = ?',
    [sid],
  )
  return (rows[0] as Counts | undefined) ?? null
}

function fits(stored: StorageCap, cap: StorageCap, length: number): boolean {
  return stored.messages < cap.messages && stored.bytes + length <= cap.bytes
}

const WORDS = {
  session: ['This conversation is full', 'Start a new session.'],
  owner: ['The conversations of this owner are full', 'End sessions that are not needed, or wait until they expire.'],
  app: ['The conversations of this app are full', 'Wait until sessions expire, or let the operator raise the cap.'],
  store: ['The store is full', 'Wait until sessions expire, or let the operator raise the cap.'],
} as const

export class StorageFullError extends BaseError {
  override readonly name = 'sessions.StorageFullError'
  constructor(whose: keyof typeof WORDS, { messages, bytes }: StorageCap) {
    const [what, hint] = WORDS[whose]
    super(`${what}: ${messages} messages or ${Math.round(bytes / 1024)} KiB.`, {
      code: `sessions:storage:${whose}`,
      kind: 'spent',
      hint,
    })
  }
}
