import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'

/** The request that the process works for: it goes with every promise, so that a cause in the log names it. */
const current = new AsyncLocalStorage<string>()

/** The id that the caller was answered with; null for work of the server's own. */
export function currentRequest(): string | null {
  return current.getStore() ?? null
}

/** Begins after the body has been read: its events are the connection's, not the request's. */
export function followRequests(server: FastifyInstance): void {
  server.addHook('preHandler', (request, _reply, done) => current.run(request.id, done))
}
