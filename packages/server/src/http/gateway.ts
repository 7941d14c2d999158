import { randomBytes } from 'node:crypto'
import { BaseError } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../apps/App.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import * as AllowList from '../keys/AllowList.ts'
import * as ApiKey from '../keys/ApiKey.ts'
import type { Usage } from '../keys/createUsage.ts'
import {
  KeyHeldError,
  KeyUnknownError,
  ScopeRefusedError,
  verifyKey,
  type Caller,
  type VerifyTools,
} from '../keys/verifyKey.ts'
import * as Scope from '../keys/Scope.ts'
import type { Charge, Decision, Window } from '../limits/Gcra.ts'
import type { LimitPolicy } from '../limits/LimitPolicy.ts'
import type { Limiter } from '../limits/Limiter.ts'
import * as RateLimitHeaders from '../limits/RateLimitHeaders.ts'
import type { Store } from '../store/openStore.ts'
import { clientAddress } from './clientAddress.ts'
import { HttpError } from './errors.ts'
import { refuseAmbiguity } from './hygiene.ts'
import type { Metrics } from './metrics.ts'
import type { Origins } from './origins.ts'
import { ROUTES, STATIC, UNLISTED, type RoutePolicy } from './routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that came with the request, verified; null when none came. */
    caller: Caller | null
    /** The client's address, as far as it is believed. */
    clientIp: string
    /** The route that was found and what it asks for; null until the gate has looked. */
    route: Route | null
    /** The app that it turned out to be for, for the log; null while that is not known. */
    appName: string | null
  }
}

export interface GatewayTools {
  readonly verify: VerifyTools
  readonly store: Store
  readonly audit: AppendAudit
  readonly apps: ReadonlyMap<string, App>
  readonly limits: LimitPolicy
  /** Exact across processes where Redis is configured. */
  readonly limiter: Limiter
  /** Always in memory: what must be decided before anything else is done. */
  readonly floods: Limiter
  readonly usage: Usage
  readonly metrics: Metrics
  readonly origins: Pick<Origins, 'isOwnHost'>
  /** How many proxies stand before this server and are believed. */
  readonly trustedHops: number
}

/** A route's path as the router writes it, empty for none, and its policy. */
interface Route {
  readonly path: string
  readonly policy: RoutePolicy
}

/** Request ids: a prefix of this process and a number. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(4).toString('hex')
  let next = 0
  return () => {
    next += 1
    return `req-${prefix}-${next.toString(36)}`
  }
}

/** Lists every route that is added from now on, as `METHOD /path`. */
export function listRoutes(server: FastifyInstance): readonly string[] {
  const routes: string[] = []
  server.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (each !== 'HEAD' && each !== 'OPTIONS') routes.push(`${each} ${url}`)
  })
  return routes
}

/**
 * The gate that every request passes, in this order: is it unambiguous, is its address flooding, is its key good and
 * not in a browser, may the key do this, and is there budget left. What passes carries `request.caller`.
 */
