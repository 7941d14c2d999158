import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for signatures over its bytes; empty when there was none. */
    rawBody: string
  }
}

/** Reads JSON bodies, and keeps them as they came. An empty one is what some published clients send, and no fault. */
export function readBodies(server: FastifyInstance): void {
  server.decorateRequest('rawBody', '')
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string
    if (body === '') done(null, undefined)
    else parse(request, body as string, done)
  })
}
