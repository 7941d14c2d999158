import { Redacted } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DEFAULT_APP, type App } from '../apps/App.ts'
import { findBrowser, verifyToken } from '../browser/browsers.ts'
import * as Credential from '../browser/Credential.ts'
import { KeyAbsentError, KeyWrongAppError, type Caller } from '../keys/verifyKey.ts'
import type { Binding } from '../proofs/Binding.ts'
import { checkBinding, checkDpop, ProofError, type ProofRequest } from '../proofs/checkProof.ts'
import * as Seal from '../proofs/Seal.ts'
import type { Authority } from '../keys/Authority.ts'
import { endedWhy, SessionEndedError } from '../sessions/Lifetime.ts'
import { SessionAbsentError, SessionBoundError, type Session } from '../sessions/Session.ts'
import { endSession } from '../sessions/endSessions.ts'
import {
  findEnded,
  findSession,
  loadSession,
  openSession,
  touchSession,
  type Access,
  type NewSession,
} from '../sessions/sessions.ts'
import { appFor, keyTextOf, sessionIdOf, textField, type Context } from './context.ts'
import { HttpError } from './errors.ts'

/** What a request shows to be let in: an API key, the cookie of our own page, an embedded page's token, or nothing. */
export type Shown =
  | { readonly kind: 'key'; readonly caller: Caller; readonly text: string }
  | { readonly kind: 'browser'; readonly id: string }
  | { readonly kind: 'token'; readonly session: Session; readonly text: string; readonly expiresMs: number }
  | { readonly kind: 'nothing' }

/** How many sessions one browser may have open when its app says nothing. */
const MAX_BROWSER_SESSIONS = 100

declare module 'fastify' {
  interface FastifyRequest {
    /** What it shows, once that was read. */
    shown: Shown | Promise<Shown> | null
    /** The sessions that it was let into, by internal id. */
    admitted: readonly string[] | null
  }
}

/**
 * What the request shows, checked, once a request. A key comes first; then a token, which is good from its own origin
 * only; then the cookie, which is believed only from our own page.
 */
export function shownBy(context: Context, request: FastifyRequest): Shown | Promise<Shown> {
  return (request.shown ??= readShown(context, request))
}

function readShown(context: Context, request: FastifyRequest): Shown | Promise<Shown> {
  const { caller } = request
  if (caller !== null) return { kind: 'key', caller, text: keyTextOf(request) ?? '' }
  return readPageCredential(context, request)
}

async function readPageCredential(context: Context, request: FastifyRequest): Promise<Shown> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer?.startsWith('st-') === true) {
    const { sid, expiresMs } = await verifyToken(context, { token: bearer, origin: originOf(context, request) })
    return { kind: 'token', session: loadSession(context.store, { sid }), text: bearer, expiresMs }
  }
  const cookie = Credential.cookieIn(request.headers.cookie)
  if (cookie === null) return { kind: 'nothing' }
  // A cookie of a browser that was forgotten is no cookie; a known one, sent by somebody else's page, is an attack.
  const id = await findBrowser(context, { cookie })
  if (id === null) return { kind: 'nothing' }
  refuseForgery(context, request)
  return { kind: 'browser', id }
}

/**
 * Of which origin the page is that asks. Browsers leave `Origin` out where a page reads from its own server, and say so in
 * `Sec-Fetch-Site`: then it is the one of ours that the request named as its host. Null where nothing says it.
 */
function originOf(context: Context, { headers, method }: FastifyRequest): string | null {
  if (headers.origin !== undefined) return headers.origin
  if (headers['sec-fetch-site'] !== 'same-origin' || (method !== 'GET' && method !== 'HEAD')) return null
  return context.origins.own().find((each) => new URL(each).host === headers.host) ?? null
}

/**
 * Whether our own page sent this, and no other page with our cookie: browsers say where a request comes from
 * (`Sec-Fetch-Site`, `Origin`), and only same-origin code can set `X-Countersign-Page` without being asked first. An
 * origin is held against what the server knows of itself. While only this machine can reach it, a page here under another
 * port (a development server, a tunnel) is ours when the browser says that it asks its own origin.
 *
 * @throws {HttpError} 403 `browser:origin:refused`.
 */
