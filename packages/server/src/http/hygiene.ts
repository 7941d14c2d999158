import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './errors.ts'
import { answerSignerOn } from './signers.ts'

/** Headers that decide something: a second one is how two readers of a request come to disagree. */
const SINGLE = new Set([
  'host',
  'authorization',
  'x-session-id',
  'x-thread-id',
  'content-type',
  'x-api-key',
  'aomi-app-key',
  'dpop',
  'x-session-mac',
  'x-countersign-page',
  'x-countersign-app',
  'origin',
  'last-event-id',
  'idempotency-key',
  'x-countersign-owner',
])
const MAX_HEADERS = 100
/** A key in a URL ends up in logs, histories and referrers. */
const KEY_IN_URL = /sk-[a-z0-9-]{1,40}-[0-9a-f]{48}/

/**
 * Refuses, before anything is looked at, what Node lets through: headers given twice (it keeps the first of some and
 * joins others), more headers than anybody needs, and keys in URLs.
 *
 * @throws {HttpError} 400 `http:header:duplicate`, 431 `http:header:count`, 400 `http:url:secret`.
 */
export function refuseAmbiguity(rawHeaders: readonly string[], url: string): void {
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    throw new HttpError(431, 'http:header:count', 'There are too many headers.', `Send at most ${MAX_HEADERS}.`)
  }
  let seen: string | undefined
  let many: Set<string> | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    if (!SINGLE.has(name)) continue
    if (name === seen || many?.has(name) === true) {
      throw new HttpError(400, 'http:header:duplicate', `The header ${name} is given more than once.`, 'Send it once.')
    }
    if (seen === undefined) seen = name
    else (many ??= new Set()).add(name)
  }
  if (url.includes('sk-') && KEY_IN_URL.test(url)) {
    throw new HttpError(
      400,
      'http:url:secret',
      'There is an API key in the URL.',
      'Send it in the AOMI-APP-KEY header, and rotate it: URLs are logged along the way.',
    )
  }
}

/** How many connections one address may hold, unless told otherwise. */
export const DEFAULT_CONNECTIONS = 1_024

/**
 * Caps the connections of one address. Without being told otherwise it spares this machine itself, because a proxy on
 * it brings everybody's connections.
 */
export function capConnections(server: FastifyInstance, { max }: { max: number | null }): void {
  const open = new Map<string, number>()
  server.server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    if (max === null && /^(?:::ffff:)?127\.|^::1$/.test(address)) return
    const count = (open.get(address) ?? 0) + 1
    if (count > (max ?? DEFAULT_CONNECTIONS)) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/** Answers what is no request at all, in the shape of every refusal, and closes. */
export function answerBroken(error: Error & { code?: string }, socket: Socket): void {
  if (socket.destroyed || error.code === 'ECONNRESET') return void socket.destroy()
  const [status, reason, code, hint] = BROKEN[error.code ?? ''] ?? [
    400,
    'The request cannot be read.',
    'http:request:unreadable',
    'Send HTTP/1.1 as RFC 9112 has it.',
  ]
  if (answerSignerOn(socket, new HttpError(status, code, reason, hint))) return
  const body = JSON.stringify({ error: reason, code, hint, request_id: null })
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}

const BROKEN: Readonly<Record<string, readonly [number, string, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.', 'http:header:oversize', 'Send at most 64 KiB of headers.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'The request did not arrive in time.',
    'http:request:slow',
    'Send headers within 5 seconds and the rest within 15.',
  ],
}
