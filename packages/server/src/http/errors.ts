import { BaseError, HTTP_STATUS, LogText } from '@countersign/base'
import type { ErrorBody } from '@countersign/sdk'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { methodsOf } from './routes.ts'
import { sendToSigner } from './signers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the refusal that it was answered with; null when it was not refused. */
    refusal: string | null
  }
}

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
 * the sentence is there as well. What is not one of our errors is a bug: a bare 500 outside, everything in the log. The
 * operator finds the cause of everything that is not the caller's fault in the log, at `warn`, under the request's id.
 */
export function answerErrors(server: FastifyInstance): void {
  server.decorateRequest('refusal', null)
  server.setErrorHandler((error, request, reply) => {
    const known = toKnown(error)
    if (known === null) request.log.error({ err: error, ...placeOf(request) }, 'bug')
    else if (known.cause !== undefined || statusOf(known) >= 500)
      request.log.warn({ err: known, status: statusOf(known), ...placeOf(request) }, LogText.redact(known.message))
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
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const methods = methodsOf(path)
    if (methods.length > 0) {
      reply.header('allow', methods.join(', '))
      return refuse(reply, request.id, new MethodError(methods))
    }
    // A path is the caller's own text: a plain one is repeated.
    const named = /^\/[\w./-]{0,80}$/.test(path) ? `${request.method} ${path}` : 'such route'
    return refuse(
      reply,
      request.id,
      new HttpError(404, 'http:route:absent', `There is no ${named}.`, 'See docs/reference/http.md for the routes.'),
    )
  })
}

/** Where a request went, for the log: the pattern, because what stands in a path may open something. */
function placeOf(request: FastifyRequest): { method: string; path: string } {
  return { method: request.method, path: request.routeOptions.url ?? 'none' }
}

/** When to come back while the store cannot write, in seconds. */
const RETRY_AFTER_S = 2

const statusOf = (error: BaseError): number => (error instanceof HttpError ? error.status : HTTP_STATUS[error.kind])

/** The longest reason phrase: a line of a terminal, since that is where published clients print it. */
const MAX_REASON = 120

/** A sentence as a reason phrase: printable ASCII (RFC 9112, section 4), and whole words. */
export function reasonPhrase(message: string): string {
  const plain = message.replace(/[\u2018\u2019]/g, "'").replace(/[^ -~]/g, '?')
  if (plain.length <= MAX_REASON) return plain
  const cut = plain.slice(0, MAX_REASON - 3)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), MAX_REASON / 2))}...`
}

/** Sends a refusal. */
export function refuse(reply: FastifyReply, requestId: string, error: BaseError): FastifyReply {
  const status = statusOf(error)
  reply.request.refusal = error.code
  // A client without an authorization server to go to: no `resource_metadata` (RFC 9728 needs at least one).
  if (status === 401 && reply.request.routeOptions.url === '/mcp')
    reply.header('www-authenticate', 'Bearer error="invalid_token"')
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S)
  // Whatever is wrong: a client that is about to sign takes any other answer than its own kind of no for a yes.
  if (reply.request.signer != null) return sendToSigner(reply, reply.request, error)
  reply.raw.statusMessage = reasonPhrase(error.message)
  const body: ErrorBody = { error: error.message, code: error.code, hint: error.hint, request_id: requestId }
  return reply.status(status).header('cache-control', 'no-store').send(body)
}

/** The path is there, and does something else. */
export class MethodError extends HttpError {
  constructor(methods: readonly string[]) {
    super(405, 'http:method:refused', 'This path does not take this method.', `Use ${methods.join(' or ')}.`)
  }
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
