import type { FastifyInstance } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import { findSession } from '../sessions/sessions.ts'
import { sessionIdOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { followSession, keepAlive } from './followSession.ts'
import { accessOf } from './sessionAccess.ts'

/**
 * `GET /api/updates`: the session's log as server-sent events. Every frame has its sequence number as `id:`; a
 * client that sends `Last-Event-ID` continues after it, without gap and without duplicate. Without one, only what
 * comes from now on is sent. A session that does not exist yet is waited for.
 */
export function streamRoute(server: FastifyInstance, context: Context): void {
  server.get('/api/updates', async (request, reply) => {
    const publicId = sessionIdOf(request)
    const accesses = await accessOf(context, request)
    const lastId = request.headers['last-event-id']
    if (lastId !== undefined && !/^\d{1,15}$/.test(String(lastId)))
      throw invalidField('Last-Event-ID', 'The id of the last event you saw.')

    const find = async (): Promise<Session | null> => {
      for (const access of accesses) {
        const session = await findSession(context, { publicId, access })
        if (session !== null) return session
      }
      return null
    }
    const session = await find()
    const afterSeq =
      lastId !== undefined ? Number(lastId) : session === null ? 0 : await context.events.lastSeq(session.sid)

    reply.hijack()
    const { raw } = reply
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined))
    raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    raw.write(': connected\n\n')

    const onError = (error: unknown): void => request.log.warn({ err: error }, 'stream ended')
    let unfollow: (() => void) | null = null
    let isEnded = false
    const follow = (found: Session): void => {
      stopWaiting()
      unfollow = followSession({ events: context.events, onError }, { response: raw, session: found, afterSeq })
    }
    const appeared = (): void => {
      if (unfollow !== null) return
      find().then((found) => {
        if (found !== null && unfollow === null && !isEnded) follow(found)
      }, onError)
    }
    const stopKeepAlive = keepAlive(raw)
    const waits = session === null ? waitForSession(context, publicId, appeared) : null
    const stopWaiting = (): void => waits?.()
    raw.on('close', () => {
      isEnded = true
      stopKeepAlive()
      stopWaiting()
      unfollow?.()
    })
    raw.on('error', () => raw.destroy())
    if (session !== null) follow(session)
    else appeared()
  })
}

/** Calls when a session with this id comes into being, here or in another process on the store. */
function waitForSession(context: Context, publicId: string, appeared: () => void): () => void {
  context.sessionCreated.addEventListener(publicId, appeared)
  const stopFollowing = context.events.awaitSession(publicId, appeared)
  return () => {
    context.sessionCreated.removeEventListener(publicId, appeared)
    stopFollowing()
  }
}
