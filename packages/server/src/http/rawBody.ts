import { Json } from '@countersign/base'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for signatures over its bytes; empty when there was none. */
    rawBody: string
  }
}

/**
 * Reads JSON bodies, and keeps them as they came. An empty one is what some published clients send, and no fault. A field
 * given twice is refused here, for every route; text that is not JSON is no body.
 */
export function readBodies(server: FastifyInstance): void {
  server.decorateRequest('rawBody', '')
  server.removeContentTypeParser('text/plain')
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string
    if (body === '') return done(null, undefined)
    // The parser answers through the callback; what it returns besides is nothing.
    void parse(request, body as string, (error, value) => {
      const field = error === null ? Json.findDuplicate(body as string) : null
      if (field === null) done(error, value)
      else done(new Json.DuplicateFieldError(field))
    })
  })
}