export function refuseForgery(context: Context, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site, 'x-countersign-page': page } = request.headers
  const isSafe = request.method === 'GET' || request.method === 'HEAD'
  const isSameOrigin =
    origin === undefined
      ? isSafe || site === 'same-origin'
      : context.origins.own().includes(origin) || (site === 'same-origin' && context.origins.isNeighbour(origin))
  const isSameSite = site === undefined || site === 'same-origin' || (site === 'none' && isSafe)
  if (isSameOrigin && isSameSite && (isSafe || page === '1')) return
  throw new HttpError(
    403,
    'browser:origin:refused',
    'This did not come from our own page.',
    'Pages elsewhere use session tokens; see docs/reference/browser-credentials.md.',
  )
}

/**
 * Who may use the app: anybody for `default`; otherwise a key of that very app, or a page that has a token for one of
 * its sessions. An app that does not exist asks for a key like any other.
 *
 * @throws {KeyAbsentError} 401, {KeyUnknownError} 401, {KeyWrongAppError} 403.
 */
export async function openApp(context: Context, request: FastifyRequest): Promise<{ app: App; owner: string }> {
  const name = textField(request, 'app') ?? DEFAULT_APP.name
  const by = await shownBy(context, request)
  if (by.kind === 'token') {
    const given = textField(request, 'app')
    if (given !== null && given !== by.session.app) throw new KeyWrongAppError(given.slice(0, 40))
    return { app: appFor(context, by.session.app), owner: by.session.owner }
  }
  const app = appFor(context, name)
  if (context.apps.has(app.name)) request.appName = app.name
  refuseOrigin(context, request, app)
  if (name === DEFAULT_APP.name) return { app, owner: by.kind === 'browser' ? `browser:${by.id}` : `app:${name}` }
  if (by.kind !== 'key') throw new KeyAbsentError(name.slice(0, 40))
  if (by.caller.app !== name) throw new KeyWrongAppError(name.slice(0, 40))
  return { app, owner: `key:${by.caller.family}` }
}

/** A page of an origin that the app does not know may not call for it. */
function refuseOrigin(context: Context, request: FastifyRequest, app: App): void {
  const origin = request.headers.origin
  if (origin === undefined || context.origins.isAllowed(origin, app)) return
  throw new HttpError(
    403,
    'http:origin:refused',
    'Pages of this origin may not call for this app.',
    'Its operator can add it to the "origins" of the app in COUNTERSIGN_APPS, or, if this is the server’s own page, set COUNTERSIGN_PUBLIC_ORIGIN.',
  )
}

/** Which sessions the caller may see: with a key its family's and the keyless ones, without one those of id-only apps. */
export function accessOf(context: Context, by: Shown): Access[] {
  const byId: Access = {
    idPolicyApps: [...context.apps.values()].filter((app) => app.sessionPolicy === 'id').map((app) => app.name),
  }
  switch (by.kind) {
    case 'key':
      return [{ owner: `key:${by.caller.family}` }, { owner: `app:${DEFAULT_APP.name}` }]
    case 'token':
      return [{ sid: by.session.sid }]
    case 'browser':
      return [{ owner: `browser:${by.id}` }, byId]
    case 'nothing':
      return [byId]
  }
}

/**
 * Whether a request comes from where the owner of a session answers for themselves: our own page, or a client that has the id
 * alone. The id of a key's session is known to whoever holds the key, and leaving the key out makes nobody its owner.
 */
export async function isOwnersPlace(
  context: Context,
  request: FastifyRequest,
  { owner }: Pick<Session, 'owner'>,
): Promise<boolean> {
  const { kind } = await shownBy(context, request)
  return kind === 'browser' || (kind === 'nothing' && !owner.startsWith('key:'))
}

/**
 * The session that the request speaks of, when the caller may use it now; null when there is none, or it is somebody
 * else's. Anything but reading counts as use.
 *
 * @throws {SessionEndedError} 401 when its life is over. {ProofError} 401 when it is bound and nothing is proved.
 */
