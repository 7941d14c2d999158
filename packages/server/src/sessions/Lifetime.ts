import { BaseError } from '@countersign/base'

/** How long an app's sessions live. */
export interface Lifetime {
  /** Without use. */
  readonly idleMs: number
  /** Whatever happens. */
  readonly absoluteMs: number
}

/** 30 minutes idle, 8 hours in all (Aomi advises 15 to 30 minutes; AgentCore ends a session after 8 hours). */
export const DEFAULT_LIFETIME: Lifetime = { idleMs: 30 * 60_000, absoluteMs: 8 * 3_600_000 }

/**
 * The place of a proposal that came through a door: a week, so that whoever made it can read what became of it, and
 * longer than its idempotency key is kept.
 */
export const DOOR_LIFETIME: Lifetime = { idleMs: 7 * 86_400_000, absoluteMs: 7 * 86_400_000 }

/** How long the answer of a turn may still be read when the session ended during it, in milliseconds. */
export const READ_ON_MS = 10_000

/** A turn that has not moved for this long was cut off with its process and holds nothing up, in milliseconds. */
export const TURN_LIMIT_MS = 30 * 60_000

/** Why a session is over. `rotated`: the same conversation goes on under another id. */
export type EndedWhy = 'idle' | 'absolute' | 'rotated' | 'owner' | 'admin' | 'key-disabled'

/** What decides whether a session is over. */
export interface Life {
  readonly createdMs: number
  readonly usedMs: number
  readonly turnId: string | null
  readonly turnEndedMs: number | null
  readonly endedWhy: EndedWhy | null
}

/**
 * Whether a session is over at `nowMs`, and why; null while it lives. The last millisecond of life is the one before
 * `usedMs + idleMs` or `createdMs + absoluteMs`, whichever comes first. A running turn is not cut, and may be read to
 * its end: a published client that gets a 401 in the middle of one polls for ever. For the same reason its answer may
 * be read for `READ_ON_MS` after the turn. Only reading goes on: nothing new begins after the end.
 *
 * A clock that stepped back behind the last use counts as standing still there.
 */
export function endedWhy(
  life: Life,
  { idleMs, absoluteMs }: Lifetime,
  { nowMs, isRead, isTurnRunning }: { nowMs: number; isRead: boolean; isTurnRunning: boolean },
): EndedWhy | null {
  if (life.endedWhy !== null) return life.endedWhy
  const atMs = Math.max(nowMs, life.usedMs)
  const idleEndMs = life.usedMs + idleMs
  const absoluteEndMs = life.createdMs + absoluteMs
  if (atMs < Math.min(idleEndMs, absoluteEndMs)) return null
  if (isRead && (isTurnRunning || (life.turnId !== null && atMs < life.usedMs + TURN_LIMIT_MS))) return null
  if (isRead && life.turnEndedMs !== null && atMs < life.turnEndedMs + READ_ON_MS) return null
  return absoluteEndMs <= idleEndMs ? 'absolute' : 'idle'
}

/** When the session ends if nobody uses it any more. */
export function endsAtMs(life: Life, { idleMs, absoluteMs }: Lifetime): number {
  return Math.min(life.usedMs + idleMs, life.createdMs + absoluteMs)
}

/** A time span for people: "30 minutes", "8 hours". */
export function spanText(ms: number): string {
  for (const [unitMs, name] of [
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ] as const) {
    if (ms % unitMs === 0) return `${ms / unitMs} ${name}${ms === unitMs ? '' : 's'}`
  }
  return `${ms} milliseconds`
}

/** The session was alive once and is over: 401, and the reason phrase says it, because published clients print that. */
export class SessionEndedError extends BaseError {
  override readonly name = 'sessions.SessionEndedError'
  readonly why: EndedWhy
  constructor(why: EndedWhy, lifetime: Lifetime | null = null) {
    const words: Record<EndedWhy, string> = {
      idle: `Session expired${lifetime === null ? '' : ` after ${spanText(lifetime.idleMs)} without use`}.`,
      absolute: `Session expired${lifetime === null ? '' : `: sessions live ${spanText(lifetime.absoluteMs)}`}.`,
      rotated: 'Session expired: its id was replaced.',
      owner: 'Session ended by its owner.',
      admin: 'Session ended by the operator.',
      'key-disabled': 'Session ended: its key was disabled.',
    }
    super(words[why], {
      code: why === 'idle' || why === 'absolute' ? 'sessions:session:expired' : `sessions:session:${why}`,
      kind: 'unknown-caller',
      hint: 'Start a new session with a new UUID; in a terminal, with --new-session.',
    })
    this.why = why
  }
}
