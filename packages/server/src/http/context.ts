import type { Clock, Redacted } from '@countersign/base'
import type { FastifyRequest } from 'fastify'
import type { Models } from '../agent/models.ts'
import { fromName, type App } from '../apps/App.ts'
import type { AppRegistry } from '../apps/openAppRegistry.ts'
import type { AppDocuments } from '../apps/documents/AppDocuments.ts'
import type { SecretStore } from '../apps/secrets/SecretStore.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import { hasKey } from '../keys/issueKey.ts'
import type { Keyring } from '../keys/openKeyring.ts'
import type { AccountQueue } from '../proposals/AccountQueue.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Reach } from '../reach/channels.ts'
import type { Signatures } from '../rpc/Signatures.ts'
import type { Conversations } from '../sessions/Conversations.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { parseId } from '../sessions/Session.ts'
import type { Store } from '../store/openStore.ts'
import type { TelegramDoor } from '../telegram/TelegramBot.ts'
import type { Turns } from '../turns/createTurns.ts'
import { HttpError } from './errors.ts'
import type { Origins } from './origins.ts'

export { keyTextOf } from './gateway.ts'

/** Everything the routes are handed. */
export interface Context {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly keyring: Keyring
  readonly events: EventLog
  /** Conversations as clients see them, kept ready. */
  readonly conversations: Conversations
  readonly gate: Gate
  /** In which order what comes through doors is judged. */
  readonly accounts: AccountQueue
  /** Signatures on their way to programs that asked for them. */
  readonly signatures: Signatures
  readonly turns: Turns
  readonly models: Models
  readonly apps: ReadonlyMap<string, App>
  /** The same apps, as folders and as what was pushed. */
  readonly registry: AppRegistry
  readonly secrets: SecretStore
  readonly documents: AppDocuments
  /** Whether the operator gave a secret that an app names a value. */
  readonly hasSecret: (app: App, name: string) => boolean
  /** The operator's value of a secret of an app; null for none. */
  readonly secretOf: (app: App, name: string) => string | null
  readonly version: string
  /** Seals MAC keys, makes proof nonces and publishable ids. */
  readonly sessionSecret: Redacted.Redacted<Uint8Array>
  readonly origins: Origins
  /** By what owners are told, and the tools of their channels. */
  readonly reach: Reach
  /** The bot of Telegram; null where there is none. */
  readonly telegram: TelegramDoor | null
  /** Whether any key of a family opens its app at this time. */
  readonly liveKeys: (family: string, nowMs: number) => boolean
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

/** An app by name: configured, or known by its keys. */
export function appOf(context: Context, name: string): App | null {
  return context.apps.get(name) ?? (hasKey(context, { app: name }) ? fromName(name) : null)
}

/** An app by name as it would be run: configured, or with what holds for every app. */
export function appFor(context: Pick<Context, 'apps'>, name: string): App {
  return context.apps.get(name) ?? fromName(name)
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
