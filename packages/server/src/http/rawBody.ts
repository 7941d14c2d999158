import type { FastifyRequest } from 'fastify'

const bodies = new WeakMap<FastifyRequest, string>()

/** Keeps the body as it came, for signatures over its bytes. */
export function keepRawBody(request: FastifyRequest, body: string): void {
  bodies.set(request, body)
}

/** The body as it came; empty when there was none. */
export function rawBodyOf(request: FastifyRequest): string {
  return bodies.get(request) ?? ''
}
