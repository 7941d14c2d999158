import type { FastifyInstance } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import { sessionIdOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { followSession, keepAlive } from './followSession.ts'
import { mayStillRead } from './mayStillRead.ts'
import { sessionOf } from './sessionAccess.ts'

interface Found {
  readonly session: Session
  readonly isOpen: () => boolean
}

/**
 * `GET /api/updates`: the session's log as server-sent events. Every frame has its sequence number as `id:`; a
 * client that sends `Last-Event-ID` continues after it, without gap and without duplicate. Without one, only what
 * comes from now on is sent. A session that does not exist yet is waited for.
 */
export function streamRoute(server: FastifyInstance, context: Context): void {
  server.get('/api/updates', async (request, reply) => {
    const publicId = sessionIdOf(request)
    const lastId = request.headers['last-event-id']
    if (lastId !== undefined && !/^\d{1,15}$/.test(String(lastId)))
      throw invalidField('Last-Event-ID', 'The id of the last event you saw.')

    const find = async (): Promise<Found | null> => {
      const session = await sessionOf(context, request)
      return session === null ? null : { session, isOpen: await mayStillRead(context, request, session) }
    }
    const found = await find()
    const session = found?.session ?? null
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
    let current = found
    const follow = (followed: Found): void => {
      current = followed
      const { session: live, isOpen } = followed
      stopWaiting()
      unfollow = followSession({ events: context.events, onError, isOpen }, { response: raw, session: live, afterSeq })
    }
    const appeared = (): void => {
      if (unfollow !== null) return
      find().then(
        (late) => {
          if (late !== null && unfollow === null && !isEnded) follow(late)
        },
        (error: unknown) => {
          // A proof that has grown old while it waited, for one: the client comes back with a new one.
          onError(error)
          raw.end()
        },
      )
    }
    const stopKeepAlive = keepAlive(raw, () => {
      if (current !== null && !current.isOpen()) unfollow?.()
    })
    const waits = session === null ? waitForSession(context, publicId, appeared) : null
    const stopWaiting = (): void => waits?.()
    raw.on('close', () => {
      isEnded = true
      stopKeepAlive()
      stopWaiting()
      unfollow?.()
    })
    raw.on('error', () => raw.destroy())
    if (found !== null) follow(found)
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
