import { randomBytes } from 'node:crypto'
import { BaseError, Json } from '@countersign/base'
import type { OperatorTables } from './OperatorTables.ts'

/** A person who runs this server, as the dashboard knows them. */
export interface Operator {
  readonly id: string
  readonly name: string
  /** The apps that they manage; null for every app of the server. */
  readonly apps: readonly string[] | null
  readonly createdMs: number
}

/** A signed-in browser of an operator. */
export interface OperatorSession {
  readonly handle: string
  readonly operator: Operator
  /** `enrol`: opened by a link; it registers a passkey and does nothing else. */
  readonly stage: 'enrol' | 'full'
  readonly createdMs: number
  readonly usedMs: number
}

/** The cookie of the dashboard. Browsers keep a `__Host-` cookie only with Secure, Path=/ and no Domain. */
export const COOKIE = '__Host-countersign-operator'
/** How long a one-time link is good, in milliseconds: as long as a terminal and a browser are both at hand. */
export const LINK_MS = 15 * 60_000
/** How long a WebAuthn challenge waits for its answer, in milliseconds. */
export const CHALLENGE_MS = 3 * 60_000
/** How long a session lives without use, and at most, in milliseconds (NIST SP 800-63B, AAL2: 30 minutes and 12 hours). */
export const IDLE_MS = 30 * 60_000
export const ABSOLUTE_MS = 12 * 3_600_000
/**
 * How long after a sign-in the passkeys of an operator may be changed, in milliseconds: who sits at a machine that was left open must not
 * make their stay a lasting one (NIST SP 800-63B, 6.1.2).
 */
export const FRESH_MS = 15 * 60_000
/** How many operators, passkeys of one, and sessions of one there may be: enough for a team, and a bound for lists. */
export const MAX_OPERATORS = 100
export const MAX_PASSKEYS = 10
export const MAX_SESSIONS = 20

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .,'@_-]{0,59}$/u

/** A name as an operator is listed and recorded by. @throws {OperatorError} `operators:name:invalid`. */
export function parseName(text: string): string {
  if (!NAME.test(text)) throw new OperatorError('name')
  return text
}

/** A random credential: 256 bits. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a text has the form of one. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

export function fromRow(row: OperatorTables['operators']): Operator {
  return {
    id: row.id,
    name: row.name,
    apps: row.apps === null ? null : (Json.parse(row.apps) as string[]),
    createdMs: row.created_ms,
  }
}

/** Whether an operator manages an app. */
export function manages({ apps }: Operator, app: string): boolean {
  return apps === null || apps.includes(app)
}

/** When a session ends if nobody uses it, in milliseconds since 1970. Ends are exclusive. */
export function endMs({ createdMs, usedMs }: Pick<OperatorSession, 'createdMs' | 'usedMs'>): number {
  return Math.min(usedMs + IDLE_MS, createdMs + ABSOLUTE_MS)
}

/**
 * The host that a passkey is bound to, from the origin of the dashboard. WebAuthn takes domain names only (Web
 * Authentication Level 3, section 5.1.3: the effective domain is not an IP address).
 *
 * @throws {OperatorError} `operators:host:unnamed`.
 */
export function rpIdOf(origin: string): string {
  const { hostname } = new URL(origin)
  if (hostname.includes(':') || /^[\d.]+$/.test(hostname)) throw new OperatorError('host')
  return hostname
}

/**
 * Refuses to change passkeys by a session whose passkey was asked for too long ago. One of a link has none yet.
 *
 * @throws {OperatorError} 403 `operators:session:stale`.
 */
export function refuseStale({ stage, createdMs }: Pick<OperatorSession, 'stage' | 'createdMs'>, nowMs: number): void {
  if (stage === 'full' && nowMs >= createdMs + FRESH_MS) throw new OperatorError('stale')
}

const WORDS = {
  link: [
    'operators:link:unknown',
    'unknown-caller',
    'The sign-in link is not valid.',
    'It is good once, for 15 minutes. Make another with `countersign operator link`.',
  ],
  session: [
    'operators:session:absent',
    'unknown-caller',
    'There is no operator session.',
    'Sign in at /admin with your passkey.',
  ],
  enrol: [
    'operators:session:enrolling',
    'refused',
    'This session may only register a passkey.',
    'Register a passkey at /admin first.',
  ],
  stale: [
    'operators:session:stale',
    'refused',
    'Passkeys are changed soon after a sign-in, and this one is older than 15 minutes.',
    'Sign out, sign in with your passkey, and do it again.',
  ],
  passkey: [
    'operators:passkey:refused',
    'unknown-caller',
    'The passkey was not accepted.',
    'Use a passkey that you registered here, on this same host name.',
  ],
  challenge: [
    'operators:challenge:unknown',
    'unknown-caller',
    'The sign-in took too long, or was answered twice.',
    'Start it again.',
  ],
  last: [
    'operators:passkey:last',
    'conflict',
    'The last passkey cannot be removed.',
    'Register another one first, or revoke the operator with `countersign operator revoke`.',
  ],
  absent: ['operators:operator:absent', 'absent', 'It was not found.', 'List what there is, and name one of it.'],
  host: [
    'operators:host:unnamed',
    'invalid',
    'Passkeys need a host name, and this page was opened by an IP address.',
    'Open it by name: http://localhost with the same port, or the https:// address of the server.',
  ],
  many: [
    'operators:count:exceeded',
    'conflict',
    'There are too many of them.',
    'Remove one that is no longer used first.',
  ],
  name: [
    'operators:name:invalid',
    'invalid',
    'The name is not valid.',
    "Use up to 60 letters, digits, spaces and .,'@_-",
  ],
  app: [
    'operators:app:refused',
    'refused',
    'This operator does not manage that app.',
    'Name an app that GET /api/operator lists, in X-Countersign-App.',
  ],
  origin: [
    'operators:origin:refused',
    'refused',
    'This request did not come from the dashboard.',
    'Open /admin by the address that the server printed, or name its own in COUNTERSIGN_PUBLIC_ORIGIN.',
  ],
} as const

export class OperatorError extends BaseError {
  override readonly name = 'operators.OperatorError'
  constructor(why: keyof typeof WORDS, cause?: unknown) {
    const [code, kind, message, hint] = WORDS[why]
    super(message, { code, kind, hint, ...(cause === undefined ? {} : { cause }) })
  }
}
