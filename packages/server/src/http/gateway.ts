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
import type { Decision } from '../limits/Gcra.ts'
import type { LimitPolicy } from '../limits/LimitPolicy.ts'
import type { Limiter } from '../limits/Limiter.ts'
import * as RateLimitHeaders from '../limits/RateLimitHeaders.ts'
import type { Store } from '../store/openStore.ts'
import { chargesOf, unitsOfSize } from './charges.ts'
import { clientAddress } from './clientAddress.ts'
import { HttpError } from './errors.ts'
import { refuseAmbiguity } from './hygiene.ts'
import type { Metrics } from './metrics.ts'
import { operatorCaller, operatorCookieIn, type OperatorDoor } from './operatorAccess.ts'
import type { OnEnd } from './followEnds.ts'
import type { Origins } from './origins.ts'
import { ROUTES, STATIC, UNLISTED, type RoutePolicy } from './routes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Charges more units for a request, once it is known what it asks for and before it is done.
     *
     * @throws {LimitSpentError} 429 `limits:budget:spent`.
     */
    charge(request: FastifyRequest, reply: FastifyReply, units: number): Promise<void>
    /**
     * Where the budget of a request is spent that was let on: charges the last look at what a session may sign to a small
     * budget of that session. Without a session there is nothing to look at, and it is refused after all.
     *
     * @throws {LimitSpentError} 429 `limits:budget:spent`.
     */
    chargeLook(request: FastifyRequest, reply: FastifyReply, sid: string | null): void
  }
  interface FastifyRequest {
    /** The key that came with the request, verified; null when none came. */
    caller: Caller | null
    /** Whether `caller` is an operator at the dashboard, and no key. */
    isOperator: boolean
    /** The client's address, as far as it is believed. */
    clientIp: string
    /** The route that was found and what it asks for; null until the gate has looked. */
    route: Route | null
    /** When its budget would hold it, in seconds, where it was let on although the budget was spent; null otherwise. */
    overBudgetS: string | null
    /** The app that it turned out to be for, for the log; null while that is not known. */
    appName: string | null
  }
}

