import type { Message } from '@countersign/sdk'
import type { FastifyInstance } from 'fastify'

/** Lists of messages that were written out before. */
const written = new WeakMap<readonly Message[], Buffer>()

/** Notes the JSON of a list of messages, without its brackets: an answer that holds that very list is not written again. */
export function noteWritten(messages: readonly Message[], json: Buffer): readonly Message[] {
  written.set(messages, json)
  return messages
}

/**
 * Answers with a list of messages as it was written out before, and writes out the rest: what a poll costs is then what
 * its bytes cost to copy, and not what a conversation costs to convert.
 */
export function sendSnapshots(server: FastifyInstance): void {
  server.setReplySerializer((payload) => serialise(payload) as string)
}

/** JSON of an answer. */
export function serialise(payload: unknown): string | Buffer {
  const messages = (payload as { messages?: readonly Message[] } | null)?.messages
  const json = Array.isArray(messages) ? written.get(messages) : undefined
  if (json === undefined) return JSON.stringify(payload)
  const { messages: _written, ...rest } = payload as Record<string, unknown>
  const text = JSON.stringify(rest)
  const tail = text === '{}' ? '}' : `,${text.slice(1)}`
  return Buffer.concat([Buffer.from('{"messages":['), json, Buffer.from(`]${tail}`)])
}
