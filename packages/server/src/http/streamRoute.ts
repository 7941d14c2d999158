import type { ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import * as AllowList from '../keys/AllowList.ts'
import { sessionIdOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { followSession } from './followSession.ts'
import { mayStillRead, mayStillWait } from './mayStillRead.ts'
import { sessionOf, shownBy } from './sessionAccess.ts'
import type { Payer, Seat, Streams } from './Streams.ts'
import { withdrawnOf } from './withdrawn.ts'

interface Found {
  readonly session: Pick<Session, 'sid' | 'publicId'>
  readonly isOpen: () => boolean
}

/** Where a stream waits for something, in order: tests pause it there. */
export type StreamPoint = 'found' | 'newest' | 'appeared'

/**
 * `GET /api/updates`: the session's log as server-sent events. Every frame has its sequence number as `id:`; a
 * client that sends `Last-Event-ID` continues after it, without gap and without duplicate. Without one, only what
 * comes from now on is sent. A session that does not exist yet is waited for, by few streams and for a minute:
 * published clients open their stream just before their first message.
 */
export function streamRoute(
  server: FastifyInstance,
  context: Context,
  { streams, pause }: { streams: Streams; pause?: (at: StreamPoint) => Promise<void> },
): void {
  server.get('/api/updates', async (request, reply) => {
    const publicId = sessionIdOf(request)
    const lastId = request.headers['last-event-id']
    if (lastId !== undefined && !/^\d{1,15}$/.test(String(lastId)))
      throw invalidField('Last-Event-ID', 'The id of the last event you saw.')
    const payer: Payer =
      request.caller === null ? ['address', AllowList.budgetOf(request.clientIp)] : ['key', request.caller.keyId]

    // Before anything is waited for: a client that goes meanwhile leaves nothing behind.
    const seat = streams.take(reply.raw, payer)
    try {
      const find = async (): Promise<Found | null> => {
        const session = await sessionOf(context, request)
        if (session === null) return null
        const isOpen = await mayStillRead(context, request, session)
        const by = await shownBy(context, request)
        if (by.kind === 'browser') streams.pay(seat, ['browser', by.id])
        streams.pay(seat, ['session', session.sid])
        return { session: { sid: session.sid, publicId: session.publicId }, isOpen }
      }
      const found = await find()
      await pause?.('found')
      const newest = found === null ? 0 : await context.events.lastSeq(found.session.sid)
      await pause?.('newest')
      const afterSeq = lastId === undefined ? newest : Number(lastId)
      if (found === null) streams.pay(seat, ['waiting', payer[1]])
      if (seat.isGone) {
        reply.hijack()
        return
      }
      const response = openStream(reply)
      const stream = { seat, response, log: request.log, afterSeq }
      // What it showed was looked at: held for as long as the stream, it is held ten thousand times.
      if (found !== null) request.shown = request.admitted = null
      if (found === null) waitForSession(context, request, { ...stream, publicId, find, pause })
      else serve(context, { ...stream, found })
    } catch (error) {
      seat.leave()
      throw error
    }
  })
}

/** Answers with the head of a stream; from here on the response is written by hand. */
function openStream(reply: FastifyReply): ServerResponse {
  reply.hijack()
  const { raw } = reply
  const headers = Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined))
  raw.on('error', () => raw.destroy())
  raw.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write(': connected\n\n')
  return raw
}

interface Stream {
  readonly seat: Seat
  readonly response: ServerResponse
  readonly log: FastifyBaseLogger
  readonly afterSeq: number
}

/** Writes a session that was found, until either side ends. Thousands of these are open: what they hold is kept small. */
function serve(
  context: Pick<Context, 'events' | 'store' | 'clock'>,
  { seat, response, log, found: { session, isOpen }, afterSeq }: Stream & { found: Found },
): void {
  const withdrawn: Parameters<typeof followSession>[0]['withdrawn'] = (sid, events) => withdrawnOf(context, sid, events)
  const tools = { events: context.events, log, isOpen, withdrawn }
  const unfollow = followSession(tools, { response, session, afterSeq })
  seat.holds(unfollow)
  seat.open({ isOpen, end: unfollow })
}

/** Keeps a stream alive until its session comes into being, here or in another process on the store; then serves it. */
function waitForSession(
  context: Context,
  request: FastifyRequest,
  {
    publicId,
    find,
    pause,
    ...stream
  }: Stream & {
    publicId: string
    find: () => Promise<Found | null>
    pause: ((at: StreamPoint) => Promise<void>) | undefined
  },
): void {
  const { seat, response, log } = stream
  let isOver = false
  const end = (): void => {
    stop()
    response.end()
  }
  const appeared = (): void => {
    find()
      .then(async (found) => {
        await pause?.('appeared')
        if (found === null || isOver) return
        stop()
        serve(context, { ...stream, found })
      })
      .catch((error: unknown) => {
        // A proof that has grown old while it waited, for one: the client comes back with a new one.
        log.warn({ err: error }, 'stream ended')
        end()
      })
  }
  const stop = (): void => {
    isOver = true
    context.sessionCreated.removeEventListener(publicId, appeared)
    stopFollowing()
  }
  context.sessionCreated.addEventListener(publicId, appeared)
  const stopFollowing = context.events.awaitSession(publicId, appeared)
  seat.holds(stop)
  seat.open({ isOpen: mayStillWait(context, request), end, isWaiting: true })
  // It may have come while this was set up.
  appeared()
}
