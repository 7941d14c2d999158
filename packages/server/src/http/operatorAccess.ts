import type { FastifyRequest } from 'fastify'
import type { App } from '../apps/App.ts'
import * as Credential from '../browser/Credential.ts'
import * as ApiKey from '../keys/ApiKey.ts'
import { hasKey } from '../keys/issueKey.ts'
import type { KeyRecord } from '../keys/KeyRecord.ts'
import type { Caller } from '../keys/verifyKey.ts'
import * as Operator from '../operators/Operator.ts'
import { findOperatorSession } from '../operators/operatorSessions.ts'
import type { OperatorTools } from '../operators/OperatorTools.ts'
import type { Origins } from './origins.ts'

export interface OperatorDoor extends OperatorTools {
  readonly apps: ReadonlyMap<string, App>
  readonly origins: Pick<Origins, 'own'>
}

/** The header in which the dashboard names the app that a request is about. */
const APP_HEADER = 'x-countersign-app'

/** The operator's cookie of a request; null when none came. */
export function operatorCookieIn(request: FastifyRequest): string | null {
  return Credential.cookieIn(request.headers.cookie, Operator.COOKIE)
}

/**
 * Whether the dashboard sent this. The cookie is SameSite=Strict; beside it, every request bears a header that no other
 * page can set unasked, and each that changes something the Origin of this very server. The page of another port of this
 * machine is another origin, also during development.
 *
 * @returns The origin of the page; null for a request that only reads and bears none.
 * @throws {OperatorError} 403 `operators:origin:refused`.
 */
export function refuseForged(origins: Pick<Origins, 'own'>, request: FastifyRequest): string | null {
  const { origin, 'sec-fetch-site': site, 'x-countersign-page': page } = request.headers
  const isSafe = request.method === 'GET' || request.method === 'HEAD'
  const isOwn = origin === undefined ? isSafe : origins.own().includes(origin)
  if (!isOwn || page !== '1' || (site !== undefined && site !== 'same-origin'))
    throw new Operator.OperatorError('origin')
  return origin ?? null
}

/**
 * The session of an operator, at this moment in the store.
 *
 * @throws {OperatorError} 401 `operators:session:absent`, 403 `operators:session:enrolling` or `operators:origin:refused`.
 */
export async function requireOperator(
  door: OperatorDoor,
  request: FastifyRequest,
  { stage = 'full' }: { stage?: 'full' | 'any' } = {},
): Promise<Operator.OperatorSession> {
  refuseForged(door.origins, request)
  const cookie = operatorCookieIn(request)
  const session = cookie === null ? null : await findOperatorSession(door, { cookie })
  if (session === null) throw new Operator.OperatorError('session')
  if (stage === 'full' && session.stage !== 'full') throw new Operator.OperatorError('enrol')
  return session
}

/**
 * What an operator may do on a route of the dashboard: what a key with the scope `admin` may do in the app that the request
 * names, so neither `propose` nor `guard`. It names no session of that app: those belong to keys and browsers.
 */
export async function operatorCaller(door: OperatorDoor, request: FastifyRequest): Promise<Caller> {
  const session = await requireOperator(door, request)
  const app = request.headers[APP_HEADER]
  const { 'x-session-id': sessionId, 'x-thread-id': threadId } = request.headers
  const isKnown = typeof app === 'string' && ApiKey.APP_NAME.test(app) && (door.apps.has(app) || hasKey(door, { app }))
  if (!isKnown || !Operator.manages(session.operator, app) || sessionId !== undefined || threadId !== undefined)
    throw new Operator.OperatorError('app')
  return callerOf(session, app)
}

/** The apps that an operator can name: configured ones, and those that have a key. */
export async function appsOf(door: OperatorDoor, operator: Operator.Operator): Promise<string[]> {
  const keyed = await door.store.read.selectFrom('keys').select('app').distinct().execute()
  return [...new Set([...door.apps.keys(), ...keyed.map(({ app }) => app)])]
    .filter((app) => Operator.manages(operator, app))
    .sort()
}

function callerOf({ handle, createdMs, usedMs }: Operator.OperatorSession, app: string): Caller {
  const id = `operator:${handle}`
  const key: KeyRecord = {
    ...{ id, app, label: 'operator', family: id, generation: 1, digest: '', pepperVersion: 0, last4: '' },
    ...{ scopes: ['admin'], networks: [], allowList: null, tools: null, owner: null, limits: [], guards: null },
    ...{ createdMs, expiresMs: createdMs + Operator.ABSOLUTE_MS, notAfterMs: null, activateByMs: null },
    ...{ overlapMs: null, replaces: null, revokedMs: null, revokedReason: null, exposedMs: null },
    ...{ quarantine: null, releasedMs: null, isCanary: false, lastUsedMs: usedMs },
  }
  return { keyId: id, app, family: id, scopes: key.scopes, key }
}