export async function sessionOf(
  context: Context,
  request: FastifyRequest,
  publicId = sessionIdOf(request),
  admission: Admission = {},
): Promise<Session | null> {
  const by = await shownBy(context, request)
  refuseUnproved(context, request, by)
  const accesses = accessOf(context, by)
  for (const access of accesses) {
    const session = findSession(context, { publicId, access })
    if (session !== null) return admit(context, request, { by, session }, admission)
  }
  for (const access of accesses) {
    const why = findEnded(context, { publicId, access })
    if (why !== null) throw new SessionEndedError(why)
  }
  return null
}

/** How a session is let in. */
export interface Admission {
  /** False where the route notes the use itself, in the write that it makes anyhow. */
  readonly notesUse?: boolean
  /** True where the route only ends what runs: it may as long as what runs may be read. */
  readonly onlyEnds?: boolean
}

/** The session, or 404. */
export async function requireSession(
  context: Context,
  request: FastifyRequest,
  publicId?: string,
  admission?: Admission,
): Promise<Session> {
  const session = await sessionOf(context, request, publicId, admission)
  if (session === null) throw new SessionAbsentError()
  return session
}

/**
 * Finds or creates the caller's session and wakes streams that were waiting for it. A DPoP proof at its first request
 * binds it for life.
 */
export async function enterSession(
  context: Context,
  request: FastifyRequest,
  {
    publicId,
    app,
    owner,
    isForPage = false,
    ...more
  }: Pick<NewSession, 'publicId' | 'owner' | 'principal' | 'binding' | 'sid'> & {
    app: App
    /** It is made for an embedded page, which binds it when it redeems its code; until then it opens for nobody. */
    isForPage?: boolean
  },
): Promise<Session> {
  const by = await shownBy(context, request)
  const found = findSession(context, {
    publicId,
    access: by.kind === 'token' ? { sid: by.session.sid } : { owner },
  })
  if (found !== null) {
    // What was sealed for a session that was to be made belongs to no other.
    if (more.binding !== undefined && more.binding !== null) throw new SessionBoundError()
    return admit(context, request, { by, session: found })
  }
  if (by.kind === 'token') throw new SessionAbsentError()
  const binding = more.binding ?? (await bindingFrom(context, request, app))
  if (binding === null && needsProof(by, app) && !isForPage) throw new ProofError('unbound')
  const session = await openSession(context, {
    ...more,
    publicId,
    app: app.name,
    owner,
    binding,
    maxSessions: app.maxSessions ?? (by.kind === 'browser' ? MAX_BROWSER_SESSIONS : null),
  })
  context.sessionCreated.dispatchEvent(new Event(publicId))
  return session
}

/** In whose name something is begun that lasts, by what this request shows. */
export async function authorityOf(context: Context, request: FastifyRequest, session: Session): Promise<Authority> {
  const by = await shownBy(context, request)
  return {
    keyId: by.kind === 'key' ? by.caller.keyId : null,
    ip: by.kind === 'key' ? request.clientIp : null,
    token: by.kind === 'token' ? Credential.digest(by.text) : null,
    browser: by.kind === 'browser' ? by.id : null,
    owner: session.owner,
    wallet: session.signedIn?.address ?? session.wallet.address,
  }
}

/** The key that a DPoP proof of this request shows; null when none came. */
export async function bindingFrom(context: Context, request: FastifyRequest, app: App): Promise<Binding | null> {
  if (request.headers['dpop'] === undefined) return null
  const asked = await proofRequest(context, request, '')
  return { mode: 'dpop', jkt: await checkDpop(context, asked, { needsNonce: app.needsProofNonce }) }
}

/** In apps that want proofs, nothing is even looked up without one: every id answers the same. */
function refuseUnproved(context: Context, request: FastifyRequest, by: Shown): void {
  if (by.kind !== 'key' || !needsProof(by, appFor(context, by.caller.app))) return
  if (request.headers['dpop'] === undefined && request.headers['x-session-mac'] === undefined)
    throw new ProofError('absent')
}

/** Whether an unbound session will not do: the app says so, or the key is under suspicion. */
function needsProof(by: Shown, app: App): boolean {
  return app.sessionPolicy === 'proof' || (by.kind === 'key' && by.caller.key.quarantine?.level === 'proof')
}

