import type { ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import { sessionIdOf, type Context } from './context.ts'
import { createCrowd } from './crowd.ts'
import { invalidField } from './errors.ts'
import { followSession, keepAlive } from './followSession.ts'
import { mayStillRead } from './mayStillRead.ts'
import { sessionOf } from './sessionAccess.ts'

interface Found {
  readonly session: Pick<Session, 'sid' | 'publicId'>
  readonly isOpen: () => boolean
}

/**
 * `GET /api/updates`: the session's log as server-sent events. Every frame has its sequence number as `id:`; a
 * client that sends `Last-Event-ID` continues after it, without gap and without duplicate. Without one, only what
 * comes from now on is sent. A session that does not exist yet is waited for.
 */
export function streamRoute(server: FastifyInstance, context: Context): void {
  const crowd = createCrowd()
  server.get('/api/updates', async (request, reply) => {
    const publicId = sessionIdOf(request)
    const lastId = request.headers['last-event-id']
    if (lastId !== undefined && !/^\d{1,15}$/.test(String(lastId)))
      throw invalidField('Last-Event-ID', 'The id of the last event you saw.')

    const find = async (): Promise<Found | null> => {
      const session = await sessionOf(context, request)
      if (session === null) return null
      const { sid, publicId: id } = session
      return { session: { sid, publicId: id }, isOpen: await mayStillRead(context, request, session) }
    }
    const found = await find()
    const newest = found === null ? 0 : await context.events.lastSeq(found.session.sid)
    const afterSeq = lastId === undefined ? newest : Number(lastId)

    const response = openStream(reply)
    crowd.enter()
    response.once('close', crowd.leave)
    const { log } = request
    // What it showed was looked at: held for as long as the stream, it is held ten thousand times.
    if (found !== null) request.shown = request.admitted = null
    if (found === null) awaitSession(context, { response, log, publicId, find, afterSeq })
    else serve(context, { response, log, found, afterSeq })
  })
}

/** Answers with the head of a stream; from here on the response is written by hand. */
function openStream(reply: FastifyReply): ServerResponse {
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
  raw.on('error', () => raw.destroy())
  return raw
}

interface Stream {
  readonly response: ServerResponse
  readonly log: FastifyBaseLogger
  readonly afterSeq: number
}

/** Writes a session that was found, until either side ends. Thousands of these are open: what they hold is kept small. */
function serve(
  { events }: Pick<Context, 'events'>,
  { response, log, found: { session, isOpen }, afterSeq }: Stream & { found: Found },
): void {
  const unfollow = followSession({ events, log, isOpen }, { response, session, afterSeq })
  const stopKeepAlive = keepAlive(response, () => {
    if (!isOpen()) unfollow()
  })
  response.on('close', () => {
    stopKeepAlive()
    unfollow()
  })
}

/** Keeps a stream alive until its session comes into being, here or in another process on the store; then serves it. */
function awaitSession(
  context: Context,
  { response, log, afterSeq, publicId, find }: Stream & { publicId: string; find: () => Promise<Found | null> },
): void {
  let isOver = false
  const appeared = (): void => {
    find().then(
      (found) => {
        if (found === null || isOver) return
        stop()
        serve(context, { response, log, found, afterSeq })
      },
      (error: unknown) => {
        // A proof that has grown old while it waited, for one: the client comes back with a new one.
        log.warn({ err: error }, 'stream ended')
        response.end()
      },
    )
  }
  const stopKeepAlive = keepAlive(response, () => undefined)
  context.sessionCreated.addEventListener(publicId, appeared)
  const stopFollowing = context.events.awaitSession(publicId, appeared)
  const stop = (): void => {
    isOver = true
    stopKeepAlive()
    context.sessionCreated.removeEventListener(publicId, appeared)
    stopFollowing()
  }
  response.on('close', stop)
  // It may have come while this was set up.
  appeared()
}
