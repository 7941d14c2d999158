import type { FastifyInstance } from 'fastify'
import type { Session } from '../sessions/Session.ts'
import { findSession } from '../sessions/sessions.ts'
import { accessOf, sessionIdOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'

/** How often an idle stream says that it lives, in milliseconds (Aomi's clients expect 15 s). */
const KEEP_ALIVE_MS = 15_000
/** A client that lets this much pile up is dropped; it loses nothing, because it can resume. Bytes. */
const MAX_BACKLOG_BYTES = 256 * 1024
const PAGE = 200

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
    let session = await find()
    let seq = lastId !== undefined ? Number(lastId) : session === null ? 0 : await context.events.lastSeq(session.sid)

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

    let unsubscribe: (() => void) | null = null
    let isEnded = false
    let isReading = false
    let isDirty = false
    const end = (): void => {
      if (isEnded) return
      isEnded = true
      clearInterval(keepAlive)
      context.sessionCreated.removeEventListener(publicId, appeared)
      unsubscribe?.()
      raw.end()
    }
    const write = (frame: string): void => {
      if (isEnded) return
      raw.write(frame)
      if (raw.writableLength > MAX_BACKLOG_BYTES) {
        end()
        raw.destroy()
      }
    }
    const drain = async (): Promise<void> => {
      isDirty = true
      if (isReading || session === null) return
      isReading = true
      try {
        // oxlint-disable-next-line no-unmodified-loop-condition -- a closed connection sets it from outside
        while (isDirty && !isEnded) {
          isDirty = false
          const page = await context.events.read(session.sid, seq, PAGE)
          for (const event of page) {
            write(
              `id: ${event.seq}\ndata: ${JSON.stringify({ ...event.body, session_id: publicId, seq: event.seq })}\n\n`,
            )
            seq = event.seq
          }
          if (page.length === PAGE) isDirty = true
        }
      } catch (error) {
        request.log.warn({ err: error }, 'stream ended')
        end()
      } finally {
        isReading = false
      }
    }
    const follow = (found: Session): void => {
      session = found
      unsubscribe = context.events.subscribe(found.sid, {
        wake: () => void drain(),
        // Passing events carry the last durable number, so that resuming from them skips nothing.
        transient: (body) => write(`data: ${JSON.stringify({ ...body, session_id: publicId, seq })}\n\n`),
      })
      void drain()
    }
    const appeared = (): void => {
      if (session !== null) return
      void find().then((found) => {
        if (found !== null && session === null && !isEnded) follow(found)
      })
    }
    const keepAlive = setInterval(() => write(': keep-alive\n\n'), KEEP_ALIVE_MS)
    context.sessionCreated.addEventListener(publicId, appeared)
    request.raw.on('close', end)
    raw.on('error', end)
    if (session !== null) follow(session)
    else appeared()
  })
}