/** Lets the caller into a session that it may see: proof, life, key, origin; and notes the use. */
async function admit(
  context: Context,
  request: FastifyRequest,
  { by, session }: { by: Shown; session: Session },
  { notesUse = true, onlyEnds = false }: Admission = {},
): Promise<Session> {
  // A proof is good once, and so is checked once a request.
  if (request.admitted?.includes(session.sid) === true) return session
  const app = appFor(context, session.app)
  request.appName = app.name
  if (by.kind !== 'token') refuseOrigin(context, request, app)
  if (session.binding !== null) {
    await checkBinding(context, await proofRequest(context, request, session.publicId), {
      binding: session.binding,
      sid: session.sid,
      needsNonce: app.needsProofNonce,
    })
  } else if (needsProof(by, app)) throw new ProofError('unbound')

  const isRead = request.method === 'GET' || request.method === 'HEAD'
  refuseEnded(context, { by, session, app, isRead: isRead || onlyEnds })
  request.admitted = [...(request.admitted ?? []), session.sid]
  if (!isRead && notesUse) {
    await context.store.write(async (write) => touchSession(context, write, { sid: session.sid }))
  }
  return session
}

/**
 * Refuses a session whose life is over, exact at the millisecond, and writes that down, so that no clock that steps
 * back revives it.
 *
 * @throws {SessionEndedError}
 */
function refuseEnded(
  context: Context,
  { by, session, app, isRead }: { by: Shown; session: Session; app: App; isRead: boolean },
): void {
  const nowMs = context.clock.nowMs()
  const isTurnRunning = context.turns.isProcessing(session.sid)
  const why =
    session.endedWhy === null && !isFamilyLive(context, { by, session }, nowMs)
      ? 'key-disabled'
      : endedWhy(session, app.lifetime, { nowMs, isRead, isTurnRunning })
  if (why === null) return
  // Not while what a turn says may still be read, and not waited for: the refusal stands without it.
  const isOver = endedWhy(session, app.lifetime, { nowMs, isRead: true, isTurnRunning }) !== null
  if (session.endedWhy === null && why !== 'key-disabled' && isOver)
    context.store.write((write) => endSession(context, write, { session, why })).catch(() => undefined)
  throw new SessionEndedError(why, app.lifetime)
}

/** Whether any key of the family that a session belongs to still opens the app. The undo of a revocation revives. */
function isFamilyLive(context: Context, { by, session }: { by: Shown; session: Session }, nowMs: number): boolean {
  if (!session.owner.startsWith('key:')) return true
  const family = session.owner.slice('key:'.length)
  // The key that this request was let in with is one.
  if (by.kind === 'key' && by.caller.family === family) return true
  return context.liveKeys(family, nowMs)
}

/** The request in the words that proofs are checked against. */
async function proofRequest(context: Context, request: FastifyRequest, sessionId: string): Promise<ProofRequest> {
  const by = await shownBy(context, request)
  const one = (name: string): string | null => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : null
  }
  return {
    method: request.method,
    target: request.raw.url ?? '',
    origins: context.origins.own(),
    sessionId,
    body: request.rawBody,
    credential: by.kind === 'key' || by.kind === 'token' ? by.text : null,
    dpop: one('dpop'),
    mac: one('x-session-mac'),
  }
}

/** Says what a refused proof lacks, as RFC 9449 spells it, and hands out nonces. */
export function challengeProofs(server: FastifyInstance, context: Context): void {
  server.decorateRequest('shown', null)
  server.decorateRequest('admitted', null)
  const nonce = (): string => Seal.nonce(context.clock.nowMs(), Redacted.reveal(context.sessionSecret))
  server.addHook('onError', async (_request, reply, error) => {
    if (!(error instanceof ProofError)) return
    reply
      .header('www-authenticate', `DPoP error="${error.challenge}", algs="ES256 EdDSA"`)
      .header('dpop-nonce', nonce())
  })
  server.addHook('onRequest', (request, reply, done) => {
    if (request.headers['dpop'] !== undefined) reply.header('dpop-nonce', nonce())
    done()
  })
}
