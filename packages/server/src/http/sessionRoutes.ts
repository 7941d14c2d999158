import { toolNames } from './chatRoutes.ts'
import { narrowGuards } from '../sessions/narrowGuards.ts'
import { narrowTools } from '../sessions/narrowTools.ts'
import { guardsField } from './guardsField.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { Address, Clock, Hex, Redacted } from '@countersign/base'
import type { SessionInfo } from '@countersign/sdk'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mintCode, renewBrowser } from '../browser/browsers.ts'
import * as Credential from '../browser/Credential.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import type { Binding } from '../proofs/Binding.ts'
import * as Seal from '../proofs/Seal.ts'
import { endSession, endSessionsOf, findByHandle } from '../sessions/endSessions.ts'
import { endsAtMs } from '../sessions/Lifetime.ts'
import { rotateSession } from '../sessions/rotateSession.ts'
import { isSameProof, parseId, SessionAbsentError, SessionBoundError, type Session } from '../sessions/Session.ts'
import { destroySessions, findSession, hideSession, listSessions, updateSession } from '../sessions/sessions.ts'
import { mayBeSigned } from '../proposals/rows.ts'
import { DEFAULT_STORAGE_CAPS, StorageFullError } from '../sessions/Storage.ts'
import { signIn, startSignIn } from '../signin/signIn.ts'
import { appFor, bodyOf, field, sessionIdOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import {
  accessOf,
  bindingFrom,
  enterSession,
  openApp,
  requireSession,
  sessionOf,
  shownBy,
  type Admission,
} from './sessionAccess.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** Sessions as things of their own: made, listed, named, bound, signed in, moved and ended. */
export function sessionRoutes(server: FastifyInstance, context: Context): void {
  adminRoutes(server, context)
  ownSessionRoutes(server, context)
  bindingRoutes(server, context)
  signInRoutes(server, context)
  server.post('/api/sessions', async (request) => {
    const { app, owner } = await openApp(context, request)
    const proof = textField(request, 'proof')
    if (proof !== null && proof !== 'hmac' && proof !== 'page')
      throw invalidField('proof', '"hmac" for a MAC key, "page" for an embedded page; for DPoP send a DPoP header.')
    const principal = textField(request, 'user')?.slice(0, 200) ?? null
    const sid = randomUUID()
    const mac = proof === 'hmac' ? makeMac(context, sid) : null
    const rig = textField(request, 'rig')
    if (rig !== null) context.models.open(rig)
    const given = guardsField(context, request, app.name)
    const session = await enterSession(context, request, {
      publicId: newIdOf(request),
      app,
      owner,
      principal,
      ...(mac === null ? {} : { sid, binding: mac.binding }),
      isForPage: proof === 'page',
    })
    const tools = toolNames(bodyOf(request)['tools'])
    const { guards } = given
    if (guards != null) await narrowGuards(context, { sid: session.sid, guards })
    if (tools !== null) await narrowTools(context, { sid: session.sid, tools })
    if (rig !== null)
      await context.store.write(async (write) => updateSession({ write }, { sid: session.sid, set: { model: rig } }))
    return {
      session_id: session.publicId,
      title: session.title ?? 'New Chat',
      ...(isThread(request) ? { thread_id: session.publicId, last_active_at: Clock.iso(session.usedMs) } : {}),
      // Handed out once, here; the server keeps it sealed.
      ...(mac === null ? {} : { mac_key: mac.key }),
      ...(proof === 'page' ? await codeFor(context, request, session) : {}),
    }
  })

  // A wallet address that somebody names proves nothing, so it lists nothing: with a key or our page's cookie, the
  // caller's own sessions; with a session id, that session; and those of a wallet only for who signed in with it.
  server.get('/api/sessions', async (request) => {
    const by = await shownBy(context, request)
    const named = textField(request, 'public_key')
    if (named === null && (by.kind === 'nothing' || by.kind === 'token'))
      throw invalidField('public_key', 'Send ?public_key=0x….')
    const limit = Math.min(Math.max(Number(field(request, 'limit') ?? 50) || 50, 1), 100)
    const current = request.headers['x-session-id'] === undefined ? null : await sessionOf(context, request)
    const wallet = current?.signedIn?.address ?? null
    const isProven = wallet !== null && named?.toLowerCase() === wallet.toLowerCase()
    const [access] = accessOf(context, by)
    const own =
      access !== undefined && 'owner' in access
        ? await listSessions(context, { owner: access.owner, limit })
        : current === null
          ? []
          : [current]
    const byWallet =
      isProven && current !== null
        ? (await listSessions(context, { app: current.app, wallet, limit })).filter((each) =>
            isReachable(current, each),
          )
        : []
    const all = [...own, ...byWallet.filter((each) => own.every((one) => one.sid !== each.sid))]
    return all.slice(0, limit).map((each) => describe(context, each, own.includes(each)))
  })

  // Ends every session of the caller, but the one that `keep` names. Where it names none of the caller's, nothing is ended: an id that a
  // sign-in replaced would end the very session that was to be kept.
  server.delete('/api/sessions', async (request) => {
    const by = await shownBy(context, request)
    if (by.kind !== 'browser' && by.kind !== 'key')
      throw new HttpError(
        403,
        'sessions:owner:unknown',
        'An id alone owns no other sessions.',
        'Use a key, or our own page.',
      )
    const [access] = accessOf(context, by)
    if (access === undefined || !('owner' in access)) throw new SessionAbsentError()
    const keep = textField(request, 'keep')
    const kept = keep === null ? null : findSession(context, { publicId: parseId(keep), access })
    if (keep !== null && kept === null) throw new SessionAbsentError()
    const ended = await endSessionsOf(context, { owner: access.owner, why: 'owner', exceptSid: kept?.sid ?? null })
    return { ended }
  })
}

/** One session of the caller: read, renamed, archived, ended. */
function ownSessionRoutes(server: FastifyInstance, context: Context): void {
  server.get<{ Params: { id: string } }>('/api/sessions/:id', async (request) =>
    describe(context, await namedSession(context, request)),
  )

  server.patch<{ Params: { id: string } }>('/api/sessions/:id', async (request) => {
    const session = await namedSession(context, request, { notesUse: false })
    const title = textField(request, 'title')?.trim()
    if (title === undefined || title === '' || title.length > 200)
      throw invalidField('title', 'Text of 1 to 200 characters.')
    if (session.eventBytes >= DEFAULT_STORAGE_CAPS.sessionEventBytes)
      throw new StorageFullError('session', DEFAULT_STORAGE_CAPS.session)
    const usedMs = context.clock.nowMs()
    await context.store.write(async (write) => {
      updateSession({ write }, { sid: session.sid, set: { title, used_ms: usedMs } })
      await context.events.append(write, session.sid, { type: 'title_changed', new_title: title })
    })
    return describe(context, { ...session, title, usedMs: Math.max(session.usedMs, usedMs) })
  })

  server.delete<{ Params: { id: string } }>('/api/sessions/:id', async (request) => {
    const session = await namedSession(context, request)
    await context.turns.interrupt(session.sid)
    // First ended, so that streams hear of it, then gone.
    await context.store.write((write) => endSession(context, write, { session, why: 'owner' }))
    await context.store.write(async (write) => {
      const { sid } = session
      if (await mayBeSigned(write.db, { sid, nowMs: context.clock.nowMs() })) await hideSession(write, { session })
      else await destroySessions(context, write, [{ session, why: 'owner' }])
    })
    return { deleted: true }
  })

  for (const [path, archived] of [
    ['archive', 1],
    ['unarchive', 0],
  ] as const) {
    server.post<{ Params: { id: string } }>(`/api/sessions/:id/${path}`, async (request) => {
      const session = await namedSession(context, request, { notesUse: false })
      const usedMs = context.clock.nowMs()
      await context.store.write(async (write) =>
        updateSession({ write }, { sid: session.sid, set: { archived, used_ms: usedMs } }),
      )
      return describe(context, {
        ...session,
        isArchived: archived === 1,
        usedMs: Math.max(session.usedMs, usedMs),
      })
    })
  }
}

/** What a session is held by beside its id: a key of its own, or a code for one page. */
function bindingRoutes(server: FastifyInstance, context: Context): void {
  // Binds a running session to a DPoP key or a MAC key. From then on the id alone opens nothing, and it is a new one.
  server.post<{ Params: { id: string } }>('/api/sessions/:id/bind', async (request) => {
    const session = await namedSession(context, request)
    if (session.binding !== null) throw new SessionBoundError()
    const mac = textField(request, 'proof') === 'hmac' ? makeMac(context, session.sid) : null
    const app = appFor(context, session.app)
    const binding = mac?.binding ?? (await bindingFrom(context, request, app))
    if (binding === null) throw invalidField('proof', 'Send "hmac", or a DPoP header.')
    const sessionId = await context.store.write(async (write) => {
      const bound = await write.db
        .updateTable('sessions')
        .set({ binding: JSON.stringify(binding) })
        .where('sid', '=', session.sid)
        .where('binding', 'is', null)
        .returning('sid')
        .executeTakeFirst()
      if (bound === undefined) throw new SessionBoundError()
      return rotateSession(context, write, { session, because: 'proof-bound' })
    })
    return { session_id: sessionId, bound: binding.mode, ...(mac === null ? {} : { mac_key: mac.key }) }
  })

  // For an integrator's server: a one-time code with which its page, and no other, opens this session.
  server.post<{ Params: { id: string } }>('/api/sessions/:id/code', async (request) => {
    return codeFor(context, request, await namedSession(context, request))
  })
}

/** Sign-In with Ethereum, and what it opens: the same person's session at another browser. */
function signInRoutes(server: FastifyInstance, context: Context): void {
  server.post('/api/sign-in/nonce', async (request) => {
    const session = await requireSession(context, request)
    const app = appFor(context, session.app)
    const allowed = context.origins.signIn(app)
    const { origin: sent } = request.headers
    const origin = sent !== undefined && allowed.includes(sent) ? sent : allowed[0]
    const chainId = bodyOf(request)['chain_id']
    if (!Number.isSafeInteger(chainId) || !context.gate.chains.has(chainId as number))
      throw invalidField('chain_id', 'A chain of /api/config.')
    const { nonce, message, expiresMs } = await startSignIn(context, {
      session,
      address: Address.parse(textField(request, 'address') ?? ''),
      chainId: chainId as number,
      origin: origin ?? '',
    })
    return { nonce, message, expires_at: Clock.iso(expiresMs) }
  })

  server.post('/api/sign-in', async (request, reply) => {
    const session = await requireSession(context, request)
    const app = appFor(context, session.app)
    const { sessionId, address } = await signIn(
      { ...context, chains: context.gate.chains },
      {
        session,
        message: textField(request, 'message') ?? '',
        signature: Hex.parse(textField(request, 'signature') ?? ''),
        origins: context.origins.signIn(app),
      },
    )
    await renewCookie(context, request, reply)
    return { session_id: sessionId, address, signed_in: true }
  })

  // The same person at another browser: who signed in with a wallet here may go on there, under a new id.
  server.post<{ Params: { id: string } }>('/api/sessions/:id/take-over', async (request) => {
    const current = await requireSession(context, request)
    const by = await shownBy(context, request)
    const wallet = current.signedIn?.address
    if (wallet === undefined)
      throw new HttpError(
        403,
        'sessions:wallet:claimed',
        'An address that is only claimed takes over nothing.',
        'Sign in with the wallet first: POST /api/sign-in.',
      )
    const id = parseId(request.params.id)
    const target = (await listSessions(context, { app: current.app, wallet, limit: 100 })).find(
      (each) => each.publicId === id && isReachable(current, each) && each.binding === null,
    )
    if (target === undefined || (by.kind !== 'browser' && target.owner !== current.owner))
      throw new SessionAbsentError()
    const sessionId = await context.store.write((write) =>
      rotateSession(context, write, { session: target, because: 'taken-over', owner: current.owner }),
    )
    return { session_id: sessionId }
  })
}

/** For whoever runs the app (ASVS 5.0, 7.4.5): its open sessions by handle, and an end to any of them. */
function adminRoutes(server: FastifyInstance, context: Context): void {
  const appName = async (request: FastifyRequest): Promise<string> => {
    const by = await shownBy(context, request)
    if (by.kind !== 'key') throw new KeyAbsentError(null)
    return by.caller.app
  }

  server.get('/api/admin/sessions', async (request) => {
    const app = await appName(request)
    const limit = Math.min(Math.max(Number(field(request, 'limit') ?? 100) || 100, 1), 1_000)
    const sessions = await listSessions(context, { app, limit })
    return sessions.map((session) => ({
      // The id itself would open the session; the handle is what the audit record calls it.
      handle: session.handle,
      owner: session.owner.split(':')[0],
      user: session.principal,
      signed_in: session.signedIn !== null,
      bound: session.binding?.mode ?? null,
      created_at: Clock.iso(session.createdMs),
      used_at: Clock.iso(session.usedMs),
    }))
  })

  server.delete<{ Params: { handle: string } }>('/api/admin/sessions/:handle', async (request) => {
    const app = await appName(request)
    const session = await findByHandle(context.store, { app, handle: request.params.handle })
    if (session === null) throw new SessionAbsentError()
    await context.turns.interrupt(session.sid)
    await context.store.write((write) => endSession(context, write, { session, why: 'admin' }))
    return { ended: true }
  })
}

/** Whether the request came by the path of newer clients. */
function isThread(request: FastifyRequest): boolean {
  return request.routeOptions.url === '/api/threads'
}

/** The id of a session to be made. Clients make it; only newer ones, which speak of threads, leave it to the server. */
function newIdOf(request: FastifyRequest): string {
  const { 'x-session-id': session, 'x-thread-id': thread } = request.headers
  const isLeftToUs = isThread(request) && session === undefined && thread === undefined
  return isLeftToUs ? randomUUID() : sessionIdOf(request)
}

/** A one-time code for a page, from the server that holds the key. */
async function codeFor(context: Context, request: FastifyRequest, session: Session): Promise<Record<string, unknown>> {
  if ((await shownBy(context, request)).kind !== 'key')
    throw new HttpError(
      403,
      'browser:code:refused',
      'Only a server that holds the key hands out codes.',
      'Send the API key from your server, never from a page.',
    )
  const app = appFor(context, session.app)
  const origin = textField(request, 'origin') ?? ''
  if (!context.origins.isAllowed(origin, app))
    throw invalidField('origin', 'An origin that is registered in the "origins" of the app.')
  const { code, expiresMs } = await mintCode(context, { sid: session.sid, origin })
  return {
    session_id: session.publicId,
    code,
    expires_at: Clock.iso(expiresMs),
    publishable_id: Credential.publishableId(app.name, Redacted.reveal(context.sessionSecret)),
  }
}

/**
 * Sessions of one proven wallet meet within a key's family, and between browsers of our own page; never across keys, and never
 * by an address that is another account on another chain.
 */
function isReachable(current: Session, other: Session): boolean {
  if (!isSameProof(current.signedIn, other.signedIn)) return false
  if (other.owner === current.owner) return true
  return current.owner.startsWith('browser:') && other.owner.startsWith('browser:')
}

/** The session in the path. Published clients send another session's header along, so only the path counts. */
async function namedSession(context: Context, request: WithId, admission?: Admission): Promise<Session> {
  return requireSession(context, request, request.params.id.toLowerCase(), admission)
}

/** A session for its owner. The wallet is said to be proven or claimed, never just shown. */
function describe(context: Context, session: Session, isHere = true): SessionInfo {
  const app = appFor(context, session.app)
  const claimed = session.wallet.address
  return {
    session_id: session.publicId,
    thread_id: session.publicId,
    title: session.title ?? 'New Chat',
    model: session.model,
    is_archived: session.isArchived,
    wallet:
      session.signedIn !== null
        ? { address: session.signedIn.address, status: 'proven' }
        : claimed === null
          ? null
          : { address: claimed, status: 'claimed' },
    bound: session.binding?.mode ?? null,
    created_at: Clock.iso(session.createdMs),
    used_at: Clock.iso(session.usedMs),
    last_active_at: Clock.iso(session.usedMs),
    ends_at: Clock.iso(endsAtMs(session, app.lifetime)),
    is_here: isHere,
  }
}

/** A MAC key for a session that is to be made: 256 random bits, sealed for the store. */
function makeMac(context: Context, sid: string): { key: string; binding: Binding } {
  const key = randomBytes(32)
  const secret = Redacted.reveal(context.sessionSecret)
  return {
    key: key.toString('base64url'),
    binding: { mode: 'hmac', sealed: Seal.seal(key, { secret, context: `mac:${sid}` }) },
  }
}

/** After more was granted the browser gets another cookie, too. */
async function renewCookie(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const by = await shownBy(context, request)
  if (by.kind === 'browser')
    reply.header('set-cookie', Credential.setCookie(await renewBrowser(context, { id: by.id })))
}
