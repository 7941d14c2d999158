import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as AllowList from '../keys/AllowList.ts'
import { WrittenMessages } from '../sessions/WrittenMessages.ts'
import { Egress, PIECE_BYTES, Pieces } from './Egress.ts'

/**
 * Answers with lists of messages as they were written out before (`WrittenMessages`), and sends what is large a piece at
 * a time (`Egress`), whatever route it is from: what a poll costs does not grow with what a session has stored, and what
 * it sends holds up nobody else.
 */
export function sendPieces(server: FastifyInstance, { egress = new Egress() }: { egress?: Egress } = {}): void {
  // Fastify hands on what a serializer gives; the hook below turns it into what it sends.
  server.setReplySerializer((payload) => serialise(payload) as string)
  server.addHook('onSend', (request, reply, payload, done) => {
    const pieces = piecesOf(payload)
    if (pieces === null) return done(null, payload)
    reply.header('content-length', pieces.bytes)
    done(null, request.method === 'HEAD' ? Readable.from([]) : egress.open(callerOf(request), pieces))
  })
}

/** JSON of an answer. */
export function serialise(payload: unknown): string | Buffer | Pieces {
  const messages = (payload as { messages?: unknown } | null)?.messages
  if (!(messages instanceof WrittenMessages)) return JSON.stringify(payload)
  const { messages: _written, ...rest } = payload as Record<string, unknown>
  const text = JSON.stringify(rest)
  const tail = text === '{}' ? '}' : `,${text.slice(1)}`
  const pieces = new Pieces([Buffer.from('{"messages":['), ...messages.blocks, Buffer.from(`]${tail}`)])
  return pieces.bytes <= PIECE_BYTES ? Buffer.concat(pieces.blocks) : pieces
}

/** What is to be sent a piece at a time; null for what is short, and for what has a pace of its own. */
function piecesOf(payload: unknown): Pieces | null {
  if (payload instanceof Pieces) return payload
  const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
  if (length <= PIECE_BYTES) return null
  return new Pieces([typeof payload === 'string' ? Buffer.from(payload) : (payload as Buffer)])
}

function callerOf({ caller, clientIp }: FastifyRequest): string {
  return caller === null ? `ip:${AllowList.budgetOf(clientIp)}` : `key:${caller.keyId}`
}