export function guardRequests(server: FastifyInstance, tools: GatewayTools): void {
  server.decorateRequest('caller', null)
  server.decorateRequest('clientIp', '')
  server.decorateRequest('route', null)
  server.decorateRequest('appName', null)
  const gets = new Map<string, Route>()

  const routeOf = ({ method, routeOptions }: FastifyRequest): Route => {
    const path = routeOptions.url
    if (path === undefined) return NO_ROUTE
    const isGet = method === 'GET' || method === 'HEAD'
    const known = isGet ? gets.get(path) : undefined
    if (known !== undefined) return known
    const policy = ROUTES[`${isGet ? 'GET' : method} ${path}`] ?? (path.startsWith('/api/') ? UNLISTED : STATIC)
    const found = { path, policy }
    if (isGet) gets.set(path, found)
    return found
  }

  // Callbacks, not promises, and one hook for all: every request passes here.
  server.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request)
    request.route = route
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    try {
      refuseAmbiguity(request.raw.rawHeaders, request.raw.url ?? '')
      refuseOtherHost(tools.origins, request)
      request.clientIp =
        tools.trustedHops === 0
          ? AllowList.plainAddress(request.raw.socket.remoteAddress ?? '')
          : clientAddress(request.raw, tools.trustedHops)
      const budget = AllowList.budgetOf(request.clientIp)
      refuseFlood(tools, reply, budget)
      if (request.method === 'OPTIONS') return done()
      const text = keyTextOf(request)
      if (text === null) return chargeFor(tools, request, reply, route, budget, done)
      refuseInBrowser(tools, request, text)
      identify(tools, request, text, {
        known: () => chargeFor(tools, request, reply, route, budget, done),
        unknown: (error) => done(chargeFailure(tools, reply, budget, error)),
      })
    } catch (error) {
      done(chargeFailure(tools, reply, AllowList.budgetOf(request.clientIp), error))
    }
  })
  // A body may take its time, and a key may end meanwhile: what is done is done for a key that is good now. Otherwise
  // headers that were sent before a revocation would be a request that was kept for after it.
  server.addHook('preHandler', (request, reply, done) => {
    if (request.caller === null || request.method === 'GET' || request.method === 'HEAD') return done()
    identify(tools, request, keyTextOf(request) ?? '', {
      known: (caller) => done(refusalOf(caller, request.route ?? NO_ROUTE) ?? undefined),
      unknown(error) {
        request.caller = null
        done(chargeFailure(tools, reply, AllowList.budgetOf(request.clientIp), error))
      },
    })
  })
  server.addHook('onResponse', (request, reply, done) => {
    const { path, policy } = request.route ?? NO_ROUTE
    tools.metrics.request(request.method, path === '' ? 'none' : path, reply.statusCode, reply.elapsedTime)
    // One line a request. Never a path as it came: session ids stand in some.
    request.log.info(
      {
        method: request.method,
        path: path === '' ? 'none' : path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(request.refusal === null ? {} : { code: request.refusal }),
        app: request.caller?.app ?? request.appName,
        key: request.caller?.keyId ?? null,
      },
      'request',
    )
    if (request.caller !== null) {
      tools.usage.note(request.caller.key, {
        ip: request.clientIp,
        agent: request.headers['user-agent'] ?? '',
        status: reply.statusCode,
        scope: policy.scope,
        bytes: Number(request.headers['content-length'] ?? 0) || 0,
        isNewSession: request.method === 'POST' && path === '/api/sessions',
      })
    }
    done()
  })
}

/**
 * The key that came with the request; null when none came. One key in two headers is one; two keys are none.
 *
 * @throws {KeyUnknownError}
 */
export function keyTextOf(request: FastifyRequest): string | null {
  const { 'aomi-app-key': app, 'x-api-key': api, authorization } = request.headers
  if (app === undefined && api === undefined && authorization === undefined) return null
  if (typeof app === 'string' && api === undefined && authorization === undefined) return app.trim()
  const bearer = authorization === undefined ? undefined : /^Bearer\s+(sk-\S*)\s*$/i.exec(authorization)?.[1]
  const sent = [app, api, bearer].filter((value) => value !== undefined)
  const [first] = sent
  if (first === undefined) return null
  if (sent.some((value) => value !== first) || typeof first !== 'string') throw new KeyUnknownError()
  return first.trim()
}

/** `Sec-Fetch-*` as browsers send them. Node's own fetch sends a lone `Sec-Fetch-Mode: cors`, and no browser does. */
export function isFromBrowser(request: FastifyRequest): boolean {
  const { headers } = request
  if (headers.origin !== undefined) return true
  if (headers['sec-fetch-mode'] !== undefined && headers['sec-fetch-mode'] !== 'cors') return true
  for (const name in headers) if (name.startsWith('sec-fetch-') && name !== 'sec-fetch-mode') return true
  return false
}

