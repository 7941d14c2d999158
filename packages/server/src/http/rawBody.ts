import { Json } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for signatures over its bytes; empty when there was none. */
    rawBody: string
  }
}

/**
 * How many commas, colons and opening brackets a body may hold: the longest honest one (32 calls, an order of a hundred
 * items) has a few thousand, and this many take some six milliseconds to read, during which nobody else is served.
 */
export const MAX_VALUES = 10_000

/**
 * Reads JSON bodies, and keeps them as they came. An empty one is what some published clients send, and no fault. A field
 * given twice is refused here, for every route, and so is one of more values than anybody needs; text that is not JSON is no body.
 */
export function readBodies(server: FastifyInstance): void {
  server.decorateRequest('rawBody', '')
  server.removeContentTypeParser('text/plain')
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string
    if (body === '') return done(null, undefined)
    if (Json.holdsMore(body as string, MAX_VALUES)) return done(tooManyValues())
    // The parser answers through the callback; what it returns besides is nothing.
    void parse(request, body as string, (error, value) => {
      const field = error === null ? Json.findDuplicate(body as string) : null
      if (field === null) done(error, value)
      else done(new Json.DuplicateFieldError(field))
    })
  })
}

function tooManyValues(): HttpError {
  return new HttpError(
    413,
    'http:body:values',
    'The body holds too many values.',
    `Send at most ${MAX_VALUES} commas, colons and opening brackets in one request.`,
  )
}
