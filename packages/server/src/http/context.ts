import type { Clock, Redacted } from '@countersign/base'
import type { FastifyRequest } from 'fastify'
import type { Models } from '../agent/models.ts'
import { DEFAULT_APP, fromName, type App } from '../apps/App.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import { hasKey } from '../keys/issueKey.ts'
import { KeyAbsentError, KeyUnknownError, KeyWrongAppError, verifyKey, type Caller } from '../keys/verifyKey.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { parseId, SessionAbsentError, type Session } from '../sessions/Session.ts'
import { findSession, openSession, type Access } from '../sessions/sessions.ts'
import type { Store } from '../store/openStore.ts'
import type { Turns } from '../turns/createTurns.ts'
import { HttpError } from './errors.ts'

/** Everything the routes are handed. */
export interface Context {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly pepper: Redacted.Redacted<Uint8Array>
  readonly events: EventLog
  readonly gate: Gate
  readonly turns: Turns
  readonly models: Models
  readonly apps: ReadonlyMap<string, App>
  readonly version: string
  /** Told when a session comes into being, so that a stream that was opened before it can begin. */
  readonly sessionCreated: EventTarget
}

/** One value of a query parameter or of a field in the JSON body; given twice is refused, never chosen from. */
export function field(request: FastifyRequest, name: string): unknown {
  const query = (request.query as Record<string, unknown>)[name]
  if (Array.isArray(query)) {
    throw new HttpError(400, 'http:parameter:duplicate', `"${name}" is given more than once.`, 'Send it once.')
  }
  const body = bodyOf(request)[name]
  if (query !== undefined && body !== undefined && query !== body) {
    throw new HttpError(400, 'http:parameter:duplicate', `"${name}" differs between query and body.`, 'Send it once.')
  }
  return query ?? body
}

/** A text field; null when absent. */
export function textField(request: FastifyRequest, name: string): string | null {
  const value = field(request, name)
  if (value === undefined || value === null) return null
  if (typeof value !== 'string')
    throw new HttpError(
      400,
      `http:field:${name.replaceAll('_', '-')}`,
      `"${name}" is not text.`,
      'Send it as a JSON string.',
    )
  return value
}

/** The JSON body as an object; an absent one is empty. */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body = request.body
  if (body === undefined || body === null || body === '') return {}
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new HttpError(400, 'http:body:unreadable', 'The body is not a JSON object.', 'Send one JSON object.')
  }
  return body as Record<string, unknown>
}

/** The key that came with the request, verified; null when none came. */
export async function callerOf(context: Context, request: FastifyRequest): Promise<Caller | null> {
  const sent = [request.headers['aomi-app-key'], request.headers['x-api-key']].filter((value) => value !== undefined)
  if (sent.length === 0) return null
  const [first] = sent
  if (sent.some((value) => Array.isArray(value) || value !== first) || typeof first !== 'string')
    throw new KeyUnknownError()
  return verifyKey(context, { text: first.trim() })
}

/** An app by name: configured, or known by its keys. */
export async function appOf(context: Context, name: string): Promise<App | null> {
  const configured = context.apps.get(name)
  if (configured !== undefined) return configured
  return (await hasKey(context, { app: name })) ? fromName(name) : null
}

/**
 * Who may use the app: anybody for `default`; otherwise a key of that very app. An app that does not exist asks for
 * a key like any other.
 *
 * @throws {KeyAbsentError} 401, {KeyUnknownError} 401, {KeyWrongAppError} 403.
 */
export async function openApp(context: Context, request: FastifyRequest): Promise<{ app: App; owner: string }> {
  const name = textField(request, 'app') ?? DEFAULT_APP.name
  const caller = await callerOf(context, request)
  if (name === DEFAULT_APP.name) return { app: context.apps.get(name) ?? DEFAULT_APP, owner: `app:${name}` }
  if (caller === null) throw new KeyAbsentError(name.slice(0, 40))
  if (caller.app !== name) throw new KeyWrongAppError(name.slice(0, 40))
  const app = await appOf(context, name)
  return { app: app ?? fromName(name), owner: `key:${caller.keyId}` }
}

/** The session id of the request. G3 clients also send X-Thread-Id; where both are sent they must agree. */
export function sessionIdOf(request: FastifyRequest): string {
  const { 'x-session-id': session, 'x-thread-id': thread } = request.headers
  if (session !== undefined && thread !== undefined && session !== thread) {
    throw new HttpError(
      400,
      'http:session:ambiguous',
      'X-Session-Id and X-Thread-Id differ.',
      'Send one, or both alike.',
    )
  }
  const header = session ?? thread
  return parseId(Array.isArray(header) ? header.join(',') : header)
}

/**
 * The session of the request, or null for one that is unknown, somebody else's, or needs a key that was not sent:
 * these three are told apart by nobody.
 */
export async function sessionOf(
  context: Context,
  request: FastifyRequest,
  publicId = sessionIdOf(request),
): Promise<Session | null> {
  for (const access of await accessOf(context, request)) {
    const session = await findSession(context, { publicId, access })
    if (session !== null) return session
  }
  return null
}

/** Which sessions the caller may see: with a key its own and the keyless ones, without one those of id-only apps. */
export async function accessOf(context: Context, request: FastifyRequest): Promise<Access[]> {
  const caller = await callerOf(context, request)
  if (caller !== null) return [{ owner: `key:${caller.keyId}` }, { owner: `app:${DEFAULT_APP.name}` }]
  return [
    { idPolicyApps: [...context.apps.values()].filter((app) => app.sessionPolicy === 'id').map((app) => app.name) },
  ]
}

/** The session, or 404. */
export async function requireSession(context: Context, request: FastifyRequest, publicId?: string): Promise<Session> {
  const session = await sessionOf(context, request, publicId)
  if (session === null) throw new SessionAbsentError()
  return session
}

/** Finds or creates the caller's session and wakes streams that were waiting for it. */
export async function enterSession(
  context: Context,
  { publicId, app, owner }: { publicId: string; app: App; owner: string },
): Promise<Session> {
  const session = await openSession(context, { publicId, app: app.name, owner })
  context.sessionCreated.dispatchEvent(new Event(publicId))
  return session
}
