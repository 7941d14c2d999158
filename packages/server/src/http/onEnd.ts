import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** nginx's number for a client that went before it was answered; RFC 9110 has none. */
export const CLIENT_GONE = 499

/** How an answer ended: its status, or 499 where the client went before there was one; and whether the client cut it off. */
export interface End {
  readonly status: number
  readonly isCut: boolean
}

/**
 * Calls `ended` once for each request, when its answer is over. Fastify's own hook is called for what was sent whole only: who
 * goes before the end, and every stream that is left, would pass unseen.
 */
export function onEnd(
  server: FastifyInstance,
  ended: (request: FastifyRequest, reply: FastifyReply, end: End) => void,
): void {
  const told = new WeakSet<FastifyRequest>()
  server.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply
    raw.once('close', () => {
      if (raw.writableFinished || told.has(request)) return
      ended(request, reply, { status: raw.headersSent ? reply.statusCode : CLIENT_GONE, isCut: true })
    })
    done()
  })
  server.addHook('onResponse', (request, reply, done) => {
    told.add(request)
    ended(request, reply, { status: reply.statusCode, isCut: false })
    done()
  })
}
