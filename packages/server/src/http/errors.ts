import { BaseError, HTTP_STATUS } from '@countersign/base'
import type { ErrorBody } from '@countersign/sdk'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** What the HTTP layer itself refuses. */
export class HttpError extends BaseError {
  override readonly name = 'http.HttpError'
  readonly status: number
  constructor(status: number, code: string, message: string, hint: string) {
    super(message, { code, kind: 'invalid', hint })
    this.status = status
  }
}

/** A field of the request cannot be used. */
export function invalidField(field: string, hint: string): HttpError {
  return new HttpError(400, `http:field:${field.replaceAll('_', '-')}`, `"${field}" cannot be used.`, hint)
}

/**
 * One shape for every refusal: `{error, code, hint, request_id}`. Published clients print only the reason phrase, so
 * the sentence is there as well. What is not one of our errors is a bug: a bare 500 outside, everything in the log.
 */
export function answerErrors(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => {
    const known = toKnown(error)
    if (known === null) request.log.error({ err: error }, 'bug')
    else if (known.cause !== undefined) request.log.warn({ err: known.cause, code: known.code }, known.message)
    return refuse(
      reply,
      request.id,
      known ??
        new HttpError(
          500,
          'http:server:bug',
          'Something went wrong on the server.',
          'Tell the operator the request id.',
        ),
    )
  })
  server.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      request.id,
      new HttpError(
        404,
        'http:route:absent',
        `There is no ${request.method} ${request.url.split('?')[0] ?? ''}.`,
        'See docs/reference/http.md for the routes.',
      ),
    ),
  )
}

/** When to come back while the store cannot write, in seconds. */
const RETRY_AFTER_S = 2

/** Sends a refusal. */
export function refuse(reply: FastifyReply, requestId: string, error: BaseError): FastifyReply {
  const status = error instanceof HttpError ? error.status : HTTP_STATUS[error.kind]
  // Only printable ASCII may stand in a reason phrase.
  reply.raw.statusMessage = error.message.replace(/[^ -~]/g, '?').slice(0, 200)
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S)
  const body: ErrorBody = { error: error.message, code: error.code, hint: error.hint, request_id: requestId }
  return reply.status(status).header('cache-control', 'no-store').send(body)
}

function toKnown(error: unknown): BaseError | null {
  if (error instanceof BaseError) return error
  const code = (error as { code?: string } | null)?.code ?? ''
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpError(413, 'http:body:oversize', 'The request body is too large.', 'Send at most 1 MiB.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError(415, 'http:body:media-type', 'The body is not JSON.', 'Send Content-Type: application/json.')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new HttpError(400, 'http:body:unreadable', 'The body is not readable JSON.', 'Send one JSON object.')
  }
  if (error instanceof SyntaxError)
    return new HttpError(400, 'http:body:unreadable', 'The body is not readable JSON.', 'Send one JSON object.')
  const status = (error as { statusCode?: number } | null)?.statusCode
  if (status !== undefined && status >= 400 && status < 500) {
    return new HttpError(
      status,
      'http:request:unreadable',
      'The request cannot be read.',
      'Check path, headers and body.',
    )
  }
  return null
}