/**
 * A request that names a host which is not ours was meant for another server, or comes from a page that has its name lead
 * here to pass for us (RFC 9110, section 15.5.20).
 *
 * @throws {HttpError} 421 `http:host:misdirected`.
 */
function refuseOtherHost(origins: Pick<Origins, 'isOwnHost'>, request: FastifyRequest): void {
  if (origins.isOwnHost(request.headers.host ?? '', isFromBrowser(request))) return
  throw new HttpError(
    421,
    'http:host:misdirected',
    'This server is not known by the host name of this request.',
    'Use the address that the server printed at start. Its operator can name another one with COUNTERSIGN_PUBLIC_ORIGIN.',
  )
}

/** A secret key in a page is in everybody's hands: it is refused and recorded, however good it is. */
function refuseInBrowser(tools: GatewayTools, request: FastifyRequest, text: string): void {
  if (!isFromBrowser(request)) return
  const app = ApiKey.parse(text)?.app ?? null
  if (app !== null && tools.apps.get(app)?.admitsBrowserKeys === true) return
  tools.metrics.keyRefused('browser')
  request.log.warn({ app, ip: request.clientIp }, 'an API key was sent by a browser')
  if (app !== null) tools.usage.noteBrowser({ app, text, origin: request.headers.origin ?? null })
  throw new HttpError(
    403,
    'keys:browser:refused',
    'API keys may not be used in browsers.',
    'Put a server in between, or use session tokens; rotate this key. See docs/reference/keys.md.',
  )
}

function refuseFlood(tools: GatewayTools, reply: FastifyReply, budget: string): void {
  if (tools.limits.flood.length === 0) return
  const decision = tools.floods.charge([{ bucket: `ip:${budget}`, windows: tools.limits.flood, cost: 1 }]) as Decision
  if (!decision.allowed) throw spent(tools, reply, decision, 'flood')
}

/** A key that opened nothing costs its address; when that is spent, nobody there is told whether a guess was right. */
function chargeFailure(tools: GatewayTools, reply: FastifyReply, budget: string, error: unknown): Error {
  if (!(error instanceof BaseError)) return error as Error
  if (error.kind !== 'unknown-caller' || tools.limits.failures.length === 0) return error
  const decision = tools.floods.charge([
    { bucket: `ip:${budget}`, windows: tools.limits.failures, cost: 1 },
  ]) as Decision
  return decision.allowed ? error : spent(tools, reply, decision, 'failures')
}

/** Verifies the key and notes whose it is. A callback: most keys are known at once, and those requests wait for nothing. */
function identify(
  tools: GatewayTools,
  request: FastifyRequest,
  text: string,
  { known, unknown }: { known: (caller: Caller) => void; unknown: (error: unknown) => void },
): void {
  const take = (caller: Caller): void => {
    request.caller = caller
    known(caller)
  }
  let caller: Caller | Promise<Caller>
  try {
    caller = verifyKey(tools.verify, { text, ip: request.clientIp })
  } catch (error) {
    return unknown(error)
  }
  if (caller instanceof Promise) caller.then(take, unknown)
  else take(caller)
}

/** Why a key that is good may not do this; null when it may. */
function refusalOf(caller: Caller, { path, policy }: Route): BaseError | null {
  if (policy.scope !== null && !Scope.allows(caller.scopes, policy.scope)) return new ScopeRefusedError(policy.scope)
  const isHeld = policy.kind !== 'open' && caller.key.quarantine?.level === 'proof' && !PROVABLE.test(path)
  return isHeld ? new KeyHeldError(caller.keyId) : null
}

