import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** nginx's number for a client that went before it was answered; RFC 9110 has none. */
export const CLIENT_GONE = 499

/** How an answer ended: its status, or 499 where the client went before there was one; and whether the client cut it off. */
export interface End {
  readonly status: number
  readonly isCut: boolean
}
type Ended = (request: FastifyRequest, reply: FastifyReply, end: End) => void
/** Has `ended` called once for each request, when its answer is over. */
export type OnEnd = (ended: Ended) => void

/**
 * Follows every request to its end: what was sent whole, what a client cut off before, and every stream that is left. Fastify's own
 * hook is called for the first only. Called before anything that may refuse or wait, so that no request passes unseen.
 */
export function followEnds(server: FastifyInstance): OnEnd {
  const all: Ended[] = []
  server.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply
    // Node closes every response once: after its last byte has left, or because the connection is gone.
    raw.once('close', () => {
      const isCut = !raw.writableFinished
      const end = { status: isCut && !raw.headersSent ? CLIENT_GONE : reply.statusCode, isCut }
      for (const ended of all) ended(request, reply, end)
    })
    done()
  })
  return (ended) => void all.push(ended)
}