export interface GatewayTools extends Pick<OperatorDoor, 'clock'> {
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
  readonly origins: Pick<Origins, 'isOwnHost' | 'isNeighbour' | 'own'>
  /** How many proxies stand before this server and are believed. */
  readonly trustedHops: number
  /** Whether a proxy was seen that this server was not told of. */
  readonly proxy: { isUntold: boolean }
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
export function guardRequests(server: FastifyInstance, tools: GatewayTools, onEnd: OnEnd): void {
  server.decorateRequest('caller', null)
  server.decorateRequest('isOperator', false)
  server.decorateRequest('clientIp', '')
  server.decorateRequest('route', null)
  server.decorateRequest('overBudgetS', null)
  server.decorate('charge', (request: FastifyRequest, reply: FastifyReply, units: number) => {
    if (units <= 0) return Promise.resolve()
    return new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => (error === undefined ? resolve() : reject(error))
      charge(tools, request, reply, { route: request.route ?? NO_ROUTE, cost: units, done })
    })
  })
  server.decorateRequest('appName', null)
  server.decorate('chargeLook', (request: FastifyRequest, reply: FastifyReply, sid: string | null) => {
    const { overBudgetS } = request
    if (overBudgetS === null) return
    if (sid !== null) {
      const decision = tools.floods.charge([{ bucket: `look:${sid}`, windows: LOOKS, cost: 1 }]) as Decision
      if (decision.allowed) return
    }
    tools.metrics.limited('look')
    reply.header('retry-after', overBudgetS)
    throw new LimitSpentError(overBudgetS)
  })
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
      if (route.policy.isForPrograms === true) refuseForeignPage(tools.origins, request)
      request.clientIp =
        tools.trustedHops === 0
          ? AllowList.plainAddress(request.raw.socket.remoteAddress ?? '')
          : clientAddress(request.raw, tools.trustedHops)
      const budget = AllowList.budgetOf(request.clientIp)
      refuseFlood(tools, reply, route.policy.kind === 'fact' ? `fact:${budget}` : `ip:${budget}`)
      if (request.method === 'OPTIONS') return done()
      const text = keyTextOf(request)
      if (text === null) {
        noteProxy(tools, request)
        if (isForOperator(request, route))
          return identifyOperator(tools, request, {
            known: () => chargeFor(tools, request, reply, route, done),
            unknown: (error) => done(chargeFailure(tools, reply, budget, error)),
          })
        return chargeFor(tools, request, reply, route, done)
      }
      refuseInBrowser(tools, request, text)
      identify(tools, request, text, {
        known: () => chargeFor(tools, request, reply, route, done),
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
    identifyAgain(tools, request, (error) =>
      done(error === null ? undefined : chargeFailure(tools, reply, AllowList.budgetOf(request.clientIp), error)),
    )
  })
  onEnd((request, reply, { status, isCut }) => {
    const { path, policy } = request.route ?? NO_ROUTE
    tools.metrics.request(request.method, path === '' ? 'none' : path, status, reply.elapsedTime)
    // One line a request. Never a path as it came: session ids stand in some.
    request.log.info(
      {
        method: request.method,
        path: path === '' ? 'none' : path,
        status,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(isCut ? { cut: true } : {}),
        ...(request.refusal === null ? {} : { code: request.refusal }),
        app: request.caller?.app ?? request.appName,
        key: request.caller?.keyId ?? null,
      },
      'request',
    )
    // The profile of a key is that of what came with the key.
    if (request.caller !== null && !request.isOperator) {
      tools.usage.note(request.caller.key, {
        ip: request.clientIp,
        agent: request.headers['user-agent'] ?? '',
        status,
        scope: policy.scope,
        bytes: Number(request.headers['content-length'] ?? 0) || 0,
        isNewSession: request.method === 'POST' && path === '/api/sessions',
      })
    }
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

/**
 * Of a route for programs: a page elsewhere may send what its visitor's browser lets it send (MCP, "Security Warning" of the
 * streamable HTTP transport: a server answers 403 to an `Origin` that is not valid).
 *
 * @throws {HttpError} 403 `http:origin:foreign`.
 */
function refuseForeignPage(origins: GatewayTools['origins'], { headers }: FastifyRequest): void {
  const hint = 'Call it from a program, by the address that the server printed at start.'
  const { origin } = headers
  if (origin === undefined || origins.own().includes(origin) || origins.isNeighbour(origin)) return
  throw new HttpError(403, 'http:origin:foreign', 'Pages of other origins may not call this.', hint)
}

/** A secret key in a page is in everybody's hands: it is refused and recorded, however good it is. */
function refuseInBrowser(tools: GatewayTools, request: FastifyRequest, text: string): void {
  if (!isFromBrowser(request)) return
  // A developer's own tool in their own browser: nobody else is served that page.
  const { origin } = request.headers
  if (request.route?.policy.isForPrograms === true && origin !== undefined && tools.origins.isNeighbour(origin)) return
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

/** A proxy that this server was not told of makes all who have no key one client: said once, and in `/ready`. */
function noteProxy(tools: GatewayTools, request: FastifyRequest): void {
  if (tools.trustedHops !== 0 || tools.proxy.isUntold || request.headers['x-forwarded-for'] === undefined) return
  if (!/^(?:127\.|::1$)/.test(request.clientIp)) return
  tools.proxy.isUntold = true
  request.log.warn(
    'X-Forwarded-For came from a proxy on this machine, and is not believed: all its clients share one budget. Set COUNTERSIGN_TRUSTED_PROXY_HOPS to the number of proxies',
  )
}

function refuseFlood(tools: GatewayTools, reply: FastifyReply, bucket: string): void {
  if (tools.limits.flood.length === 0) return
  const decision = tools.floods.charge([{ bucket, windows: tools.limits.flood, cost: 1 }]) as Decision
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

/** Whether no key came, and the cookie of an operator did, to a route of the dashboard. */
function isForOperator(request: FastifyRequest, { policy }: Route): boolean {
  return policy.forOperators === true && operatorCookieIn(request) !== null
}

/** As `identify`, for an operator: looked up at each request, so a session that was ended is over with the commit. */
function identifyOperator(
  tools: OperatorDoor,
  request: FastifyRequest,
  { known, unknown }: { known: (caller: Caller) => void; unknown: (error: unknown) => void },
): void {
  operatorCaller(tools, request).then((caller) => {
    request.caller = caller
    request.isOperator = true
    known(caller)
  }, unknown)
}

/** Once more who asks, by what it was let in with; what it may not do any more is not done. */
function identifyAgain(tools: GatewayTools, request: FastifyRequest, done: (error: unknown) => void): void {
  const then = {
    known: (caller: Caller) => done(refusalOf(caller, request.route ?? NO_ROUTE)),
    unknown(error: unknown) {
      request.caller = null
      done(error)
    },
  }
  const text = keyTextOf(request)
  if (text === null) identifyOperator(tools, request, then)
  else identify(tools, request, text, then)
}

/** Why a key that is good may not do this; null when it may. */
function refusalOf(caller: Caller, { policy }: Route): BaseError | null {
  const isAllowed = [policy.scope, policy.orScope ?? null].some(
    (scope) => scope !== null && Scope.allows(caller.scopes, scope),
  )
  if (policy.scope !== null && !isAllowed) return new ScopeRefusedError(policy.scope)
  const asksForProof = policy.session === 'header' || policy.session === 'path'
  const isHeld =
    policy.kind !== 'open' && caller.key.quarantine?.level === 'proof' && !asksForProof && policy.answersHeld !== true
  return isHeld ? new KeyHeldError(caller.keyId) : null
}

function chargeFor(
  tools: GatewayTools,
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  done: (error?: Error) => void,
): void {
  const { caller } = request
  const refusal = caller === null ? null : refusalOf(caller, route)
  if (refusal !== null) return done(refusal)
  const { policy } = route
  if (policy.kind === 'open') return done()
  charge(tools, request, reply, { route, cost: policy.cost + unitsOfSize(request), done })
}

/**
 * Charges units to whoever a request is of. A callback, because nearly every decision is known at once. What must never be
 * refused for its number is let on when nothing is left, and says so in `request.overBudgetS`.
 */
function charge(
  tools: GatewayTools,
  request: FastifyRequest,
  reply: FastifyReply,
  { route, cost, done }: { route: Route; cost: number; done: (error?: Error) => void },
): void {
  const { caller } = request
  const { policy } = route
  const budget = AllowList.budgetOf(request.clientIp)
  const charges = chargesOf(tools.limits, { caller, budget, policy, cost })
  // What a page polls is decided here: Redis is for budgets that instances share.
  const decision = policy.kind === 'poll' ? tools.floods.charge(charges) : tools.limiter.charge(charges)
  const settle = (decided: Decision): void => {
    const fields = RateLimitHeaders.of(decided.states)
    if (fields !== null) reply.headers({ 'ratelimit-policy': fields.policy, ratelimit: fields.state })
    if (decided.allowed) return done()
    if (isNeverRefused(request, route)) {
      request.overBudgetS = RateLimitHeaders.retryAfter(decided)
      done()
    } else done(spent(tools, reply, decided, caller === null ? 'ip' : 'key'))
  }
  if (decision instanceof Promise) decision.then(settle, done)
  else settle(decision)
}

/**
 * Whether the number of requests is no reason to refuse this one: the report of a fact, which would be lost, and the last
 * look of a client that signs when it gets no answer. The route does nothing costly for it that was not asked for before.
 * That holds for bodies of a length that such requests have: anybody may name a session, and a body that is read is work.
 */
function isNeverRefused(request: FastifyRequest, { policy }: Route): boolean {
  return (policy.kind === 'fact' || request.signer !== null) && unitsOfSize(request) <= MAX_FREE_UNITS
}

/** 128 KiB: a batch of 32 swaps, or a signature that brings the code of its wallet, is half of that. */
const MAX_FREE_UNITS = 32

/** Last looks of one session when its caller's budget is spent: a person signs a few times a minute. */
const LOOKS = [{ name: 'look', limit: 30, windowMs: 60_000 }]

const NO_ROUTE: Route = { path: '', policy: STATIC }

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