function chargeFor(
  tools: GatewayTools,
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  budget: string,
  done: (error?: Error) => void,
): void {
  const { caller } = request
  const refusal = caller === null ? null : refusalOf(caller, route)
  if (refusal !== null) return done(refusal)
  const { policy } = route
  if (policy.kind === 'open') return done()
  const charges: Charge[] = []
  const { limits } = tools
  if (policy.kind === 'poll') {
    const session = request.headers['x-session-id'] ?? request.headers['x-thread-id'] ?? ''
    const name = typeof session === 'string' ? session.slice(0, 64) : ''
    charges.push({ bucket: `poll:${caller?.family ?? budget}:${name}`, windows: limits.poll, cost: 1 })
  } else charges.push(...workCharges(tools, request, budget, policy.cost))
  // What a page polls is decided here: Redis is for budgets that instances share.
  const decision = policy.kind === 'poll' ? tools.floods.charge(charges) : tools.limiter.charge(charges)
  const settle = (decided: Decision): void => {
    const fields = RateLimitHeaders.of(decided.states)
    if (fields !== null) reply.headers({ 'ratelimit-policy': fields.policy, ratelimit: fields.state })
    if (decided.allowed) done()
    else done(spent(tools, reply, decided, caller === null || policy.kind === 'poll' ? 'ip' : 'key'))
  }
  if (decision instanceof Promise) decision.then(settle, done)
  else settle(decision)
}

function workCharges(tools: GatewayTools, request: FastifyRequest, budget: string, cost: number): Charge[] {
  const { caller } = request
  const { limits } = tools
  const shared = { bucket: `ip:${budget}`, windows: limits.ip, cost }
  if (caller === null) return [shared]
  const own = caller.key.limits.length > 0 ? caller.key.limits : limits.key
  const isThrottled = caller.key.quarantine !== null
  return [{ bucket: `key:${caller.keyId}`, windows: isThrottled ? throttled(own) : own, cost }, shared]
}

/**
 * Charges further units for a request whose cost only its body tells, before the work.
 *
 * @throws {LimitSpentError} `limits:budget:spent`.
 */
export async function chargeFurther(
  tools: GatewayTools,
  request: FastifyRequest,
  reply: FastifyReply,
  units: number,
): Promise<void> {
  if (units <= 0) return
  const charges = workCharges(tools, request, AllowList.budgetOf(request.clientIp), units)
  const decided = await tools.limiter.charge(charges)
  const fields = RateLimitHeaders.of(decided.states)
  if (fields !== null) reply.headers({ 'ratelimit-policy': fields.policy, ratelimit: fields.state })
  if (!decided.allowed) throw spent(tools, reply, decided, request.caller === null ? 'ip' : 'key')
}

const NO_ROUTE: Route = { path: '', policy: STATIC }

/** Routes that are about a session, and so ask for its proof themselves. */
const PROVABLE = /^\/api\/(?:threads?|chat|state|interrupt|events|updates|system|sessions|proposals|key)(?:\/|$)/

const throttles = new WeakMap<readonly Window[], readonly Window[]>()

/** A tenth of every limit. */
function throttled(windows: readonly Window[]): readonly Window[] {
  const known = throttles.get(windows)
  if (known !== undefined) return known
  const made = windows.map((window) => ({
    ...window,
    name: `${window.name}-quarantine`,
    limit: Math.max(1, Math.floor(window.limit / 10)),
  }))
  throttles.set(windows, made)
  return made
}

function spent(tools: GatewayTools, reply: FastifyReply, decision: Decision, whose: string): BaseError {
  tools.metrics.limited(whose)
  reply.header('retry-after', RateLimitHeaders.retryAfter(decision))
  return new LimitSpentError(RateLimitHeaders.retryAfter(decision))
}

export class LimitSpentError extends BaseError {
  override readonly name = 'limits.LimitSpentError'
  constructor(seconds: string) {
    super(`Too many requests. Try again in ${seconds} s.`, {
      code: 'limits:budget:spent',
      kind: 'spent',
      hint: 'Wait as long as Retry-After says; RateLimit-Policy names the limits.',
    })
  }
}
